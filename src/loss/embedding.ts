// TripletMargin and CosineEmbedding: losses of several embeddings [N, D], which place alike close together. `backward` returns one
// gradient for each of them.
import { finite, flag, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { atLeast0, readOptions, type OptionTable } from "../base/options.js";
import { formatShape, sameShape } from "../base/shape.js";
import { Tensor, checkFormats, checkTensor } from "../base/tensor.js";
import { watcher } from "../nn/watcher.js";
import { add, multiply, subtract } from "../ops/arithmetic.js";
import { distance, distanceInputGrad } from "../ops/distance.js";
import { sum } from "../ops/reduce.js";
import { Loss, checkReduction, type LossValue, type Reduction } from "./loss.js";
import { checkSigns } from "./signs.js";

/** Options of {@link TripletMargin}. */
export interface TripletMarginOptions<R extends Reduction = Reduction> {
  /** How much farther away the negative should be than the positive. Default 1. */
  readonly margin?: number;
  /** Which distance: the p-norm, at least 1. Default 2. */
  readonly p?: number;
  /** Added to each difference, at least 0. Default 1e-6. */
  readonly eps?: number;
  /** Whether the distance of positive and negative counts where it is the smaller one. Default false. */
  readonly swap?: boolean;
  /** Default "mean". */
  readonly reduction?: R;
}

const TRIPLET: OptionTable<TripletMarginOptions> = {
  margin: { check: (who, name, value) => finite(who, name, value), default: 1 },
  p: { check: (who, name, value) => finite(who, name, value, 1), default: 2 },
  eps: { check: atLeast0, default: 1e-6 },
  swap: { check: flag, default: false },
  reduction: { check: checkReduction, default: "mean" },
};

/**
 * Of three embeddings [N, D], an anchor, one that is alike and one that is different:
 *
 *     loss[n] = max(0, d(anchor, positive) - d(anchor, negative) + margin),  d(a, b) = |a - b + eps|_p
 *
 * With `swap` the smaller one of d(anchor, negative) and d(positive, negative) counts. `forward` returns the mean or sum, with
 * reduction "none" a Tensor [N]; `backward()` the gradients of anchor, positive and negative, in a list.
 *
 * @example
 * const loss = new TripletMargin({ margin: 0.5 });
 * const value = loss.forward(anchor, positive, negative);
 * const [danchor, dpositive, dnegative] = loss.backward();
 *
 * @throws ShapeError when the three are not [N, D] of one shape
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMargin<R extends Reduction = "mean"> extends Loss<R, readonly [Tensor, Tensor, Tensor]> {
  readonly #settings: Required<TripletMarginOptions>;

  constructor(options: TripletMarginOptions<R> = {}) {
    const settings = readOptions("TripletMargin", TRIPLET, options);
    super("TripletMargin", settings.reduction);
    this.#settings = settings;
  }

  /** The loss; keeps what backward needs. */
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): LossValue<R> {
    const who = "TripletMargin";
    checkEmbeddings(who, { anchor, positive, negative });
    const watch = watcher();
    for (const each of [anchor, positive, negative]) watch?.loss(who, "inputs", each);
    const { margin, p, eps, swap } = this.#settings;
    const n = anchor.shape[0];
    const [toPositive, toNegative] = [difference(anchor, positive, eps), difference(anchor, negative, eps)];
    const between = swap ? difference(positive, negative, eps) : null;
    const [near, far] = [distance(toPositive, p), distance(toNegative, p)];
    const other = between && distance(between, p);
    const losses = anchor.like([n]);
    // Which distance to the negative counts, and whether the loss slopes there (at 0, too, as in PyTorch).
    const [own, swapped] = [anchor.like([n, 1]), anchor.like([n, 1])];
    for (let i = 0; i < n; i++) {
      const isSwapped = other !== null && other.data[i] < far.data[i];
      const short = near.data[i] - (isSwapped ? other.data[i] : far.data[i]) + margin;
      losses.data[i] = short < 0 ? 0 : short; // NaN stays NaN
      if (!(short < 0)) (isSwapped ? swapped : own).data[i] = 1;
    }
    watch?.loss(who, "losses", losses);
    return this.reduce(losses, n, (dlosses) => {
      const rows = dlosses.reshape([n, 1]);
      const [dOwn, dSwapped] = [multiply(own, rows), multiply(swapped, rows)];
      const pull = distanceInputGrad(toPositive, near, p, add(dOwn, dSwapped));
      const push = distanceInputGrad(toNegative, far, p, dOwn);
      const zero = (x: Tensor): Tensor => subtract(0, x);
      if (between === null || other === null) return [subtract(pull, push), zero(pull), push];
      const pushOther = distanceInputGrad(between, other, p, dSwapped);
      return [subtract(pull, push), subtract(zero(pull), pushOther), add(push, pushOther)];
    });
  }
}

