// Calls the WebAssembly optimizer steps. They change their arrays in place, so what was copied in is copied out again.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AdamGeometry, SgdGeometry } from "../kernels.js";
import { instance } from "./runtime/instance.js";
import { JOB, RUN, runJob } from "./runtime/jobs.js";

export function sgd(g: SgdGeometry, dw: F, w: F, buffer: F | null): void {
  const { scratch } = instance();
  scratch.reset();
  const [dwAt, wAt, bufferAt] = [scratch.place(dw), scratch.place(w), scratch.place(buffer)];
  const settings = [g.lr, g.momentum, g.dampening, Number(g.nesterov), g.weightDecay, Number(g.first)];
  runJob(JOB.sgd, Math.ceil(w.length / RUN), [w.length, dwAt, wAt, bufferAt, ...settings], 0, w.length);
  scratch.fetch(wAt, w);
  scratch.fetch(bufferAt, buffer);
}

export function adam(g: AdamGeometry, dw: F, w: F, m: F, v: F, vMax: F | null): void {
  const { scratch } = instance();
  scratch.reset();
  const addresses = [scratch.place(dw), scratch.place(w), scratch.place(m), scratch.place(v), scratch.place(vMax)];
  const settings = [g.lr, g.beta1, g.beta2, g.eps, g.weightDecay, g.bias1, g.bias2];
  runJob(JOB.adam, Math.ceil(w.length / RUN), [w.length, ...addresses, ...settings], 0, w.length);
  [w, m, v, vMax].forEach((array, i) => scratch.fetch(addresses[i + 1], array));
}
