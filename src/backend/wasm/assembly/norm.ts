// Normalization of x [N, C, P] and its gradients. A plane is the P pixels of one sample and channel; a statistic is the mean and
// the variance of some planes: of a channel in all samples, or of a group of channels in one sample. A chunk is some
// statistics, with all that hangs on them: what was read for the sums is still in the cache for the second look.
import { read, write } from "./math";
import { Flag, In, InOut, on, Out, Room, sizeOfChunk } from "./record";
import { rowDot, rowSquares, rowSum } from "./rows";

@unmanaged
class NormGeometry {
  eps: f64;
  N: i32;
  C: i32;
  P: i32;
  groups: i32; // 0: statistics of channels
  given: Flag;
}

@unmanaged
class Normalize extends NormGeometry {
  each: i32;
  x: In;
  mean: InOut;
  variance: InOut;
  w: In;
  b: In;
  y: Out;
}

@unmanaged
class NormalizeGrads extends NormGeometry {
  each: i32;
  x: In;
  mean: In;
  variance: In;
  w: In;
  dy: In;
  dx: Out;
  sums: Room;
}

@unmanaged
class NormalizeWeightGrads extends NormGeometry {
  each: i32;
  sums: Room;
  dw: Out;
  db: Out;
}

@inline
function statistics(r: NormGeometry): i32 {
  return r.groups == 0 ? r.C : r.N * r.groups;
}

/** Planes of a statistic, from one to the next, and the first. */
@inline
function planesOf(r: NormGeometry): i32 {
  return r.groups == 0 ? r.N : r.C / r.groups;
}

@inline
function stepOf(r: NormGeometry): i32 {
  return r.groups == 0 ? r.C : 1;
}

@inline
function firstOf(r: NormGeometry, s: i32): i32 {
  return r.groups == 0 ? s : s * planesOf(r);
}

// The number of plane p's channel in a list [C], or what stands for it where there is none.
@inline
function ofChannel(r: NormGeometry, list: usize, p: i32, otherwise: f32): f32 {
  return list == 0 ? otherwise : f32.load(on(list, p % r.C));
}

/** y = (x - mean) / sqrt(variance + eps) w + b. */
export function normalize(r: Normalize, chunk: i32, scratch: usize): void {
  const planes = planesOf(r), step = stepOf(r), P = r.P;
  const start = chunk * r.each;
  for (let s = start; s < start + sizeOfChunk(statistics(r), r.each, chunk); s++) {
    const first = firstOf(r, s);
    if (!r.given) storeStatistic(r, s);
    const mean = f32.load(on(r.mean, s));
    const scale = 1 / sqrt(<f64>f32.load(on(r.variance, s)) + r.eps);
    for (let i = 0; i < planes; i++) {
      const p = first + i * step;
      const alpha = <f32>(scale * <f64>ofChannel(r, r.w, p, 1));
      normalizePlane(P, on(r.x, p * P), mean, alpha, ofChannel(r, r.b, p, 0), on(r.y, p * P));
    }
  }
}

// In two passes, in float64. The planes of a group lie in one piece.
function storeStatistic(r: Normalize, s: i32): void {
  const pieces = r.groups == 0 ? r.N : 1;
  const length = planesOf(r) / pieces * r.P;
  const step = <usize>(r.C * r.P) << 2;
  const from = on(r.x, firstOf(r, s) * r.P);
  const count = <f64>(pieces * length);
  let sum: f64 = 0;
  for (let i = 0; i < pieces; i++) sum += rowSum(length, from + <usize>i * step);
  const mean = sum / count;
  let squares: f64 = 0;
  for (let i = 0; i < pieces; i++) squares += rowSquares(length, from + <usize>i * step, mean);
  f32.store(on(r.mean, s), <f32>mean);
  f32.store(on(r.variance, s), <f32>(squares / count));
}

