// Glue of the softmax kernels of assembly/softmax.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AxisGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

export function softmax(g: AxisGeometry, x: F, y: F): void {
  call(assembly.softmax, { ...g, each: perChunk(g.size * g.inner), x, y }, g.outer, x.length);
}

export function softmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void {
  call(assembly.softmaxInputGrad, { ...g, each: perChunk(g.size * g.inner), y, dy, dx }, g.outer, y.length);
}

export function logSoftmax(g: AxisGeometry, x: F, y: F): void {
  call(assembly.logSoftmax, { ...g, each: perChunk(g.size * g.inner), x, y }, g.outer, x.length);
}

export function logSoftmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void {
  call(assembly.logSoftmaxInputGrad, { ...g, each: perChunk(g.size * g.inner), y, dy, dx }, g.outer, y.length);
}
