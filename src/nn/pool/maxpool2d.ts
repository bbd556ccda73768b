// MaxPool2d: the largest number of each window. The maths are in ops/maxPool2d.ts.
import { positivePair, trueOrFalse } from "../../base/options.js";
import { LatestShapes, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { MAX_POOL2D_OPTIONS, checkPoolPadding, maxPool2dIn, maxPool2dInputGradIn } from "../../ops/maxPool2d.js";
import { maxPool2dValuesIn, planPool2d, type MaxPool2dOptions, type Pool2dPlan } from "../../ops/maxPool2d.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, setAside, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

/** Options of {@link MaxPool2d}; pairs are [vertical, horizontal]. */
export interface MaxPool2dLayerOptions extends MaxPool2dOptions {
  /** Whether `indices` is kept after a forward or predict, for the caller to read. Default false. */
  readonly returnIndices?: boolean;
}

interface Kept {
  readonly plan: Pool2dPlan;
  readonly indices: Int32Array;
}

const SPEC = {
  type: "MaxPool2d",
  args: { kernelSize: { check: positivePair } },
  options: { ...MAX_POOL2D_OPTIONS, returnIndices: { check: trueOrFalse, default: false } },
  trait: ({ returnIndices }) => (returnIndices === true ? null : "picksLargest"),
} as const satisfies LayerSpec;

/**
 * Max pooling: y[n, c, i, j] = the largest x in the window at (i * S - P, j * S - P). Padding counts as -Infinity, the
 * first of equal numbers in row-major order wins, a NaN wins over all.
 *
 * Input [N, C, H, W], output [N, C, OH, OW] with OH = floor((H + 2P - D (K - 1) - 1) / S) + 1 (ceil with `ceilMode`).
 *
 * @example
 * new MaxPool2d(2).forward(x).shape; // [8, 16, 13, 13] for x [8, 16, 26, 26]
 *
 * @throws ArgumentError for an unusable size or option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends Builtin<Kept, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<Pool2dPlan>();
  #indices: Int32Array | null = null;

  constructor(kernelSize: PairOption, options: MaxPool2dLayerOptions = {}) {
    super(SPEC, [kernelSize], options);
    checkPoolPadding("MaxPool2d", this.settings);
  }

  /** With `returnIndices`: the flat place h * W + w of each maximum of the latest forward or predict; else null. */
  get indices(): Int32Array | null {
    return this.#indices;
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    if (!pass.keeps && !this.settings.returnIndices) return maxPool2dValuesIn(pass.room, plan, x);
    const { y, indices } = maxPool2dIn(pass.room, plan, x);
    pass.keep({ plan, indices });
    if (this.settings.returnIndices) this.#indices = indices.slice();
    return y;
  }

  [backward](dy: Tensor, { plan, indices }: Kept, pass: Pass): Tensor {
    return maxPool2dInputGradIn(pass.room, plan, indices, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  override [setAside](): () => void {
    const [restore, indices] = [super[setAside](), this.#indices];
    return () => {
      restore();
      this.#indices = indices;
    };
  }

  #plan(xShape: Shape): Pool2dPlan {
    return this.#latest.get(xShape, [], (x) => planPool2d("MaxPool2d", x, this.settings));
  }
}
