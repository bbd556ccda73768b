// Calls the WebAssembly matrix products.
import type { FloatArray } from "../../tensor.js";
import type { MatmulGeometry } from "../kernels.js";
import { instance } from "./instance.js";

/** y[M, N] = a b + bias. */
export function matmul(g: MatmulGeometry, a: FloatArray, b: FloatArray, bias: FloatArray | null, y: FloatArray): void {
  const { exports, scratch } = instance();
  const { M, N, K } = g;
  scratch.reset();
  const pa = scratch.place(a);
  let pb = scratch.place(b);
  const pBias = scratch.place(bias);
  const out = scratch.reserve(y.length);
  if (g.transB && !g.transA) {
    exports.matmulDot(M, N, K, pa, pb, pBias, out);
  } else {
    if (g.transB) {
      const transposed = scratch.reserve(K * N);
      exports.transpose(N, K, pb, transposed);
      pb = transposed;
    }
    const work = scratch.reserve(5 * K + 4 * (N + 8) + 16);
    exports.matmulOuter(M, N, K, Number(g.transA), pa, pb, pBias, out, work);
  }
  scratch.fetch(out, y);
}
