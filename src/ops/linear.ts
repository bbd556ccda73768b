// The fully connected map y = x w^T + b and its three gradients.
import { allocate } from "../backend/memory.js";
import type { MatmulGeometry } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import { ShapeError } from "../base/errors.js";
import { checkShape, checkUpstream, formatShape, sameShape, type Shape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { checkFormats } from "./operands.js";

/**
 * y[n, o] = b[o] + sum over i of x[n, i] * w[o, i].
 *
 * @param x [N, I]
 * @param w [O, I]
 * @param b [O] or null
 * @returns [N, O]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 */
export function linear<A extends FloatArray>(
  x: Tensor<A>,
  w: Tensor<A>,
  b: Tensor<A> | null = null,
  who: string = "linear",
): Tensor<A> {
  checkTensor(who, "input", x);
  checkWeight(who, w);
  const [M, N] = outputShape(who, x.shape, w.shape);
  if (b !== null && !sameShape(checkTensor(who, "bias", b).shape, [N])) {
    throw new ShapeError(`${who}: expected a bias [${N}], one number for each output, got ${formatShape(b.shape)}.`);
  }
  const kernels = kernelsFor(who, x, w, b ?? w);
  checkFormats(who, x, w, b ?? w);
  const y = allocate(x, [M, N]);
  const g = { M, N, K: w.shape[1], transA: false, transB: true };
  kernels.matmul(g, x.data, w.data, b === null ? null : b.data, y.data);
  return y;
}

/** dx[n, i] = sum over o of dy[n, o] * w[o, i]. */
export function linearInputGrad<A extends FloatArray>(
  dy: Tensor<A>,
  w: Tensor<A>,
  who: string = "linearInputGrad",
): Tensor<A> {
  checkTensor(who, "dy", dy);
  checkWeight(who, w);
  const [O, I] = w.shape;
  checkUpstream(who, [dy.shape[0], O], dy.shape);
  const kernels = kernelsFor(who, dy, w);
  checkFormats(who, dy, w);
  const g: MatmulGeometry = { M: dy.shape[0], N: I, K: O, transA: false, transB: false };
  const dx = allocate(dy, [g.M, I]);
  kernels.matmul(g, dy.data, w.data, null, dx.data);
  return dx;
}

/** dw[o, i] = sum over n of dy[n, o] * x[n, i]. */
export function linearWeightGrad<A extends FloatArray>(
  x: Tensor<A>,
  dy: Tensor<A>,
  who: string = "linearWeightGrad",
): Tensor<A> {
  checkMatrix(who, "input [N, I]", checkTensor(who, "input", x));
  checkMatrix(who, "dy [N, O]", checkTensor(who, "dy", dy));
  const [N, I] = x.shape;
  checkUpstream(who, [N, dy.shape[1]], dy.shape);
  const kernels = kernelsFor(who, x, dy);
  checkFormats(who, x, dy);
  const g: MatmulGeometry = { M: dy.shape[1], N: I, K: N, transA: true, transB: false };
  const dw = allocate(x, [g.M, I]);
  kernels.matmul(g, dy.data, x.data, null, dw.data);
  return dw;
}

/** db[o] = sum over n of dy[n, o]. */
export function linearBiasGrad<A extends FloatArray>(dy: Tensor<A>): Tensor<A> {
  checkMatrix("linearBiasGrad", "dy [N, O]", checkTensor("linearBiasGrad", "dy", dy));
  const [outer, size] = dy.shape;
  const db = allocate(dy, [size]);
  kernelsFor("linearBiasGrad", dy).channelSum({ outer, size, inner: 1 }, dy.data, db.data);
  return db;
}

/** [N, I], [O, I] -> [N, O], with every check that needs no data. */
export function linearOutputShape(who: string, xShape: Shape, wShape: Shape): Shape {
  return outputShape(who, checkShape(`${who}.outputShape`, xShape), wShape);
}

function outputShape(who: string, xShape: Shape, [O, I]: Shape): Shape {
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
