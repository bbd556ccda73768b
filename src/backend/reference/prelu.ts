// PReLU: a slope for the negative numbers of each place c along an axis.
import type { FloatArray } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";

// y = x > 0 ? x : w[c] x
export function prelu({ size, inner }: AxisGeometry, x: FloatArray, w: FloatArray, y: FloatArray): void {
  for (let i = 0; i < y.length; i++) {
    const c = Math.floor(i / inner) % size;
    y[i] = x[i] > 0 ? x[i] : w[c] * x[i];
  }
}

// dx = x > 0 ? dy : w[c] dy, dw[c] = sum of (x > 0 ? 0 : x dy)
export function preluGrads(
  { size, inner }: AxisGeometry,
  x: FloatArray,
  w: FloatArray,
  dy: FloatArray,
  dx: FloatArray | null,
  dw: FloatArray | null,
): void {
  const sums = new Float64Array(size);
  for (let i = 0; i < dy.length; i++) {
    const c = Math.floor(i / inner) % size;
    if (!(x[i] > 0)) sums[c] += x[i] * dy[i];
    if (dx !== null) dx[i] = x[i] > 0 ? dy[i] : w[c] * dy[i];
  }
  dw?.set(sums);
}
