// By which algorithm convolutions are computed, where the fast backend has a choice. What each costs: docs/performance.md.
import { oneOf } from "../base/check.js";

/**
 * "auto": by Winograd's algorithm where that is faster; "direct": each output as the plain sum of its products, which is exact
 * for whole numbers.
 */
export type ConvAlgorithm = "auto" | "direct";

let forAll: ConvAlgorithm = "auto";

/** Throws unless `value` is an algorithm. */
export function checkAlgorithm(who: string, name: string, value: unknown): ConvAlgorithm {
  return oneOf(who, name, value, ["auto", "direct"]);
}

/**
 * Says by which algorithm all convolutions are computed from now on that do not say it themselves (option `algorithm` of Conv2d
 * and conv2d). Returns the one before.
 *
 * "direct" is for whole numbers, such as the neighbors of a cellular automaton: sums of products are exact as long as the sum
 * of their absolute values is below 2^24. It is also for data with infinities, NaN or numbers near 1e36, which Winograd's
 * algorithm spreads over tiles of 4x4 neighboring outputs. It is slower; the reference backend always computes so.
 *
 * @example
 * setConvAlgorithm("direct");
 *
 * @throws ArgumentError for anything but "auto" and "direct"
 */
export function setConvAlgorithm(algorithm: ConvAlgorithm): ConvAlgorithm {
  const before = forAll;
  forAll = checkAlgorithm("setConvAlgorithm", "algorithm", algorithm);
  return before;
}

/** @internal What convolutions that say nothing keep to. */
export function convAlgorithm(): ConvAlgorithm {
  return forAll;
}

/** @internal Whether a convolution that says this, or nothing, keeps to direct sums. */
export function isDirect(algorithm: ConvAlgorithm | undefined): boolean {
  return (algorithm ?? forAll) === "direct";
}
