// Padding of planes and its adjoint. One map an axis says from where each padded pixel is filled; both use it.
import type { FloatArray } from "../../base/tensor.js";
import type { Pad2dGeometry, PadMode } from "../kernels.js";

const NOWHERE = -1; // filled with the constant

// y[p, i, j] = x[p, rows[i], columns[j]], or the constant
export function pad2d(g: Pad2dGeometry, x: FloatArray, y: FloatArray): void {
  const { rows, columns } = sourcesOf(g);
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (const h of rows) {
      for (const w of columns) y[out++] = h === NOWHERE || w === NOWHERE ? g.value : x[(p * g.H + h) * g.W + w];
    }
  }
}

// dx[p, rows[i], columns[j]] += dy[p, i, j], starting at 0
export function pad2dInputGrad(g: Pad2dGeometry, dy: FloatArray, dx: FloatArray): void {
  const { rows, columns } = sourcesOf(g);
  const sum = new Float64Array(dx.length); // rounded only once, on its way out
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (const h of rows) {
      for (const w of columns) {
        if (h !== NOWHERE && w !== NOWHERE) sum[(p * g.H + h) * g.W + w] += dy[out];
        out++;
      }
    }
  }
  dx.set(sum);
}

function sourcesOf({ H, W, PT, PB, PL, PR, mode }: Pad2dGeometry): { rows: number[]; columns: number[] } {
  const along = (size: number, before: number, after: number): number[] =>
    Array.from({ length: size + before + after }, (_, i) => sourceOf(i - before, size, mode));
  return { rows: along(H, PT, PB), columns: along(W, PL, PR) };
}

/** The row of an image of `size` rows that fills row i, where i counts from the image's first row. */
function sourceOf(i: number, size: number, mode: PadMode): number {
  if (i >= 0 && i < size) return i;
  switch (mode) {
    case "constant":
      return NOWHERE;
    case "replicate": // the nearest edge
      return i < 0 ? 0 : size - 1;
    case "reflect": // mirrored at the edge pixel, which is not repeated
      return i < 0 ? -i : 2 * (size - 1) - i;
    case "circular": // the opposite side
      return i < 0 ? i + size : i - size;
  }
}
