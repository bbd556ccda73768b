// Arithmetic of two arrays that broadcast, functions of each element, and the gradients of the activations.
import ops from "ndarray-ops";
import * as math from "../../numbers/math.js";
import type { FloatArray } from "../../base/tensor.js";
import type { BroadcastGeometry } from "../kernels.js";
import { stridedView, view, type View } from "./views.js";

export function add(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  ops.add(...broadcast(g, a, b, y));
}

export function subtract(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  ops.sub(...broadcast(g, a, b, y));
}

export function multiply(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  ops.mul(...broadcast(g, a, b, y));
}

export function divide(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  ops.div(...broadcast(g, a, b, y));
}

// y += x
export function accumulate(x: FloatArray, y: FloatArray): void {
  ops.addeq(view(y, [y.length]), view(x, [x.length]));
}

/** Result and operands as views of one shape: an operand's stride of 0 repeats it, without a copy. */
function broadcast(
  { shape, stridesA, stridesB }: BroadcastGeometry,
  a: FloatArray,
  b: FloatArray,
  y: FloatArray,
): [y: View, a: View, b: View] {
  return [view(y, shape), stridedView(a, shape, stridesA), stridedView(b, shape, stridesB)];
}

export function exp(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = math.exp(x[i]);
}

export function log(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = math.log(x[i]);
}

export function sqrt(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]);
}

// y = min(max(x, min), max); Math.min and Math.max hand on a NaN
export function clamp(g: { readonly min: number; readonly max: number }, x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(x[i], g.min), g.max);
}

// y = x > 0 ? x : 0, asked the other way round, so that NaN stays NaN
export function relu(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = x[i] <= 0 ? 0 : x[i];
}

// dx = y <= 0 ? 0 : dy
export function reluInputGrad(y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < dx.length; i++) dx[i] = y[i] <= 0 ? 0 : dy[i];
}

// y = 1 / (1 + exp(-x))
export function sigmoid(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = math.sigmoid(x[i]);
}

// dx = dy y (1 - y)
export function sigmoidInputGrad(y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

// y = tanh(x)
export function tanh(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] = math.tanh(x[i]);
}

// dx = dy (1 - y^2)
export function tanhInputGrad(y: FloatArray, dy: FloatArray, dx: FloatArray): void {
  for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
}
