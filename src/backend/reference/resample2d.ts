// Linear resampling of planes: every row a sum of rows, every column a sum of columns.
import type { FloatArray } from "../../base/tensor.js";
import type { PlanesGeometry, Taps } from "../kernels.js";

// y[p, i, j] = sum over taps (h, a) of row i and (w, b) of column j of a b x[p, h, w]
export function resample2d(g: PlanesGeometry, rows: Taps, columns: Taps, x: FloatArray, y: FloatArray): void {
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (let i = 0; i < g.OH; i++) {
      for (let j = 0; j < g.OW; j++) {
        let sum = 0;
        for (const [h, a] of tapsOf(rows, i)) {
          for (const [w, b] of tapsOf(columns, j)) sum += a * b * x[(p * g.H + h) * g.W + w];
        }
        y[out++] = sum;
      }
    }
  }
}

/** The places and weights of which output i is the sum. */
function* tapsOf({ first, offsets, weights }: Taps, i: number): Generator<readonly [place: number, weight: number]> {
  for (let k = offsets[i]; k < offsets[i + 1]; k++) yield [first[i] + k - offsets[i], weights[k]];
}
