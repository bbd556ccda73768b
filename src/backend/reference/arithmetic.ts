// Arithmetic of two arrays that broadcast.
import ops from "ndarray-ops";
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
