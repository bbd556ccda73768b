// From what a metric of probabilities is given to probabilities: checked as they are, or softmax and sigmoid of logits.
import { exp, sigmoid } from "../numbers/math.js";
import { checkProbabilities, readScores, type Scores } from "./input.js";

/** Options of metrics that need probabilities. */
export interface LogitsOptions {
  /** Whether the predictions are logits; softmax ([N, C]) or sigmoid ([N]) make probabilities of them. Default false. */
  readonly logits?: boolean;
}

/** The probabilities of each sample. */
export function readProbabilities(who: string, predictions: unknown, targets: unknown, logits: boolean): Scores {
  const given = readScores(who, predictions, targets);
  if (!logits) {
    checkProbabilities(who, given);
    return given;
  }
  const { scores, columns } = given;
  if (columns === 1) return { ...given, scores: scores.map((logit) => sigmoid(logit)) };
  for (let from = 0; from < scores.length; from += columns) softmaxRow(scores.subarray(from, from + columns));
  return given;
}

function softmaxRow(row: Float64Array): void {
  const largest = row.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += row[c] = exp(row[c] - largest);
  for (let c = 0; c < row.length; c++) row[c] /= sum;
}
