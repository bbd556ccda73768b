// CrossEntropy: the loss of a classifier. It turns every kind of target into one weighted target; the maths are in
// ops/crossEntropy.ts.
import { finite, knownKeys, oneOf, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError, StateError } from "../base/errors.js";
import { watcher } from "../nn/watcher.js";
import { checkLogits, crossEntropy, crossEntropyInputGrad } from "../ops/crossEntropy.js";
import { checkUpstream, formatShape, sameShape, sizeOf } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";

/** How the losses of the samples become one: their (weighted) mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

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
export type ClassTarget = ArrayLike<number> | Tensor;

interface Saved {
  readonly logits: Tensor;
  readonly target: Tensor;
  /** The losses were divided by this. */
  readonly divisor: number;
}

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
export class CrossEntropy<R extends Reduction = "mean"> {
  readonly #weight: ArrayLike<number> | null;
  readonly #smoothing: number;
  readonly #ignoreIndex: number;
  readonly #ignoreIndexGiven: boolean;
  readonly #reduction: Reduction;
  #saved: Saved | undefined;

  constructor(options: CrossEntropyOptions<R> = {}) {
    knownKeys("CrossEntropy", options, ["weight", "labelSmoothing", "ignoreIndex", "reduction"]);
    this.#weight = readWeight(options.weight ?? null);
    this.#smoothing = finite("CrossEntropy", "labelSmoothing", options.labelSmoothing ?? 0, 0, 1);
    this.#ignoreIndex = whole("CrossEntropy", "ignoreIndex", options.ignoreIndex ?? -100, -Infinity);
    this.#ignoreIndexGiven = options.ignoreIndex !== undefined;
    const words = ["mean", "sum", "none"] as const;
    this.#reduction = oneOf<Reduction>("CrossEntropy", "reduction", options.reduction ?? "mean", words);
  }

  /** The loss; keeps what backward needs. */
  forward(logits: Tensor, target: ClassTarget): R extends "none" ? Tensor : number {
    if (!Tensor.isTensor(logits) && Tensor.isTensor(target)) {
      throw new ArgumentError(
        `CrossEntropy: expected forward(logits, labels), got ${show(logits)} and a Tensor (swap the two).`,
      );
    }
    checkTensor("CrossEntropy", "logits", logits);
    const { outer, size, inner } = checkLogits("CrossEntropy", logits.shape);
    if (this.#weight !== null && this.#weight.length !== size) {
      throw new ShapeError(
        `CrossEntropy: expected a weight of ${size} numbers, one for each class, got ${this.#weight.length}.`,
      );
    }
    const weighted = Tensor.isTensor(target)
      ? this.#fromProbabilities(logits, target)
      : this.#fromIndices(logits, target, outer * inner);
    const divisor = this.#reduction === "mean" ? weighted.divisor : 1;
    if (divisor === 0) {
      throw new ArgumentError(
        `CrossEntropy: expected at least one target that counts, got none (all are ignored or have weight 0).`,
      );
    }
    const watch = watcher();
    watch?.loss("CrossEntropy", "logits", logits);
    watch?.loss("CrossEntropy", "targets", weighted.target);
    const losses = crossEntropy(logits, weighted.target);
    watch?.loss("CrossEntropy", "losses", losses);
    this.#saved = { logits: logits.clone(), target: weighted.target, divisor };
    const result = this.#reduction === "none" ? losses : total(losses) / divisor;
    return result as R extends "none" ? Tensor : number;
  }

  /**
   * Gradient of the loss for the logits, in their shape; uses up what forward saved.
   *
   * @param dy upstream gradient [N, ...], with reduction "none" only
   * @throws StateError without a forward before it
   */
  backward(dy?: Tensor): Tensor {
    if ((dy === undefined) === (this.#reduction === "none")) {
      throw new ArgumentError(
        this.#reduction === "none"
          ? `CrossEntropy.backward: expected dy, the gradient of each loss, with reduction "none", got undefined.`
          : `CrossEntropy.backward: expected no dy with reduction "${this.#reduction}", got one.`,
      );
    }
    if (this.#saved === undefined) {
      throw new StateError("CrossEntropy.backward: expected a forward before each backward, got none.");
    }
    const { logits, target, divisor } = this.#saved;
    const lossShape = [logits.shape[0], ...logits.shape.slice(2)];
    if (dy !== undefined)
      checkUpstream("CrossEntropy.backward", lossShape, checkTensor("CrossEntropy", "dy", dy).shape);
    this.#saved = undefined;
    const upstream = dy ?? logits.like(lossShape);
    if (dy === undefined) upstream.data.fill(1 / divisor);
    const dx = crossEntropyInputGrad(logits, target, upstream);
    watcher()?.loss("CrossEntropy.backward", "gradients", dx);
    return dx;
  }

  /** @internal Remembers what forward saved and returns the way back. */
  snapshot(): () => void {
    const saved = this.#saved;
    return () => {
      this.#saved = saved;
    };
  }

  #fromIndices(logits: Tensor, labels: ArrayLike<number>, count: number): { target: Tensor; divisor: number } {
    const { size, inner } = checkLogits("CrossEntropy", logits.shape);
    if (labels === null || typeof labels !== "object" || typeof labels.length !== "number") {
      throw new ArgumentError(`CrossEntropy: expected labels as an array of class indices, got ${show(labels)}.`);
    }
    if (labels.length !== count) {
      throw new ShapeError(
        `CrossEntropy: expected ${count} labels for logits ${formatShape(logits.shape)}, got ${labels.length}` +
          `${labels.length === logits.size ? ` (for one-hot targets use a Tensor ${formatShape(logits.shape)})` : ""}.`,
      );
    }
    const target = logits.like();
    let divisor = 0;
    for (let i = 0; i < count; i++) {
      const label = labels[i];
      if (label === this.#ignoreIndex) continue;
      if (!Number.isInteger(label) || label < 0 || label >= size) {
        const remedy = Array.isArray(label)
          ? "for one-hot targets use a Tensor of probabilities"
          : typeof label === "string"
            ? "make it a number: Number(label)"
            : "labels count from 0";
        throw new ArgumentError(
          `CrossEntropy: expected labels from 0 to ${size - 1}, got ${show(label)} at index ${i} (${remedy}).`,
        );
      }
      const first = Math.floor(i / inner) * size * inner + (i % inner);
      if (this.#smoothing > 0) {
        for (let c = 0; c < size; c++) {
          target.data[first + c * inner] = (this.#weightOf(c) * this.#smoothing) / size;
        }
      }
      target.data[first + label * inner] += this.#weightOf(label) * (1 - this.#smoothing);
      divisor += this.#weightOf(label);
    }
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

function readWeight(weight: Tensor | ArrayLike<number> | null): ArrayLike<number> | null {
  if (weight === null) return null;
  const source = Tensor.isTensor(weight) ? weight.data : weight;
  if (typeof source !== "object" || typeof source.length !== "number") {
    throw new ArgumentError(
      `CrossEntropy: expected weight as an array of one factor for each class, got ${show(weight)}.`,
    );
  }
  const numbers = Array.from(source);
  for (let c = 0; c < numbers.length; c++) finite("CrossEntropy", `weight[${c}]`, numbers[c], 0);
  return numbers;
}

// Summed in float64 in row-major order, so that it depends neither on backend nor threads.
function total(losses: Tensor): number {
  let result = 0;
  for (let i = 0; i < sizeOf(losses.shape); i++) result += losses.data[i];
  return result;
}
