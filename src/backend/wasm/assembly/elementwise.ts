// Elementwise kernels. Arrays are given by address, n is their length; inputs and outputs may be the same array.
// Block loop of four numbers, then remainder loop of one. The names are those of the contract, backend/kernels.ts.
import { exp4, log4, read, sigmoid4, tanh4, write } from "./math";

// Operators of `broadcast`; the glue in ../elementwise.ts numbers them alike.
const ADD = 0;
const SUBTRACT = 1;
const MULTIPLY = 2;
const DIVIDE = 3;

/**
 * y = op(a, b). `shape` is the address of four lists of i32, one entry an axis, of length rank >= 1: the sizes (none is
 * 0), the strides of a, the strides of b, and zeros, in which the outer axes count up like an odometer.
 */
export function broadcast(op: i32, rank: i32, shape: usize, a: usize, b: usize, y: usize): void {
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

/** y[r][i] = a[r][i] b[r], as of a mask with one number for each image plane. */
export function multiplyRows(rows: i32, n: i32, a: usize, b: usize, y: usize): void {
  for (let r = 0; r < rows; r++) {
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

/** y = a b, of the same shape. */
export function multiplySame(n: i32, a: usize, b: usize, y: usize): void {
  row(MULTIPLY, n, 1, 1, a, b, y);
}

/** y += x. */
export function accumulate(n: i32, x: usize, y: usize): void {
  row(ADD, n, 1, 1, y, x, y);
}

/** y = e^x. */
export function exp(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, exp4(read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, exp4(read(false, x)));
}

/** y = ln x. */
export function log(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, log4(read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, log4(read(false, x)));
}

/** y = square root of x. */
export function sqrt(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, f32x4.sqrt(read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, f32x4.sqrt(read(false, x)));
}

/** y = min(max(x, least), most); NaN stays NaN. */
export function clamp(n: i32, least: f64, most: f64, x: usize, y: usize): void {
  const lo = f32x4.splat(<f32>least);
  const hi = f32x4.splat(<f32>most);
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, f32x4.min(f32x4.max(read(true, x), lo), hi));
  for (; x < end; x += 4, y += 4) write(false, y, f32x4.min(f32x4.max(read(false, x), lo), hi));
}

/** y = x > 0 ? x : 0; NaN stays NaN. */
export function relu(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, positivePart(read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, positivePart(read(false, x)));
}

// pmax keeps NaN, but also -0: adding 0 makes that +0. Two instructions, where f32x4.max takes six.
@inline
function positivePart(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0));
}

/** dx = y <= 0 ? 0 : dy. */
export function reluInputGrad(n: i32, y: usize, dy: usize, dx: usize): void {
  const zero = f32x4.splat(0);
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, v128.andnot(read(true, dy + i), f32x4.le(read(true, y + i), zero)));
  for (; i < bytes; i += 4) write(false, dx + i, v128.andnot(read(false, dy + i), f32x4.le(read(false, y + i), zero)));
}

/** y = 1 / (1 + e^-x). */
export function sigmoid(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, sigmoid4(read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, sigmoid4(read(false, x)));
}

/** dx = dy y (1 - y). */
export function sigmoidInputGrad(n: i32, y: usize, dy: usize, dx: usize): void {
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, sigmoidSlope(read(true, y + i), read(true, dy + i)));
  for (; i < bytes; i += 4) write(false, dx + i, sigmoidSlope(read(false, y + i), read(false, dy + i)));
}

@inline
function sigmoidSlope(y: v128, dy: v128): v128 {
  return f32x4.mul(f32x4.mul(dy, y), f32x4.sub(f32x4.splat(1), y));
}

/** y = tanh x. */
export function tanh(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, tanh4(read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, tanh4(read(false, x)));
}

/** dx = dy (1 - y^2). */
export function tanhInputGrad(n: i32, y: usize, dy: usize, dx: usize): void {
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, tanhSlope(read(true, y + i), read(true, dy + i)));
  for (; i < bytes; i += 4) write(false, dx + i, tanhSlope(read(false, y + i), read(false, dy + i)));
}

// 1 - y^2 as (1 - y)(1 + y): near |y| = 1 the difference is exact, where y^2 would already be rounded.
@inline
function tanhSlope(y: v128, dy: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
}
