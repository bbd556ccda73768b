// Glue of the optimizer steps: copies arrays into kernel memory, calls assembly/optimizer.ts, copies what changed out.
// It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../tensor.js";
import type { AdamGeometry, SgdGeometry } from "../kernels.js";
import { instance } from "./instance.js";

export function sgd(g: SgdGeometry, dw: F, w: F, buffer: F | null): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const dwAt = scratch.place(dw);
  const wAt = scratch.place(w);
  const bufferAt = scratch.place(buffer);
  const settings = [g.lr, g.momentum, g.dampening, Number(g.nesterov), g.weightDecay, Number(g.first)];
  exports.sgd(w.length, ...settings, dwAt, wAt, bufferAt);
  scratch.fetch(wAt, w);
  scratch.fetch(bufferAt, buffer);
}

export function adam(g: AdamGeometry, dw: F, w: F, m: F, v: F, vMax: F | null): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const dwAt = scratch.place(dw);
  const wAt = scratch.place(w);
  const mAt = scratch.place(m);
  const vAt = scratch.place(v);
  const vMaxAt = scratch.place(vMax);
  const settings = [g.lr, g.beta1, g.beta2, g.eps, g.weightDecay, g.bias1, g.bias2];
  exports.adam(w.length, ...settings, dwAt, wAt, mAt, vAt, vMaxAt);
  scratch.fetch(wAt, w);
  scratch.fetch(mAt, m);
  scratch.fetch(vAt, v);
  scratch.fetch(vMaxAt, vMax);
}
