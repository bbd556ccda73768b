// sum, mean, max, min and variance over some or all axes. The loop over a row is in the backend: here the reduced axes
// are moved to the end, so that every reduction is one over the rows of [rows, cols].
import { kernelsFor } from "../backend/select.js";
import { finite, flag, knownKeys, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { checkAxis, formatShape, sizeOf, type Shape } from "../base/shape.js";
import { allocateLike, checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";

/** What to reduce over. */
export interface ReduceOptions {
  /** One axis or several, negative ones count from the end. Default: all axes, which gives a tensor of rank 0. */
  readonly dim?: number | readonly number[];
  /** Keep each reduced axis with size 1, so that the result broadcasts against x. Default: false. */
  readonly keepdim?: boolean;
}

/** Options of {@link variance}. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count in the divisor: 1 (default) for the unbiased estimate, 0 for the mean square. */
  readonly correction?: number;
}

/**
 * Sum over all axes, or over those in `dim`.
 *
 * Shapes: x of any shape with at least one number; the result has the axes that are left.
 *
 * @throws ShapeError when x is empty.
 * @throws ArgumentError when x is not a Tensor, or `dim` is no axis of x, names one twice, or is an empty list.
 *
 * @example
 * sum(new Tensor([[1, 2], [3, 4]]));             // rank 0: 10
 * sum(new Tensor([[1, 2], [3, 4]]), { dim: 0 }); // [4, 6]
 */
export function sum<A extends FloatArray>(x: Tensor<A>, options: ReduceOptions = {}): Tensor<A> {
  const { g, rows, y } = prepare("sum", x, options);
  kernelsFor("sum", x).sum(g, rows, y.data);
  return y;
}

/**
 * Mean over all axes, or over those in `dim`: the sum divided by the number of entries. Shapes and errors as for {@link
 * sum}.
 *
 * @example
 * mean(new Tensor([[1, 2], [3, 6]]), { dim: 1, keepdim: true }); // [[1.5], [4.5]]
 */
export function mean<A extends FloatArray>(x: Tensor<A>, options: ReduceOptions = {}): Tensor<A> {
  const { g, rows, y } = prepare("mean", x, options);
  const kernels = kernelsFor("mean", x);
  const total = y.like();
  kernels.sum(g, rows, total.data);
  const count = allocateLike(x, [1]);
  count[0] = g.cols;
  kernels.divide({ shape: [g.rows], stridesA: [1], stridesB: [0] }, total.data, count, y.data);
  return y;
}

/**
 * Largest number over all axes, or over those in `dim`; a NaN among them gives NaN (PyTorch: `torch.amax`). Their
 * places: {@link Tensor.argmax}. Shapes and errors as for {@link sum}.
 *
 * @example
 * max(new Tensor([[1, 5], [3, 4]]), { dim: 1 }); // [5, 4]
 */
export function max<A extends FloatArray>(x: Tensor<A>, options: ReduceOptions = {}): Tensor<A> {
  const { g, rows, y } = prepare("max", x, options);
  kernelsFor("max", x).max(g, rows, y.data);
  return y;
}

/**
 * Smallest number over all axes, or over those in `dim`; a NaN among them gives NaN (PyTorch: `torch.amin`). Shapes and
 * errors as for {@link sum}.
 *
 * @example
 * min(new Tensor([[1, 5], [3, 4]]), { dim: 0 }); // [1, 4]
 */
export function min<A extends FloatArray>(x: Tensor<A>, options: ReduceOptions = {}): Tensor<A> {
  const { g, rows, y } = prepare("min", x, options);
  kernelsFor("min", x).min(g, rows, y.data);
  return y;
}

/**
 * Variance over all axes, or over those in `dim`: sum of (x - mean)^2 / (n - correction) (PyTorch: `torch.var`). Shapes
 * and errors as for {@link sum}.
 *
 * @throws ArgumentError when n - correction is not positive, or correction is negative.
 *
 * @example
 * variance(new Tensor([1, 2, 3, 6]));                    // rank 0: 4.6667
 * variance(new Tensor([1, 2, 3, 6]), { correction: 0 }); // rank 0: 3.5
 */
export function variance<A extends FloatArray>(x: Tensor<A>, options: VarianceOptions = {}): Tensor<A> {
  const { g, rows, y } = prepare("variance", x, options, ["correction"]);
  const { correction = 1 } = options;
  finite("variance", "correction", correction, 0);
  if (g.cols <= correction) {
    throw new ArgumentError(
      `variance: expected more numbers than the correction, ${correction}, got ${g.cols} (correction 0 takes any ` +
        `count).`,
    );
  }
  kernelsFor("variance", x).variance({ ...g, correction }, rows, y.data);
  return y;
}

interface Prepared<A extends FloatArray> {
  readonly g: { readonly rows: number; readonly cols: number };
  /** The numbers of x as [rows, cols], one row for each number of y. */
  readonly rows: A;
  readonly y: Tensor<A>;
}

function prepare<A extends FloatArray>(
  who: string,
  x: Tensor<A>,
  options: ReduceOptions,
  moreKeys: readonly string[] = [],
): Prepared<A> {
  checkTensor(who, "x", x);
  knownKeys(who, options, ["dim", "keepdim", ...moreKeys]);
  const { keepdim = false } = options;
  flag(who, "keepdim", keepdim);
  const reduced = readDims(who, options.dim, x.shape);
  if (x.size === 0) throw new ShapeError(`${who}: expected at least one number, got ${formatShape(x.shape)}.`);
  const axes = x.shape.map((_, axis) => axis);
  const kept = axes.filter((axis) => !reduced.includes(axis));
  const last = axes.filter((axis) => reduced.includes(axis));
  const inPlace = kept.every((axis, i) => axis === i);
  const ordered = inPlace ? x : x.permute([...kept, ...last]);
  const withOnes = x.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size));
  const y = x.like(keepdim ? withOnes : kept.map((axis) => x.shape[axis]));
  const cols = sizeOf(last.map((axis) => x.shape[axis]));
  return { g: { rows: y.size, cols }, rows: ordered.data, y };
}

function readDims(who: string, dim: ReduceOptions["dim"], shape: Shape): number[] {
  if (dim === undefined) return shape.map((_, axis) => axis);
  if (!Array.isArray(dim)) return [checkAxis(who, dim, shape.length)];
  const axes = dim.map((axis: unknown) => checkAxis(who, axis, shape.length));
  if (axes.length === 0 || new Set(axes).size < axes.length) {
    const expected = axes.length === 0 ? "at least one axis (leave dim out for all)" : "each axis once";
    throw new ArgumentError(`${who}: expected dim to hold ${expected}, got ${show(dim)}.`);
  }
  return axes;
}
