// The matrix product, on copies whose rows are what is summed over.
import type { FloatArray } from "../../base/tensor.js";
import type { MatmulGeometry } from "../kernels.js";
import { addProducts } from "./sums.js";

// y[m, n] = bias[n] + sum over k of a[m, k] b[k, n]
export function matmul(g: MatmulGeometry, a: FloatArray, b: FloatArray, bias: FloatArray | null, y: FloatArray): void {
  const { M, N, K } = g;
  const rows = g.transA ? transposed(a, K, M) : new Float64Array(a); // [M, K]
  const columns = g.transB ? new Float64Array(b) : transposed(b, K, N); // [N, K]
  const steps = Int32Array.from({ length: K }, (_, k) => k);
  const sums = new Float64Array(N);
  for (let m = 0; m < M; m++) {
    if (bias === null) sums.fill(0);
    else sums.set(bias);
    addProducts(rows, m * K, steps, columns, sums);
    y.set(sums, m * N);
  }
}

/** a [R, C] -> its transpose [C, R], in float64. */
function transposed(a: FloatArray, R: number, C: number): Float64Array {
  const y = new Float64Array(R * C);
  for (let r = 0; r < R; r++) {
    for (let c = 0; c < C; c++) y[c * R + r] = a[r * C + c];
  }
  return y;
}
