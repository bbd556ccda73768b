// smoothGrad: the mean of gradients at inputs with noise.
import { atLeast0, positive, readOptions, trueOrFalse, wholeFrom0, type OptionTable } from "../base/options.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { fillNormal } from "../numbers/normal.js";
import { Generator } from "../numbers/random.js";
import { TARGET, checkSubject, inputGradient, looking, type TargetOptions } from "./probe.js";
import { absoluteOf } from "./saliency.js";
import { scoreWeights, type ScoreTarget } from "./score.js";

/** Options of {@link smoothGrad}. */
export interface SmoothGradOptions extends TargetOptions {
  /** How many inputs with noise. Default 25. */
  readonly samples?: number;
  /** Standard deviation of the noise, as a share of the sample's largest number minus its smallest. Default 0.15. */
  readonly noise?: number;
  /** Seed of the noise; the same seed gives the same map. Default 0. */
  readonly seed?: number;
  /** Sizes without signs, of the mean. Default true. */
  readonly absolute?: boolean;
}

const OPTIONS: OptionTable<{
  target: ScoreTarget | undefined;
  samples: number;
  noise: number;
  seed: number;
  absolute: boolean;
}> = {
  target: TARGET,
  samples: { check: positive, default: 25 },
  noise: { check: atLeast0, default: 0.15 },
  seed: { check: wholeFrom0, default: 0 },
  absolute: { check: trueOrFalse, default: true },
};

/**
 * The mean of d score / d x over inputs x + noise, noise drawn from N(0, (noise * (max x - min x))^2) for each sample: what is
 * left of a saliency map when it does not hang on the last bit of the image. The target of each sample is that of x without noise.
 *
 * @param x a batch [N, ...]
 * @returns a tensor in the shape of x
 *
 * @throws ArgumentError for an unusable option, and where outputs or gradients are not finite
 * @see Smilkov and others, "SmoothGrad: removing noise by adding noise", 2017
 */
export function smoothGrad(model: Layer, x: Tensor, options: SmoothGradOptions = {}): Tensor {
  const who = "smoothGrad";
  checkSubject(who, model, x);
  const { target, samples, noise, seed, absolute } = readOptions(who, OPTIONS, options);
  const generator = new Generator("draw", { seed });
  const deviations = spreads(x).map((spread) => noise * spread);
  const total = new Float64Array(x.size);
  looking(model, () => {
    const weights = scoreWeights(who, target, model.forward(x));
    for (let draw = 0; draw < samples; draw++) {
      const { dx } = inputGradient(who, model, noisy(x, deviations, generator), () => weights);
      for (let i = 0; i < total.length; i++) total[i] += dx.data[i];
    }
  });
  const mean = x.like();
  for (let i = 0; i < total.length; i++) mean.data[i] = total[i] / samples;
  return absolute ? absoluteOf(mean) : mean;
}

function noisy(x: Tensor, deviations: Float64Array, generator: Generator): Tensor {
  const y = x.like();
  const values = numbersNow(x);
  fillNormal(generator, y.data, 0, 1);
  const sample = x.size / deviations.length;
  for (let i = 0; i < y.data.length; i++) y.data[i] = values[i] + deviations[Math.floor(i / sample)] * y.data[i];
  return y;
}

// The largest number of each sample minus its smallest.
function spreads(x: Tensor): Float64Array {
  const values = numbersNow(x);
  const sample = x.size / x.shape[0];
  return Float64Array.from({ length: x.shape[0] }, (_, n) => {
    const own = values.subarray(n * sample, (n + 1) * sample);
    return own.reduce((most, value) => Math.max(most, value), -Infinity) - own.reduce((least, value) => Math.min(least, value), Infinity); // prettier-ignore
  });
}
