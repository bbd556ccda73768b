// Normalization of x [N, C, P] and its gradients. A plane is the P pixels of one sample and channel; a statistic is the mean
// and the variance of some planes: of a channel in all samples, or of a group of channels in one sample. A chunk is some
// statistics, with all that hangs on them: what was read for the sums is still in the cache for the second look.
import { high, low, read, write } from "../math";
import { Flag, In, InOut, on, Out, Room, sizeOfChunk } from "../record";
import { lanesSum } from "../rows";

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

/** y = (x - mean) / sqrt(variance + eps) w + b. scratch: two float64. */
export function normalize(r: Normalize, chunk: i32, scratch: usize): void {
  const planes = planesOf(r), step = stepOf(r), P = r.P;
  const start = chunk * r.each;
  for (let s = start; s < start + sizeOfChunk(statistics(r), r.each, chunk); s++) {
    const first = firstOf(r, s);
    if (!r.given) storeStatistic(r, s, scratch);
    const mean = f32.load(on(r.mean, s));
    const scale = 1 / sqrt(<f64>f32.load(on(r.variance, s)) + r.eps);
    for (let i = 0; i < planes; i++) {
      const p = first + i * step;
      const alpha = <f32>(scale * <f64>ofChannel(r, r.w, p, 1));
      normalizePlane(P, on(r.x, p * P), mean, alpha, ofChannel(r, r.b, p, 0), on(r.y, p * P));
    }
  }
}

// Sums of x - shift and its square give both where the shift is near the mean; the mean of the first numbers mostly is. If not,
// it is done again with the mean that came out. The planes of a group lie in one piece. sums: two float64.
function storeStatistic(r: Normalize, s: i32, sums: usize): void {
  const pieces = r.groups == 0 ? r.N : 1;
  const length = planesOf(r) / pieces * r.P;
  const step = <usize>(r.C * r.P) << 2;
  const from = on(r.x, firstOf(r, s) * r.P);
  const count = <f64>(pieces * length);
  const few = min(length, 64);
  storeSums(few, from, 0, from, 0, sums);
  let mean = f64.load(sums) / <f64>few;
  let variance: f64 = 0;
  for (let again = 0; again < 2; again++) {
    const shift = <f32>mean;
    let one: f64 = 0, square: f64 = 0;
    for (let i = 0; i < pieces; i++) {
      const x = from + <usize>i * step;
      storeSums(length, x, shift, x, shift, sums);
      one += f64.load(sums);
      square += f64.load(sums, 8);
    }
    const off = one / count;
    mean = <f64>shift + off;
    variance = square / count - off * off;
    if (off * off <= 4 * variance) break;
  }
  f32.store(on(r.mean, s), <f32>mean);
  f32.store(on(r.variance, s), <f32>max(variance, 0));
}

/**
 * to: two float64, the sums of a - shift and of (a - shift)(x - mean) over n numbers. In float32 over runs of 32 numbers in
 * each of eight lanes, then in float64.
 */
function storeSums(n: i32, a: usize, shift: f32, x: usize, mean: f32, to: usize): void {
  const s = f32x4.splat(shift), m = f32x4.splat(mean);
  let ones = f64x2.splat(0), products = ones;
  const bytes = <usize>n << 2;
  for (let i: usize = 0; i < bytes; ) {
    let one0 = f32x4.splat(0), one1 = one0, product0 = one0, product1 = one0;
    const end = min(i + 1024, bytes);
    for (; i + 32 <= end; i += 32) {
      const a0 = f32x4.sub(v128.load(a + i), s), a1 = f32x4.sub(v128.load(a + i, 16), s);
      one0 = f32x4.add(one0, a0);
      one1 = f32x4.add(one1, a1);
      product0 = f32x4.add(product0, f32x4.mul(a0, f32x4.sub(v128.load(x + i), m)));
      product1 = f32x4.add(product1, f32x4.mul(a1, f32x4.sub(v128.load(x + i, 16), m)));
    }
    for (; i < end; i += 16) {
      const inside = i32x4.gt_s(i32x4.splat(<i32>(end - i)), i32x4(0, 4, 8, 12));
      const a0 = v128.and(f32x4.sub(v128.load(a + i), s), inside);
      one0 = f32x4.add(one0, a0);
      product0 = f32x4.add(product0, v128.and(f32x4.mul(a0, f32x4.sub(v128.load(x + i), m)), inside));
    }
    ones = f64x2.add(ones, lowPlusHigh(f32x4.add(one0, one1)));
    products = f64x2.add(products, lowPlusHigh(f32x4.add(product0, product1)));
  }
  f64.store(to, lanesSum(ones));
  f64.store(to, lanesSum(products), 8);
}

@inline
function lowPlusHigh(v: v128): v128 {
  return f64x2.add(low(v), high(v));
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
      const sums = r.sums + (<usize>p << 4);
      storeSums(P, on(r.dy, p * P), 0, on(r.x, p * P), mean, sums);
      const x = f64.load(sums, 8) * scale;
      f64.store(sums, x, 8);
      const w = <f64>ofChannel(r, r.w, p, 1);
      ones += w * f64.load(sums);
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
