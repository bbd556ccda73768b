// Accuracy as a running metric, and accuracy in which every class counts the same. The function `accuracy` is in accuracy.ts.
import { readOptions, trueOrFalse } from "../base/options.js";
import {
  CLASSES,
  IGNORE_INDEX,
  COUNT_OPTIONS,
  CountMetric,
  type Counts,
  type CountOptions,
  type CountSettings,
} from "./countMetric.js";
import type { Labels, Predictions } from "./input.js";

/** The running form of `accuracy`: the share of samples (or pixels) whose prediction is right. */
export class Accuracy extends CountMetric {
  /** The name in a state. */
  readonly type = "Accuracy";

  constructor(options: CountOptions = {}) {
    super(readOptions("Accuracy", COUNT_OPTIONS, options) as CountSettings);
  }

  protected override of(counts: Counts): number {
    let hits = 0;
    for (let c = 0; c < counts.size; c++) hits += counts.hits(c);
    return hits / counts.total();
  }
}

/** Options of {@link balancedAccuracy}. */
export interface BalancedAccuracyOptions extends CountOptions {
  /** Whether chance is 0 instead of 1 / classes; 1 stays 1. Default false. */
  readonly adjusted?: boolean;
}

const OPTIONS = { classes: CLASSES, ignoreIndex: IGNORE_INDEX, adjusted: { check: trueOrFalse, default: false } };

type Settings = CountSettings & { readonly adjusted: boolean };

/** The running form of {@link balancedAccuracy}. */
export class BalancedAccuracy extends CountMetric<number, Settings> {
  /** The name in a state. */
  readonly type = "BalancedAccuracy";

  constructor(options: BalancedAccuracyOptions = {}) {
    super(readOptions("BalancedAccuracy", OPTIONS, options) as Settings);
  }

  protected override of(counts: Counts): number {
    const classes = counts.present().filter((c) => counts.actual(c) > 0);
    const mean = classes.reduce((sum, c) => sum + counts.hits(c) / counts.actual(c), 0) / classes.length;
    if (!this.options.adjusted) return mean;
    const chance = 1 / classes.length;
    return chance === 1 ? 0 : (mean - chance) / (1 - chance);
  }
}

/**
 * The mean, over the classes that occur in the labels, of the share of their samples that is predicted right (recall).
 *
 * @param predictions scores [N, C] (or [N, C, H, W]), of which the largest counts, or N class indices
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.balanced_accuracy_score.html
 *
 * @example
 * balancedAccuracy([0, 0, 0, 0], [0, 0, 0, 1]); // 0.5
 *
 * @throws ShapeError when lengths differ, ArgumentError for a class that cannot be
 */
export function balancedAccuracy(
  predictions: Predictions,
  targets: Labels,
  options: BalancedAccuracyOptions = {},
): number {
  return new BalancedAccuracy(options).update(predictions, targets).compute();
}
