// Glue of the resampling of assembly/kit/resample2d.ts; a chunk is some image planes.
import type { KitKernels, Taps } from "../../kernels.js";
import { instance } from "../runtime/instance.js";
import { job, perChunk } from "../runtime/jobs.js";
import * as assembly from "./assembly.generated.js";

export const resample = {
  resample2d(g, rows, columns, x, y) {
    instance().scratch.reset();
    const each = perChunk(g.OH * g.OW);
    const fields = [each, ...listsOf(rows), ...listsOf(columns), x, y] as const;
    job(assembly.resample2d, g, fields, Math.ceil(g.planes / each), y.length, g.W);
  },
} satisfies Partial<KitKernels>;

function listsOf({ first, offsets, weights }: Taps): readonly [Int32Array, Int32Array, Float32Array] {
  return [first, offsets, Float32Array.from(weights)];
}
