// Glue of the softmax kernels: places arrays in kernel memory, calls assembly/softmax.ts, fetches the result.
// It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../tensor.js";
import type { AxisGeometry } from "../kernels.js";
import { instance } from "./instance.js";

export function softmax(g: AxisGeometry, x: F, y: F): void {
  map(instance().exports.softmax, g, x, y);
}

export function softmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void {
  inputGrad(instance().exports.softmaxInputGrad, g, y, dy, dx);
}

export function logSoftmax(g: AxisGeometry, x: F, y: F): void {
  map(instance().exports.logSoftmax, g, x, y);
}

export function logSoftmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void {
  inputGrad(instance().exports.logSoftmaxInputGrad, g, y, dy, dx);
}

type Kernel = (...args: number[]) => number;

function map(kernel: Kernel, g: AxisGeometry, x: F, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const xAt = scratch.place(x);
  const yAt = scratch.output(y);
  kernel(g.outer, g.size, g.inner, xAt, yAt);
  scratch.fetch(yAt, y);
}

function inputGrad(kernel: Kernel, g: AxisGeometry, y: F, dy: F, dx: F): void {
  const { scratch } = instance();
  scratch.reset();
  const yAt = scratch.place(y);
  const dyAt = scratch.place(dy);
  const dxAt = scratch.output(dx);
  kernel(g.outer, g.size, g.inner, yAt, dyAt, dxAt);
  scratch.fetch(dxAt, dx);
}
