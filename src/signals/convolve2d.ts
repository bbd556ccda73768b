// Convolution of one image and one kernel in the mathematical sense: the kernel is flipped. See correlate2d.ts for the
// other.
import type { FloatArray, Tensor } from "../base/tensor.js";
import { correlate, type Rule, type Signal2d, type Signal2dOptions } from "./signal.js";
import { correlationSteps, type CorrelationStep } from "./trace.js";

// "same" is the middle of "full", and for an even kernel the earlier of its two middles: floor(K / 2) of K - 1 zeros
// before.
const RULE: Rule = { who: "convolve2d", rank: 2, flips: true, zerosBefore: (zeros) => Math.ceil(zeros / 2) };

/**
 * Convolution y[i, j] = sum over k, l of w[KH - 1 - k, KW - 1 - l] * x[i * S + k * D - before, j * S + l * D - before]:
 * the kernel lies upside down and mirrored (SciPy: `scipy.signal.convolve2d`). What deep learning calls convolution
 * does not flip: that is {@link correlate2d}. Arguments, shapes, modes and errors are the same as there, but of the K -
 * 1 zeros of "same", floor(K / 2) come before, as in SciPy.
 *
 * @example
 * convolve2d([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[2, 0], [0, 0]]); // [[10, 12], [16, 18]]
 */
export function convolve2d<A extends FloatArray = Float32Array>(
  x: Signal2d<A>,
  w: Signal2d<A>,
  options: Signal2dOptions & { readonly trace: true },
): Generator<CorrelationStep, void, undefined>;
export function convolve2d<A extends FloatArray = Float32Array>(
  x: Signal2d<A>,
  w: Signal2d<A>,
  options?: Signal2dOptions & { readonly trace?: false },
): Tensor<A>;
export function convolve2d<A extends FloatArray>(
  x: Signal2d<A>,
  w: Signal2d<A>,
  options: Signal2dOptions & { readonly trace?: boolean } = {},
): Tensor<A> | Generator<CorrelationStep, void, undefined> {
  const done = correlate(RULE, x, w, options);
  return options.trace === true ? correlationSteps(done) : done.y;
}
