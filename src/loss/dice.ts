// Dice: how little two masks overlap, for segmentation.
import { flag, oneOf } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { atLeast0, readOptions, type OptionTable } from "../base/options.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, checkFormats, checkTensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { sigmoid, sigmoidInputGrad } from "../ops/activation.js";
import { add, divide, multiply, subtract } from "../ops/arithmetic.js";
import { checkLogits } from "../ops/crossEntropy.js";
import { sum } from "../ops/reduce.js";
import { softmax, softmaxInputGrad } from "../ops/softmax.js";
import type { ClassTarget } from "./crossEntropy.js";
import { visitLabels } from "./labels.js";
import { Loss, checkReduction, type LossValue, type Reduction } from "./loss.js";

/** Options of {@link Dice}. */
export interface DiceOptions<R extends Reduction = Reduction> {
  /** What makes masks of the logits: each by itself, or over the classes; "none" for masks from 0 to 1. Default "sigmoid". */
  readonly activation?: "sigmoid" | "softmax" | "none";
  /** Added above and below, above 0, so that two empty masks agree. Default 1. */
  readonly smooth?: number;
  /** Whether the squares of the masks are summed below (Milletari and others). Default false. */
  readonly squared?: boolean;
  /** Whether the sums are over the samples of a batch, too. Default false: each sample by itself. */
  readonly batch?: boolean;
  /** Default "mean", over samples and classes. */
  readonly reduction?: R;
}

const OPTIONS: OptionTable<DiceOptions> = {
  activation: { check: (who, name, value) => oneOf(who, name, value, ["sigmoid", "softmax", "none"]), default: "sigmoid" },
  smooth: { check: checkSmooth, default: 1 },
  squared: { check: flag, default: false },
  batch: { check: flag, default: false },
  reduction: { check: checkReduction, default: "mean" },
}; // prettier-ignore

/**
 * Dice loss of masks p (of logits x [N, C] or [N, C, ...], see `activation`) and targets t, with sums over the pixels of each
 * sample and class:
 *
 *     loss[n, c] = 1 - (2 sum of p t + smooth) / (sum of p + sum of t + smooth)
 *
 * (of p^2 and t^2 with `squared`; over the samples, too, with `batch`). The target is a Tensor in the logits' shape, or class
 * labels, N times the spatial size. Returns a number, with reduction "none" a Tensor [N, C], with `batch` [C]. `backward()`
 * returns the gradient of x.
 *
 * @example
 * const loss = new Dice({ activation: "softmax" });
 * const value = loss.forward(model.forward(images), labels); // [N, C, H, W] and N * H * W labels
 *
 * @throws ShapeError when target and logits do not fit, ArgumentError for a label outside 0..C-1
 * @see Milletari, Navab and Ahmadi, "V-Net: fully convolutional neural networks for volumetric medical image segmentation", 2016
 */
export class Dice<R extends Reduction = "mean"> extends Loss<R> {
  readonly #settings: Required<DiceOptions>;

  constructor(options: DiceOptions<R> = {}) {
    const settings = readOptions("Dice", OPTIONS, options);
    super("Dice", settings.reduction);
    this.#settings = settings;
  }

  /** The loss; keeps what backward needs. */
  forward(x: Tensor, target: ClassTarget): LossValue<R> {
    const { activation, smooth, squared, batch } = this.#settings;
    const { outer, size, inner } = checkLogits("Dice", checkTensor("Dice", "logits", x).shape);
    const t = readMasks(x, target).reshape([outer, size, inner]);
    const watch = watcher();
    watch?.loss("Dice", "logits", x);
    const rows = [outer, size, inner];
    const p = masksOf(activation, x).reshape(rows);
    const total = (y: Tensor): Tensor => sum(y, { dim: batch ? [0, 2] : 2, keepdim: true });
    const above = add(multiply(total(multiply(p, t)), 2), smooth);
    const below = add(add(total(squared ? multiply(p, p) : p), total(squared ? multiply(t, t) : t)), smooth);
    const losses = subtract(1, divide(above, below)).reshape(batch ? [size] : [outer, size]);
    watch?.loss("Dice", "losses", losses);
    return this.reduce(losses, losses.size, (dlosses) => {
      // dp = dloss (above / below * (squared ? 2 p : 1) - 2 t) / below
      const dloss = divide(dlosses.reshape(above.shape), below);
      const ratio = divide(above, below);
      const overlap = multiply(t, 2);
      const own = squared ? multiply(multiply(p, 2), ratio) : add(p.like(), ratio); // of zeros: only the shape counts
      const dp = multiply(subtract(own, overlap), dloss);
      return inputGrad(activation, p, dp, x.shape);
    });
  }
}

function masksOf(activation: DiceOptions["activation"], x: Tensor): Tensor {
  if (activation === "sigmoid") return sigmoid(x);
  return activation === "softmax" ? softmax(x, 1) : x.clone();
}

function inputGrad(activation: DiceOptions["activation"], p: Tensor, dp: Tensor, shape: readonly number[]): Tensor {
  if (activation === "none") return dp.reshape(shape);
  const dx = activation === "sigmoid" ? sigmoidInputGrad(p, dp) : softmaxInputGrad(p, dp, 1);
  return dx.reshape(shape);
}

// The target as masks, a copy.
function readMasks(x: Tensor, target: ClassTarget): Tensor {
  if (Tensor.isTensor(target)) {
    checkFormats("Dice", x, target);
    if (sameShape(x.shape, target.shape)) return target.clone();
    throw new ShapeError(
      `Dice: expected masks of the logits' shape ${formatShape(x.shape)}, got ${formatShape(target.shape)} (class labels are ` +
        `a plain array or Int32Array, not a Tensor).`,
    );
  }
  const masks = x.like();
  const { inner } = checkLogits("Dice", x.shape);
  visitLabels("Dice", "logits", x.shape, target, NaN, "a Tensor", (label, first) => {
    masks.data[first + label * inner] = 1;
  });
  return masks;
}

function checkSmooth(who: string, name: string, value: unknown): number {
  if (atLeast0(who, name, value) > 0) return value as number;
  throw new ArgumentError(`${who}: expected ${name} to be above 0, got 0 (two empty masks would be NaN).`);
}
