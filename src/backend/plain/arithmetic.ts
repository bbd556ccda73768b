// Arithmetic of two arrays that broadcast.
import type { FloatArray } from "../../base/tensor.js";
import type { BroadcastGeometry } from "../kernels.js";

export function add(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  forEach(g, (i, p, q) => (y[i] = a[p] + b[q]));
}

export function subtract(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  forEach(g, (i, p, q) => (y[i] = a[p] - b[q]));
}

export function multiply(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  forEach(g, (i, p, q) => (y[i] = a[p] * b[q]));
}

export function divide(g: BroadcastGeometry, a: FloatArray, b: FloatArray, y: FloatArray): void {
  forEach(g, (i, p, q) => (y[i] = a[p] / b[q]));
}

// y += x
export function accumulate(x: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) y[i] += x[i];
}

/** The place i of each result, and the places p and q of its operands, whose strides of 0 repeat them. */
function forEach(
  { shape, stridesA, stridesB }: BroadcastGeometry,
  visit: (i: number, p: number, q: number) => void,
): void {
  let i = 0;
  const along = (axis: number, p: number, q: number): void => {
    if (axis === shape.length) {
      visit(i++, p, q);
      return;
    }
    for (let k = 0; k < shape[axis]; k++) along(axis + 1, p + k * stridesA[axis], q + k * stridesB[axis]);
  };
  along(0, 0, 0);
}
