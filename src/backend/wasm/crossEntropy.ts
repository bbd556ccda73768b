// Glue of the cross-entropy kernels: places arrays in kernel memory, calls assembly/crossEntropy.ts, fetches the result.
// It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../tensor.js";
import type { AxisGeometry } from "../kernels.js";
import { instance } from "./instance.js";

export function crossEntropy(g: AxisGeometry, logits: F, target: F, losses: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const logitsAt = scratch.place(logits);
  const targetAt = scratch.place(target);
  const lossesAt = scratch.output(losses);
  exports.crossEntropy(g.outer, g.size, g.inner, logitsAt, targetAt, lossesAt);
  scratch.fetch(lossesAt, losses);
}

export function crossEntropyInputGrad(g: AxisGeometry, logits: F, target: F, dlosses: F, dlogits: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const logitsAt = scratch.place(logits);
  const targetAt = scratch.place(target);
  const dlossesAt = scratch.place(dlosses);
  const dlogitsAt = scratch.output(dlogits);
  exports.crossEntropyInputGrad(g.outer, g.size, g.inner, logitsAt, targetAt, dlossesAt, dlogitsAt);
  scratch.fetch(dlogitsAt, dlogits);
}
