// AvgPool2d: the mean of each window. The maths are in ops/avgPool2d.ts.
import { positivePair } from "../../base/options.js";
import { LatestShapes, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { AVG_POOL2D_OPTIONS, avgPool2dIn, avgPool2dInputGradIn, planAvgPool2d } from "../../ops/avgPool2d.js";
import type { AvgPool2dOptions, AvgPool2dPlan } from "../../ops/avgPool2d.js";
import { checkPoolPadding } from "../../ops/maxPool2d.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

const SPEC = {
  type: "AvgPool2d",
  args: { kernelSize: { check: positivePair } },
  options: AVG_POOL2D_OPTIONS,
} as const satisfies LayerSpec;

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
export class AvgPool2d extends Builtin<AvgPool2dPlan, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<AvgPool2dPlan>();

  constructor(kernelSize: PairOption, options: AvgPool2dOptions = {}) {
    super(SPEC, [kernelSize], options);
    checkPoolPadding("AvgPool2d", this.settings);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    pass.keep(plan);
    return avgPool2dIn(pass.room, plan, x);
  }

  [backward](dy: Tensor, plan: AvgPool2dPlan, pass: Pass): Tensor {
    return avgPool2dInputGradIn(pass.room, plan, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  #plan(xShape: Shape): AvgPool2dPlan {
    return this.#latest.get(xShape, [], (x) => planAvgPool2d("AvgPool2d", x, this.settings));
  }
}
