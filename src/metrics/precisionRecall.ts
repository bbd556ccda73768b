// Precision, recall and F1 of each class, and their averages over the classes.
import { oneOf, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
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

/** How the values of the classes become one number. */
export type Average = "macro" | "micro" | "weighted" | "binary";

/** Options of {@link precision}, {@link recall}, {@link f1} and their running forms. */
export interface PrecisionRecallOptions extends CountOptions {
  /**
   * "macro" (default): the mean over the classes that occur in labels or predictions. "weighted": the same, weighted by how
   * often a class is true. "micro": from the sums over all classes, for one label a sample the accuracy. "binary": class 1
   * alone, of two.
   */
  readonly average?: Average;
  /** The value where nothing is divided by nothing, such as the precision of a class that was never predicted. Default 0. */
  readonly zeroDivision?: 0 | 1;
}

/** The same with one value for each class. */
export interface PerClassOptions extends CountOptions {
  /** One value for each class instead of an average. */
  readonly average: "none";
  /** As in {@link PrecisionRecallOptions}. */
  readonly zeroDivision?: 0 | 1;
}

/** 0 or 1. */
export const zeroOrOne: Check<0 | 1> = (who, name, value) => {
  if (value === 0 || value === 1) return value;
  throw new ArgumentError(`${who}: expected ${name} to be 0 or 1, got ${show(value)}.`);
};

const AVERAGES = ["macro", "micro", "weighted", "binary"] as const;

const OPTIONS = {
  classes: CLASSES,
  ignoreIndex: IGNORE_INDEX,
  average: { check: ((who, name, value) => oneOf(who, name, value, AVERAGES)) as Check<Average>, default: "macro" },
  zeroDivision: { check: zeroOrOne, default: 0 },
};

type Settings = CountSettings & { readonly average: Average; readonly zeroDivision: 0 | 1 };

/** The parts of a value: hits of the class, and what they are divided by. */
type Parts = (hits: number, predicted: number, actual: number) => readonly [above: number, below: number];

/** What {@link Precision}, {@link Recall} and {@link F1} have in common. */
export abstract class PrecisionRecallMetric extends CountMetric<number, Settings> {
  readonly #parts: Parts;

  /** @internal */
  protected constructor(who: string, parts: Parts, options: PrecisionRecallOptions) {
    super(readOptions(who, OPTIONS, options) as Settings);
    this.#parts = parts;
  }

  /** One value for each class, those that do not occur included. */
  perClass(): number[] {
    if (this.counts.total() === 0) throw this.nothingSeen();
    return Array.from({ length: this.counts.size }, (_, c) => this.#value(c));
  }

  protected override of(counts: Counts): number {
    const { average } = this.options;
    if (average === "binary") {
      if (counts.size <= 2) return counts.size < 2 ? this.options.zeroDivision : this.#value(1);
      throw new ArgumentError(
        `${this.type}: expected at most 2 classes for average "binary", got ${counts.size} (choose "macro", "micro" or ` +
          `"weighted").`,
      );
    }
    const classes = counts.present();
    if (average === "micro") {
      const sum = (of: (c: number) => number): number => classes.reduce((total, c) => total + of(c), 0);
      return this.#ratio(
        sum((c) => counts.hits(c)),
        sum((c) => counts.predicted(c)),
        sum((c) => counts.actual(c)),
      );
    }
    let [sum, weights] = [0, 0];
    for (const c of classes) {
      const weight = average === "weighted" ? counts.actual(c) : 1;
      sum += weight * this.#value(c);
      weights += weight;
    }
    return sum / weights;
  }

  #value(c: number): number {
    return this.#ratio(this.counts.hits(c), this.counts.predicted(c), this.counts.actual(c));
  }

  #ratio(hits: number, predicted: number, actual: number): number {
    const [above, below] = this.#parts(hits, predicted, actual);
    return below === 0 ? this.options.zeroDivision : above / below;
  }
}

/** The running form of {@link precision}. */
export class Precision extends PrecisionRecallMetric {
  /** The name in a state. */
  readonly type = "Precision";

  constructor(options: PrecisionRecallOptions = {}) {
    super("Precision", (hits, predicted) => [hits, predicted], options);
  }
}

/** The running form of {@link recall}. */
export class Recall extends PrecisionRecallMetric {
  /** The name in a state. */
  readonly type = "Recall";

  constructor(options: PrecisionRecallOptions = {}) {
    super("Recall", (hits, _, actual) => [hits, actual], options);
  }
}

/** The running form of {@link f1}. */
export class F1 extends PrecisionRecallMetric {
  /** The name in a state. */
  readonly type = "F1";

  constructor(options: PrecisionRecallOptions = {}) {
    super("F1", (hits, predicted, actual) => [2 * hits, predicted + actual], options);
  }
}

/**
 * Precision: of the samples that were predicted as a class, the share that is of it, TP / (TP + FP).
 *
 * @param predictions scores [N, C] (or [N, C, H, W]), of which the largest counts, or N class indices
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_score.html
 *
 * @example
 * precision([0, 1, 1, 0], [0, 1, 0, 0]);                      // 0.75
 * precision([0, 1, 1, 0], [0, 1, 0, 0], { average: "none" }); // [1, 0.5]
 *
 * @throws ShapeError when lengths differ, ArgumentError for a class that cannot be or a wrong option
 */
export function precision(predictions: Predictions, targets: Labels, options: PerClassOptions): number[];
export function precision(predictions: Predictions, targets: Labels, options?: PrecisionRecallOptions): number;
export function precision(
  predictions: Predictions,
  targets: Labels,
  options: PrecisionRecallOptions | PerClassOptions = {},
): number | number[] {
  return valueOf((rest) => new Precision(rest), predictions, targets, options);
}

/**
 * Recall: of the samples of a class, the share that was predicted as it, TP / (TP + FN). Arguments and errors as for
 * {@link precision}.
 *
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.recall_score.html
 *
 * @example
 * recall([0, 1, 1, 0], [0, 1, 1, 1], { average: "binary" }).toFixed(3); // "0.667"
 */
export function recall(predictions: Predictions, targets: Labels, options: PerClassOptions): number[];
export function recall(predictions: Predictions, targets: Labels, options?: PrecisionRecallOptions): number;
export function recall(
  predictions: Predictions,
  targets: Labels,
  options: PrecisionRecallOptions | PerClassOptions = {},
): number | number[] {
  return valueOf((rest) => new Recall(rest), predictions, targets, options);
}

/**
 * F1: the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN). Arguments and errors as for {@link precision}.
 *
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.f1_score.html
 *
 * @example
 * f1([0, 1, 1, 0], [0, 1, 1, 1], { average: "binary" }); // 0.8
 */
export function f1(predictions: Predictions, targets: Labels, options: PerClassOptions): number[];
export function f1(predictions: Predictions, targets: Labels, options?: PrecisionRecallOptions): number;
export function f1(
  predictions: Predictions,
  targets: Labels,
  options: PrecisionRecallOptions | PerClassOptions = {},
): number | number[] {
  return valueOf((rest) => new F1(rest), predictions, targets, options);
}

function valueOf(
  make: (options: PrecisionRecallOptions) => PrecisionRecallMetric,
  predictions: Predictions,
  targets: Labels,
  options: PrecisionRecallOptions | PerClassOptions,
): number | number[] {
  if (options?.average !== "none") return make(options).update(predictions, targets).compute();
  return make({ ...options, average: "macro" })
    .update(predictions, targets)
    .perClass();
}
