// Glue of the normalizations of assembly/kit/norm.ts; a chunk is some statistics. Planes of one pixel, as of [N, C], are transposed
// where a statistic is that of a channel, so that its numbers lie in one piece.
import type { FloatArray as F } from "../../../base/tensor.js";
import type { KitKernels, NormGeometry } from "../../kernels.js";
import { transpose } from "../assembly.generated.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "../runtime/instance.js";
import { job, perChunk } from "../runtime/jobs.js";

export const norm = {
  normalize(g, x, mean, variance, w, b, y) {
    instance().scratch.reset();
    if (!isColumns(g)) return run(g, x, mean, variance, w, b, y);
    const rows = instance().scratch.room(y.length);
    run(turnedGeometry(g), turn(g.N, g.C, x), mean, variance, w, b, rows);
    turn(g.C, g.N, rows, y);
  },

  normalizeGrads(g, x, mean, variance, w, dy, dx, dw, db) {
    instance().scratch.reset();
    if (!isColumns(g)) return runGrads(g, x, mean, variance, w, dy, dx, dw, db);
    const rows = dx === null ? null : instance().scratch.room(x.length);
    runGrads(turnedGeometry(g), turn(g.N, g.C, x), mean, variance, w, turn(g.N, g.C, dy), rows, dw, db);
    if (dx !== null && rows !== null) turn(g.C, g.N, rows, dx);
  },
} satisfies Partial<KitKernels>;

const run: KitKernels["normalize"] = (g, x, mean, variance, w, b, y) => {
  const each = statisticsOfChunk(g);
  job(assembly.normalize, g, [each, x, mean, variance, w, b, y], Math.ceil(mean.length / each), x.length, 4);
};

const runGrads: KitKernels["normalizeGrads"] = (g, x, mean, variance, w, dy, dx, dw, db) => {
  const sums = instance().scratch.reserve(4 * g.N * g.C); // two float64 for each plane
  const each = statisticsOfChunk(g);
  job(assembly.normalizeGrads, g, [each, x, mean, variance, w, dy, dx, sums], Math.ceil(mean.length / each), x.length);
  if (dw === null && db === null) return;
  const channels = perChunk(g.N);
  job(assembly.normalizeWeightGrads, g, [channels, sums, dw, db], Math.ceil(g.C / channels), g.N * g.C);
};

function statisticsOfChunk({ N, C, P, groups }: NormGeometry): number {
  return perChunk(groups === 0 ? N * P : (C / groups) * P);
}

function isColumns({ N, P, groups }: NormGeometry): boolean {
  return groups === 0 && P === 1 && N > 1;
}

function turnedGeometry({ N, C, eps, given }: NormGeometry): NormGeometry {
  return { N: 1, C, P: N, groups: 0, eps, given };
}

/** b [N, K] -> [K, N]. */
function turn(N: number, K: number, b: F, to: F = instance().scratch.room(N * K)): F {
  job(transpose, { M: 0, N, K, transA: false, transB: false }, [b, to], 1, 0);
  return to;
}
