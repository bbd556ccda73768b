// Cross-correlation of one image and one kernel, without batch and channels: what deep learning calls convolution.
import type { FloatArray, Tensor } from "../base/tensor.js";
import { correlate, type Rule, type Signal2d, type Signal2dOptions } from "./signal.js";
import { correlationSteps, type CorrelationStep } from "./trace.js";

// "same" of an even kernel has the smaller half of the zeros before, floor((K - 1) / 2) of K - 1, as Conv2d has.
const RULE: Rule = { who: "correlate2d", rank: 2, flips: false, zerosBefore: (zeros) => Math.floor(zeros / 2) };

/**
 * Cross-correlation y[i, j] = sum over k, l of w[k, l] * x[i * S + k * D - before, j * S + l * D - before] with stride
 * S and dilation D (SciPy: `scipy.signal.correlate2d`). `before` counts the zeros above and left of x: 0 for mode
 * "valid", D * (K - 1) for "full"; of the K - 1 zeros of "same", floor((K - 1) / 2) come before, as in Conv2d (at
 * stride 1). Other borders: {@link pad} first.
 *
 * Shapes: x [H, W], w [KH, KW]; at stride 1, y is [H - KH + 1, W - KW + 1] for "valid", [H + KH - 1, W + KW - 1] for
 * "full" and [H, W] for "same"; stride takes every stride-th row and column of that. With `trace: true` the result is a
 * generator of the steps, row by row.
 *
 * @throws ShapeError when x or w has not two axes or is empty, or when w is larger than x in mode "valid" (SciPy swaps
 * them).
 * @throws ArgumentError for an unusable option, or float32 beside float64.
 *
 * @example
 * correlate2d([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[2, 0], [0, 0]]); // [[2, 4], [8, 10]]
 * for (const { window, products, sum } of correlate2d(image, kernel, { trace: true })) {
 *   console.log(window, products, sum);
 * }
 */
export function correlate2d<A extends FloatArray = Float32Array>(
  x: Signal2d<A>,
  w: Signal2d<A>,
  options: Signal2dOptions & { readonly trace: true },
): Generator<CorrelationStep, void, undefined>;
export function correlate2d<A extends FloatArray = Float32Array>(
  x: Signal2d<A>,
  w: Signal2d<A>,
  options?: Signal2dOptions & { readonly trace?: false },
): Tensor<A>;
export function correlate2d<A extends FloatArray>(
  x: Signal2d<A>,
  w: Signal2d<A>,
  options: Signal2dOptions & { readonly trace?: boolean } = {},
): Tensor<A> | Generator<CorrelationStep, void, undefined> {
  const done = correlate(RULE, x, w, options);
  return options.trace === true ? correlationSteps(done) : done.y;
}
