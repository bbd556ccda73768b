// HingeEmbedding and MultiMargin: losses that ask for a margin and are 0 beyond it.
import { finite, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { Tensor, checkTensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { relu, reluInputGrad } from "../ops/activation.js";
import { add, multiply, subtract } from "../ops/arithmetic.js";
import { sum } from "../ops/reduce.js";
import { ElementLoss, type ElementLosses } from "./elementLoss.js";
import { checkClassWeight, readClassWeight, visitLabels } from "./labels.js";
import { Loss, checkReduction, type LossValue, type Reduction } from "./loss.js";
import { checkSigns } from "./signs.js";

/** Options of {@link HingeEmbedding}. */
export interface HingeEmbeddingOptions<R extends Reduction = Reduction> {
  /** How far apart what is different should be. Default 1. */
  readonly margin?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

const HINGE: OptionTable<HingeEmbeddingOptions> = {
  margin: { check: (who, name, value) => finite(who, name, value), default: 1 },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * For distances x and targets t, 1 for alike and -1 for different, in one shape:
 *
 *     loss = x                     where t = 1
 *     loss = max(0, margin - x)    where t = -1
 *
 * `forward(x, t)` returns the mean or sum, with reduction "none" a Tensor in that shape; `backward()` the gradient of x.
 *
 * @example
 * const loss = new HingeEmbedding({ margin: 2 });
 * const value = loss.forward(distances, new Tensor([1, -1, 1]));
 *
 * @throws ArgumentError for a target that is neither 1 nor -1, ShapeError when input and target have different shapes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbedding<R extends Reduction = "mean"> extends ElementLoss<R> {
  readonly #margin: number;

  constructor(options: HingeEmbeddingOptions<R> = {}) {
    const { margin, reduction } = readOptions("HingeEmbedding", HINGE, options);
    super("HingeEmbedding", reduction);
    this.#margin = margin;
  }

  protected override compare(x: Tensor, t: Tensor): ElementLosses {
    checkSigns("HingeEmbedding", t.data);
    const [alike, different] = [relu(t), relu(subtract(0, t))];
    const rest = subtract(this.#margin, x);
    const losses = add(multiply(alike, x), multiply(different, relu(rest)));
    // Where margin = x, too, the gradient is that of the slope, as PyTorch's.
    const gradient = (dy: Tensor): Tensor => {
      const sloping = subtract(dy, reluInputGrad(relu(subtract(0, rest)), dy));
      return subtract(multiply(alike, dy), multiply(different, sloping));
    };
    return { losses, gradient };
  }
}

/** Options of {@link MultiMargin}. */
export interface MultiMarginOptions<R extends Reduction = Reduction> {
  /** The power of each difference: 1 or 2. Default 1. */
  readonly p?: 1 | 2;
  /** How much larger the score of the label should be than every other. Default 1. */
  readonly margin?: number;
  /** A factor for each class, [C]; at least 0. */
  readonly weight?: Tensor | readonly number[];
  /** Default "mean", over the samples. */
  readonly reduction?: R;
}

interface Kept {
  readonly p: 1 | 2;
  readonly margin: number;
  readonly weight: readonly number[] | null;
  readonly reduction: Reduction;
}

const MULTI_MARGIN: OptionTable<Kept> = {
  p: { check: checkPower, default: 1 },
  margin: { check: (who, name, value) => finite(who, name, value), default: 1 },
  weight: { check: readClassWeight, default: null },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Hinge loss of several classes, for scores x [N, C] and labels y:
 *
 *     loss[n] = weight[y] / C * sum over c other than y of max(0, margin - x[n, y] + x[n, c])^p
 *
 * Returns the mean over the samples or the sum, with reduction "none" a Tensor [N]; `backward()` the gradient of x.
 *
 * @example
 * const loss = new MultiMargin();
 * const value = loss.forward(model.forward(x), labels);
 *
 * @throws ShapeError when labels and scores do not fit, ArgumentError for a label outside 0..C-1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMargin<R extends Reduction = "mean"> extends Loss<R> {
  readonly #settings: Kept;

  constructor(options: MultiMarginOptions<R> = {}) {
    const settings = readOptions("MultiMargin", MULTI_MARGIN, options);
    super("MultiMargin", settings.reduction);
    this.#settings = settings;
  }

  /** The loss; keeps what backward needs. */
  forward(x: Tensor, labels: ArrayLike<number | bigint>): LossValue<R> {
    const who = "MultiMargin";
    const { p, margin, weight } = this.#settings;
    if (Tensor.isTensor(labels)) {
      throw new ArgumentError(
        `${who}: expected labels as an array of class indices, got ${show(labels)} (a plain array or an Int32Array).`,
      );
    }
    checkTensor(who, "the scores", x);
    if (x.rank !== 2) throw new ShapeError(`${who}: expected scores [N, C], got ${formatShape(x.shape)}.`);
    const [n, classes] = x.shape;
    checkClassWeight(who, weight, classes);
    const watch = watcher();
    watch?.loss(who, "inputs", x);
    const places = new Int32Array(n);
    const [room, factors] = [x.like([n, 1]), x.like([n, 1])];
    visitLabels(who, "scores", x.shape, labels, NaN, "CrossEntropy and a Tensor", (label, first, i) => {
      places[i] = first + label;
      room.data[i] = margin - x.data[places[i]];
      factors.data[i] = (weight?.[label] ?? 1) / classes;
    });
    const short = add(x, room);
    for (const place of places) short.data[place] = 0; // the label itself
    const hinge = relu(short);
    const losses = sum(multiply(p === 1 ? hinge : multiply(hinge, hinge), factors), { dim: 1 });
    watch?.loss(who, "losses", losses);
    return this.reduce(losses, n, (dlosses) => {
      const upstream = multiply(factors, dlosses.reshape([n, 1]));
      const spread = add(x.like(), upstream); // of zeros: only its shape counts
      const dx = p === 1 ? reluInputGrad(hinge, spread) : multiply(hinge, multiply(upstream, 2));
      const total = sum(dx, { dim: 1 });
      places.forEach((place, i) => (dx.data[place] = -total.data[i]));
      return dx;
    });
  }
}

function checkPower(who: string, name: string, value: unknown): 1 | 2 {
  if (value === 1 || value === 2) return value;
  throw new ArgumentError(`${who}: expected ${name} to be 1 or 2, got ${show(value)}.`);
}
