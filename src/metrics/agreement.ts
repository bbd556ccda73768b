// How far predictions and labels agree beyond chance: Cohen's kappa and Matthews' correlation coefficient.
import { oneOf } from "../base/check.js";
import { readOptions, type Check } from "../base/options.js";
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
import { zeroOrOne } from "./precisionRecall.js";

/** How much a pair of different classes counts: all the same, by their distance, or by its square. */
export type KappaWeights = "none" | "linear" | "quadratic";

/** Options of {@link cohenKappa}. */
export interface CohenKappaOptions extends CountOptions {
  /** For classes in an order, such as grades: how much a pair counts by its distance. Default "none". */
  readonly weights?: KappaWeights;
  /** The value where chance alone explains all, as when only one class occurs (scikit-learn gives NaN). Default 0. */
  readonly zeroDivision?: 0 | 1;
}

const WEIGHTS: Check<KappaWeights> = (who, name, value) => oneOf(who, name, value, ["none", "linear", "quadratic"]);

const KAPPA_OPTIONS = {
  classes: CLASSES,
  ignoreIndex: IGNORE_INDEX,
  weights: { check: WEIGHTS, default: "none" },
  zeroDivision: { check: zeroOrOne, default: 0 },
};

type KappaSettings = CountSettings & { readonly weights: KappaWeights; readonly zeroDivision: 0 | 1 };

/** The running form of {@link cohenKappa}. */
export class CohenKappa extends CountMetric<number, KappaSettings> {
  /** The name in a state. */
  readonly type = "CohenKappa";

  constructor(options: CohenKappaOptions = {}) {
    super(readOptions("CohenKappa", KAPPA_OPTIONS, options) as KappaSettings);
  }

  protected override of(counts: Counts): number {
    const { weights, zeroDivision } = this.options;
    const { cells, size } = counts;
    // Distances are between places among the classes that occur, as in scikit-learn.
    const classes = counts.present();
    const actual = classes.map((c) => counts.actual(c));
    const predicted = classes.map((c) => counts.predicted(c));
    const total = counts.total();
    let [observed, expected] = [0, 0];
    for (let i = 0; i < classes.length; i++) {
      for (let j = 0; j < classes.length; j++) {
        const apart = Math.abs(i - j);
        const weight = weights === "none" ? Math.min(apart, 1) : weights === "linear" ? apart : apart * apart;
        observed += weight * cells[classes[i] * size + classes[j]];
        expected += (weight * actual[i] * predicted[j]) / total;
      }
    }
    return expected === 0 ? zeroDivision : 1 - observed / expected;
  }
}

/**
 * Cohen's kappa: 1 - (observed disagreement) / (disagreement by chance). 1 is agreement, 0 is chance.
 *
 * @param predictions scores [N, C], of which the largest counts, or N class indices
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.cohen_kappa_score.html
 *
 * @example
 * cohenKappa([0, 1, 1, 0], [0, 1, 0, 0]); // 0.5
 *
 * @throws ShapeError when lengths differ, ArgumentError for a class that cannot be
 */
export function cohenKappa(predictions: Predictions, targets: Labels, options: CohenKappaOptions = {}): number {
  return new CohenKappa(options).update(predictions, targets).compute();
}

/** The running form of {@link matthewsCorrcoef}. */
export class MatthewsCorrcoef extends CountMetric {
  /** The name in a state. */
  readonly type = "MatthewsCorrcoef";

  constructor(options: CountOptions = {}) {
    super(readOptions("MatthewsCorrcoef", COUNT_OPTIONS, options) as CountSettings);
  }

  // Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient" (2004).
  protected override of(counts: Counts): number {
    const total = counts.total();
    let [hits, both, actualSquares, predictedSquares] = [0, 0, 0, 0];
    for (let c = 0; c < counts.size; c++) {
      const [actual, predicted] = [counts.actual(c), counts.predicted(c)];
      hits += counts.hits(c);
      both += actual * predicted;
      actualSquares += actual * actual;
      predictedSquares += predicted * predicted;
    }
    const spread = (total * total - actualSquares) * (total * total - predictedSquares);
    return spread === 0 ? 0 : (hits * total - both) / Math.sqrt(spread);
  }
}

/**
 * Matthews' correlation coefficient, for any number of classes: the correlation of predictions and labels, -1 to 1; 0 where
 * only one class is predicted or true. Arguments and errors as for {@link cohenKappa}.
 *
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.matthews_corrcoef.html
 *
 * @example
 * matthewsCorrcoef([0, 1, 1, 0], [0, 1, 1, 0]); // 1
 */
export function matthewsCorrcoef(predictions: Predictions, targets: Labels, options: CountOptions = {}): number {
  return new MatthewsCorrcoef(options).update(predictions, targets).compute();
}
