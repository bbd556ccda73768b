// Dropout2d: whole channels are dropped, because neighboring pixels say much the same.
import { fraction } from "../../base/options.js";
import type { Shape } from "../../base/shape.js";
import { checkImages } from "../../ops/conv2d.js";
import { shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { Masked } from "./masked.js";

const SPEC = { type: "Dropout2d", args: { p: { check: fraction } } } as const satisfies LayerSpec;

/**
 * Like {@link Dropout}, with one draw for each channel of each sample: y[n, c] = x[n, c] * mask[n, c].
 *
 * Input and output [N, C, H, W].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 * @see Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015
 */
export class Dropout2d extends Masked<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(p: number = 0.5) {
    super(SPEC, p);
  }

  protected maskShape(shape: Shape): Shape {
    checkImages("Dropout2d", shape);
    return [shape[0], shape[1], 1, 1];
  }

  override [shapeOf](shape: Shape): Shape {
    this.maskShape(shape);
    return shape;
  }
}
