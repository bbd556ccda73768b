// The fully connected map y = x w^T + b and its three gradients.
import { PLAIN, kept, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { ShapeError } from "../base/errors.js";
import { checkUpstream, formatShape, sameShape, type Shape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { channelSums } from "./conv2d.js";

/**
 * y[n, o] = b[o] + sum over i of x[n, i] * w[o, i].
 *
 * @param x [N, I]
 * @param w [O, I]
 * @param b [O] or null
 * @returns [N, O]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 */
export function linear<A extends FloatArray>(x: Tensor<A>, w: Tensor<A>, b: Tensor<A> | null = null): Tensor<A> {
  checkTensor("linear", "input", x);
  checkWeight("linear", w);
  const [, O] = linearShape("linear", x.shape, w.shape);
  if (b !== null && !sameShape(checkTensor("linear", "bias", b).shape, [O])) {
    throw new ShapeError(`linear: expected a bias [${O}], one number for each output, got ${formatShape(b.shape)}.`);
  }
  return linearIn(PLAIN, x, w, b);
}

/** {@link linear} of operands that fit. */
export function linearIn<A extends FloatArray>(room: Room, x: Tensor<A>, w: Tensor<A>, b: Tensor<A> | null): Tensor<A> {
  const [M, [N, K]] = [x.shape[0], w.shape];
  const kernels = kernelsFor("linear", x, w, b ?? w);
  const y = room.tensor(x, [M, N]);
  kernels.matmul({ M, N, K, transA: false, transB: true }, x.data, kept(w), b === null ? null : kept(b), y.data);
  return y;
}

/** dx[n, i] = sum over o of dy[n, o] * w[o, i]. */
export function linearInputGrad<A extends FloatArray>(dy: Tensor<A>, w: Tensor<A>): Tensor<A> {
  checkTensor("linearInputGrad", "dy", dy);
  checkWeight("linearInputGrad", w);
  checkUpstream("linearInputGrad", [dy.shape[0], w.shape[0]], dy.shape);
  return linearInputGradIn(PLAIN, dy, w);
}

/** {@link linearInputGrad} of operands that fit. */
export function linearInputGradIn<A extends FloatArray>(room: Room, dy: Tensor<A>, w: Tensor<A>): Tensor<A> {
  const [M, [K, N]] = [dy.shape[0], w.shape];
  const kernels = kernelsFor("linearInputGrad", dy, w);
  const dx = room.tensor(dy, [M, N]);
  kernels.matmul({ M, N, K, transA: false, transB: false }, dy.data, kept(w), null, dx.data);
  return dx;
}

/** dw[o, i] = sum over n of dy[n, o] * x[n, i]. */
export function linearWeightGrad<A extends FloatArray>(x: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  const who = "linearWeightGrad";
  checkMatrix(who, "input [N, I]", checkTensor(who, "input", x));
  checkMatrix(who, "dy [N, O]", checkTensor(who, "dy", dy));
  checkUpstream(who, [x.shape[0], dy.shape[1]], dy.shape);
  return linearWeightGradIn(PLAIN, x, dy);
}

/** {@link linearWeightGrad} of operands that fit. */
export function linearWeightGradIn<A extends FloatArray>(room: Room, x: Tensor<A>, dy: Tensor<A>): Tensor<A> {
  const [[K, N], [, M]] = [x.shape, dy.shape];
  const kernels = kernelsFor("linearWeightGrad", x, dy);
  const dw = room.tensor(x, [M, N]);
  kernels.matmul({ M, N, K, transA: true, transB: false }, dy.data, x.data, null, dw.data);
  return dw;
}

/** db[o] = sum over n of dy[n, o]. */
export function linearBiasGrad<A extends FloatArray>(dy: Tensor<A>): Tensor<A> {
  checkMatrix("linearBiasGrad", "dy [N, O]", checkTensor("linearBiasGrad", "dy", dy));
  return channelSums(PLAIN, dy);
}

/** [N, I], [O, I] -> [N, O], with every check that needs no data. */
export function linearShape(who: string, xShape: Shape, [O, I]: Shape): Shape {
  if (xShape.length === 2 && xShape[1] === I && xShape[0] > 0) return [xShape[0], O];
  let remedy = `the weight is ${formatShape([O, I])}`;
  if (xShape.length > 2) remedy = "put a Flatten before it";
  else if (xShape.length === 1) remedy = "the batch axis is required: x.reshape([1, ...x.shape])";
  else if (xShape[0] === 0) remedy = "an empty batch has no mean and no gradient";
  throw new ShapeError(`${who}: expected input [N, ${I}], got ${formatShape(xShape)} (${remedy}).`);
}

function checkWeight(who: string, w: unknown): void {
  checkMatrix(who, "a weight [O, I]", checkTensor(who, "weight", w));
}

function checkMatrix(who: string, expected: string, x: Tensor): void {
  if (x.rank !== 2) throw new ShapeError(`${who}: expected ${expected}, got ${formatShape(x.shape)}.`);
}
