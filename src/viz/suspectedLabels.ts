// suspectedLabels: labels that are likely wrong, by confident learning.
import { positive, readOptions, trueOrFalse, type OptionTable } from "../base/options.js";
import type { Labels } from "../metrics/input.js";
import type { Tensor } from "../base/tensor.js";
import { ShapeError } from "../base/errors.js";
import { readProbabilities } from "../metrics/probabilities.js";
import type { Scores } from "../metrics/input.js";

/** Options of {@link suspectedLabels}. */
export interface SuspectedLabelsOptions {
  /** At most so many, the most suspicious first. Default: all. */
  readonly k?: number;
  /** Whether the predictions are logits, of which softmax makes probabilities. Default false. */
  readonly logits?: boolean;
}

/** A label that is likely wrong. */
export interface SuspectedLabel {
  /** The sample. */
  readonly index: number;
  /** The label that it has. */
  readonly label: number;
  /** The class that it likely is. */
  readonly suggested: number;
  /** Probability of the label. */
  readonly labelProbability: number;
  /** Probability of the class that is suggested. */
  readonly suggestedProbability: number;
  /** Probability of the label less that of the likeliest other class: the lower, the more suspicious. */
  readonly margin: number;
}

const OPTIONS: OptionTable<{ k: number | undefined; logits: boolean }> = {
  k: { check: positive },
  logits: { check: trueOrFalse, default: false },
};

/**
 * Labels that a model confidently contradicts. The threshold of class j is the mean probability of j over the samples that are
 * labeled j. A sample counts as class j if its probability of j is at least the threshold of j (of several such the likeliest); where
 * that is another class than its label, the label is suspected. Sorted by margin.
 *
 * The probabilities must be those of models that have not seen the sample in training, as of the parts of `kFold`: what a model has
 * learned by heart it does not contradict.
 *
 * @param probabilities [N, C], each row with the sum 1 (with `logits`: logits)
 * @param labels N class indices
 *
 * @throws ArgumentError for rows that are no probabilities and for a label outside of 0 to C - 1, ShapeError for other lengths
 * @see Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels", JAIR 70 (2021)
 */
export function suspectedLabels(
  probabilities: Tensor,
  labels: Labels,
  options: SuspectedLabelsOptions = {},
): SuspectedLabel[] {
  const who = "suspectedLabels";
  const { k, logits } = readOptions(who, OPTIONS, options);
  const given = readProbabilities(who, probabilities, labels, logits);
  const { scores, columns, labels: classes } = given;
  if (columns < 2)
    throw new ShapeError(`${who}: expected probabilities [N, C] of at least two classes, got one number a sample.`);
  const thresholds = thresholdsOf(given);
  const found: SuspectedLabel[] = [];
  classes.forEach((label, index) => {
    const row = scores.subarray(index * columns, (index + 1) * columns);
    let suggested = -1;
    let other = -Infinity;
    row.forEach((p, c) => {
      if (p >= thresholds[c] && (suggested < 0 || p > row[suggested])) suggested = c;
      if (c !== label) other = Math.max(other, p);
    });
    if (suggested < 0 || suggested === label) return;
    const [labelProbability, suggestedProbability] = [row[label], row[suggested]];
    found.push({ index, label, suggested, labelProbability, suggestedProbability, margin: labelProbability - other });
  });
  return found.sort((a, b) => a.margin - b.margin).slice(0, k);
}

// Of a class that no sample is labeled there is no threshold, and nothing counts as it.
function thresholdsOf({ scores, columns, labels }: Scores): Float64Array {
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  labels.forEach((label, n) => {
    sums[label] += scores[n * columns + label];
    counts[label]++;
  });
  return sums.map((sum, c) => (counts[c] === 0 ? Infinity : sum / counts[c]));
}
