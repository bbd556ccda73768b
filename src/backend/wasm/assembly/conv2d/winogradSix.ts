// The one-dimensional transforms of winograd.ts on 6 points, for tiles of 6 x 6: four lanes at a time. The points are 0, a, -a, b, -b
// and infinity, with a = 3/4 and b = 3/2:
//
//         |p  0 -q  0  1  0|         |1  0  0   0  |          |1  1  1   1  1   0|
//         |0 -ab' -b'  a 1 0|        |1  a  a^2 a^3|          |0  a -a   b -b   0|
//   B^T = |0  ab' -b' -a 1 0|   G = s |1 -a  a^2 -a^3|  A^T = |0 a^2 a^2 b^2 b^2 0|  of m rows
//         |0 -ba' -a'  b 1 0|        |1  b  b^2 b^3|          |0 a^3 -a^3 b^3 -b^3 0|
//         |0  ba' -a' -b 1 0|        |1 -b  b^2 -b^3|         |.  .  .   .  .   1|  the last 1 in the last row
//         |0  p  0 -q  0  1|         |0  0  ..    1   |
//
// a' = a^2 = 9/16, b' = b^2 = 9/4, p = a' b' = 81/64, q = a' + b' = 45/16: exact in float32; s = 64/81, -128/243 (twice),
// 32/243 (twice), 1. The points of the textbook, 0, 1, -1, 2, -2, lose three to five times as much to rounding.
import { times } from "./winograd";

// The powers of the points, a to a^4 and b to b^4, then p, q, -q, a b^2 and a^2 b.
const CONSTANTS = memory.data<f32>([
  0.75, 0.5625, 0.421875, 0.31640625, 1.5, 2.25, 3.375, 5.0625, 1.265625, 2.8125, -2.8125, 1.6875, 0.84375,
]);
const A1 = CONSTANTS;
const A2 = CONSTANTS + 4;
const B1 = CONSTANTS + 16;
const B2 = CONSTANTS + 20;
const P = CONSTANTS + 32;
const Q = CONSTANTS + 36;
const MINUS_Q = CONSTANTS + 40;
const A1_B2 = CONSTANTS + 44;
const A2_B1 = CONSTANTS + 48;

/** a^i, i from 1 to 4. */
@inline
function powerA(i: i32): usize {
  return CONSTANTS + (<usize>(i - 1) << 2);
}

/** b^i. */
@inline
function powerB(i: i32): usize {
  return CONSTANTS + (<usize>(i + 3) << 2);
}

/** Stores B^T d: six vectors, `step` bytes apart. */
@inline
export function storeData(to: usize, step: usize, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128): void {
  v128.store(to, f32x4.add(f32x4.sub(times(d0, P), times(d2, Q)), d4));
  let even = f32x4.sub(d4, times(d2, B2));
  let odd = times(f32x4.sub(d3, times(d1, B2)), A1);
  v128.store(to + step, f32x4.add(even, odd));
  v128.store(to + 2 * step, f32x4.sub(even, odd));
  even = f32x4.sub(d4, times(d2, A2));
  odd = times(f32x4.sub(d3, times(d1, A2)), B1);
  v128.store(to + 3 * step, f32x4.add(even, odd));
  v128.store(to + 4 * step, f32x4.sub(even, odd));
  v128.store(to + 5 * step, f32x4.add(f32x4.sub(times(d1, P), times(d3, Q)), d5));
}

/** Stores G w without the factors s: six vectors from r of w0 to w4 (r = 2 .. 5), `step` bytes apart. */
@inline
export function storeFilter(to: usize, step: usize, r: i32, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): void {
  let evenA = w0, oddA = times(w1, A1), evenB = w0, oddB = times(w1, B1), last = w1; // sums of even and odd powers
  if (r > 2) {
    evenA = f32x4.add(evenA, times(w2, A2));
    evenB = f32x4.add(evenB, times(w2, B2));
    last = w2;
  }
  if (r > 3) {
    oddA = f32x4.add(oddA, times(w3, powerA(3)));
    oddB = f32x4.add(oddB, times(w3, powerB(3)));
    last = w3;
  }
  if (r > 4) {
    evenA = f32x4.add(evenA, times(w4, powerA(4)));
    evenB = f32x4.add(evenB, times(w4, powerB(4)));
    last = w4;
  }
  v128.store(to, w0);
  v128.store(to + step, f32x4.add(evenA, oddA));
  v128.store(to + 2 * step, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * step, f32x4.add(evenB, oddB));
  v128.store(to + 4 * step, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * step, last);
}

/**
 * Row i of A^T v, which has m rows, from v0, v1 + v2, v1 - v2, v3 + v4, v3 - v4 and v5: all rows share the sums and
 * differences.
 */
@inline
export function outputRow(
  i: i32, m: i32, v0: v128, plus1: v128, minus1: v128, plus2: v128, minus2: v128, v5: v128,
): v128 {
  let y: v128;
  if (i == 0) y = f32x4.add(v0, f32x4.add(plus1, plus2));
  else if ((i & 1) == 0) y = f32x4.add(times(plus1, powerA(i)), times(plus2, powerB(i)));
  else y = f32x4.add(times(minus1, powerA(i)), times(minus2, powerB(i)));
  return i == m - 1 ? f32x4.add(y, v5) : y;
}

/** Row i of B v, of six rows, from the same sums and differences. */
@inline
export function dataRow(i: i32, v0: v128, plus1: v128, minus1: v128, plus2: v128, minus2: v128, v5: v128): v128 {
  if (i == 0) return times(v0, P);
  if (i == 1) return f32x4.sub(times(v5, P), f32x4.add(times(minus1, A1_B2), times(minus2, A2_B1)));
  if (i == 2) return f32x4.sub(times(v0, MINUS_Q), f32x4.add(times(plus1, B2), times(plus2, A2)));
  if (i == 3) return f32x4.sub(f32x4.add(times(minus1, A1), times(minus2, B1)), times(v5, Q));
  if (i == 4) return f32x4.add(v0, f32x4.add(plus1, plus2));
  return v5;
}
