// Glue of the row reductions: places arrays in kernel memory, calls assembly/reduce.ts, fetches the result.
// It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../tensor.js";
import type { RowsGeometry } from "../kernels.js";
import { instance } from "./instance.js";

export function sum(g: RowsGeometry, x: F, y: F): void {
  reduce(instance().exports.sum, g, x, y);
}

export function max(g: RowsGeometry, x: F, y: F): void {
  reduce(instance().exports.max, g, x, y);
}

export function min(g: RowsGeometry, x: F, y: F): void {
  reduce(instance().exports.min, g, x, y);
}

export function variance(g: RowsGeometry & { readonly correction: number }, x: F, y: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const xAt = scratch.place(x);
  const yAt = scratch.output(y);
  exports.variance(g.rows, g.cols, g.correction, xAt, yAt);
  scratch.fetch(yAt, y);
}

function reduce(kernel: (...args: number[]) => number, g: RowsGeometry, x: F, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const xAt = scratch.place(x);
  const yAt = scratch.output(y);
  kernel(g.rows, g.cols, xAt, yAt);
  scratch.fetch(yAt, y);
}
