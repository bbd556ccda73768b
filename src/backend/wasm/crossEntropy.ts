// Glue of the cross-entropy kernels of assembly/crossEntropy.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

export function crossEntropy(g: AxisGeometry, logits: F, t: F, losses: F): void {
  call(assembly.crossEntropy, { ...g, each: perChunk(g.size * g.inner), logits, t, losses }, g.outer, logits.length);
}

export function crossEntropyInputGrad(g: AxisGeometry, logits: F, t: F, dlosses: F, dlogits: F): void {
  const record = { ...g, each: perChunk(g.size * g.inner), logits, t, dlosses, dlogits };
  call(assembly.crossEntropyInputGrad, record, g.outer, logits.length);
}
