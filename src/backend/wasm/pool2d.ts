// Calls the WebAssembly poolings; a chunk is some image planes.
import type { FloatArray as F } from "../../base/tensor.js";
import type { AvgPool2dGeometry, Pool2dGeometry } from "../kernels.js";
import { instance } from "./runtime/instance.js";
import { JOB, runJob } from "./runtime/jobs.js";

export function maxPool2d(g: Pool2dGeometry, x: F, y: F, indices: Int32Array | null): void {
  const { scratch } = instance();
  scratch.reset();
  const [xAt, yAt, indicesAt] = [scratch.place(x), scratch.output(y), indices === null ? 0 : scratch.output(indices)];
  const window = [g.KH, g.KW, g.SH, g.SW, g.DH, g.DW, g.PT, g.PL];
  run(JOB.maxPool2d, g, [xAt, yAt, indicesAt, ...window], x.length);
  scratch.fetch(yAt, y);
  if (indices !== null) scratch.fetch(indicesAt, indices);
}

export function maxPool2dInputGrad(g: Pool2dGeometry, indices: Int32Array, dy: F, dx: F): void {
  const { scratch } = instance();
  scratch.reset();
  const dxAt = scratch.output(dx);
  run(JOB.maxPool2dInputGrad, g, [scratch.place(indices), scratch.place(dy), dxAt], dx.length);
  scratch.fetch(dxAt, dx);
}

export function avgPool2d(g: AvgPool2dGeometry, x: F, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const yAt = scratch.output(y);
  run(JOB.avgPool2d, g, [scratch.place(x), yAt, ...averages(g)], x.length);
  scratch.fetch(yAt, y);
}

export function avgPool2dInputGrad(g: AvgPool2dGeometry, dy: F, dx: F): void {
  const { scratch } = instance();
  scratch.reset();
  const dxAt = scratch.output(dx);
  run(JOB.avgPool2dInputGrad, g, [scratch.place(dy), dxAt, ...averages(g)], dx.length);
  scratch.fetch(dxAt, dx);
}

// avgPool2d's arguments 6 and 7 are arrays, 8 and 9 the divisor rule, then the window.
function averages(g: AvgPool2dGeometry): number[] {
  return [Number(g.countIncludePad), g.divisor, g.KH, g.KW, g.SH, g.SW, g.PT, g.PL];
}

function run(kernel: number, g: Pool2dGeometry, rest: readonly number[], work: number): void {
  const planes = Math.max(1, Math.floor(8192 / (g.H * g.W)));
  runJob(kernel, Math.ceil(g.planes / planes), [g.planes, planes, g.H, g.W, g.OH, g.OW, ...rest], 0, work);
}