/** y = (x - mean) alpha + beta. */
function normalizePlane(n: i32, x: usize, mean: f32, alpha: f32, beta: f32, y: usize): void {
  const m = f32x4.splat(mean), a = f32x4.splat(alpha), b = f32x4.splat(beta);
  const end = x + (<usize>n << 2);
  const blocks = x + (<usize>n >> 2 << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, f32x4.add(f32x4.mul(f32x4.sub(read(true, x), m), a), b));
  for (; x < end; x += 4, y += 4) write(false, y, f32x4.add(f32x4.mul(f32x4.sub(read(false, x), m), a), b));
}

/**
 * With the normalized x^ = (x - mean) / sqrt(variance + eps), M numbers of a statistic, and means over these:
 *
 * dx = (w dy - mean of (w dy) - x^ mean of (w dy x^)) / sqrt(variance + eps), without the means if the statistic is given
 * sums [N, C, 2] = the sums of dy and of dy x^ of each plane, in float64
 */
export function normalizeGrads(r: NormalizeGrads, chunk: i32, scratch: usize): void {
  const planes = planesOf(r), step = stepOf(r), P = r.P;
  const start = chunk * r.each;
  for (let s = start; s < start + sizeOfChunk(statistics(r), r.each, chunk); s++) {
    const first = firstOf(r, s);
    const mean = f32.load(on(r.mean, s));
    const scale = 1 / sqrt(<f64>f32.load(on(r.variance, s)) + r.eps);
    let ones: f64 = 0; // sums of w dy and of w dy x^
    let xs: f64 = 0;
    for (let i = 0; i < planes; i++) {
      const p = first + i * step;
      const dy = on(r.dy, p * P);
      const one = rowSum(P, dy);
      const x = (rowDot(P, on(r.x, p * P), dy) - <f64>mean * one) * scale;
      f64.store(r.sums + (<usize>p << 4), one);
      f64.store(r.sums + (<usize>p << 4), x, 8);
      const w = <f64>ofChannel(r, r.w, p, 1);
      ones += w * one;
      xs += w * x;
    }
    if (r.dx == 0) continue;
    const share = r.given ? 0 : scale / <f64>(planes * P);
    for (let i = 0; i < planes; i++) {
      const p = first + i * step;
      const alpha = <f32>(scale * <f64>ofChannel(r, r.w, p, 1));
      inputGradPlane(
        P, on(r.x, p * P), on(r.dy, p * P), mean, alpha, <f32>(share * ones), <f32>(share * scale * xs), on(r.dx, p * P),
      );
    }
  }
}

/** dx = alpha dy - beta - (x - mean) gamma. */
function inputGradPlane(n: i32, x: usize, dy: usize, mean: f32, alpha: f32, beta: f32, gamma: f32, dx: usize): void {
  const m = f32x4.splat(mean), a = f32x4.splat(alpha), b = f32x4.splat(beta), g = f32x4.splat(gamma);
  const bytes = <usize>n << 2;
  const blocks = <usize>n >> 2 << 4;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, inputGrad(m, a, b, g, read(true, x + i), read(true, dy + i)));
  for (; i < bytes; i += 4) write(false, dx + i, inputGrad(m, a, b, g, read(false, x + i), read(false, dy + i)));
}

@inline
function inputGrad(m: v128, a: v128, b: v128, g: v128, x: v128, dy: v128): v128 {
  return f32x4.sub(f32x4.sub(f32x4.mul(a, dy), b), f32x4.mul(f32x4.sub(x, m), g));
}

/** dw [C] = sum of dy x^, db [C] = sum of dy, over the samples in their order. */
export function normalizeWeightGrads(r: NormalizeWeightGrads, chunk: i32, scratch: usize): void {
  const start = chunk * r.each;
  for (let c = start; c < start + sizeOfChunk(r.C, r.each, chunk); c++) {
    let one: f64 = 0;
    let x: f64 = 0;
    for (let p = c; p < r.N * r.C; p += r.C) {
      one += f64.load(r.sums + (<usize>p << 4));
      x += f64.load(r.sums + (<usize>p << 4), 8);
    }
    if (r.dw != 0) f32.store(on(r.dw, c), <f32>x);
    if (r.db != 0) f32.store(on(r.db, c), <f32>one);
  }
}
