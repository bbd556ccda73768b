// Glue of the cross-entropy kernels of assembly/crossEntropy.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";
import { call } from "./runtime/call.js";

export function crossEntropy(g: AxisGeometry, logits: F, target: F, losses: F): void {
  call("crossEntropy", [g.outer, g.size, g.inner], [logits, target], losses);
}

export function crossEntropyInputGrad(g: AxisGeometry, logits: F, target: F, dlosses: F, dlogits: F): void {
  call("crossEntropyInputGrad", [g.outer, g.size, g.inner], [logits, target, dlosses], dlogits);
}
