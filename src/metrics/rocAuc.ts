// The area under the ROC curve: how likely a sample of the class scores higher than one of the rest.
import { ArgumentError } from "../base/errors.js";
import type { Labels, Predictions } from "./input.js";
import { ScoreMetric, type Ranking, type RankingOptions } from "./scoreMetric.js";

/** The running form of {@link rocAuc}; it keeps every score. */
export class RocAuc extends ScoreMetric {
  /** The name in a state. */
  readonly type = "RocAuc";

  constructor(options: RankingOptions = {}) {
    super("RocAuc", options);
  }

  // Pairs in the right order, equals counting half, out of all pairs: the trapezoids under the curve.
  protected override of({ scores, positive }: Ranking, c: number): number {
    let [right, positives] = [0, 0]; // pairs, twice
    for (let from = 0, to = 0; from < scores.length; from = to) {
      let [here, others] = [0, 0];
      for (to = from; to < scores.length && scores[to] === scores[from]; to++) {
        here += positive[to];
        others += 1 - positive[to];
      }
      right += others * (2 * positives + here);
      positives += here;
    }
    const negatives = scores.length - positives;
    if (positives > 0 && negatives > 0) return right / (2 * positives * negatives);
    throw new ArgumentError(
      `RocAuc: expected labels of class ${c} and of others, got ${positives} and ${negatives} (with one of them alone the ` +
        "curve does not exist).",
    );
  }
}

/**
 * Area under the ROC curve: the share of pairs (a sample of the class, one of the rest) whose scores are in the right order,
 * equal scores counting half. For more than two classes each against the rest, averaged.
 *
 * @param predictions scores [N] of class 1, in any unit; probabilities or logits [N, C]
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
 *
 * @example
 * rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]); // 0.75
 *
 * @throws ShapeError when lengths differ; ArgumentError when a class has no samples, or none but its own
 */
export function rocAuc(predictions: Predictions, targets: Labels, options: RankingOptions = {}): number {
  return new RocAuc(options).update(predictions, targets).compute();
}
