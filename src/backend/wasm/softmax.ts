// Glue of the softmax kernels of assembly/softmax.ts.
import type { Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

export const softmax = {
  softmax(g, x, y) {
    call(assembly.softmax, g, [perChunk(g.size * g.inner), false, x, y], g.outer, x.length);
  },

  softmaxInputGrad(g, y, dy, dx) {
    call(assembly.softmaxInputGrad, g, [perChunk(g.size * g.inner), false, y, dy, dx], g.outer, y.length);
  },

  logSoftmax(g, x, y) {
    call(assembly.softmax, g, [perChunk(g.size * g.inner), true, x, y], g.outer, x.length);
  },

  logSoftmaxInputGrad(g, y, dy, dx) {
    call(assembly.softmaxInputGrad, g, [perChunk(g.size * g.inner), true, y, dy, dx], g.outer, y.length);
  },
} satisfies Partial<Kernels>;
