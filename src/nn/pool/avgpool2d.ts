// AvgPool2d: the mean of each window. The maths are in ops/avgPool2d.ts.
import { knownKeys } from "../../base/check.js";
import {
  AVG_POOL2D_OPTIONS,
  AvgPoolSettings,
  avgPool2d,
  avgPool2dInputGrad,
  type AvgPool2dOptions,
} from "../../ops/avgPool2d.js";
import { pool2dOutputShape } from "../../ops/maxPool2d.js";
import { type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import type { LayerConfig } from "../config.js";
import { describeConfig } from "../describe.js";
import { Layer, checkGradient } from "../layer.js";

/**
 * Average pooling: y[n, c, i, j] = sum of x over the window at (i * S - P, j * S - P) / divisor. The divisor is the number
 * of the window's pixels, padding included unless `countIncludePad` is false, or `divisorOverride`.
 *
 * Input [N, C, H, W], output [N, C, OH, OW] with OH = floor((H + 2P - K) / S) + 1 (ceil with `ceilMode`).
 *
 * @example
 * new AvgPool2d(7).forward(x).shape; // [8, 512, 1, 1] for x [8, 512, 7, 7]: a mean over the whole plane
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends Layer<Shape> {
  /** @internal Works on windows inside a model, see sequential.ts. */
  static readonly internal: boolean = true;
  readonly #settings: AvgPoolSettings;

  constructor(kernelSize: PairOption, options: AvgPool2dOptions = {}) {
    super();
    knownKeys("AvgPool2d", options, AVG_POOL2D_OPTIONS);
    this.#settings = new AvgPoolSettings("AvgPool2d", kernelSize, options);
  }

  forward(x: Tensor): Tensor {
    const y = avgPool2d(x, this.#settings.kernel, this.#settings);
    this.save(x.shape);
    return y;
  }

  backward(dy: Tensor): Tensor {
    const shape = this.saved((from) => checkGradient("AvgPool2d.backward", this.outputShape(from), dy));
    return avgPool2dInputGrad(dy, shape, this.#settings.kernel, this.#settings);
  }

  override outputShape(shape: Shape): Shape {
    return pool2dOutputShape(shape, this.#settings);
  }

  override config(): LayerConfig {
    const { kernel, stride, padding, ceilMode, countIncludePad, divisor } = this.#settings;
    const options = { stride, padding, ceilMode, countIncludePad };
    return {
      type: "AvgPool2d",
      args: [kernel],
      options: divisor === 0 ? options : { ...options, divisorOverride: divisor },
    };
  }

  override describe(): string {
    const { kernel: stride } = this.#settings;
    const defaults = { stride, padding: [0, 0], ceilMode: false, countIncludePad: true };
    return describeConfig(this.config(), defaults);
  }
}
