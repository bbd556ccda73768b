// Glue of the poolings of assembly/pool2d/pool2d.ts; a chunk is some image planes. It exports the contract's kernels and
// nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AvgPool2dGeometry, Pool2dGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call } from "./runtime/jobs.js";

export function maxPool2d(g: Pool2dGeometry, x: F, y: F, indices: Int32Array | null): void {
  call(assembly.maxPool2d, { ...g, each: planesOfChunk(g), x, y, indices }, g.planes, x.length);
}

export function maxPool2dInputGrad(g: Pool2dGeometry, indices: Int32Array, dy: F, dx: F): void {
  call(assembly.maxPool2dInputGrad, { ...g, each: planesOfChunk(g), indices, dy, dx }, g.planes, dx.length);
}

export function avgPool2d(g: AvgPool2dGeometry, x: F, y: F): void {
  call(assembly.avgPool2d, { ...g, each: planesOfChunk(g), x, y }, g.planes, x.length);
}

export function avgPool2dInputGrad(g: AvgPool2dGeometry, dy: F, dx: F): void {
  call(assembly.avgPool2dInputGrad, { ...g, each: planesOfChunk(g), dy, dx }, g.planes, dx.length);
}

function planesOfChunk({ H, W }: Pool2dGeometry): number {
  return Math.max(1, Math.floor(8192 / (H * W)));
}
