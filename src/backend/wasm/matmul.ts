// Glue of the matrix products of assembly/matmul.ts: which of them serves.
import type { Kept, Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "./runtime/instance.js";
import { call, job } from "./runtime/jobs.js";

const ROWS = 8; // of y in a chunk
const COLUMNS = 512; // of y in a chunk, a multiple of 8, where there are few rows
const PANEL_ROWS = 64; // of y in a chunk of a large product
const PANELS = 16; // of eight columns of b, packed in a chunk

export const matmul = {
  matmul(g, a, b, bias, y) {
    const { M, N, K } = g;
    const work = M * N + N * K;
    if (g.transB && !g.transA) {
      call(assembly.matmulDot, g, [ROWS, a, b, bias, y], M, work);
      return;
    }
    const { scratch } = instance();
    scratch.reset();
    let right: Kept = b;
    if (g.transB) {
      right = scratch.room(K * N);
      job(assembly.transpose, g, [b, right], 1, 0);
    }
    // Packing b pays where many rows of a meet it. Every sum runs in the order of k in both ways.
    const packs = M >= 32 && K >= 64;
    const each = packs ? PANEL_ROWS : ROWS;
    const width = M > 4 * each ? N : Math.min(N, COLUMNS);
    const chunks = Math.ceil(M / each) * Math.ceil(N / width);
    if (packs) {
      const count = Math.ceil(N / 8);
      const panels = scratch.room(count * 8 * K);
      job(assembly.matmulPack, g, [PANELS, count, right, panels], Math.ceil(count / PANELS), N * K);
      job(assembly.matmulPanels, g, [each, width, a, panels, bias, y], chunks, work, each * (K + 8));
    } else {
      job(assembly.matmulOuter, g, [each, width, a, right, bias, y], chunks, work, 5 * K + 4 * (width + 8) + 16);
    }
  },
} satisfies Partial<Kernels>;
