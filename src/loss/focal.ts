// Focal and SigmoidFocal: cross-entropy in which what is right already counts little, for classes of very different sizes.
import { finite, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { atLeast0, readOptions, type OptionTable } from "../base/options.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { exp, pow } from "../numbers/math.js";
import { checkLogits, crossEntropy, crossEntropyInputGrad } from "../ops/crossEntropy.js";
import { sigmoidFocal, sigmoidFocalInputGrad } from "../ops/focal.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import { checkClassWeight, checkCounts, readClassWeight, visitLabels } from "./labels.js";
import { Loss, checkReduction, type LossValue, type Reduction } from "./loss.js";

/** Options of {@link Focal}. */
export interface FocalOptions<R extends Reduction = Reduction> {
  /** How much less counts what is right already, at least 0; 0 is {@link CrossEntropy}. Default 2. */
  readonly gamma?: number;
  /** A factor for each class, [C]; at least 0. */
  readonly weight?: Tensor | readonly number[];
  /** Samples with this label count nothing. Default -100. */
  readonly ignoreIndex?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

interface Kept {
  readonly gamma: number;
  readonly weight: readonly number[] | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
}

const FOCAL: OptionTable<Kept> = {
  gamma: { check: atLeast0, default: 2 },
  weight: { check: readClassWeight, default: null },
  ignoreIndex: { check: (who, name, value) => whole(who, name, value, -Infinity), default: -100 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Focal loss of logits [N, C] or [N, C, ...] against class labels, with p the softmax's probability of the label:
 *
 *     loss[n] = -weight[label] * (1 - p)^gamma * log(p)
 *
 * "mean" divides the sum by the weights of the labels that count, as {@link CrossEntropy} does. Returns a number, with reduction
 * "none" a Tensor [N, ...]. `backward()` returns the gradient of the logits.
 *
 * @example
 * const loss = new Focal({ gamma: 2 });
 * const value = loss.forward(model.forward(x), labels);
 *
 * @throws ShapeError when labels and logits do not fit, ArgumentError for a label outside 0..C-1 or when nothing counts
 * @see Lin and others, "Focal loss for dense object detection", ICCV 2017
 */
export class Focal<R extends Reduction = "mean"> extends Loss<R> {
  readonly #gamma: number;
  readonly #weight: readonly number[] | null;
  readonly #ignoreIndex: number;

  constructor(options: FocalOptions<R> = {}) {
    const { gamma, weight, ignoreIndex, reduction } = readOptions("Focal", FOCAL, options);
    super("Focal", reduction);
    this.#gamma = gamma;
    this.#weight = weight;
    this.#ignoreIndex = ignoreIndex;
  }

  /** The loss; keeps what backward needs. */
  forward(logits: Tensor, labels: ArrayLike<number | bigint>): LossValue<R> {
    if (Tensor.isTensor(labels)) {
      throw new ArgumentError(
        `Focal: expected labels as an array of class indices, got ${show(labels)} (for yes-or-no targets use SigmoidFocal).`,
      );
    }
    const { size, inner } = checkLogits("Focal", checkTensor("Focal", "logits", logits).shape);
    checkClassWeight("Focal", this.#weight, size);
    const watch = watcher();
    watch?.loss("Focal", "logits", logits);
    const target = logits.like();
    const factors = new Float64Array(logits.size / size); // of each place; 0 where it does not count
    let divisor = 0;
    visitLabels("Focal", "logits", logits.shape, labels, this.#ignoreIndex, "SigmoidFocal and a Tensor", (label, first, i) => {
      target.data[first + label * inner] = 1;
      factors[i] = this.#weight?.[label] ?? 1;
      divisor += factors[i];
    }); // prettier-ignore
    if (this.reduction === "mean") checkCounts("Focal", divisor);
    // With c = -log(p): loss = f (1 - e^-c)^gamma c. Its slope by c is what a number of cross-entropy is weighted with.
    const losses = crossEntropy(logits, target);
    const slopes = losses.like();
    for (let i = 0; i < factors.length; i++) {
      const c = losses.data[i];
      if (factors[i] === 0) losses.data[i] = 0;
      else [losses.data[i], slopes.data[i]] = focal(c, this.#gamma, factors[i]);
    }
    watch?.loss("Focal", "losses", losses);
    const kept = logits.clone();
    return this.reduce(losses, divisor, (dlosses) => {
      const upstream = dlosses.like();
      for (let i = 0; i < factors.length; i++) upstream.data[i] = slopes.data[i] * dlosses.data[i];
      return crossEntropyInputGrad(kept, target, upstream);
    });
  }
}

// One number for each sample: its loss, and d loss / dc = f q^gamma (1 + gamma p c / q) with p = e^-c, q = 1 - p.
function focal(c: number, gamma: number, f: number): [loss: number, slope: number] {
  const p = exp(-c);
  const q = c < 1e-4 ? c * (1 - c / 2) : 1 - p;
  const q_gamma = gamma === 0 ? 1 : q <= 0 ? 0 : pow(q, gamma);
  const ratio = q <= 0 ? 1 : c / q;
  return [f * q_gamma * c, f * q_gamma * (1 + gamma * p * ratio)];
}

/** Options of {@link SigmoidFocal}. */
export interface SigmoidFocalOptions<R extends Reduction = Reduction> {
  /** The factor of the losses for "yes", from 0 to 1; those for "no" have 1 - alpha. -1 for neither. Default 0.25. */
  readonly alpha?: number;
  /** How much less counts what is right already, at least 0. Default 2. */
  readonly gamma?: number;
  /** Default "mean", over all numbers. */
  readonly reduction?: R;
}

const SIGMOID_FOCAL: OptionTable<SigmoidFocalOptions> = {
  alpha: { check: (who, name, value) => (value === -1 ? -1 : finite(who, name, value, 0, 1)), default: 0.25 },
  gamma: { check: atLeast0, default: 2 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Focal loss of logits x of yes-or-no questions against targets t from 0 to 1, in one shape:
 *
 *     s = 1 / (1 + exp(-x)),  q = s (1 - t) + (1 - s) t       (1 minus the probability of the right answer)
 *     loss = -(alpha t + (1 - alpha) (1 - t)) * q^gamma * (t log(s) + (1 - t) log(1 - s))
 *
 * `forward(x, t)` returns the mean or sum, with reduction "none" a Tensor in that shape; `backward()` the gradient of x.
 *
 * @example
 * const loss = new SigmoidFocal({ alpha: 0.25, gamma: 2 });
 * const value = loss.forward(model.forward(x), answers);
 *
 * @throws ShapeError when input and target have different shapes or no numbers
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html (whose reduction is "none")
 * @see Lin and others, "Focal loss for dense object detection", ICCV 2017
 */
export class SigmoidFocal<R extends Reduction = "mean"> extends ElementLoss<R> {
  readonly #alpha: number;
  readonly #gamma: number;

  constructor(options: SigmoidFocalOptions<R> = {}) {
    const { alpha, gamma, reduction } = readOptions("SigmoidFocal", SIGMOID_FOCAL, options);
    super("SigmoidFocal", reduction);
    this.#alpha = alpha;
    this.#gamma = gamma;
  }

  protected override compare(input: Tensor, t: Tensor): ElementLosses {
    const [x, target] = [input.clone(), t.clone()];
    const [alpha, gamma] = [this.#alpha, this.#gamma];
    return {
      losses: sigmoidFocal(x, target, alpha, gamma),
      gradient: (dy) => sigmoidFocalInputGrad(x, target, alpha, gamma, dy),
    };
  }
}
