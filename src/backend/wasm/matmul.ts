// Calls the WebAssembly matrix products.
import type { FloatArray } from "../../tensor.js";
import type { MatmulGeometry } from "../kernels.js";
import { instance } from "./instance.js";
import { JOB, runJob } from "./jobs.js";

const ROWS = 8; // of y in a chunk

/** y[M, N] = a b + bias. */
export function matmul(g: MatmulGeometry, a: FloatArray, b: FloatArray, bias: FloatArray | null, y: FloatArray): void {
  const { exports, scratch } = instance();
  const { M, N, K } = g;
  scratch.reset();
  let right = scratch.place(b);
  const out = scratch.output(y);
  const chunks = Math.ceil(M / ROWS);
  if (g.transB && !g.transA) {
    const args = [M, ROWS, N, K, scratch.place(a), right, scratch.place(bias), out];
    runJob(JOB.matmulDot, chunks, args, 0, M * N + N * K);
  } else {
    if (g.transB) {
      const transposed = scratch.reserve(K * N);
      exports.transpose(N, K, right, transposed);
      right = transposed;
    }
    const args = [M, ROWS, N, K, scratch.place(a), right, scratch.place(bias), out, Number(g.transA)];
    runJob(JOB.matmulOuter, chunks, args, 5 * K + 4 * (N + 8) + 16, M * N + N * K);
  }
  scratch.fetch(out, y);
}
