// Glue of the elementwise kernels of assembly/elementwise.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { BroadcastGeometry } from "../kernels.js";
import { call } from "./runtime/call.js";
import { instance } from "./runtime/instance.js";
import { JOB, RUN, runJob } from "./runtime/jobs.js";

/** Numbers of the operators, as in assembly/elementwise.ts. */
const OPERATOR = { add: 0, subtract: 1, multiply: 2, divide: 3 };

export function add(g: BroadcastGeometry, a: F, b: F, y: F): void {
  broadcast(OPERATOR.add, g, a, b, y);
}

export function subtract(g: BroadcastGeometry, a: F, b: F, y: F): void {
  broadcast(OPERATOR.subtract, g, a, b, y);
}

export function multiply(g: BroadcastGeometry, a: F, b: F, y: F): void {
  if (a.length === y.length && b.length === y.length) return elementwise(JOB.multiply, a, b, y);
  const { shape, stridesA, stridesB } = collapse(g);
  const [rows, n] = shape;
  // One factor for each row, as in a mask over image planes.
  const byRow = shape.length === 2 && stridesA[0] === n && stridesA[1] === 1 && stridesB[0] === 1 && stridesB[1] === 0;
  if (byRow) multiplyRows(rows, n, a, b, y);
  else broadcast(OPERATOR.multiply, g, a, b, y);
}

export function divide(g: BroadcastGeometry, a: F, b: F, y: F): void {
  broadcast(OPERATOR.divide, g, a, b, y);
}

export function accumulate(x: F, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const [xAt, yAt] = [scratch.place(x), scratch.place(y)];
  runJob(JOB.accumulate, Math.ceil(y.length / RUN), [y.length, xAt, yAt], 0, y.length);
  scratch.fetch(yAt, y);
}

export function exp(x: F, y: F): void {
  call("exp", [y.length], [x], y);
}

export function log(x: F, y: F): void {
  call("log", [y.length], [x], y);
}

export function sqrt(x: F, y: F): void {
  call("sqrt", [y.length], [x], y);
}

export function clamp(g: { readonly min: number; readonly max: number }, x: F, y: F): void {
  call("clamp", [y.length, g.min, g.max], [x], y);
}

export function relu(x: F, y: F): void {
  elementwise(JOB.relu, x, null, y);
}

export function reluInputGrad(y: F, dy: F, dx: F): void {
  elementwise(JOB.reluInputGrad, y, dy, dx);
}

export function sigmoid(x: F, y: F): void {
  call("sigmoid", [y.length], [x], y);
}

export function sigmoidInputGrad(y: F, dy: F, dx: F): void {
  call("sigmoidInputGrad", [dx.length], [y, dy], dx);
}

export function tanh(x: F, y: F): void {
  call("tanh", [y.length], [x], y);
}

export function tanhInputGrad(y: F, dy: F, dx: F): void {
  call("tanhInputGrad", [dx.length], [y, dy], dx);
}

// Arrays of the same length, in chunks that threads share.
function elementwise(kernel: number, a: F, b: F | null, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const n = y.length;
  const yAt = scratch.output(y);
  const aAt = scratch.place(a);
  runJob(kernel, Math.ceil(n / RUN), b === null ? [n, aAt, yAt] : [n, aAt, scratch.place(b), yAt], 0, n);
  scratch.fetch(yAt, y);
}

function multiplyRows(rows: number, n: number, a: F, b: F, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const yAt = scratch.output(y);
  const each = Math.max(1, Math.floor(RUN / n));
  const args = [rows, each, n, 1, scratch.place(a), scratch.place(b), yAt];
  runJob(JOB.multiplyRows, Math.ceil(rows / each), args, 0, y.length);
  scratch.fetch(yAt, y);
}

function broadcast(operator: number, g: BroadcastGeometry, a: F, b: F, y: F): void {
  if (y.length === 0) return;
  const { shape, stridesA, stridesB } = collapse(g);
  const lists = Int32Array.from([...shape, ...stridesA, ...stridesB, ...shape.map(() => 0)]);
  call("broadcast", [operator, shape.length], [lists, a, b], y);
}

/**
 * The same walk with the fewest axes, at least one: axes of size 1 fall away, and two through which both arrays run on
 * become one.
 */
function collapse(g: BroadcastGeometry): { shape: number[]; stridesA: number[]; stridesB: number[] } {
  const shape: number[] = [];
  const stridesA: number[] = [];
  const stridesB: number[] = [];
  g.shape.forEach((size, axis) => {
    const a = g.stridesA[axis];
    const b = g.stridesB[axis];
    const outer = shape.length - 1;
    if (size === 1) return;
    if (outer >= 0 && stridesA[outer] === a * size && stridesB[outer] === b * size) {
      shape[outer] *= size;
      stridesA[outer] = a;
      stridesB[outer] = b;
    } else {
      shape.push(size);
      stridesA.push(a);
      stridesB.push(b);
    }
  });
  return shape.length > 0 ? { shape, stridesA, stridesB } : { shape: [1], stridesA: [1], stridesB: [1] };
}
