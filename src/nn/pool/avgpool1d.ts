// AvgPool1d: the mean of each window of a sequence. The maths are in ops/avgPool2d.ts.
import { positive, trueOrFalse } from "../../base/options.js";
import { asSequences } from "../../base/sequence.js";
import { LatestShapes, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { avgPool2dIn, avgPool2dInputGradIn, planAvgPool2d, type AvgPool2dPlan } from "../../ops/avgPool2d.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { POOL1D_OPTIONS, asPool2d, checkPool1d } from "./pool1d.js";

/** Options of {@link AvgPool1d}. */
export interface AvgPool1dOptions {
  /** Step between windows. Default: the kernel size. */
  readonly stride?: number;
  /** At both ends, at most half the kernel. Default 0. */
  readonly padding?: number;
  /** Also take a last window that hangs over the end, if it starts inside the sequence or the padding before it. Default false. */
  readonly ceilMode?: boolean;
  /** Whether padding counts in the divisor (what hangs over the padded end never does). Default true. */
  readonly countIncludePad?: boolean;
}

const SPEC = {
  type: "AvgPool1d",
  args: { kernelSize: { check: positive } },
  options: { ...POOL1D_OPTIONS, countIncludePad: { check: trueOrFalse, default: true } },
} as const satisfies LayerSpec;

/**
 * Average pooling of sequences: y[n, c, i] = sum over k of x[n, c, i * S + k - P] / divisor, padding counting as 0.
 *
 * Input [N, C, L], output [N, C, OL] with OL = floor((L + 2P - K) / S) + 1 (ceil with `ceilMode`).
 *
 * @example
 * new AvgPool1d(2).outputShape([8, 16, 100]); // [8, 16, 50]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends Builtin<AvgPool2dPlan, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<AvgPool2dPlan>();

  constructor(kernelSize: number, options: AvgPool1dOptions = {}) {
    super(SPEC, [kernelSize], options);
    checkPool1d("AvgPool1d", this.settings);
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    pass.keep(plan);
    return avgPool2dIn(pass.room, plan, x.reshape(plan.x)).reshape(asSequences(plan.y));
  }

  [backward](dy: Tensor, plan: AvgPool2dPlan, pass: Pass): Tensor {
    return avgPool2dInputGradIn(pass.room, plan, dy.reshape(plan.y)).reshape(asSequences(plan.x));
  }

  override [shapeOf](shape: Shape): Shape {
    return asSequences(this.#plan(shape).y);
  }

  #plan(xShape: Shape): AvgPool2dPlan {
    const { countIncludePad } = this.settings;
    return this.#latest.get(xShape, [], (shape) => {
      const [image, window] = asPool2d("AvgPool1d", shape, this.settings);
      return planAvgPool2d("AvgPool1d", image, { ...window, countIncludePad, divisorOverride: undefined });
    });
  }
}
