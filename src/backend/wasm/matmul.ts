// Calls the WebAssembly matrix products.
import type { FloatArray } from "../../base/tensor.js";
import type { MatmulGeometry } from "../kernels.js";
import { instance } from "./runtime/instance.js";
import { JOB, runJob } from "./runtime/jobs.js";

const ROWS = 8; // of y in a chunk
const COLUMNS = 512; // of y in a chunk, a multiple of 8, where there are few rows
const PANEL_ROWS = 64; // of y in a chunk of a large product
const PANELS = 16; // of eight columns of b, packed in a chunk

/** y[M, N] = a b + bias. */
export function matmul(g: MatmulGeometry, a: FloatArray, b: FloatArray, bias: FloatArray | null, y: FloatArray): void {
  const { exports, scratch } = instance();
  const { M, N, K } = g;
  scratch.reset();
  let right = scratch.place(b);
  const [left, biasAt, out] = [scratch.place(a), scratch.place(bias), scratch.output(y)];
  const work = M * N + N * K;
  if (g.transB && !g.transA) {
    runJob(JOB.matmulDot, Math.ceil(M / ROWS), [M, ROWS, N, K, left, right, biasAt, out], 0, work);
    scratch.fetch(out, y);
    return;
  }
  if (g.transB) {
    const transposed = scratch.reserve(K * N);
    exports.transpose(N, K, right, transposed);
    right = transposed;
  }
  // Packing b pays where many rows of a meet it. Every sum runs in the order of k in both ways.
  const packs = M >= 32 && K >= 64;
  const rows = packs ? PANEL_ROWS : ROWS;
  const width = M > 4 * rows ? N : Math.min(N, COLUMNS);
  const chunks = Math.ceil(M / rows) * Math.ceil(N / width);
  if (packs) {
    const count = Math.ceil(N / 8);
    const panels = scratch.reserve(count * 8 * K);
    runJob(JOB.matmulPack, Math.ceil(count / PANELS), [count, PANELS, N, K, right, panels], 0, N * K);
    right = panels;
  }
  const args = [M, rows, N, K, left, right, biasAt, out, Number(g.transA), width];
  if (packs) runJob(JOB.matmulPanels, chunks, args, rows * (K + 8), work);
  else runJob(JOB.matmulOuter, chunks, args, 5 * K + 4 * (width + 8) + 16, work);
  scratch.fetch(out, y);
}
