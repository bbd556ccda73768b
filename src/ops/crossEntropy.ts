// Cross-entropy between logits and a target distribution along the class axis, and its gradient.
// Every kind of target (indices, probabilities, weights, smoothing) becomes one weighted target t in the logits' shape.
import type { AxisGeometry } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import { ShapeError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";

/**
 * losses[n, ...] = -sum over c of t[n, c, ...] * logSoftmax(logits)[n, c, ...].
 *
 * @param logits [N, C] or [N, C, ...]
 * @param target weighted target distribution of the same shape
 * @returns [N] or [N, ...]
 */
export function crossEntropy<A extends FloatArray>(logits: Tensor<A>, target: Tensor<A>): Tensor<A> {
  const losses = logits.like([logits.shape[0], ...logits.shape.slice(2)]);
  kernelsFor("crossEntropy", logits).crossEntropy(classAxis(logits.shape), logits.data, target.data, losses.data);
  return losses;
}

/** dlogits = dlosses * (softmax(logits) * sum over c of t - t). */
export function crossEntropyInputGrad<A extends FloatArray>(
  logits: Tensor<A>,
  target: Tensor<A>,
  dlosses: Tensor<A>,
): Tensor<A> {
  const dlogits = logits.like();
  const kernels = kernelsFor("crossEntropyInputGrad", logits);
  kernels.crossEntropyInputGrad(classAxis(logits.shape), logits.data, target.data, dlosses.data, dlogits.data);
  return dlogits;
}

/** Checks logits [N, C, ...] and gives the sizes before, of and behind the class axis. */
export function checkLogits(who: string, shape: Shape): AxisGeometry {
  if (shape.length < 2 || sizeOf(shape) === 0) {
    const remedy = shape.length < 2 ? "the batch axis is required" : "an empty batch has no loss";
    throw new ShapeError(`${who}: expected logits [N, C] or [N, C, ...], got ${formatShape(shape)} (${remedy}).`);
  }
  return classAxis(shape);
}

function classAxis(shape: Shape): AxisGeometry {
  return { outer: shape[0], size: shape[1], inner: sizeOf(shape.slice(2)) };
}
