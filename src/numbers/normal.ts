// Draws from the normal distribution, out of the words of a generator. Functions, not methods, so that an app whose layers
// start from uniform weights does not carry logarithm, sine and cosine.
import { finite, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { log } from "./math.js";
import { rounding, type Generator } from "./random.js";
import { cos, sin } from "./trig.js";

const TWO_32 = 4294967296;
const TWO_PI = 6.283185307179586;

/**
 * A number from the normal distribution of mean 0 and standard deviation 1, not beyond +-6.77. Uses two words of the
 * generator.
 *
 * Box & Muller, "A note on the generation of random normal deviates" (1958): sqrt(-2 ln u) cos(2 pi v). The second
 * number that they get from u and v, with sin, is not kept: it would be state that the counter does not show.
 *
 * @example
 * const noise = normal(new Generator("draw", { seed: 1 }));
 */
export function normal(generator: Generator): number {
  checkGenerator("normal", generator);
  const radius = radiusOf(generator);
  return radius * cos(TWO_PI * generator.uniform());
}

/**
 * Fills the array from the normal distribution with this mean and standard deviation.
 *
 * Each two elements use two words u, v: mean + std sqrt(-2 ln u) cos(2 pi v), then the same with sin. An array of odd
 * length leaves out its last sin.
 *
 * @example
 * fillNormal(new Generator("draw", { seed: 1 }), new Float32Array(100), 0, 1);
 */
export function fillNormal(generator: Generator, array: Float32Array | Float64Array, mean: number, std: number): void {
  const who = "fillNormal";
  checkGenerator(who, generator);
  const round = rounding(who, array);
  finite(who, "mean", mean);
  finite(who, "std", std, 0);
  finite(who, "|mean| + 7 std in the array's range", round(Math.abs(mean) + 7 * std));

  for (let i = 0; i < array.length; i += 2) {
    const radius = std * radiusOf(generator);
    const angle = TWO_PI * generator.uniform();
    array[i] = mean + radius * cos(angle);
    if (i + 1 < array.length) array[i + 1] = mean + radius * sin(angle);
  }
}

// By what is asked of it: it may be of another copy of the package.
function checkGenerator(who: string, generator: unknown): void {
  if (typeof (generator as Partial<Generator> | null | undefined)?.uint32 === "function") return;
  throw new ArgumentError(`${who}: expected a Generator, got ${show(generator)} (new Generator("draw") makes one).`);
}

// sqrt(-2 ln u) for u in (0, 1), at the middles of 2^32 steps so that neither end occurs.
function radiusOf(generator: Generator): number {
  return Math.sqrt(-2 * log((generator.uint32() + 0.5) / TWO_32));
}
