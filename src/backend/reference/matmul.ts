// The matrix product, on views that are transposed where the data are.
import type { FloatArray } from "../../base/tensor.js";
import type { MatmulGeometry } from "../kernels.js";
import { view } from "./views.js";

// y[m, n] = sum over k of a[m, k] b[k, n] + bias[n]
export function matmul(g: MatmulGeometry, a: FloatArray, b: FloatArray, bias: FloatArray | null, y: FloatArray): void {
  const { M, N, K } = g;
  const left = g.transA ? view(a, [K, M]).transpose(1, 0) : view(a, [M, K]);
  const right = g.transB ? view(b, [N, K]).transpose(1, 0) : view(b, [K, N]);
  const product = view(y, [M, N]);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = bias === null ? 0 : bias[n];
      for (let k = 0; k < K; k++) sum += left.get(m, k) * right.get(k, n);
      product.set(m, n, sum);
    }
  }
}
