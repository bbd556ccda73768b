// Sums, maxima and exponentials of a row (n numbers in one piece) or of four neighboring columns (n numbers each, `step` bytes
// from one to the next): what reductions, softmax and cross-entropy share. Not a kernel file: it is not in index.ts. Sums run
// in float64 lanes and are rounded once; the order of addition depends on n alone.
import { exp4, high, log2, logOf, low, narrow, read, write } from "./math";

/** Sum of x[0 .. n), in eight lanes of float64; the order of addition depends on n alone. */
export function rowSum(n: i32, x: usize): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 3) << 5);
  for (; x < blocks; x += 32) {
    const first = v128.load(x);
    const second = v128.load(x, 16);
    a = f64x2.add(a, low(first));
    b = f64x2.add(b, high(first));
    c = f64x2.add(c, low(second));
    d = f64x2.add(d, high(second));
  }
  let sum = lanesSum(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; x < end; x += 4) sum += <f64>f32.load(x);
  return sum;
}

/** Sum of (x[0 .. n) - mean)^2, in four lanes of float64. */
export function rowSquares(n: i32, x: usize, mean: f64): f64 {
  const means = f64x2.splat(mean);
  let a = f64x2.splat(0);
  let b = a;
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16) {
    const lo = f64x2.sub(low(v128.load(x)), means);
    const hi = f64x2.sub(high(v128.load(x)), means);
    a = f64x2.add(a, f64x2.mul(lo, lo));
    b = f64x2.add(b, f64x2.mul(hi, hi));
  }
  let sum = lanesSum(f64x2.add(a, b));
  for (; x < end; x += 4) {
    const difference = <f64>f32.load(x) - mean;
    sum += difference * difference;
  }
  return sum;
}

/** Sum of a b over n numbers, in float64, where the products are exact. */
export function rowDot(n: i32, a: usize, b: usize): f64 {
  let lo = f64x2.splat(0);
  let hi = lo;
  const end = a + (<usize>n << 2);
  const blocks = a + ((<usize>n >> 2) << 4);
  for (; a < blocks; a += 16, b += 16) {
    lo = f64x2.add(lo, f64x2.mul(low(v128.load(a)), low(v128.load(b))));
    hi = f64x2.add(hi, f64x2.mul(high(v128.load(a)), high(v128.load(b))));
  }
  let sum = lanesSum(f64x2.add(lo, hi));
  for (; a < end; a += 4, b += 4) sum += <f64>f32.load(a) * <f64>f32.load(b);
  return sum;
}

/** Sum of the two lanes of an f64x2. */
@inline
export function lanesSum(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Largest of x[0 .. n), -Infinity for n = 0; a NaN gives NaN. */
export function rowMax(n: i32, x: usize): f32 {
  return extreme(true, n, x);
}

/** Smallest of x[0 .. n), Infinity for n = 0; a NaN gives NaN. */
export function rowMin(n: i32, x: usize): f32 {
  return extreme(false, n, x);
}

// pmax and pmin are one instruction each, where f32x4.max and min take six. But they pass over a NaN, so those are
// looked for, and take -0 and +0 for equals, so a row whose result is 0 is gone through again.
@inline
function extreme(largest: bool, n: i32, x: usize): f32 {
  let a = f32x4.splat(largest ? -Infinity : Infinity);
  let b = a;
  let nan = i32x4.splat(0);
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 3) << 5);
  for (; x < blocks; x += 32) {
    const first = v128.load(x);
    const second = v128.load(x, 16);
    a = better(largest, a, first);
    b = better(largest, b, second);
    nan = v128.or(nan, v128.or(f32x4.ne(first, first), f32x4.ne(second, second)));
  }
  for (; x < end; x += 4) {
    const value = v128.load32_splat(x);
    a = better(largest, a, value);
    nan = v128.or(nan, f32x4.ne(value, value));
  }
  a = better(largest, a, b);
  a = better(largest, a, v128.shuffle<f32>(a, a, 2, 3, 2, 3));
  a = better(largest, a, v128.shuffle<f32>(a, a, 1, 1, 1, 1));
  if (v128.any_true(nan)) return NaN;
  let result = f32x4.extract_lane(a, 0);
  if (result == 0) {
    for (x = end - (<usize>n << 2); x < end; x += 4) {
      result = largest ? max(result, f32.load(x)) : min(result, f32.load(x));
    }
  }
  return result;
}

@inline
function better(largest: bool, a: v128, b: v128): v128 {
  return largest ? f32x4.pmax(a, b) : f32x4.pmin(a, b);
}

/** y[0 .. n) = e^(x - max), unless y is 0; returns their sum. */
export function rowExp(n: i32, x: usize, max: f32, y: usize): f64 {
  const shift = f32x4.splat(max);
  let a = f64x2.splat(0);
  let b = a;
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const e = exp4(f32x4.sub(v128.load(x + i), shift));
    if (y != 0) v128.store(y + i, e);
    a = f64x2.add(a, low(e));
    b = f64x2.add(b, high(e));
  }
  let sum = lanesSum(f64x2.add(a, b));
  for (; i < bytes; i += 4) {
    const e = exp4(f32x4.sub(v128.load32_splat(x + i), shift));
    if (y != 0) v128.store32_lane(y + i, e, 0);
    sum += <f64>f32x4.extract_lane(e, 0);
  }
  return sum;
}

/** ln of the sum of e^(x[0 .. n) - max). */
export function rowLogSumExp(n: i32, x: usize, max: f32): f32 {
  return <f32>logOf(rowExp(n, x, max, 0));
}

/** Largest of each column; passes over NaN, which then makes the column's sum of exponentials NaN. */
export function columnsMax(four: bool, n: i32, step: usize, x: usize): v128 {
  let max = f32x4.splat(-Infinity);
  for (const end = x + <usize>n * step; x < end; x += step) max = f32x4.pmax(max, read(four, x));
  return max;
}

/** y = e^(x - max) in each column; returns the sums. */
export function columnsExp(four: bool, n: i32, step: usize, x: usize, max: v128, y: usize): v128 {
  let a = f64x2.splat(0);
  let b = a;
  for (const end = x + <usize>n * step; x < end; x += step, y += step) {
    const e = exp4(f32x4.sub(read(four, x), max));
    write(four, y, e);
    a = f64x2.add(a, low(e));
    b = f64x2.add(b, high(e));
  }
  return narrow(a, b);
}

/** ln of the sum of e^(x - max) of each column. */
export function columnsLogSumExp(four: bool, n: i32, step: usize, x: usize, max: v128): v128 {
  let a = f64x2.splat(0);
  let b = a;
  for (const end = x + <usize>n * step; x < end; x += step) {
    const e = exp4(f32x4.sub(read(four, x), max));
    a = f64x2.add(a, low(e));
    b = f64x2.add(b, high(e));
  }
  return narrow(log2(a), log2(b));
}
