// Convolution of a one-dimensional signal in the mathematical sense: the kernel is flipped. See correlate1d.ts for the
// other.
import type { FloatArray, Tensor } from "../base/tensor.js";
import { correlate, type Rule, type Signal1d, type Signal1dOptions } from "./signal.js";
import { correlationSteps1d, type CorrelationStep1d } from "./trace.js";

// "same" is the middle of "full", and for an even kernel the earlier of its two middles: floor(K / 2) of K - 1 zeros
// before.
const RULE: Rule = { who: "convolve1d", rank: 1, flips: true, zerosBefore: (zeros) => Math.ceil(zeros / 2) };

/**
 * Convolution y[i] = sum over k of w[K - 1 - k] * x[i * stride + k * dilation - before]: the kernel runs backwards
 * (SciPy: `scipy.signal.convolve`, NumPy: `np.convolve`). What deep learning calls convolution does not flip: that is
 * {@link correlate1d}. Arguments, shapes, modes and errors are the same as there.
 *
 * @example
 * convolve1d([2, 8, 3, 7, 1, 2, 0, 4, 5], [2, 1, 5, 3]); // [63, 48, 49, 28, 21, 20]
 */
export function convolve1d<A extends FloatArray = Float32Array>(
  x: Signal1d<A>,
  w: Signal1d<A>,
  options: Signal1dOptions & { readonly trace: true },
): Generator<CorrelationStep1d, void, undefined>;
export function convolve1d<A extends FloatArray = Float32Array>(
  x: Signal1d<A>,
  w: Signal1d<A>,
  options?: Signal1dOptions & { readonly trace?: false },
): Tensor<A>;
export function convolve1d<A extends FloatArray>(
  x: Signal1d<A>,
  w: Signal1d<A>,
  options: Signal1dOptions & { readonly trace?: boolean } = {},
): Tensor<A> | Generator<CorrelationStep1d, void, undefined> {
  const done = correlate(RULE, x, w, options);
  return options.trace === true ? correlationSteps1d(done) : done.y.reshape([-1]);
}
