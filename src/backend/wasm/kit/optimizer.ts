// Glue of the optimizer steps of assembly/kit/optimizer.ts.
import type { KitKernels } from "../../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "../runtime/jobs.js";

export const optimizer = {
  rmsprop(g, dw, w, v, mean, buffer) {
    const n = w.length;
    call(assembly.rmsprop, g, [RUN, n, dw, w, v, mean, buffer], n);
  },

  adadelta(g, dw, w, v, u) {
    const n = w.length;
    call(assembly.adadelta, g, [RUN, n, dw, w, v, u], n);
  },

  lion(g, dw, w, m) {
    const n = w.length;
    call(assembly.lion, g, [RUN, n, dw, w, m], n);
  },
} satisfies Partial<KitKernels>;
