// Functions of each element. Activations are in activation.ts, arithmetic of two arrays in arithmetic.ts.
import * as math from "../../numbers/math.js";
import type { FloatArray } from "../../base/tensor.js";

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
