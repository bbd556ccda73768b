// Arithmetic of two arrays and functions of each element; activations are in activation.ts. Inputs and outputs may be the
// same array. Block loop of four numbers, then remainder loop of one.
import { exp4, log4, read, write, writeUpTo } from "./math";
import { In, InOut, on, Out, sizeOfChunk } from "./record";

// Operators of `broadcast`; the glue in ../elementwise.ts numbers them alike.
const ADD = 0;
const SUBTRACT = 1;
const MULTIPLY = 2;
const DIVIDE = 3;

@unmanaged
class Broadcast {
  each: i32; // 1: all of it is one chunk
  op: i32;
  rank: i32;
  shape: In;
  a: In;
  b: In;
  y: Out;
}

/**
 * y = op(a, b). `shape` has four lists of i32, one entry an axis, of length rank >= 1: the sizes (none is 0), the strides of
 * a, the strides of b, and zeros, in which the outer axes count up like an odometer (in the glue's own copy). One chunk.
 */
export function broadcast(r: Broadcast, chunk: i32, scratch: usize): void {
  const op = r.op;
  const rank = r.rank;
  const shape = r.shape;
  let a = r.a;
  let b = r.b;
  let y = r.y;
  const list = <usize>rank << 2;
  const inner = shape + list - 4;
  const n = load<i32>(inner);
  const stepA = load<i32>(inner + list);
  const stepB = load<i32>(inner + 2 * list);
  for (let axis: i32 = 0; axis >= 0; y += <usize>n << 2) {
    if (op == ADD) row(ADD, n, stepA, stepB, a, b, y);
    else if (op == SUBTRACT) row(SUBTRACT, n, stepA, stepB, a, b, y);
    else if (op == MULTIPLY) row(MULTIPLY, n, stepA, stepB, a, b, y);
    else row(DIVIDE, n, stepA, stepB, a, b, y);

    for (axis = rank - 2; axis >= 0; axis--) {
      const entry = shape + (<usize>axis << 2);
      const size = load<i32>(entry);
      const index = load<i32>(entry + 3 * list) + 1;
      const steps = index < size ? 1 : 1 - size; // one on, or back to the start of this axis
      a += <usize>(load<i32>(entry + list) * steps) << 2;
      b += <usize>(load<i32>(entry + 2 * list) * steps) << 2;
      store<i32>(entry + 3 * list, index < size ? index : 0);
      if (index < size) break;
    }
  }
}

@unmanaged
class MultiplyRows {
  each: i32;
  rows: i32;
  n: i32;
  a: In;
  b: In;
  y: Out;
}

/** y[r][i] = a[r][i] b[r], i < n, as of a mask with one number for each image plane. */
export function multiplyRows(r: MultiplyRows, chunk: i32, scratch: usize): void {
  const n = r.n;
  const first = chunk * r.each;
  let a = on(r.a, first * n);
  let b = on(r.b, first);
  let y = on(r.y, first * n);
  for (let i = sizeOfChunk(r.rows, r.each, chunk); i > 0; i--) {
    row(MULTIPLY, n, 1, 0, a, b, y);
    a += <usize>n << 2;
    b += 4;
    y += <usize>n << 2;
  }
}

/** y[0 .. n) = op(a, b), where a and b go on by stepA and stepB numbers; 0 repeats one number. */
@inline
function row(op: i32, n: i32, stepA: i32, stepB: i32, a: usize, b: usize, y: usize): void {
  const end = y + (<usize>n << 2);
  const blocks = <u32>stepA > 1 || <u32>stepB > 1 ? y : y + ((<usize>n >> 2) << 4);
  const oneA = v128.load32_splat(a);
  const oneB = v128.load32_splat(b);
  for (; y < blocks; y += 16) {
    write(true, y, apply(op, stepA == 1 ? read(true, a) : oneA, stepB == 1 ? read(true, b) : oneB));
    a += <usize>stepA << 4;
    b += <usize>stepB << 4;
  }
  for (; y < end; y += 4) {
    write(false, y, apply(op, read(false, a), read(false, b)));
    a += <usize>stepA << 2;
    b += <usize>stepB << 2;
  }
}

@inline
function apply(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUBTRACT) return f32x4.sub(a, b);
  if (op == MULTIPLY) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}

@unmanaged
class Multiply {
  each: i32;
  n: i32;
  a: In;
  b: In;
  y: Out;
}

/** y = a b, of the same shape. */
export function multiply(r: Multiply, chunk: i32, scratch: usize): void {
  const from = <usize>(chunk * r.each) << 2;
  row(MULTIPLY, sizeOfChunk(r.n, r.each, chunk), 1, 1, r.a + from, r.b + from, r.y + from);
}

@unmanaged
class Accumulate {
  each: i32;
  n: i32;
  x: In;
  y: InOut;
}

/** y += x. */
export function accumulate(r: Accumulate, chunk: i32, scratch: usize): void {
  const from = <usize>(chunk * r.each) << 2;
  const y = r.y + from;
  row(ADD, sizeOfChunk(r.n, r.each, chunk), 1, 1, y, r.x + from, y);
}

// Functions of `map`; the glue in ../elementwise.ts numbers them alike.
const EXP = 0;
const LOG = 1;
const SQRT = 2;

@unmanaged
class Map {
  each: i32;
  f: i32;
  n: i32;
  x: In;
  y: Out;
  min: f64;
  max: f64;
}

/** y = e^x, ln x, square root of x, or min(max(x, r.min), r.max); NaN stays NaN. */
export function map(r: Map, chunk: i32, scratch: usize): void {
  const from = <usize>(chunk * r.each) << 2;
  let x = r.x + from;
  let y = r.y + from;
  const end = y + (<usize>sizeOfChunk(r.n, r.each, chunk) << 2);
  if (r.f == EXP) {
    for (; y < end; x += 16, y += 16) writeUpTo(end, y, exp4(v128.load(x)));
  } else if (r.f == LOG) {
    for (; y < end; x += 16, y += 16) writeUpTo(end, y, log4(v128.load(x)));
  } else if (r.f == SQRT) {
    for (; y < end; x += 16, y += 16) writeUpTo(end, y, f32x4.sqrt(v128.load(x)));
  } else {
    const lo = f32x4.splat(<f32>r.min);
    const hi = f32x4.splat(<f32>r.max);
    for (; y + 16 <= end; x += 16, y += 16) write(true, y, f32x4.min(f32x4.max(read(true, x), lo), hi));
    for (; y < end; x += 4, y += 4) write(false, y, f32x4.min(f32x4.max(read(false, x), lo), hi));
  }
}
