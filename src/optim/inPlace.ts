// Small pieces of an update, on arrays in place, put together from kernels that are there anyway.
import type { Kept, Kernels } from "../backend/kernels.js";

/** y += factor x. */
export function addScaled(kernels: Kernels, y: Kept, x: Kept, factor: number): void {
  kernels.sgd({ lr: -factor, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0, first: false }, x, y, null);
}

/** y += share (x - y): y moves towards x. */
export function moveTowards(kernels: Kernels, y: Kept, x: Kept, share: number): void {
  kernels.sgd({ lr: -share, momentum: 0, dampening: 0, nesterov: false, weightDecay: -1, first: false }, x, y, null);
}

/** x *= factor. */
export function scale(kernels: Kernels, x: Kept, factor: number): void {
  const factors = isWide(x) ? Float64Array.of(factor) : Float32Array.of(factor);
  kernels.multiply({ shape: [x.length], stridesA: [1], stridesB: [0] }, x, factors, x);
}

/** The square root of the sum of all squares. */
export function norm(kernels: Kernels, x: Kept): number {
  const result = isWide(x) ? new Float64Array(1) : new Float32Array(1);
  kernels.norm({ rows: 1, cols: x.length }, x, result);
  return result[0];
}

function isWide(x: Kept): boolean {
  return ArrayBuffer.isView(x) && x.BYTES_PER_ELEMENT === 8;
}
