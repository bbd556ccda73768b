// Glue of the matrix products of assembly/matmul.ts: which of them serves. It exports the contract's kernel and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { MatmulGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "./runtime/instance.js";
import { call, job } from "./runtime/jobs.js";

const ROWS = 8; // of y in a chunk
const COLUMNS = 512; // of y in a chunk, a multiple of 8, where there are few rows
const PANEL_ROWS = 64; // of y in a chunk of a large product
const PANELS = 16; // of eight columns of b, packed in a chunk

export function matmul(g: MatmulGeometry, a: F, b: F, bias: F | null, y: F): void {
  const { M, N, K } = g;
  const work = M * N + N * K;
  if (g.transB && !g.transA) {
    call(assembly.matmulDot, { M, each: ROWS, N, K, a, b, bias, y }, M, work);
    return;
  }
  const { scratch } = instance();
  scratch.reset();
  let right = scratch.place(b);
  if (g.transB) {
    const bT = scratch.reserve(K * N);
    job(assembly.transpose, { N, K, b: right, bT }, 1, 0);
    right = bT;
  }
  // Packing b pays where many rows of a meet it. Every sum runs in the order of k in both ways.
  const packs = M >= 32 && K >= 64;
  const each = packs ? PANEL_ROWS : ROWS;
  const width = M > 4 * each ? N : Math.min(N, COLUMNS);
  const chunks = Math.ceil(M / each) * Math.ceil(N / width);
  if (packs) {
    const count = Math.ceil(N / 8);
    const panels = scratch.reserve(count * 8 * K);
    job(assembly.matmulPack, { count, each: PANELS, N, K, b: right, panels }, Math.ceil(count / PANELS), N * K);
    right = panels;
  }
  const record = { M, each, N, width, K, transA: g.transA, a, b: right, bias, y };
  if (packs) job(assembly.matmulPanels, record, chunks, work, each * (K + 8));
  else job(assembly.matmulOuter, record, chunks, work, 5 * K + 4 * (width + 8) + 16);
}
