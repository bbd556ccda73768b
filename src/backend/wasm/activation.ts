// Glue of the activation functions of assembly/activation.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import { ACTIVATIONS, type Activation } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "./runtime/jobs.js";

const NAMES = Object.keys(ACTIVATIONS);

export function activation(g: Activation, x: F, y: F): void {
  const n = y.length;
  call(assembly.activation, { ...g, f: NAMES.indexOf(g.f), n, each: RUN, x, y }, n);
}

export function activationInputGrad(g: Activation, kept: F, dy: F, dx: F): void {
  const n = dx.length;
  call(assembly.activationInputGrad, { ...g, f: NAMES.indexOf(g.f), n, each: RUN, kept, dy, dx }, n);
}
