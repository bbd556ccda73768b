// Winograd's minimal filtering: m outputs of a filter with r taps from m + r - 1 = 6 products instead of m * r.
//
//   y = A^T ((G w) * (B^T d))                   d [6] data, w [r] taps, y [m], * elementwise
//   Y = A^T ((G w G^T) * (B^T d B)) A           the same in rows and columns: 36 products for an m x m tile
//
// Data and filter are polynomials, which the transforms evaluate at 0, 1, -1, 2, -2 and infinity. So B^T is the same
// for each r, G has the powers of the points in its rows, scaled by s = 1/4, -1/6, -1/6, 1/24, 1/24, 1, and A^T in its
// columns:
//
//         |4  0 -5  0  1  0|         |1  0  0  0 ..|          |1  1  1  1  1  0|
//         |0 -4 -4  1  1  0|         |1  1  1  1 ..|          |0  1 -1  2 -2  0|
//   B^T = |0  4 -4 -1  1  0|   G = s |1 -1  1 -1 ..|    A^T = |0  1  1  4  4  0|  of m rows
//         |0 -2 -1  2  1  0|         |1  2  4  8 ..|          |0  1 -1  8 -8  0|
//         |0  2 -1 -2  1  0|         |1 -2  4 -8 ..|          |. .  .  .  .   1|  the last 1 in the last row
//         |0  4  0 -5  0  1|         |0  0 .. 0   1|
//
// 3x3 kernels: y and dx by F(m=4, r=3), dw by F(3, 4), where tiles of dy are the filter and the kernel is the output.
// 5x5 kernels: F(2, 5) and F(5, 2). Sources: Winograd, Arithmetic complexity of computations, SIAM 1980; Lavin & Gray,
// Fast algorithms for convolutional neural networks, CVPR 2016 (summing the products over the channels before A^T).
//
// This file is the one-dimensional transforms of four lanes, and the product. winogradTiles.ts: in two dimensions;
// winogradWeights.ts: the weights; winogradConv2d.ts: y and dx; winogradOverlapAdd.ts: dx by the adjoint;
// winogradWeightGrad.ts: dw. What serves a geometry is decided in passes.ts.
import { madd } from "./tile";

/** Tiles are 6 x 6. */
export const POINTS = 36;

@inline
function times(v: v128, factor: f32): v128 {
  return f32x4.mul(v, f32x4.splat(factor));
}

/** Stores B^T d: six vectors, `step` bytes apart. */
@inline
export function storeData(to: usize, step: usize, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128): void {
  const even = f32x4.sub(d4, d2);
  const odd = f32x4.sub(d3, d1);
  v128.store(to, f32x4.add(times(f32x4.sub(d0, d2), 4), even));
  const p = f32x4.sub(d4, times(d2, 4));
  const q = f32x4.sub(d3, times(d1, 4));
  v128.store(to + step, f32x4.add(p, q));
  v128.store(to + 2 * step, f32x4.sub(p, q));
  const twice = f32x4.add(odd, odd);
  v128.store(to + 3 * step, f32x4.add(even, twice));
  v128.store(to + 4 * step, f32x4.sub(even, twice));
  v128.store(to + 5 * step, f32x4.sub(f32x4.sub(d5, d3), times(odd, 4)));
}

/** Stores G w without the factors s: six vectors from r of w0 to w4 (r = 2 .. 5), `step` bytes apart. */
@inline
export function storeFilter(to: usize, step: usize, r: i32, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): void {
  let even1 = w0, odd1 = w1, even2 = w0, odd2 = f32x4.add(w1, w1), last = w1; // sums of even and odd powers of 1 and 2
  if (r > 2) {
    even1 = f32x4.add(even1, w2);
    even2 = f32x4.add(even2, times(w2, 4));
    last = w2;
  }
  if (r > 3) {
    odd1 = f32x4.add(odd1, w3);
    odd2 = f32x4.add(odd2, times(w3, 8));
    last = w3;
  }
  if (r > 4) {
    even1 = f32x4.add(even1, w4);
    even2 = f32x4.add(even2, times(w4, 16));
    last = w4;
  }
  v128.store(to, w0);
  v128.store(to + step, f32x4.add(even1, odd1));
  v128.store(to + 2 * step, f32x4.sub(even1, odd1));
  v128.store(to + 3 * step, f32x4.add(even2, odd2));
  v128.store(to + 4 * step, f32x4.sub(even2, odd2));
  v128.store(to + 5 * step, last);
}

/** The factor s of a point in G. */
@inline
export function filterScale(point: i32): f32 {
  if (point == 0) return 0.25;
  if (point == 5) return 1;
  return point < 3 ? <f32>(-1.0 / 6.0) : <f32>(1.0 / 24.0);
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
  else if (i == 1) y = f32x4.add(minus1, f32x4.add(minus2, minus2));
  else if ((i & 1) == 0) y = f32x4.add(plus1, times(plus2, <f32>(1 << i)));
  else y = f32x4.add(minus1, times(minus2, <f32>(1 << i)));
  return i == m - 1 ? f32x4.add(y, v5) : y;
}

/**
 * out[r][c] = sum over d of a[r / 4][d][r % 4] * b[c / 8][d][c % 8], or out += with `accumulate`.
 * a [rows / 4][depth][4], b [cols / 8][depth][8], out [rows][cols]; rows a multiple of 4, cols of 8. Each sum runs in
 * the order of d. The tile of eight accumulators is that of tile.ts.
 */
export function multiply(a: usize, b: usize, rows: i32, cols: i32, depth: i32, out: usize, accumulate: bool): void {
  const pitch = <usize>cols << 2;
  const aBytes = <usize>depth << 4;
  for (let r = 0; r < rows; r += 4) {
    const end = a + aBytes;
    let x = b;
    for (let c: usize = 0; c < pitch; c += 32) {
      const to = out + c;
      let y00 = f32x4.splat(0), y01 = y00, y10 = y00, y11 = y00, y20 = y00, y21 = y00, y30 = y00, y31 = y00;
      if (accumulate) {
        y00 = v128.load(to);
        y01 = v128.load(to, 16);
        y10 = v128.load(to + pitch);
        y11 = v128.load(to + pitch, 16);
        y20 = v128.load(to + 2 * pitch);
        y21 = v128.load(to + 2 * pitch, 16);
        y30 = v128.load(to + 3 * pitch);
        y31 = v128.load(to + 3 * pitch, 16);
      }
      for (let at = a; at < end; at += 16) {
        const x0 = v128.load(x), x1 = v128.load(x, 16);
        let w = v128.load32_splat(at);
        y00 = madd(y00, w, x0);
        y01 = madd(y01, w, x1);
        w = v128.load32_splat(at, 4);
        y10 = madd(y10, w, x0);
        y11 = madd(y11, w, x1);
        w = v128.load32_splat(at, 8);
        y20 = madd(y20, w, x0);
        y21 = madd(y21, w, x1);
        w = v128.load32_splat(at, 12);
        y30 = madd(y30, w, x0);
        y31 = madd(y31, w, x1);
        x += 32;
      }
      v128.store(to, y00);
      v128.store(to, y01, 16);
      v128.store(to + pitch, y10);
      v128.store(to + pitch, y11, 16);
      v128.store(to + 2 * pitch, y20);
      v128.store(to + 2 * pitch, y21, 16);
      v128.store(to + 3 * pitch, y30);
      v128.store(to + 3 * pitch, y31, 16);
    }
    a = end;
    out += 4 * pitch;
  }
}
