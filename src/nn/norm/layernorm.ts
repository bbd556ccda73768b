// LayerNorm: normalization of the last axes of each sample. The passes are in normalized.ts.
import { show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { atLeast0, trueOrFalse, type Check } from "../../base/options.js";
import { formatShape, sameShape, sizeOf, type Shape } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";
import type { Pass } from "../pass.js";
import { forward, shapeOf } from "../protocol.js";
import type { LayerSpec } from "../spec.js";
import { Normalized } from "./normalized.js";

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance, against division by 0; at least 0. Default 1e-5. */
  readonly eps?: number;
  /** Whether there are a learned weight and bias. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a learned bias beside the weight. Default true. */
  readonly bias?: boolean;
}

const lastAxes: Check<Shape> = (who, name, value) => {
  const sizes: readonly unknown[] = typeof value === "number" ? [value] : Array.isArray(value) ? value : [];
  if (sizes.length === 0) {
    throw new ArgumentError(`${who}: expected ${name} to be a number or a list of sizes, got ${show(value)}.`);
  }
  return Object.freeze(sizes.map((size, i) => whole(who, `${name}[${i}]`, size, 1)));
};

const asAffine = ({ elementwiseAffine }: { readonly elementwiseAffine?: unknown }): unknown => elementwiseAffine;

const SPEC = {
  type: "LayerNorm",
  args: { normalizedShape: { check: lastAxes } },
  options: {
    eps: { check: atLeast0, default: 1e-5 },
    elementwiseAffine: { check: trueOrFalse, default: true },
    bias: { check: trueOrFalse, default: asAffine },
  },
} as const satisfies LayerSpec;

/**
 * Normalization over the last axes: y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and (biased) variance of the
 * numbers of normalizedShape, and a weight and a bias for each of them.
 *
 *     dx = (w dy - mean(w dy) - x^ mean(w dy x^)) / sqrt(variance + eps),  x^ = (x - mean) / sqrt(variance + eps)
 *
 * Input and output [N, ..., ...normalizedShape]. Train and eval mode compute the same, whatever the batch. `bias: false` leaves
 * out the bias alone; without `elementwiseAffine` there is neither.
 *
 * @example
 * new Sequential(new Flatten(), new Linear(784, 64), new LayerNorm(64), new ReLU());
 *
 * @throws ArgumentError for an unusable size or option
 * @throws ShapeError for an input that does not end with normalizedShape
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 * @see Ba, Kiros and Hinton, "Layer normalization", 2016
 */
export class LayerNorm extends Normalized<typeof SPEC> {
  /** @internal */
  static readonly spec = SPEC;

  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super(SPEC, [normalizedShape], options);
    const { elementwiseAffine, bias, normalizedShape: shape } = this.settings;
    if (bias && !elementwiseAffine) {
      throw new ArgumentError(`LayerNorm: expected no bias without elementwiseAffine, got bias true (leave one out).`);
    }
    this.learnAffine(shape, elementwiseAffine, bias);
  }

  // The numbers of normalizedShape stand as channels of one pixel each, all in one group; the rows before them as samples.
  [forward](x: Tensor, pass: Pass): Tensor {
    const C = sizeOf(this.settings.normalizedShape);
    const N = sizeOf(this[shapeOf](x.shape)) / C;
    return this.normalize(x, { N, C, P: 1, groups: 1, eps: this.settings.eps, given: false }, null, pass).y;
  }

  override [shapeOf](shape: Shape): Shape {
    const { normalizedShape: last } = this.settings;
    const fits = shape.length > last.length && sameShape(shape.slice(-last.length), last) && !shape.includes(0);
    if (fits) return shape;
    throw new ShapeError(
      `LayerNorm: expected input ${formatShape(["N", "...", ...last])}, got ${formatShape(shape)} (the last axes are normalized, ` +
        `the first one is the batch).`,
    );
  }
}
