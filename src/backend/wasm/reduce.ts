// Glue of the reductions of assembly/reduce.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AxisGeometry, RowsGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, perChunk } from "./runtime/jobs.js";

export function sum(g: RowsGeometry, x: F, y: F): void {
  call(assembly.sum, { ...g, each: perChunk(g.cols), x, y }, g.rows, x.length);
}

export function max(g: RowsGeometry, x: F, y: F): void {
  call(assembly.max, { ...g, each: perChunk(g.cols), x, y }, g.rows, x.length);
}

export function min(g: RowsGeometry, x: F, y: F): void {
  call(assembly.min, { ...g, each: perChunk(g.cols), x, y }, g.rows, x.length);
}

export function variance(g: RowsGeometry & { readonly correction: number }, x: F, y: F): void {
  call(assembly.variance, { ...g, each: perChunk(g.cols), x, y }, g.rows, x.length);
}

export function channelSum(g: AxisGeometry, x: F, y: F): void {
  call(assembly.channelSum, { ...g, each: 4, x, y }, g.size, x.length);
}
