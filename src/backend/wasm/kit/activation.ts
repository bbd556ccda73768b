// Glue of the activation functions of assembly/kit/activation.ts.
import { KIT_ACTIVATIONS, type KitKernels } from "../../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "../runtime/jobs.js";

const NAMES = Object.keys(KIT_ACTIVATIONS);

export const activation = {
  kitActivation(g, x, y) {
    const n = y.length;
    call(assembly.activation, g, [RUN, NAMES.indexOf(g.f), n, x, y], n);
  },

  kitActivationInputGrad(g, kept, dy, dx) {
    const n = dx.length;
    call(assembly.activationInputGrad, g, [RUN, NAMES.indexOf(g.f), n, kept, dy, dx], n);
  },
} satisfies Partial<KitKernels>;
