// Glue of the optimizer steps of assembly/optimizer.ts.
import type { Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "./runtime/jobs.js";

export const optimizer = {
  sgd(g, dw, w, buffer) {
    const n = w.length;
    call(assembly.sgd, g, [RUN, n, dw, w, buffer], n);
  },

  adam(g, dw, w, m, v, vMax) {
    const n = w.length;
    call(assembly.adam, g, [RUN, n, dw, w, m, v, vMax], n);
  },
} satisfies Partial<Kernels>;
