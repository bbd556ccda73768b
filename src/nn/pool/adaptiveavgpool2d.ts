// AdaptiveAvgPool2d: means over windows that make an output of a given size. The maths are in ops/avgPool2d.ts where the sizes
// divide, else in ops/resample2d.ts.
import { LatestShapes, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { avgPool2dIn, avgPool2dInputGradIn, planAvgPool2d, type AvgPool2dPlan } from "../../ops/avgPool2d.js";
import { planResample, resampleIn, resampleInputGradIn, type ResamplePlan } from "../../ops/resample2d.js";
import { meanTaps } from "../../ops/taps.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { ADAPTIVE, adaptiveOutput, plainWindow, type AdaptiveSize } from "./adaptive.js";

const SPEC = { type: "AdaptiveAvgPool2d", args: ADAPTIVE } as const satisfies LayerSpec;

type Plan = AvgPool2dPlan | ResamplePlan;

/**
 * Average pooling to an output of a given size: y[n, c, i, j] = the mean of rows floor(i H / OH) to ceil((i + 1) H / OH) - 1 and
 * columns alike. Where the sizes divide these are windows side by side, else neighbors overlap. outputSize 1 is global average
 * pooling. The gradient of a window goes back to its pixels in equal shares.
 *
 * Input [N, C, H, W], output [N, C, OH, OW].
 *
 * @example
 * new Sequential(new AdaptiveAvgPool2d(1), new Flatten(), new Linear(512, 10)); // for images of any size
 *
 * @throws ArgumentError for an unusable size
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends Builtin<Plan, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<Plan>();

  constructor(outputSize: AdaptiveSize) {
    super(SPEC, [outputSize]);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    pass.keep(plan);
    return "g" in plan ? avgPool2dIn(pass.room, plan, x) : resampleIn(pass.room, plan, x);
  }

  [backward](dy: Tensor, plan: Plan, pass: Pass): Tensor {
    return "g" in plan ? avgPool2dInputGradIn(pass.room, plan, dy) : resampleInputGradIn(pass.room, plan, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  #plan(xShape: Shape): Plan {
    return this.#latest.get(xShape, [], (x) => {
      const [rows, columns] = adaptiveOutput("AdaptiveAvgPool2d", x, this.settings.outputSize);
      const window = plainWindow(x, [rows, columns]);
      return window === undefined
        ? planResample("AdaptiveAvgPool2d", x, meanTaps(x[2], rows), meanTaps(x[3], columns))
        : planAvgPool2d("AdaptiveAvgPool2d", x, { ...window, countIncludePad: true, divisorOverride: undefined });
    });
  }
}
