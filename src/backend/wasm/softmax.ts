// Glue of the softmax kernels of assembly/softmax.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";
import { call } from "./runtime/call.js";

export function softmax(g: AxisGeometry, x: F, y: F): void {
  call("softmax", [g.outer, g.size, g.inner], [x], y);
}

export function softmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void {
  call("softmaxInputGrad", [g.outer, g.size, g.inner], [y, dy], dx);
}

export function logSoftmax(g: AxisGeometry, x: F, y: F): void {
  call("logSoftmax", [g.outer, g.size, g.inner], [x], y);
}

export function logSoftmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void {
  call("logSoftmaxInputGrad", [g.outer, g.size, g.inner], [y, dy], dx);
}
