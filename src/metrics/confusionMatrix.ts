// The confusion matrix: which classes are taken for which.
import { oneOf } from "../base/check.js";
import { readOptions, type Check } from "../base/options.js";
import {
  CLASSES,
  IGNORE_INDEX,
  CountMetric,
  type Counts,
  type CountOptions,
  type CountSettings,
} from "./countMetric.js";
import type { Labels, Predictions } from "./input.js";

/** Options of {@link confusionMatrix}. */
export interface ConfusionMatrixOptions extends CountOptions {
  /**
   * Shares instead of counts: of each true class ("true": rows sum to 1), of each predicted class ("pred": columns do) or of
   * all pairs ("all"). A class that does not occur has zeros. Default "none": counts.
   */
  readonly normalize?: "none" | "true" | "pred" | "all";
}

const NORMALIZE: Check<"none" | "true" | "pred" | "all"> = (who, name, value) =>
  oneOf(who, name, value, ["none", "true", "pred", "all"]);

const OPTIONS = { classes: CLASSES, ignoreIndex: IGNORE_INDEX, normalize: { check: NORMALIZE, default: "none" } };

type Settings = CountSettings & { readonly normalize: "none" | "true" | "pred" | "all" };

/** The running form of {@link confusionMatrix}. */
export class ConfusionMatrix extends CountMetric<number[][], Settings> {
  /** The name in a state. */
  readonly type = "ConfusionMatrix";

  constructor(options: ConfusionMatrixOptions = {}) {
    super(readOptions("ConfusionMatrix", OPTIONS, options) as Settings);
  }

  protected override of(counts: Counts): number[][] {
    const { size, cells } = counts;
    const { normalize } = this.options;
    const classes = Array.from({ length: size }, (_, c) => c);
    const total = counts.total();
    const predicted = classes.map((c) => counts.predicted(c));
    return classes.map((row) => {
      const actual = counts.actual(row);
      return classes.map((column) => {
        const count = cells[row * size + column];
        const whole = { none: 1, true: actual, pred: predicted[column], all: total }[normalize];
        return whole === 0 ? 0 : count / whole;
      });
    });
  }
}

/**
 * How often each true class (row) was predicted as each class (column).
 *
 * @param predictions scores [N, C] (or [N, C, H, W]), of which the largest counts, or N class indices
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
 *
 * @example
 * confusionMatrix([0, 1, 1, 0], [0, 1, 0, 0]); // [[2, 1], [0, 1]]
 *
 * @throws ShapeError when lengths differ, ArgumentError for a class that cannot be
 */
export function confusionMatrix(
  predictions: Predictions,
  targets: Labels,
  options: ConfusionMatrixOptions = {},
): number[][] {
  return new ConfusionMatrix(options).update(predictions, targets).compute();
}
