// Log loss: the mean negative logarithm of the probability that was given to the true class.
import { finite, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, trueOrFalse, type Check } from "../base/options.js";
import { Tensor } from "../base/tensor.js";
import { exp, log } from "../numbers/math.js";
import { checkProbabilities, readScores, type Labels, type Predictions, type Scores } from "./input.js";
import type { LogitsOptions } from "./probabilities.js";
import { SumMetric } from "./sumMetric.js";

/** Options of {@link logLoss}. */
export interface LogLossOptions extends LogitsOptions {
  /**
   * Probabilities below eps count as eps, and those above 1 - eps as 1 - eps, or one sure mistake would be infinite. Default
   * "auto": 2^-23 for float32 tensors, 2^-52 for other numbers. Logits need none and have none.
   */
  readonly eps?: number | "auto";
}

const EPS: Check<number | "auto"> = (who, name, value) => {
  if (value === "auto") return value;
  const eps = finite(who, name, value, 0, 0.5);
  if (eps > 0) return eps;
  throw new ArgumentError(`${who}: expected ${name} above 0, got ${show(value)}.`);
};

const OPTIONS = { logits: { check: trueOrFalse, default: false }, eps: { check: EPS, default: "auto" } };
const FLOAT32_EPS = 1.1920928955078125e-7;
const FLOAT64_EPS = 2.220446049250313e-16;

/** The running form of {@link logLoss}. */
export class LogLoss extends SumMetric {
  /** The name in a state. */
  readonly type = "LogLoss";
  readonly #logits: boolean;
  readonly #eps: number | "auto";

  constructor(options: LogLossOptions = {}) {
    const settings = readOptions("LogLoss", OPTIONS, options);
    super(2, settings);
    this.#logits = settings.logits as boolean;
    this.#eps = settings.eps as number | "auto";
  }

  override update(predictions: Predictions, targets: Labels): this {
    const given = readScores(this.type, predictions, targets);
    if (!this.#logits) checkProbabilities(this.type, given);
    const isFloat32 = Tensor.isTensor(predictions) && predictions.dtype === "float32";
    const eps = this.#eps === "auto" ? (isFloat32 ? FLOAT32_EPS : FLOAT64_EPS) : this.#eps;
    this.sums[0] += this.#logits ? ofLogits(given) : ofProbabilities(given, eps);
    this.sums[1] += given.labels.length;
    return this;
  }

  override compute(): number {
    const [loss, samples] = this.sums;
    if (samples === 0) throw this.nothingSeen();
    return loss / samples;
  }
}

function ofProbabilities({ scores, columns, labels }: Scores, eps: number): number {
  const inside = (p: number): number => Math.min(Math.max(p, eps), 1 - eps);
  let sum = 0;
  for (let n = 0; n < labels.length; n++) {
    if (columns === 1) {
      const p = inside(scores[n]);
      sum -= log(labels[n] === 1 ? p : 1 - p);
      continue;
    }
    let whole = 0; // the row sums to 1 again, as in scikit-learn
    for (let c = 0; c < columns; c++) whole += inside(scores[n * columns + c]);
    sum -= log(inside(scores[n * columns + labels[n]]) / whole);
  }
  return sum;
}

// -log softmax, or -log sigmoid of plus or minus the logit; the largest logit is taken out first, so nothing overflows.
function ofLogits({ scores, columns, labels }: Scores): number {
  let sum = 0;
  for (let n = 0; n < labels.length; n++) {
    const row = columns === 1 ? Float64Array.of(0, scores[n]) : scores.subarray(n * columns, (n + 1) * columns);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const whole = row.reduce((total, logit) => total + exp(logit - largest), 0);
    sum += log(whole) - (row[labels[n]] - largest);
  }
  return sum;
}

/**
 * Mean of -log p(true class): cross-entropy, from probabilities as scikit-learn's log_loss, or from logits.
 *
 * @param predictions probabilities or logits [N, C], or [N] of class 1 alone
 * @param targets class indices
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
 *
 * @example
 * logLoss(new Tensor([[0.5, 0.5], [0.25, 0.75]]), [0, 1]).toFixed(4); // "0.4904", the mean of ln 2 and ln 4/3
 *
 * @throws ShapeError when lengths differ, ArgumentError for rows that are no probabilities
 */
export function logLoss(predictions: Predictions, targets: Labels, options: LogLossOptions = {}): number {
  return new LogLoss(options).update(predictions, targets).compute();
}
