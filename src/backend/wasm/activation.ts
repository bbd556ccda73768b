// Glue of the activation functions of assembly/activation.ts.
import { ACTIVATIONS, type Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "./runtime/jobs.js";

const NAMES = Object.keys(ACTIVATIONS);

export const activation = {
  activation(g, x, y) {
    const n = y.length;
    call(assembly.activation, null, [RUN, NAMES.indexOf(g.f), n, x, y], n);
  },

  activationInputGrad(g, kept, dy, dx) {
    const n = dx.length;
    call(assembly.activationInputGrad, null, [RUN, NAMES.indexOf(g.f), n, kept, dy, dx], n);
  },
} satisfies Partial<Kernels>;
