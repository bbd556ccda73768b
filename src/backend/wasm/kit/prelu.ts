// Glue of PReLU, assembly/kit/prelu.ts; a chunk is some strips.
import type { AxisGeometry, KitKernels } from "../../kernels.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "../runtime/instance.js";
import { job, perChunk, RUN } from "../runtime/jobs.js";

export const prelu = {
  prelu(g, x, w, y) {
    instance().scratch.reset();
    const { each, strips, chunks } = cut(g);
    job(assembly.prelu, g, [each, strips, x, w, y], chunks, y.length);
  },

  preluGrads(g, x, w, dy, dx, dw) {
    instance().scratch.reset();
    const { each, strips, chunks, count } = cut(g);
    const sums = instance().scratch.reserve(2 * count); // a float64 for each strip
    job(assembly.preluGrads, g, [each, strips, x, w, dy, dx, sums], chunks, dy.length);
    const channels = perChunk(g.outer * strips);
    if (dw !== null)
      job(assembly.preluWeightGrad, g, [channels, strips, sums, dw], Math.ceil(g.size / channels), count);
  },
} satisfies Partial<KitKernels>;

function cut({ outer, size, inner }: AxisGeometry): Readonly<Record<"each" | "strips" | "chunks" | "count", number>> {
  const strips = Math.ceil(inner / RUN);
  const each = perChunk(Math.min(inner, RUN));
  const count = outer * size * strips;
  return { each, strips, count, chunks: Math.ceil(count / each) };
}
