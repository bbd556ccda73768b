// Dropout2d: whole channels are dropped, because neighboring pixels say much the same.
import { checkImages } from "../../ops/conv2d.js";
import type { Shape } from "../../base/shape.js";
import type { LayerConfig } from "../config.js";
import { Dropout } from "./dropout.js";

/**
 * Like {@link Dropout}, with one draw for each channel of each sample: y[n, c] = x[n, c] * mask[n, c].
 *
 * Input and output [N, C, H, W].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 * @see Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015
 */
export class Dropout2d extends Dropout {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static override readonly internal: boolean = true;

  override config(): LayerConfig {
    return { type: "Dropout2d", args: [this.p] };
  }

  /** @internal */
  protected override get who(): string {
    return "Dropout2d";
  }

  protected override maskShape(shape: Shape): Shape {
    checkImages("Dropout2d", shape);
    return [shape[0], shape[1], 1, 1];
  }
}
