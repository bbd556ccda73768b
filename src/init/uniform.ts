// Plain distributions with given bounds or moments.
import { finite } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Initializer } from "./initializer.js";
import { fillNormal } from "../numbers/normal.js";

/** Uniform in [low, high). */
export function uniformInit(low: number = 0, high: number = 1): Initializer {
  finite("uniformInit", "low", low);
  finite("uniformInit", "high", high);
  if (low > high) throw new ArgumentError(`uniformInit: expected low of at most high ${high}, got ${low}.`);
  return (tensor, generator) => generator.fillUniform(tensor.data, low, high);
}

/** Normal with the given mean and standard deviation. */
export function normalInit(mean: number = 0, std: number = 1): Initializer {
  finite("normalInit", "mean", mean);
  finite("normalInit", "std", std, 0);
  return (tensor, generator) => fillNormal(generator, tensor.data, mean, std);
}
