// Average precision: the area under the curve of precision over recall, as a sum of steps.
import type { Labels, Predictions } from "./input.js";
import { ScoreMetric, type Ranking, type RankingOptions } from "./scoreMetric.js";

/** The running form of {@link averagePrecision}; it keeps every score. */
export class AveragePrecision extends ScoreMetric {
  /** The name in a state. */
  readonly type = "AveragePrecision";

  constructor(options: RankingOptions = {}) {
    super("AveragePrecision", options);
  }

  protected override of({ scores, positive }: Ranking): number {
    let [area, hits] = [0, 0];
    for (let from = 0, to = 0; from < scores.length; from = to) {
      let here = 0;
      for (to = from; to < scores.length && scores[to] === scores[from]; to++) here += positive[to];
      hits += here;
      area += (here * hits) / to; // precision at this threshold, by the recall that it adds
    }
    return hits === 0 ? 0 : area / hits;
  }
}

/**
 * Average precision: the sum over the thresholds of (recall - recall before) precision, without interpolation. 0 where no
 * sample is of the class. For more than two classes each against the rest, averaged.
 *
 * @param predictions scores [N] of class 1, in any unit; probabilities or logits [N, C]
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html
 *
 * @example
 * averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).toFixed(4); // "0.8333"
 *
 * @throws ShapeError when lengths differ, ArgumentError for scores or labels that cannot be
 */
export function averagePrecision(predictions: Predictions, targets: Labels, options: RankingOptions = {}): number {
  return new AveragePrecision(options).update(predictions, targets).compute();
}
