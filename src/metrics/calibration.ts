// Calibration: whether a model that says 80 % is right in 80 % of the cases. The error as one number, and the data of the
// reliability diagram.
import { oneOf, whole } from "../base/check.js";
import { readOptions, trueOrFalse, type Check } from "../base/options.js";
import type { Labels, Predictions } from "./input.js";
import { readProbabilities, type LogitsOptions } from "./probabilities.js";
import { SumMetric } from "./sumMetric.js";

/** Options of {@link calibrationError} and {@link reliability}. */
export interface CalibrationOptions extends LogitsOptions {
  /** Bins of equal width from 0 to 1; each holds what is above its lower end and at most its upper end. Default 15. */
  readonly bins?: number;
  /** "l1" (default): the mean over the samples of |accuracy - confidence| of their bin (ECE); "max": the largest (MCE). */
  readonly norm?: "l1" | "max";
}

/** One bar of a reliability diagram. */
export interface ReliabilityBin {
  /** Confidences in the bin are above this (the first bin holds 0, too). */
  readonly lower: number;
  /** Confidences in the bin are at most this. */
  readonly upper: number;
  /** Samples in the bin. */
  readonly count: number;
  /** Their mean confidence; null for an empty bin. */
  readonly confidence: number | null;
  /** The share of them that is right; null for an empty bin. */
  readonly accuracy: number | null;
}

const BINS: Check<number> = (who, name, value) => whole(who, name, value, 1, 10_000);
const NORM: Check<"l1" | "max"> = (who, name, value) => oneOf(who, name, value, ["l1", "max"]);
const OPTIONS = {
  logits: { check: trueOrFalse, default: false },
  bins: { check: BINS, default: 15 },
  norm: { check: NORM, default: "l1" },
};

/** The running form of {@link calibrationError}, and by its `reliability()` of {@link reliability}. */
export class CalibrationError extends SumMetric {
  /** The name in a state. */
  readonly type = "CalibrationError";
  readonly #bins: number;
  readonly #norm: "l1" | "max";
  readonly #logits: boolean;

  constructor(options: CalibrationOptions = {}) {
    const settings = readOptions("CalibrationError", OPTIONS, options);
    super(3 * (settings.bins as number), settings); // for each bin: samples, sum of confidences, hits
    this.#bins = settings.bins as number;
    this.#norm = settings.norm as "l1" | "max";
    this.#logits = settings.logits as boolean;
  }

  override update(predictions: Predictions, targets: Labels): this {
    const { scores, columns, labels } = readProbabilities(this.type, predictions, targets, this.#logits);
    for (let n = 0; n < labels.length; n++) {
      let best = 0;
      for (let c = 1; c < columns; c++) if (scores[n * columns + c] > scores[n * columns + best]) best = c;
      const confidence = scores[n * columns + best];
      const hit = columns === 1 ? labels[n] === 1 : labels[n] === best;
      const bin = this.#binOf(confidence);
      this.sums[3 * bin] += 1;
      this.sums[3 * bin + 1] += confidence;
      this.sums[3 * bin + 2] += hit ? 1 : 0;
    }
    return this;
  }

  override compute(): number {
    const bins = this.reliability();
    const total = bins.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) throw this.nothingSeen();
    let [mean, largest] = [0, 0];
    for (const { count, confidence, accuracy } of bins) {
      if (confidence === null || accuracy === null) continue;
      const gap = Math.abs(accuracy - confidence);
      mean += (count / total) * gap;
      largest = Math.max(largest, gap);
    }
    return this.#norm === "l1" ? mean : largest;
  }

  /** The bars of the reliability diagram, from low to high confidence. */
  reliability(): ReliabilityBin[] {
    return Array.from({ length: this.#bins }, (_, bin) => {
      const [count, confidences, hits] = this.sums.subarray(3 * bin);
      const means = count === 0 ? [null, null] : [confidences / count, hits / count];
      return {
        lower: bin / this.#bins,
        upper: (bin + 1) / this.#bins,
        count,
        confidence: means[0],
        accuracy: means[1],
      };
    });
  }

  // The bin with lower < p <= upper; the ends are compared as they are told, not by a product that rounds.
  #binOf(p: number): number {
    let bin = Math.min(Math.max(Math.ceil(p * this.#bins) - 1, 0), this.#bins - 1);
    if (bin > 0 && p <= bin / this.#bins) bin -= 1;
    else if (p > (bin + 1) / this.#bins && bin < this.#bins - 1) bin += 1;
    return bin;
  }
}

/**
 * Expected calibration error: the gap between confidence (the largest probability) and accuracy, averaged over bins of
 * confidence. 0 is perfect.
 *
 * Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks" (2017).
 *
 * @param predictions probabilities or logits [N, C]; or of class 1 alone [N], where the gap is that between the probability
 * and the share of class 1
 * @param targets class indices
 *
 * @example
 * calibrationError([0.75, 0.75, 0.75, 0.75], [1, 1, 1, 0]); // 0
 *
 * @throws ShapeError when lengths differ, ArgumentError for rows that are no probabilities
 */
export function calibrationError(predictions: Predictions, targets: Labels, options: CalibrationOptions = {}): number {
  return new CalibrationError(options).update(predictions, targets).compute();
}

/**
 * The data of a reliability diagram: for each bin of confidence its samples, mean confidence and accuracy. Arguments and errors
 * as for {@link calibrationError}.
 *
 * @example
 * const [, upper] = reliability([0.2, 0.9, 0.8], [0, 1, 0], { bins: 2 });
 * [upper.count, upper.accuracy]; // [2, 0.5]
 */
export function reliability(
  predictions: Predictions,
  targets: Labels,
  options: CalibrationOptions = {},
): ReliabilityBin[] {
  return new CalibrationError(options).update(predictions, targets).reliability();
}
