// Data put in another order or joined, without arithmetic: nhwcToNchw, nchwToNhwc, concat, stack.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { checkAxis, formatShape, sameShape } from "../base/shape.js";
import { checkFormats, checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { concatInto } from "./join.js";

/**
 * Images [N, H, W, C] (TensorFlow, canvas, image files) as [N, C, H, W], the layout of every layer here. A copy.
 *
 * @throws ShapeError unless x has four axes.
 * @throws ArgumentError when x is not a Tensor.
 *
 * @example
 * nhwcToNchw(zeros([8, 28, 28, 3])).shape; // [8, 3, 28, 28]
 */
export function nhwcToNchw<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkImages("nhwcToNchw", "[N, H, W, C]", x);
  return x.permute([0, 3, 1, 2]);
}

/**
 * Images [N, C, H, W] as [N, H, W, C]. A copy. Errors as for {@link nhwcToNchw}.
 *
 * @example
 * nchwToNhwc(zeros([8, 3, 28, 28])).shape; // [8, 28, 28, 3]
 */
export function nchwToNhwc<A extends FloatArray>(x: Tensor<A>): Tensor<A> {
  checkImages("nchwToNhwc", "[N, C, H, W]", x);
  return x.permute([0, 2, 3, 1]);
}

/**
 * Tensors joined along an axis that they have (PyTorch: `torch.cat`).
 *
 * Shapes: equal but for the size of axis `dim`; these sizes add up.
 *
 * @throws ShapeError when the other sizes differ, or the tensors have no axes.
 * @throws ArgumentError for an empty list, a `dim` that is no axis, or float32 beside float64.
 *
 * @example
 * concat([new Tensor([[1, 2]]), new Tensor([[3, 4], [5, 6]])]);  // [[1, 2], [3, 4], [5, 6]]
 * concat([new Tensor([[1, 2]]), new Tensor([[3]])], 1);          // [[1, 2, 3]]
 */
export function concat<A extends FloatArray>(tensors: readonly Tensor<A>[], dim: number = 0): Tensor<A> {
  const [first] = checkList("concat", tensors);
  if (first.rank === 0) throw new ShapeError("concat: expected at least one axis, got tensors of rank 0 (use stack).");
  const axis = checkAxis("concat", dim, first.rank);
  for (const { shape } of tensors) {
    if (shape.length === first.rank && shape.every((size, i) => i === axis || size === first.shape[i])) continue;
    const expected = first.shape.map((size, i) => (i === axis ? "any" : size));
    throw new ShapeError(`concat: expected tensors of shape ${formatShape(expected)}, got ${formatShape(shape)}.`);
  }
  const length = tensors.reduce((sum, { shape }) => sum + shape[axis], 0);
  return concatInto(tensors, axis, first.like(first.shape.map((size, i) => (i === axis ? length : size))));
}

/**
 * Tensors of one shape joined along a new axis (PyTorch: `torch.stack`); `dim` is its place in the result.
 *
 * @throws ShapeError when the shapes differ.
 * @throws ArgumentError for an empty list, a `dim` that is no axis of the result, or float32 beside float64.
 *
 * @example
 * stack([new Tensor([1, 2]), new Tensor([3, 4])]);    // [[1, 2], [3, 4]]
 * stack([new Tensor([1, 2]), new Tensor([3, 4])], 1); // [[1, 3], [2, 4]]
 */
export function stack<A extends FloatArray>(tensors: readonly Tensor<A>[], dim: number = 0): Tensor<A> {
  const [{ shape }] = checkList("stack", tensors);
  const axis = checkAxis("stack", dim, shape.length + 1);
  for (const { shape: other } of tensors) {
    if (sameShape(other, shape)) continue;
    throw new ShapeError(`stack: expected tensors of shape ${formatShape(shape)}, got ${formatShape(other)}.`);
  }
  const withAxis = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  return concat(
    tensors.map((tensor) => tensor.reshape(withAxis)),
    axis,
  );
}

function checkImages(who: string, layout: string, x: Tensor<FloatArray>): void {
  checkTensor(who, "x", x);
  if (x.rank !== 4) throw new ShapeError(`${who}: expected images ${layout}, got ${formatShape(x.shape)}.`);
}

function checkList<A extends FloatArray>(who: string, tensors: readonly Tensor<A>[]): readonly Tensor<A>[] {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw new ArgumentError(`${who}: expected an array of at least one Tensor, got ${show(tensors)}.`);
  }
  tensors.forEach((tensor: unknown, i) => checkTensor(who, `tensors[${i}]`, tensor));
  checkFormats(who, ...tensors);
  return tensors;
}
