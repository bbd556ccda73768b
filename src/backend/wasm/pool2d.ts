// Glue of the pooling kernels: copies arrays into kernel memory, calls assembly/pool2d.ts, copies the result out.
// It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../tensor.js";
import type { AvgPool2dGeometry, Pool2dGeometry } from "../kernels.js";
import { instance } from "./instance.js";

export function maxPool2d(g: Pool2dGeometry, x: F, y: F, indices: Int32Array): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const xAt = scratch.place(x);
  const yAt = scratch.reserve(y.length);
  const indicesAt = scratch.reserve(indices.length);
  const window = [g.KH, g.KW, g.SH, g.SW, g.DH, g.DW, g.PT, g.PL];
  exports.maxPool2d(g.planes, g.H, g.W, ...window, g.OH, g.OW, xAt, yAt, indicesAt);
  scratch.fetch(yAt, y);
  scratch.fetch(indicesAt, indices);
}

export function maxPool2dInputGrad(g: Pool2dGeometry, indices: Int32Array, dy: F, dx: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const indicesAt = scratch.place(indices);
  const dyAt = scratch.place(dy);
  const dxAt = scratch.reserve(dx.length);
  exports.maxPool2dInputGrad(g.planes, g.H * g.W, g.OH * g.OW, indicesAt, dyAt, dxAt);
  scratch.fetch(dxAt, dx);
}

export function avgPool2d(g: AvgPool2dGeometry, x: F, y: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const xAt = scratch.place(x);
  const yAt = scratch.reserve(y.length);
  exports.avgPool2d(...averages(g), xAt, yAt);
  scratch.fetch(yAt, y);
}

export function avgPool2dInputGrad(g: AvgPool2dGeometry, dy: F, dx: F): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const dyAt = scratch.place(dy);
  const dxAt = scratch.reserve(dx.length);
  exports.avgPool2dInputGrad(...averages(g), dyAt, dxAt);
  scratch.fetch(dxAt, dx);
}

function averages(g: AvgPool2dGeometry): number[] {
  const window = [g.KH, g.KW, g.SH, g.SW, g.PT, g.PL];
  return [g.planes, g.H, g.W, ...window, g.OH, g.OW, Number(g.countIncludePad), g.divisor];
}
