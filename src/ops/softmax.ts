// softmax and logSoftmax along an axis, each with its gradient from the output y. Their loops are in the backend.
import type { AxisGeometry } from "../backend/kernels.js";
import { PLAIN, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { ShapeError } from "../base/errors.js";
import { checkAxis, checkUpstream, sizeOf, type Shape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";

/**
 * y = exp(x) / sum of exp(x) along axis `dim`: numbers become probabilities, which add up to 1 along that axis. The
 * largest x is subtracted first, so that no exp overflows. Shapes: y has the shape of x.
 *
 * @throws ShapeError when x has no axes.
 * @throws ArgumentError when x is not a Tensor, or `dim` no axis of it (negative ones count from the end).
 *
 * @example
 * softmax(new Tensor([[0, 0], [0, 1]]), 1); // [[0.5, 0.5], [0.2689, 0.7311]]
 */
export function softmax<A extends FloatArray>(x: Tensor<A>, dim: number): Tensor<A> {
  checkTensor("softmax", "x", x);
  return softmaxIn(PLAIN, planAxis("softmax", x.shape, dim), x);
}

/** {@link softmax} of a plan. */
export function softmaxIn<A extends FloatArray>(room: Room, g: AxisGeometry, x: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, x.shape);
  kernelsFor("softmax", x).softmax(g, x.data, y.data);
  return y;
}

/**
 * Gradient of {@link softmax}: dx = y * (dy - sum of dy * y along axis `dim`).
 *
 * @param y what softmax returned
 * @param dy upstream gradient, of the same shape
 * @throws ShapeError when the shapes differ, ArgumentError for float32 beside float64 or a `dim` that is no axis.
 *
 * @example
 * softmaxInputGrad(new Tensor([0.5, 0.5]), new Tensor([1, 0]), 0); // [0.25, -0.25]
 */
export function softmaxInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>, dim: number): Tensor<A> {
  checkPair("softmaxInputGrad", y, dy);
  return softmaxInputGradIn(PLAIN, planAxis("softmaxInputGrad", y.shape, dim), y, dy);
}

/** {@link softmaxInputGrad} of a plan. */
export function softmaxInputGradIn<A extends FloatArray>(
  room: Room,
  g: AxisGeometry,
  y: Tensor<A>,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(y, y.shape);
  kernelsFor("softmaxInputGrad", y).softmaxInputGrad(g, y.data, dy.data, dx.data);
  return dx;
}

/**
 * y = x - log(sum of exp(x)) along axis `dim`: the logarithm of {@link softmax}, without its rounding to 0. Shapes and
 * errors as for {@link softmax}.
 *
 * @example
 * logSoftmax(new Tensor([[0, 0], [0, 1000]]), 1); // [[-0.6931, -0.6931], [-1000, 0]]
 */
export function logSoftmax<A extends FloatArray>(x: Tensor<A>, dim: number): Tensor<A> {
  checkTensor("logSoftmax", "x", x);
  return logSoftmaxIn(PLAIN, planAxis("logSoftmax", x.shape, dim), x);
}

/** {@link logSoftmax} of a plan. */
export function logSoftmaxIn<A extends FloatArray>(room: Room, g: AxisGeometry, x: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, x.shape);
  kernelsFor("logSoftmax", x).logSoftmax(g, x.data, y.data);
  return y;
}

/**
 * Gradient of {@link logSoftmax}: dx = dy - exp(y) * sum of dy along axis `dim`. Arguments and errors as for
 * {@link softmaxInputGrad}.
 *
 * @example
 * logSoftmaxInputGrad(logSoftmax(new Tensor([3, 3]), 0), new Tensor([1, 0]), 0); // [0.5, -0.5]
 */
export function logSoftmaxInputGrad<A extends FloatArray>(y: Tensor<A>, dy: Tensor<A>, dim: number): Tensor<A> {
  checkPair("logSoftmaxInputGrad", y, dy);
  return logSoftmaxInputGradIn(PLAIN, planAxis("logSoftmaxInputGrad", y.shape, dim), y, dy);
}

/** {@link logSoftmaxInputGrad} of a plan. */
export function logSoftmaxInputGradIn<A extends FloatArray>(
  room: Room,
  g: AxisGeometry,
  y: Tensor<A>,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(y, y.shape);
  kernelsFor("logSoftmaxInputGrad", y).logSoftmaxInputGrad(g, y.data, dy.data, dx.data);
  return dx;
}

/** Plans an operation along axis `dim` of such a tensor. */
export function planAxis(who: string, shape: Shape, dim: number): AxisGeometry {
  if (shape.length === 0) throw new ShapeError(`${who}: expected at least one axis, got a tensor of rank 0.`);
  const axis = checkAxis(who, dim, shape.length);
  return { outer: sizeOf(shape.slice(0, axis)), size: shape[axis], inner: sizeOf(shape.slice(axis + 1)) };
}

function checkPair(who: string, y: Tensor<FloatArray>, dy: Tensor<FloatArray>): void {
  checkTensor(who, "y", y);
  checkTensor(who, "dy", dy);
  kernelsFor(who, y, dy);
  checkUpstream(who, y.shape, dy.shape);
}
