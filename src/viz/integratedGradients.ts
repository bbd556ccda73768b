// integratedGradients: gradients along the straight way from a baseline, so that what they add up to is the score's difference.
import { positive, readOptions, type OptionTable } from "../base/options.js";
import { numbersNow, type Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { baselineCheck, likeInput } from "./baseline.js";
import { TARGET, checkSubject, inputGradient, looking, type TargetOptions } from "./probe.js";
import { checkFinite, scoreWeights, scoresOf, type ScoreTarget } from "./score.js";

/** Options of {@link integratedGradients}. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** Where the way begins: a number for all, or a tensor in the shape of x or of one sample [1, ...]. Default 0. */
  readonly baseline?: number | Tensor;
  /** Places along the way, each in the middle of its part. Default 50. */
  readonly steps?: number;
}

/** What {@link integratedGradients} returns. */
export interface IntegratedGradients {
  /** What each number of x adds to the score, in the shape of x. */
  readonly attributions: Tensor;
  /**
   * How far the sum of a sample's attributions is from score(x) - score(baseline), which it would be with infinitely many steps.
   */
  readonly delta: Float64Array;
}

const OPTIONS: OptionTable<{ target: ScoreTarget | undefined; baseline: number | Tensor; steps: number }> = {
  target: TARGET,
  baseline: { check: baselineCheck, default: 0 },
  steps: { check: positive, default: 50 },
};

/**
 * (x - b) * mean over k of d score / d x at b + (k - 1/2) / steps * (x - b), k = 1 ... steps: the integral of the gradient along the
 * straight way from the baseline b to x, by the middle of each part. The attributions of a sample add up to score(x) - score(b)
 * (completeness); `delta` tells how nearly.
 *
 * @param x a batch [N, ...]
 *
 * @throws ArgumentError for an unusable option, ShapeError for a baseline that does not fit
 * @see Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017
 */
export function integratedGradients(
  model: Layer,
  x: Tensor,
  options: IntegratedGradientsOptions = {},
): IntegratedGradients {
  const who = "integratedGradients";
  checkSubject(who, model, x);
  const { target, baseline: given, steps } = readOptions(who, OPTIONS, options);
  const baseline = likeInput(who, "baseline", given, x);
  const [to, from] = [numbersNow(x), baseline.data];
  const total = new Float64Array(x.size);
  const scores = looking(model, () => {
    const y = model.forward(x);
    const weights = scoreWeights(who, target, y);
    const point = x.like();
    for (let k = 0; k < steps; k++) {
      const place = (k + 0.5) / steps;
      for (let i = 0; i < total.length; i++) point.data[i] = from[i] + place * (to[i] - from[i]);
      const { dx } = inputGradient(who, model, point, () => weights);
      for (let i = 0; i < total.length; i++) total[i] += dx.data[i];
    }
    return {
      end: scoresOf(y, weights),
      start: scoresOf(checkFinite(who, "outputs at the baseline", model.forward(baseline)), weights),
    };
  });
  const attributions = x.like();
  const delta = scores.end.map((end, n) => scores.start[n] - end);
  const sample = x.size / delta.length;
  for (let i = 0; i < total.length; i++) {
    const value = ((to[i] - from[i]) * total[i]) / steps;
    attributions.data[i] = value;
    delta[Math.floor(i / sample)] += value;
  }
  return { attributions, delta };
}
