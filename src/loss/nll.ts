// NLL: the negative log-likelihood of class labels, from logarithms of probabilities.
import { show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { checkLogits } from "../ops/crossEntropy.js";
import { checkClassWeight, checkCounts, readClassWeight, visitLabels } from "./labels.js";
import { Loss, checkReduction, type LossValue, type Reduction } from "./loss.js";

/** Options of {@link NLL}. */
export interface NLLOptions<R extends Reduction = Reduction> {
  /** A factor for each class, [C]; at least 0. */
  readonly weight?: Tensor | readonly number[];
  /** Samples with this label count nothing. Default -100. */
  readonly ignoreIndex?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

interface Kept {
  readonly weight: readonly number[] | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
}

const OPTIONS: OptionTable<Kept> = {
  weight: { check: readClassWeight, default: null },
  ignoreIndex: { check: (who, name, value) => whole(who, name, value, -Infinity), default: -100 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Negative log-likelihood: loss[n] = -weight[label[n]] * x[n, label[n]] for logarithms of probabilities x, as LogSoftmax gives
 * them. "mean" divides the sum by the weights of the labels that count. On logits use {@link CrossEntropy}.
 *
 * `forward(x, labels)`: x [N, C] or [N, C, ...], labels an array of N indices (times the spatial size, row-major). Returns a
 * number, with reduction "none" a Tensor [N, ...]. `backward()` returns the gradient of x, -weight[label] over the divisor at
 * the label and 0 elsewhere; with "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new NLL();
 * const value = loss.forward(model.forward(x), labels); // the last layer is new LogSoftmax()
 *
 * @throws ShapeError when labels and x do not fit, ArgumentError for a label outside 0..C-1 or when nothing counts
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLL<R extends Reduction = "mean"> extends Loss<R> {
  readonly #weight: readonly number[] | null;
  readonly #ignoreIndex: number;

  constructor(options: NLLOptions<R> = {}) {
    const { weight, ignoreIndex, reduction } = readOptions("NLL", OPTIONS, options);
    super("NLL", reduction);
    this.#weight = weight;
    this.#ignoreIndex = ignoreIndex;
  }

  /** The loss; keeps what backward needs. */
  forward(x: Tensor, labels: ArrayLike<number>): LossValue<R> {
    if (Tensor.isTensor(labels)) {
      throw new ArgumentError(
        `NLL: expected labels as an array of class indices, got ${show(labels)} (a plain array or an Int32Array).`,
      );
    }
    const { size, inner } = checkLogits("NLL", checkTensor("NLL", "the input", x).shape);
    checkClassWeight("NLL", this.#weight, size);
    const losses = x.like([x.shape[0], ...x.shape.slice(2)]);
    // Where the number of each loss stands in x, and its factor; a place that does not count has factor 0.
    const at = new Int32Array(losses.size);
    const factors = new Float64Array(losses.size);
    let divisor = 0;
    visitLabels(
      "NLL",
      "log-probabilities",
      x.shape,
      labels,
      this.#ignoreIndex,
      "KLDiv and a Tensor",
      (label, first, i) => {
        at[i] = first + label * inner;
        factors[i] = this.#weight?.[label] ?? 1;
        losses.data[i] = factors[i] === 0 ? 0 : -factors[i] * x.data[at[i]];
        divisor += factors[i];
      },
    );
    if (this.reduction === "mean") checkCounts("NLL", divisor);
    const watch = watcher();
    watch?.loss("NLL", "inputs", x);
    watch?.loss("NLL", "losses", losses);
    return this.reduce(losses, divisor, (dlosses) => {
      const dx = x.like();
      for (let i = 0; i < at.length; i++) if (factors[i] !== 0) dx.data[at[i]] = -factors[i] * dlosses.data[i];
      return dx;
    });
  }
}
