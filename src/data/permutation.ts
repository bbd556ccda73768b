// A random order of n things.
import { knownKeys, whole } from "../base/check.js";
import { Generator } from "../numbers/random.js";

/**
 * The whole numbers from 0 to n - 1 in random order, all orders equally likely. With a seed it is always the same;
 * without, each call draws another one, by the seed of `manualSeed`.
 *
 * @example
 * const order = permutation(images.shape[0], { seed: 1 });
 * const shuffled = images.take(order);
 */
export function permutation(n: number, options: { readonly seed?: number } = {}): Int32Array {
  whole("permutation", "n", n, 1, 2147483647);
  knownKeys("permutation", options, ["seed"]);
  const { seed } = options;
  if (seed === undefined) return new Generator("shuffle").permutation(n);
  whole("permutation", "seed", seed, 0, Number.MAX_SAFE_INTEGER);
  return new Generator("shuffle", { seed }).permutation(n);
}
