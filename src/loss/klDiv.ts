// KLDiv: the Kullback-Leibler divergence of two distributions.
import { kernelsFor } from "../backend/select.js";
import { flag, oneOf } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import type { Tensor } from "../base/tensor.js";
import { multiply, subtract } from "../ops/arithmetic.js";
import { klDivergence, klDivergenceInputGrad } from "../ops/elementLoss.js";
import { exp } from "../ops/elementwise.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import type { Reduction } from "./loss.js";

/** Options of {@link KLDiv}. */
export interface KLDivOptions<R extends Reduction | "batchmean" = Reduction | "batchmean"> {
  /** Whether the target holds logarithms of probabilities, too. Default false. */
  readonly logTarget?: boolean;
  /** "batchmean" divides the sum by the size of the first axis, as the formula has it. Default "mean", over all numbers. */
  readonly reduction?: R;
}

const OPTIONS: OptionTable<KLDivOptions> = {
  logTarget: { check: flag, default: false },
  reduction: {
    check: (who, name, value) => oneOf(who, name, value, ["mean", "batchmean", "sum", "none"]),
    default: "mean",
  },
};

/**
 * Kullback-Leibler divergence of logarithms of probabilities x from target probabilities t, in one shape:
 *
 *     loss = t * (log(t) - x)          (0 where t = 0)
 *     loss = exp(t) * (t - x)          with logTarget
 *
 * `forward(x, t)` returns the mean or sum, with reduction "none" a Tensor in that shape; the divergence of distributions is
 * "batchmean" or a sum over their axis, not "mean". `backward()` returns the gradient of x, -t (with logTarget -exp(t)) over
 * the divisor; with "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new KLDiv({ reduction: "batchmean" });
 * const value = loss.forward(new LogSoftmax().forward(logits), probabilities);
 *
 * @throws ShapeError when input and target have different shapes or no numbers, ArgumentError for a target below 0
 * @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDiv<R extends Reduction | "batchmean" = "mean"> extends ElementLoss<R> {
  readonly #logTarget: boolean;
  readonly #batchMean: boolean;

  constructor(options: KLDivOptions<R> = {}) {
    const { logTarget, reduction } = readOptions("KLDiv", OPTIONS, options);
    super("KLDiv", reduction === "batchmean" ? "mean" : reduction);
    this.#logTarget = logTarget;
    this.#batchMean = reduction === "batchmean";
  }

  protected override compare(x: Tensor, target: Tensor): ElementLosses {
    const t = this.#logTarget ? exp(target) : target.clone();
    if (!this.#logTarget) checkProbabilities(t);
    const losses = this.#logTarget ? multiply(t, subtract(target, x)) : klDivergence(x, t);
    const gradient = (dy: Tensor): Tensor => klDivergenceInputGrad(t, dy);
    return { losses, divisor: this.#batchMean ? (x.shape[0] ?? 1) : x.size, gradient };
  }
}

function checkProbabilities(t: Tensor): void {
  const smallest = t.like([1]);
  kernelsFor("KLDiv", t).min({ rows: 1, cols: t.size }, t.data, smallest.data);
  if (!(smallest.data[0] < 0)) return;
  throw new ArgumentError(
    `KLDiv: expected probabilities as target, got ${smallest.data[0]} among them (give { logTarget: true } for logarithms).`,
  );
}
