// MaxPool1d: the largest number of each window of a sequence. The maths are in ops/maxPool2d.ts.
import { positive, trueOrFalse } from "../../base/options.js";
import { asSequences } from "../../base/sequence.js";
import { LatestShapes, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { maxPool2dIn, maxPool2dInputGradIn, maxPool2dValuesIn, planPool2d } from "../../ops/maxPool2d.js";
import type { Pool2dPlan } from "../../ops/maxPool2d.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, setAside, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { POOL1D_OPTIONS, asPool2d, checkPool1d } from "./pool1d.js";

/** Options of {@link MaxPool1d}. */
export interface MaxPool1dOptions {
  /** Step between windows. Default: the kernel size. */
  readonly stride?: number;
  /** At both ends, at most half the kernel; the padding counts as -Infinity. Default 0. */
  readonly padding?: number;
  /** Distance between the numbers that a window looks at. Default 1. */
  readonly dilation?: number;
  /** Also take a last window that hangs over the end, if it starts inside the sequence or the padding before it. Default false. */
  readonly ceilMode?: boolean;
  /** Whether `indices` is kept after a forward or predict, for the caller to read. Default false. */
  readonly returnIndices?: boolean;
}

interface Kept {
  readonly plan: Pool2dPlan;
  readonly indices: Int32Array;
}

const SPEC = {
  type: "MaxPool1d",
  args: { kernelSize: { check: positive } },
  options: {
    stride: POOL1D_OPTIONS.stride,
    padding: POOL1D_OPTIONS.padding,
    dilation: { check: positive, default: 1 },
    ceilMode: POOL1D_OPTIONS.ceilMode,
    returnIndices: { check: trueOrFalse, default: false },
  },
  trait: ({ returnIndices }) => (returnIndices === true ? null : "picksLargest"),
} as const satisfies LayerSpec;

/**
 * Max pooling of sequences: y[n, c, i] = the largest x in the window at i * S - P. Padding counts as -Infinity, the first of equal
 * numbers wins, a NaN wins over all.
 *
 * Input [N, C, L], output [N, C, OL] with OL = floor((L + 2P - D (K - 1) - 1) / S) + 1 (ceil with `ceilMode`).
 *
 * @example
 * new MaxPool1d(2).outputShape([8, 16, 100]); // [8, 16, 50]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d extends Builtin<Kept, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<Pool2dPlan>();
  #indices: Int32Array | null = null;

  constructor(kernelSize: number, options: MaxPool1dOptions = {}) {
    super(SPEC, [kernelSize], options);
    checkPool1d("MaxPool1d", this.settings);
  }

  /** With `returnIndices`: the place of each maximum of the latest forward or predict in its sequence; else null. */
  get indices(): Int32Array | null {
    return this.#indices;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    const [image, { returnIndices }] = [x.reshape(plan.x), this.settings];
    if (!pass.keeps && !returnIndices) return maxPool2dValuesIn(pass.room, plan, image).reshape(asSequences(plan.y));
    const { y, indices } = maxPool2dIn(pass.room, plan, image);
    pass.keep({ plan, indices });
    if (returnIndices) this.#indices = indices.slice();
    return y.reshape(asSequences(plan.y));
  }

  [backward](dy: Tensor, { plan, indices }: Kept, pass: Pass): Tensor {
    return maxPool2dInputGradIn(pass.room, plan, indices, dy.reshape(plan.y)).reshape(asSequences(plan.x));
  }

  override [shapeOf](shape: Shape): Shape {
    return asSequences(this.#plan(shape).y);
  }

  override [setAside](): () => void {
    const [restore, indices] = [super[setAside](), this.#indices];
    return () => {
      restore();
      this.#indices = indices;
    };
  }

  #plan(xShape: Shape): Pool2dPlan {
    return this.#latest.get(xShape, [], (x) => planPool2d("MaxPool1d", ...asPool2d("MaxPool1d", x, this.settings)));
  }
}
