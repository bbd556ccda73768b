// Arithmetic of two arrays that broadcast, and functions of each element. Activations are in activation.ts.
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
