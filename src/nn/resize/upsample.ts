// Upsample: images of another size, by the nearest pixels or by interpolation. The maths are in ops/resample2d.ts.
import { finite, oneOf, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { positivePair, trueOrFalse, type Check } from "../../base/options.js";
import { LatestShapes, type Pair, type PairOption, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import { resampleIn, resampleInputGradIn, type ResamplePlan } from "../../ops/resample2d.js";
import { planUpsample, type UpsampleMode } from "../../ops/upsample.js";
import { Builtin } from "../builtin.js";
import type { Pass } from "../pass.js";
import { backward, forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";

export type { UpsampleMode };

/** Options of {@link Upsample}: one of `size` and `scaleFactor`; pairs are [vertical, horizontal]. */
export interface UpsampleOptions {
  /** Rows and columns of the output. */
  readonly size?: PairOption;
  /** The output is floor(H * factor) high; more than 0, below 1 it is smaller. */
  readonly scaleFactor?: number | Pair;
  /** Default "nearest". */
  readonly mode?: UpsampleMode;
  /** For "bilinear" and "bicubic": whether the corner pixels of input and output are the same places. Default false. */
  readonly alignCorners?: boolean;
}

const MODES = ["nearest", "nearest-exact", "bilinear", "bicubic"] as const;

const factors: Check<Pair | undefined> = (who, name, value) => {
  const both: unknown = typeof value === "number" ? [value, value] : value;
  if (!Array.isArray(both) || both.length !== 2) {
    throw new ArgumentError(`${who}: expected ${name} to be a number or [vertical, horizontal], got ${show(value)}.`);
  }
  const [vertical, horizontal] = both.map((factor, i) => finite(who, `${name}[${i}]`, factor, 0));
  if (vertical > 0 && horizontal > 0) return [vertical, horizontal];
  throw new ArgumentError(`${who}: expected ${name} of more than 0, got ${show(value)}.`);
};

const SPEC = {
  type: "Upsample",
  args: {},
  options: {
    size: { check: positivePair as Check<Pair | undefined> },
    scaleFactor: { check: factors },
    mode: { check: ((who, name, value) => oneOf(who, name, value, MODES)) as Check<UpsampleMode>, default: "nearest" },
    alignCorners: { check: trueOrFalse, default: false },
  },
} as const satisfies LayerSpec;

/**
 * Images of another size. Output pixel i lies at place p(i) of the input's rows, with s = 1 / scaleFactor or H / OH:
 *
 * - "nearest": p = i s, rounded down; "nearest-exact": p = (i + 0.5) s, rounded down
 * - "bilinear": between the two pixels beside p = (i + 0.5) s - 0.5 (cut to the image), or p = i (H - 1) / (OH - 1) with
 *   `alignCorners`: y = (1 - f) x[floor p] + f x[floor p + 1], f = p - floor p
 * - "bicubic": between the four pixels around the same p, by cubic convolution with a = -0.75
 *
 * Columns alike. y is linear in x, so dx is the transposed map: each pixel sums dy of the pixels that it is part of, with the same
 * weights.
 *
 * Input [N, C, H, W], output [N, C, OH, OW].
 *
 * @example
 * new Upsample({ scaleFactor: 2, mode: "bilinear" }).outputShape([8, 16, 14, 14]); // [8, 16, 28, 28]
 *
 * @throws ArgumentError for an unusable option, or neither or both of size and scaleFactor
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 */
export class Upsample extends Builtin<ResamplePlan, typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;
  readonly #latest = new LatestShapes<ResamplePlan>();

  constructor(options: UpsampleOptions) {
    super(SPEC, [], options);
    const { size, scaleFactor, mode, alignCorners } = this.settings;
    if ((size === undefined) === (scaleFactor === undefined)) {
      const got = size === undefined ? "none" : "both";
      throw new ArgumentError(`Upsample: expected size or scaleFactor, one of them, got ${got}.`);
    }
    if (alignCorners && (mode === "nearest" || mode === "nearest-exact")) {
      throw new ArgumentError(
        `Upsample: expected alignCorners only with mode "bilinear" or "bicubic", got it with "${mode}".`,
      );
    }
  }

  [forward](x: Tensor, pass: Pass): Tensor {
    const plan = this.#plan(x.shape);
    pass.keep(plan);
    return resampleIn(pass.room, plan, x);
  }

  [backward](dy: Tensor, plan: ResamplePlan, pass: Pass): Tensor {
    return resampleInputGradIn(pass.room, plan, dy);
  }

  override [shapeOf](shape: Shape): Shape {
    return this.#plan(shape).y;
  }

  #plan(xShape: Shape): ResamplePlan {
    return this.#latest.get(xShape, [], (x) => planUpsample("Upsample", x, this.settings));
  }
}
