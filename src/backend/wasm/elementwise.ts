// Glue of the elementwise kernels of assembly/elementwise.ts. It exports the contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { BroadcastGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "./runtime/jobs.js";

/** Numbers of the operators, as in assembly/elementwise.ts. */
const OPERATOR = { add: 0, subtract: 1, multiply: 2, divide: 3 };

export function add(g: BroadcastGeometry, a: F, b: F, y: F): void {
  broadcast(OPERATOR.add, g, a, b, y);
}

export function subtract(g: BroadcastGeometry, a: F, b: F, y: F): void {
  broadcast(OPERATOR.subtract, g, a, b, y);
}

export function multiply(g: BroadcastGeometry, a: F, b: F, y: F): void {
  if (a.length === y.length && b.length === y.length) {
    return call(assembly.multiply, { n: y.length, each: RUN, a, b, y }, y.length);
  }
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
  call(assembly.accumulate, { n: y.length, each: RUN, x, y }, y.length);
}

export function exp(x: F, y: F): void {
  call(assembly.exp, { n: y.length, each: RUN, x, y }, y.length);
}

export function log(x: F, y: F): void {
  call(assembly.log, { n: y.length, each: RUN, x, y }, y.length);
}

export function sqrt(x: F, y: F): void {
  call(assembly.sqrt, { n: y.length, each: RUN, x, y }, y.length);
}

export function clamp(g: { readonly min: number; readonly max: number }, x: F, y: F): void {
  call(assembly.clamp, { n: y.length, each: RUN, x, y, min: g.min, max: g.max }, y.length);
}

function multiplyRows(rows: number, n: number, a: F, b: F, y: F): void {
  const each = Math.max(1, Math.floor(RUN / n));
  call(assembly.multiplyRows, { rows, each, n, a, b, y }, rows, y.length);
}

function broadcast(op: number, g: BroadcastGeometry, a: F, b: F, y: F): void {
  if (y.length === 0) return;
  const { shape, stridesA, stridesB } = collapse(g);
  const lists = Int32Array.from([...shape, ...stridesA, ...stridesB, ...shape.map(() => 0)]);
  call(assembly.broadcast, { op, rank: shape.length, each: 1, shape: lists, a, b, y }, 1);
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
