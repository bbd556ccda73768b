// Glue of the row reductions of assembly/reduce.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { RowsGeometry } from "../kernels.js";
import { call } from "./runtime/call.js";

export function sum(g: RowsGeometry, x: F, y: F): void {
  call("sum", [g.rows, g.cols], [x], y);
}

export function max(g: RowsGeometry, x: F, y: F): void {
  call("max", [g.rows, g.cols], [x], y);
}

export function min(g: RowsGeometry, x: F, y: F): void {
  call("min", [g.rows, g.cols], [x], y);
}

export function variance(g: RowsGeometry & { readonly correction: number }, x: F, y: F): void {
  call("variance", [g.rows, g.cols, g.correction], [x], y);
}
