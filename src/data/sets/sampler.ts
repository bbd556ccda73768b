// Samplers: which samples an epoch has, and in which order, where it is not each of them once.
import { flag, knownKeys, show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Generator } from "../../numbers/random.js";
import { groupsOf, readLabels } from "./split.js";

/** Chooses the samples of an epoch. */
export interface Sampler {
  /** Samples in an epoch. */
  readonly length: number;
  /** How many samples the data set must have for it. */
  readonly samples: number;
  /** The numbers of the samples, `length` of them; all randomness comes from the generator. */
  order(generator: Generator): Int32Array;
  /** @internal What it was made of, for another thread; a sampler of your own has none. */
  readonly parts?: { readonly weights: Float64Array; readonly options: Required<WeightedSamplerOptions> };
}

/** Options of {@link weightedRandomSampler}. */
export interface WeightedSamplerOptions {
  /** Samples in an epoch. Default: as many as there are weights. */
  readonly numSamples?: number;
  /** Whether a sample may come more than once in an epoch. Default true. */
  readonly replacement?: boolean;
}

/**
 * Draws each sample with a probability proportional to its weight, as PyTorch's WeightedRandomSampler: rare classes are seen as
 * often as common ones when the weight of a sample is 1 / (samples of its class), which {@link classBalancedWeights} gives.
 *
 * @example
 * const sampler = weightedRandomSampler([1, 1, 2], { numSamples: 100 });
 * sampler.length; // 100
 *
 * @throws ArgumentError for weights that are negative, not finite or all 0, and for more samples than weights above 0 without
 * replacement
 */
export function weightedRandomSampler(weights: ArrayLike<number>, options: WeightedSamplerOptions = {}): Sampler {
  const who = "weightedRandomSampler";
  knownKeys(who, options, ["numSamples", "replacement"]);
  if ((!Array.isArray(weights) && !ArrayBuffer.isView(weights)) || weights.length === 0) {
    throw new ArgumentError(`${who}: expected weights as a list of numbers, got ${show(weights)}.`);
  }
  const own = Float64Array.from(weights);
  const wrong = own.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong >= 0) {
    throw new ArgumentError(`${who}: expected finite weights of at least 0, got ${weights[wrong]} at index ${wrong}.`);
  }
  const { numSamples = own.length, replacement = true } = options;
  const possible = own.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
  if (possible === 0) throw new ArgumentError(`${who}: expected a weight above 0, got none.`);
  const most = flag(who, "replacement", replacement) ? 2147483647 : possible;
  const length = whole(who, "numSamples", numSamples, 1, most);
  const order = replacement
    ? (generator: Generator): Int32Array => drawWithReplacement(own, length, generator)
    : (generator: Generator): Int32Array => drawWithout(own, length, generator);
  const parts = { weights: own, options: { numSamples: length, replacement } };
  return { length, samples: own.length, order, parts };
}

/**
 * The weight 1 / (samples of the same class) for each sample: with {@link weightedRandomSampler} every class comes equally often.
 *
 * @example
 * const [common, , , rare] = classBalancedWeights([0, 0, 0, 1]);
 * [rare, common === rare / 3]; // [1, true]
 */
export function classBalancedWeights(labels: ArrayLike<number>): Float64Array {
  const weights = new Float64Array(labels?.length ?? 0);
  for (const group of groupsOf(readLabels("classBalancedWeights", labels, weights.length))) {
    group.forEach((i) => (weights[i] = 1 / group.length));
  }
  return weights;
}

// 53 bits a draw, looked up in the sums of the weights before each sample.
function drawWithReplacement(weights: Float64Array, length: number, generator: Generator): Int32Array {
  const sums = new Float64Array(weights.length);
  let total = 0;
  weights.forEach((weight, i) => (sums[i] = total += weight));
  return new Int32Array(length).map(() => {
    const at = uniform53(generator) * total;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > at) high = middle;
      else low = middle + 1;
    }
    while (weights[low] === 0) low--; // only where rounding reached the very end
    return low;
  });
}

// One after the other, each from what is left: a tree of sums, from which a drawn weight is taken out.
function drawWithout(weights: Float64Array, length: number, generator: Generator): Int32Array {
  let leaves = 1;
  while (leaves < weights.length) leaves *= 2;
  const sums = new Float64Array(2 * leaves); // sums[i] = sums[2 i] + sums[2 i + 1]
  sums.set(weights, leaves);
  for (let i = leaves - 1; i > 0; i--) sums[i] = sums[2 * i] + sums[2 * i + 1];
  return new Int32Array(length).map(() => {
    let at = uniform53(generator) * sums[1];
    let i = 1;
    while (i < leaves) {
      const left = sums[2 * i];
      const goLeft = at < left || sums[2 * i + 1] === 0;
      if (!goLeft) at -= left;
      i = goLeft && left > 0 ? 2 * i : 2 * i + 1;
    }
    sums[i] = 0;
    for (let up = i >> 1; up > 0; up >>= 1) sums[up] = sums[2 * up] + sums[2 * up + 1];
    return i - leaves;
  });
}

function uniform53(generator: Generator): number {
  const high = generator.uint32() >>> 5;
  return (high * 67108864 + (generator.uint32() >>> 6)) / 9007199254740992;
}
