// Glue of the normalizations of assembly/norm.ts; a chunk is some statistics.
import type { Kernels, NormGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "./runtime/instance.js";
import { call, job, perChunk } from "./runtime/jobs.js";

export const norm = {
  normalize(g, x, mean, variance, w, b, y) {
    call(assembly.normalize, g, [statisticsOfChunk(g), x, mean, variance, w, b, y], mean.length, x.length);
  },

  normalizeGrads(g, x, mean, variance, w, dy, dx, dw, db) {
    const { scratch } = instance();
    scratch.reset();
    const sums = scratch.reserve(4 * g.N * g.C); // two float64 for each plane
    const each = statisticsOfChunk(g);
    const chunks = Math.ceil(mean.length / each);
    job(assembly.normalizeGrads, g, [each, x, mean, variance, w, dy, dx, sums], chunks, x.length);
    if (dw !== null || db !== null) {
      const channels = perChunk(g.N);
      job(assembly.normalizeWeightGrads, g, [channels, sums, dw, db], Math.ceil(g.C / channels), g.N * g.C);
    }
  },
} satisfies Partial<Kernels>;

function statisticsOfChunk({ N, C, P, groups }: NormGeometry): number {
  return perChunk(groups === 0 ? N * P : (C / groups) * P);
}
