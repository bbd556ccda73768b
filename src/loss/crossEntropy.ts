// CrossEntropy: the loss of a classifier. It turns every kind of target into one weighted target; the maths are in
// ops/crossEntropy.ts.
import { finite, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { watcher } from "../nn/watcher.js";
import { checkLogits, crossEntropy, crossEntropyInputGrad } from "../ops/crossEntropy.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import { checkClassWeight, checkCounts, readClassWeight, visitLabels } from "./labels.js";
import { Loss, checkReduction, type LossValue, type Reduction } from "./loss.js";

/** Options of {@link CrossEntropy}. */
export interface CrossEntropyOptions<R extends Reduction = Reduction> {
  /** A factor for each class, [C]; at least 0. */
  readonly weight?: Tensor | readonly number[];
  /** From 0 to 1: this share of the target is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
  /** Samples with this label count nothing. Default -100. Only for index targets. */
  readonly ignoreIndex?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

/** What classes a batch has: indices (N, or N x the spatial size), or a Tensor of probabilities in the logits' shape. */
export type ClassTarget = ArrayLike<number | bigint> | Tensor;

interface Kept {
  readonly weight: readonly number[] | null;
  readonly labelSmoothing: number;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
}

const OPTIONS: OptionTable<Kept> = {
  weight: { check: readClassWeight, default: null },
  labelSmoothing: { check: (who, name, value) => finite(who, name, value, 0, 1), default: 0 },
  ignoreIndex: { check: (who, name, value) => whole(who, name, value, -Infinity), default: -100 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Cross-entropy of logits (not of probabilities: it contains the softmax):
 *
 *     loss[n] = -sum over c of t[n, c] * (x[n, c] - log(sum over k of exp(x[n, k])))
 *
 * For index labels t[n, c] = weight[c] * ((1 - smoothing) * (c = label[n]) + smoothing / C); for probabilities q,
 * t[n, c] = weight[c] * ((1 - smoothing) * q[n, c] + smoothing / C). "mean" divides the sum by the weights of the targets
 * that count, with probabilities by the number of samples (times the spatial size).
 *
 * `forward(logits, target)`: logits [N, C] or [N, C, ...]. Index targets are an array of N numbers (times the spatial size,
 * row-major); a Tensor means probabilities in the logits' shape. Returns a number, with reduction "none" a Tensor [N, ...].
 * `backward()` returns the gradient for the logits; with "none" it takes the upstream gradient.
 *
 * @example
 * const loss = new CrossEntropy();
 * const value = loss.forward(model.forward(x), labels);
 * model.backward(loss.backward());
 *
 * @throws ShapeError when target and logits do not fit, ArgumentError for a label outside 0..C-1 or when nothing counts
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropy<R extends Reduction = "mean"> extends Loss<R> {
  readonly #weight: ArrayLike<number> | null;
  readonly #smoothing: number;
  readonly #ignoreIndex: number;
  readonly #ignoreIndexGiven: boolean;

  constructor(options: CrossEntropyOptions<R> = {}) {
    const settings = readOptions("CrossEntropy", OPTIONS, options);
    super("CrossEntropy", settings.reduction);
    this.#weight = settings.weight;
    this.#smoothing = settings.labelSmoothing;
    this.#ignoreIndex = settings.ignoreIndex;
    this.#ignoreIndexGiven = options.ignoreIndex !== undefined;
  }

  /** The loss; keeps what backward needs. */
  forward(logits: Tensor, target: ClassTarget): LossValue<R> {
    if (!Tensor.isTensor(logits) && Tensor.isTensor(target)) {
      throw new ArgumentError(
        `CrossEntropy: expected forward(logits, labels), got ${show(logits)} and a Tensor (swap the two).`,
      );
    }
    checkTensor("CrossEntropy", "logits", logits);
    const { size } = checkLogits("CrossEntropy", logits.shape);
    checkClassWeight("CrossEntropy", this.#weight, size);
    const weighted = Tensor.isTensor(target)
      ? this.#fromProbabilities(logits, target)
      : this.#fromIndices(logits, target);
    if (this.reduction === "mean") checkCounts("CrossEntropy", weighted.divisor);
    const watch = watcher();
    watch?.loss("CrossEntropy", "logits", logits);
    watch?.loss("CrossEntropy", "targets", weighted.target);
    const losses = crossEntropy(logits, weighted.target);
    watch?.loss("CrossEntropy", "losses", losses);
    const kept = logits.clone();
    return this.reduce(losses, weighted.divisor, (dlosses) => crossEntropyInputGrad(kept, weighted.target, dlosses));
  }

  #fromIndices(logits: Tensor, labels: ArrayLike<number | bigint>): { target: Tensor; divisor: number } {
    const { size, inner } = checkLogits("CrossEntropy", logits.shape);
    const target = logits.like();
    let divisor = 0;
    visitLabels("CrossEntropy", "logits", logits.shape, labels, this.#ignoreIndex, "a Tensor", (label, first) => {
      if (this.#smoothing > 0) {
        for (let c = 0; c < size; c++) {
          target.data[first + c * inner] = (this.#weightOf(c) * this.#smoothing) / size;
        }
      }
      target.data[first + label * inner] += this.#weightOf(label) * (1 - this.#smoothing);
      divisor += this.#weightOf(label);
    });
    return { target, divisor };
  }

  #fromProbabilities(logits: Tensor, probabilities: Tensor): { target: Tensor; divisor: number } {
    if (this.#ignoreIndexGiven) {
      throw new ArgumentError("CrossEntropy: expected no ignoreIndex with probabilities as target, got one.");
    }
    if (!sameShape(logits.shape, probabilities.shape)) {
      throw new ShapeError(
        `CrossEntropy: expected probabilities of the logits' shape ${formatShape(logits.shape)}, got ` +
          `${formatShape(probabilities.shape)} (class indices are a plain array or Int32Array, not a Tensor).`,
      );
    }
    const { outer, size, inner } = checkLogits("CrossEntropy", logits.shape);
    const target = logits.like();
    for (let i = 0; i < target.size; i++) {
      const smooth = (1 - this.#smoothing) * probabilities.data[i] + this.#smoothing / size;
      target.data[i] = this.#weightOf(Math.floor(i / inner) % size) * smooth;
    }
    return { target, divisor: outer * inner };
  }

  #weightOf(c: number): number {
    return this.#weight === null ? 1 : this.#weight[c];
  }
}
