// Glue of the elementwise kernels of assembly/elementwise.ts.
import type { BroadcastGeometry, Kept, Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { call, RUN } from "./runtime/jobs.js";

/** Numbers of the operators, as in assembly/elementwise.ts. */
const OPERATOR = { add: 0, subtract: 1, multiply: 2, divide: 3 };

/** Numbers of the functions, likewise. */
const FUNCTION = { exp: 0, log: 1, sqrt: 2, clamp: 3 };

export const elementwise = {
  add(g, a, b, y) {
    broadcast(OPERATOR.add, g, a, b, y);
  },

  subtract(g, a, b, y) {
    broadcast(OPERATOR.subtract, g, a, b, y);
  },

  multiply(g, a, b, y) {
    if (a.length === y.length && b.length === y.length) {
      return call(assembly.multiply, null, [RUN, y.length, a, b, y], y.length);
    }
    const { shape, stridesA, stridesB } = collapse(g);
    const [rows, n] = shape;
    // One factor for each row, as in a mask over image planes.
    const byRow =
      shape.length === 2 && stridesA[0] === n && stridesA[1] === 1 && stridesB[0] === 1 && stridesB[1] === 0;
    if (byRow) multiplyRows(rows, n, a, b, y);
    else broadcast(OPERATOR.multiply, g, a, b, y);
  },

  divide(g, a, b, y) {
    broadcast(OPERATOR.divide, g, a, b, y);
  },

  accumulate(x, y) {
    call(assembly.accumulate, null, [RUN, y.length, x, y], y.length);
  },

  exp(x, y) {
    map(FUNCTION.exp, x, y);
  },

  log(x, y) {
    map(FUNCTION.log, x, y);
  },

  sqrt(x, y) {
    map(FUNCTION.sqrt, x, y);
  },

  clamp(g, x, y) {
    map(FUNCTION.clamp, x, y, g.min, g.max);
  },
} satisfies Partial<Kernels>;

function map(f: number, x: Kept, y: Kept, min: number = 0, max: number = 0): void {
  call(assembly.map, null, [RUN, f, y.length, x, y, min, max], y.length);
}

function multiplyRows(rows: number, n: number, a: Kept, b: Kept, y: Kept): void {
  const each = Math.max(1, Math.floor(RUN / n));
  call(assembly.multiplyRows, null, [each, rows, n, a, b, y], rows, y.length);
}

function broadcast(op: number, g: BroadcastGeometry, a: Kept, b: Kept, y: Kept): void {
  if (y.length === 0) return;
  const { shape, stridesA, stridesB } = collapse(g);
  const lists = Int32Array.from([...shape, ...stridesA, ...stridesB, ...shape.map(() => 0)]);
  call(assembly.broadcast, null, [1, op, shape.length, lists, a, b, y], 1);
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
