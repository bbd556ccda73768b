// Cross-correlation of a one-dimensional signal: the kernel slides along as it is. Its loop is in the backend, as
// conv2d's.
import type { FloatArray, Tensor } from "../base/tensor.js";
import { correlate, type Rule, type Signal1d, type Signal1dOptions } from "./signal.js";
import { correlationSteps1d, type CorrelationStep1d } from "./trace.js";

// "same" of an even kernel has the larger half of the zeros before: floor(K / 2) of K - 1.
const RULE: Rule = { who: "correlate1d", rank: 1, flips: false, zerosBefore: (zeros) => Math.ceil(zeros / 2) };

/**
 * Cross-correlation y[i] = sum over k of w[k] * x[i * stride + k * dilation - before] (SciPy: `scipy.signal.correlate`,
 * NumPy: `np.correlate`). `before` counts the zeros put before x: 0 for mode "valid", dilation * (K - 1) for "full". Of
 * the K - 1 zeros of "same", floor(K / 2) come before (for even kernels {@link correlate2d} has the other rule).
 *
 * Shapes: x [L], w [K]; y has L - K + 1 entries for "valid", L + K - 1 for "full" and L for "same", of which `stride`
 * takes every stride-th. With `trace: true` the result is a generator of the steps.
 *
 * @throws ShapeError when x or w has not one axis or is empty, or when w is longer than x in mode "valid" (SciPy swaps
 * them).
 * @throws ArgumentError for an unusable option, or float32 beside float64.
 *
 * @example
 * correlate1d([2, 8, 3, 7, 1, 2, 0, 4, 5], [2, 1, 5, 3]); // [48, 57, 24, 25, 16, 39]
 * for (const { window, products, sum } of correlate1d([2, 8, 3], [2, 1], { trace: true })) {
 *   console.log(window, products, sum);
 * }
 */
export function correlate1d<A extends FloatArray = Float32Array>(
  x: Signal1d<A>,
  w: Signal1d<A>,
  options: Signal1dOptions & { readonly trace: true },
): Generator<CorrelationStep1d, void, undefined>;
export function correlate1d<A extends FloatArray = Float32Array>(
  x: Signal1d<A>,
  w: Signal1d<A>,
  options?: Signal1dOptions & { readonly trace?: false },
): Tensor<A>;
export function correlate1d<A extends FloatArray>(
  x: Signal1d<A>,
  w: Signal1d<A>,
  options: Signal1dOptions & { readonly trace?: boolean } = {},
): Tensor<A> | Generator<CorrelationStep1d, void, undefined> {
  const done = correlate(RULE, x, w, options);
  return options.trace === true ? correlationSteps1d(done) : done.y.reshape([-1]);
}
