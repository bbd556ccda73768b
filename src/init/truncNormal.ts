// Normal numbers within bounds.
import { finite, knownKeys, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { exp } from "../numbers/math.js";
import { fillNormal } from "../numbers/normal.js";
import { rounding, type Generator } from "../numbers/random.js";
import type { Initializer } from "./initializer.js";

/** Options of {@link truncNormalInit}. */
export interface TruncNormalOptions {
  /** Mean of the normal distribution before it is cut. Default 0. */
  readonly mean?: number;
  /** Its standard deviation, above 0. Default 1. */
  readonly std?: number;
  /** The smallest number. Default -2. */
  readonly a?: number;
  /** The largest number. Default 2. */
  readonly b?: number;
}

const FAR = 9; // deviations beyond the nearest point: what lies there is below 1e-18 of all

/**
 * The normal distribution within [a, b]: numbers outside are drawn again. a and b are numbers, not deviations, so with a small
 * `std` they cut nothing. PyTorch: trunc_normal_.
 *
 * @example
 * linear.weight.initialize(truncNormalInit({ std: 0.02, a: -0.04, b: 0.04 }));
 *
 * @throws ArgumentError unless a is below b and std above 0
 */
export function truncNormalInit(options: TruncNormalOptions = {}): Initializer {
  const who = "truncNormalInit";
  knownKeys(who, options, ["mean", "std", "a", "b"]);
  const { mean = 0, std = 1, a = -2, b = 2 } = options;
  finite(who, "mean", mean);
  if (finite(who, "std", std, 0) === 0) throw new ArgumentError(`${who}: expected std to be above 0, got 0.`);
  for (const [name, value] of Object.entries({ a, b })) {
    if (typeof value === "number" && !Number.isNaN(value)) continue;
    throw new ArgumentError(`${who}: expected ${name} to be a number, got ${show(value)}.`);
  }
  if (!(a < b)) throw new ArgumentError(`${who}: expected a below b, got ${a} and ${b}.`);
  const [low, high] = [(a - mean) / std, (b - mean) / std];
  return (tensor, generator) => {
    const { data } = tensor;
    const draw = low <= 0 && high >= 0 && high - low > 2 ? fromNormal : fromUniform;
    const round = rounding(who, data);
    for (let i = 0; i < data.length; i++) {
      let value: number;
      do value = round(mean + std * draw(generator, low, high));
      while (value < a || value > b); // also what rounding took out
      data[i] = value;
    }
  };
}

const one = new Float64Array(1);

function fromNormal(generator: Generator): number {
  fillNormal(generator, one, 0, 1);
  return one[0];
}

// In the tails and in narrow bounds: evenly distributed numbers, kept with the share of the density to its largest.
function fromUniform(generator: Generator, low: number, high: number): number {
  const nearest = Math.min(Math.max(0, low), high);
  const [from, to] = [Math.max(low, nearest - FAR), Math.min(high, nearest + FAR)];
  for (;;) {
    const x = from + (to - from) * generator.uniform();
    if (generator.uniform() <= exp((nearest * nearest - x * x) / 2)) return x;
  }
}
