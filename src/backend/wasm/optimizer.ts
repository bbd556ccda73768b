// Glue of the optimizer steps of assembly/optimizer.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AdadeltaStep, AdamStep, LionStep, RmspropStep, SgdStep } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "./runtime/jobs.js";

export function sgd(g: SgdStep, dw: F, w: F, buffer: F | null): void {
  const n = w.length;
  call(assembly.sgd, { ...g, n, each: RUN, dw, w, buffer }, n);
}

export function adam(g: AdamStep, dw: F, w: F, m: F, v: F, vMax: F | null): void {
  const n = w.length;
  call(assembly.adam, { ...g, n, each: RUN, dw, w, m, v, vMax }, n);
}

export function rmsprop(g: RmspropStep, dw: F, w: F, v: F, mean: F | null, buffer: F | null): void {
  const n = w.length;
  call(assembly.rmsprop, { ...g, n, each: RUN, dw, w, v, mean, buffer }, n);
}

export function adadelta(g: AdadeltaStep, dw: F, w: F, v: F, u: F): void {
  const n = w.length;
  call(assembly.adadelta, { ...g, n, each: RUN, dw, w, v, u }, n);
}

export function lion(g: LionStep, dw: F, w: F, m: F): void {
  const n = w.length;
  call(assembly.lion, { ...g, n, each: RUN, dw, w, m }, n);
}
