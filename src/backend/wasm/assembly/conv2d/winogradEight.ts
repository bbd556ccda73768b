// The one-dimensional transforms of winograd.ts on 8 points, for tiles of 8 x 8: four lanes at a time. The points are 0, infinity and
// three pairs a, -a with a = 1, 2 and 1/2:
//
//         | 1  0 -q  0  q  0 -1 0|          |1  0  0   0   0  |          |1  1  1  1  1 ..  0|
//   B^T = | 0 av  v -au -u a  1 0|    G = s |1  a a^2 a^3  a^4|    A^T = |0  a -a ..        0|  of m rows
//         | 0-av  v  au -u -a 1 0|          |1 -a a^2 -a^3 a^4|          |0 a^2 a^2 ..      0|
//         | 0 -1  0  q  0 -q 0  1|          |.. 0  0  ..    1 |          |0 a^3 -a^3 ..     1|  the last 1 in the last row
//
// with two rows for each a, where u = b^2 + c^2 and v = b^2 c^2 of the two other pairs, and q = 1 + 4 + 1/4; s = 1, -2/9 (twice),
// 1/90 (twice), 32/45 (twice), 1. The first row of B^T has its sign turned, and so has its s. Other points that were tried, among
// them pairs of 3/4, 3/2 and 3, lose more to rounding.
import { times } from "./winograd";

// Of each pair a, a^2, a^3, a^4, u and v; then q.
const PAIRS = memory.data<f32>([
  1, 1, 1, 1, 4.25, 1, 2, 4, 8, 16, 1.25, 0.25, 0.5, 0.25, 0.125, 0.0625, 5, 4, 5.25,
]);
const PAIR: usize = 24;
const END = PAIRS + 3 * PAIR;
const Q = END;

const U: usize = 16;
const V: usize = 20;

/** Stores B^T d: eight vectors, `step` bytes apart. */
@inline
export function storeData(
  to: usize, step: usize, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, d7: v128,
): void {
  v128.store(to, f32x4.add(f32x4.sub(d0, d6), times(f32x4.sub(d4, d2), Q)));
  v128.store(to + 7 * step, f32x4.add(f32x4.sub(d7, d1), times(f32x4.sub(d3, d5), Q)));
  for (let pair = PAIRS; pair < END; pair += PAIR) {
    const even = f32x4.sub(f32x4.add(d6, times(d2, pair + V)), times(d4, pair + U));
    const odd = times(f32x4.sub(f32x4.add(d5, times(d1, pair + V)), times(d3, pair + U)), pair);
    to += step;
    v128.store(to, f32x4.add(even, odd));
    to += step;
    v128.store(to, f32x4.sub(even, odd));
  }
}

/** Stores G w without the factors s: eight vectors from w0 to w4, of which the last is nothing for r = 4, `step` bytes apart. */
@inline
export function storeFilter(to: usize, step: usize, r: i32, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): void {
  v128.store(to, w0);
  v128.store(to + 7 * step, r == 5 ? w4 : w3);
  for (let pair = PAIRS; pair < END; pair += PAIR) {
    let even = f32x4.add(w0, times(w2, pair + 4));
    const odd = f32x4.add(times(w1, pair), times(w3, pair + 8));
    if (r == 5) even = f32x4.add(even, times(w4, pair + 12));
    to += step;
    v128.store(to, f32x4.add(even, odd));
    to += step;
    v128.store(to, f32x4.sub(even, odd));
  }
}

// x1 a^i + x2 b^i + x3 c^i for i from 1 to 4, of which the first is 1; i = 5 and 6 stand for u and v.
@inline
function weighed(i: i32, x1: v128, x2: v128, x3: v128): v128 {
  const at = PAIRS + (<usize>(i - 1) << 2);
  const first = i == 5 ? times(x1, at) : x1;
  return f32x4.add(first, f32x4.add(times(x2, at + PAIR), times(x3, at + 2 * PAIR)));
}

/**
 * Row i of A^T v, which has m rows, from v0, the sums and differences of the three pairs, and v7: all rows share these.
 */
@inline
export function outputRow(
  i: i32, m: i32, v0: v128, plus1: v128, minus1: v128, plus2: v128, minus2: v128, plus3: v128, minus3: v128, v7: v128,
): v128 {
  let y: v128;
  if (i == 0) y = f32x4.add(f32x4.add(v0, plus1), f32x4.add(plus2, plus3));
  else if ((i & 1) == 0) y = weighed(i, plus1, plus2, plus3);
  else y = weighed(i, minus1, minus2, minus3);
  return i == m - 1 ? f32x4.add(y, v7) : y;
}

/** Row i of B v, of eight rows, from the same sums, and the differences times a of each pair. */
@inline
export function dataRow(
  i: i32, v0: v128, plus1: v128, odd1: v128, plus2: v128, odd2: v128, plus3: v128, odd3: v128, v7: v128,
): v128 {
  if (i == 0) return v0;
  if (i == 1) return f32x4.sub(weighed(6, odd1, odd2, odd3), v7);
  if (i == 2) return f32x4.sub(weighed(6, plus1, plus2, plus3), times(v0, Q));
  if (i == 3) return f32x4.sub(times(v7, Q), weighed(5, odd1, odd2, odd3));
  if (i == 4) return f32x4.sub(times(v0, Q), weighed(5, plus1, plus2, plus3));
  if (i == 5) return f32x4.sub(f32x4.add(odd1, f32x4.add(odd2, odd3)), times(v7, Q));
  if (i == 6) return f32x4.sub(f32x4.add(plus1, f32x4.add(plus2, plus3)), v0);
  return v7;
}

/** The difference of a pair times its a, as dataRow wants it: pair 2 or 3. */
@inline
export function oddOf(pair: i32, minus: v128): v128 {
  return times(minus, PAIRS + <usize>(pair - 1) * PAIR);
}
