// What the drawn data sets have in common: sample i of n is a function of the seed and i alone, classes take turns.
import { knownKeys, whole } from "../../base/check.js";
import { finite } from "../../base/check.js";
import { Generator } from "../../numbers/random.js";
import { SampleRandom } from "../augment/sampleRandom.js";
import { TensorDataset } from "../sets/tensorDataset.js";

/** Options of every drawn data set. */
export interface SyntheticOptions {
  /** Samples in all; the classes take turns. */
  readonly samples: number;
  /** The same seed gives the same samples, and the first n of a larger set. Without it they follow `manualSeed`. */
  readonly seed?: number;
}

/** Options of drawn images. */
export interface SyntheticImageOptions extends SyntheticOptions {
  /** Rows and columns of an image. */
  readonly size?: number;
  /** Standard deviation of noise on each pixel, for levels from 0 to 1. */
  readonly noise?: number;
}

/** @internal The seed, or one drawn from the global one. */
export function seedOf(who: string, seed: number | undefined): number {
  if (seed !== undefined) return whole(who, "seed", seed, 0, Number.MAX_SAFE_INTEGER);
  return new Generator("draw").uint32();
}

/** @internal Images of one channel as bytes, each drawn by its own stream. */
export function drawImages(
  who: string,
  options: SyntheticImageOptions,
  defaults: { readonly size: number; readonly least: number; readonly noise: number },
  classes: readonly string[],
  draw: (label: number, size: number, random: SampleRandom) => Float64Array,
  others: readonly string[] = [],
): TensorDataset {
  knownKeys(who, options, ["samples", "seed", "size", "noise", ...others]);
  const samples = whole(who, "samples", options.samples, 1, 10_000_000);
  const size = whole(who, "size", options.size ?? defaults.size, defaults.least, 1024);
  const noise = finite(who, "noise", options.noise ?? defaults.noise, 0, 10);
  const seed = seedOf(who, options.seed);
  const data = new Uint8Array(samples * size * size);
  const labels = Uint8Array.from({ length: samples }, (_, i) => i % classes.length);
  const random = new SampleRandom();
  for (let i = 0; i < samples; i++) {
    random.seek({ seed, stream: 0, epoch: 0 }, 0, i);
    const levels = draw(labels[i], size, random);
    for (let at = 0; at < levels.length; at++) {
      const level = noise === 0 ? levels[at] : levels[at] + noise * random.normal();
      data[i * size * size + at] = Math.round(255 * Math.min(Math.max(level, 0), 1));
    }
  }
  return new TensorDataset({ data, shape: [samples, 1, size, size] }, labels, { classes });
}