/** Options of {@link CosineEmbedding}. */
export interface CosineEmbeddingOptions<R extends Reduction = Reduction> {
  /** Up to this cosine different ones cost nothing, from -1 to 1. Default 0. */
  readonly margin?: number;
  /** Default "mean". */
  readonly reduction?: R;
}

const COSINE: OptionTable<CosineEmbeddingOptions> = {
  margin: { check: (who, name, value) => finite(who, name, value, -1, 1), default: 0 },
  reduction: { check: checkReduction, default: "mean" },
};

const TINY = 1e-12; // added to the squared lengths, as in PyTorch

/**
 * Of two embeddings a and b [N, D] and targets t, 1 for alike and -1 for different, by the cosine of the angle between them:
 *
 *     loss[n] = 1 - cos(a, b)                 where t = 1
 *     loss[n] = max(0, cos(a, b) - margin)    where t = -1
 *
 * `forward` returns the mean or sum, with reduction "none" a Tensor [N]; `backward()` the gradients of a and b, in a list.
 *
 * @example
 * const loss = new CosineEmbedding({ margin: 0.2 });
 * const value = loss.forward(a, b, [1, -1]);
 * const [da, db] = loss.backward();
 *
 * @throws ShapeError when a and b are not [N, D] of one shape, ArgumentError for a target that is neither 1 nor -1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbedding<R extends Reduction = "mean"> extends Loss<R, readonly [Tensor, Tensor]> {
  readonly #margin: number;

  constructor(options: CosineEmbeddingOptions<R> = {}) {
    const { margin, reduction } = readOptions("CosineEmbedding", COSINE, options);
    super("CosineEmbedding", reduction);
    this.#margin = margin;
  }

  /** The loss; keeps what backward needs. */
  forward(a: Tensor, b: Tensor, targets: ArrayLike<number> | Tensor): LossValue<R> {
    const who = "CosineEmbedding";
    checkEmbeddings(who, { a, b });
    const n = a.shape[0];
    const signs = Tensor.isTensor(targets) ? targets.data : targets;
    if (typeof signs !== "object" || signs === null || typeof signs.length !== "number") {
      throw new ArgumentError(`${who}: expected targets as an array of 1 and -1, got ${show(targets)}.`);
    }
    if (signs.length !== n) {
      throw new ShapeError(`${who}: expected ${n} targets for ${formatShape(a.shape)}, got ${signs.length}.`);
    }
    checkSigns(who, signs);
    const watch = watcher();
    for (const each of [a, b]) watch?.loss(who, "inputs", each);
    const [ab, aa, bb] = [[a, b], [a, a], [b, b]].map(([x, y]) => sum(multiply(x, y), { dim: 1 })); // prettier-ignore
    const losses = a.like([n]);
    // d loss / da = cross b - selfA a, d loss / db = cross a - selfB b
    const [cross, selfA, selfB] = [a.like([n, 1]), a.like([n, 1]), a.like([n, 1])];
    for (let i = 0; i < n; i++) {
      const [lengthA, lengthB] = [aa.data[i] + TINY, bb.data[i] + TINY];
      const both = Math.sqrt(lengthA * lengthB);
      const cos = ab.data[i] / both;
      const alike = signs[i] === 1;
      const over = cos - this.#margin;
      losses.data[i] = alike ? 1 - cos : over < 0 ? 0 : over; // NaN stays NaN
      const slope = alike ? -1 : over < 0 ? 0 : 1;
      cross.data[i] = slope / both;
      selfA.data[i] = (slope * cos) / lengthA;
      selfB.data[i] = (slope * cos) / lengthB;
    }
    watch?.loss(who, "losses", losses);
    const [x, y] = [a.clone(), b.clone()];
    return this.reduce(losses, n, (dlosses) => {
      const rows = dlosses.reshape([n, 1]);
      const gradient = (self: Tensor, own: Tensor, other: Tensor): Tensor =>
        subtract(multiply(other, multiply(cross, rows)), multiply(own, multiply(self, rows)));
      return [gradient(selfA, x, y), gradient(selfB, y, x)];
    });
  }
}

function difference(a: Tensor, b: Tensor, eps: number): Tensor {
  return add(subtract(a, b), eps);
}

function checkEmbeddings(who: string, given: Readonly<Record<string, Tensor>>): void {
  const [[first, x], ...others] = Object.entries(given);
  checkTensor(who, first, x);
  if (x.rank !== 2 || x.size === 0) {
    throw new ShapeError(`${who}: expected ${first} of shape [N, D], got ${formatShape(x.shape)}.`);
  }
  for (const [name, y] of others) {
    checkTensor(who, name, y);
    checkFormats(who, x, y);
    if (sameShape(x.shape, y.shape)) continue;
    throw new ShapeError(
      `${who}: expected ${name} of the shape of ${first} ${formatShape(x.shape)}, got ${formatShape(y.shape)}.`,
    );
  }
}
