// y[M, N] = a[M, K] b[K, N] + bias. Two forms: dot products where the rows of both lie along K (b stored [N, K]), and
// sums of outer products where b's rows lie along N.
import { firstPairs, interleaveHigh, interleaveLow, lastPairs } from "./lanes";
import { copyRow } from "./move";
import { multiplyPanels } from "./product";
import { Flag, In, Out } from "./record";
import { correlateRun, laneSum } from "./tile";

@unmanaged
class MatmulGeometry {
  M: i32;
  N: i32;
  K: i32;
  transA: Flag;
}

@unmanaged
class MatmulDot extends MatmulGeometry {
  each: i32;
  a: In;
  b: In;
  bias: In;
  y: Out;
}

/** a [M, K], b [N, K], bias [N] or 0, y [M, N]: y[m][n] = a[m] . b[n] + bias[n]. A chunk is some rows of y. */
export function matmulDot(r: MatmulDot, chunk: i32, scratch: usize): void {
  const N = r.N, a = r.a, b = r.b, bias = r.bias, y = r.y;
  const row = <usize>r.K << 2;
  const whole = row & ~(<usize>15);
  const first = chunk * r.each;
  const M = min(first + r.each, r.M);
  if (M - first == 1) {
    matmulDotRow(N, a + <usize>first * row, whole, row, b, bias, y + (<usize>(first * N) << 2));
    return;
  }
  for (let m = first; m < M; m += 4) {
    const a0 = a + <usize>m * row, a1 = a + <usize>min(m + 1, M - 1) * row;
    const a2 = a + <usize>min(m + 2, M - 1) * row, a3 = a + <usize>min(m + 3, M - 1) * row;
    for (let n = 0; n < N; n += 2) {
      const b0 = b + <usize>n * row, b1 = b + <usize>min(n + 1, N - 1) * row;
      let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      for (let k: usize = 0; k < whole; k += 16) {
        const p = v128.load(b0 + k), q = v128.load(b1 + k);
        let d = v128.load(a0 + k);
        s00 = f32x4.add(s00, f32x4.mul(d, p));
        s01 = f32x4.add(s01, f32x4.mul(d, q));
        d = v128.load(a1 + k);
        s10 = f32x4.add(s10, f32x4.mul(d, p));
        s11 = f32x4.add(s11, f32x4.mul(d, q));
        d = v128.load(a2 + k);
        s20 = f32x4.add(s20, f32x4.mul(d, p));
        s21 = f32x4.add(s21, f32x4.mul(d, q));
        d = v128.load(a3 + k);
        s30 = f32x4.add(s30, f32x4.mul(d, p));
        s31 = f32x4.add(s31, f32x4.mul(d, q));
      }
      for (let j = 0; j < min(2, N - n); j++) {
        const at = b + <usize>(n + j) * row;
        const start: f32 = bias == 0 ? 0 : f32.load(bias + (<usize>(n + j) << 2));
        const to = y + (<usize>(m * N + n + j) << 2);
        const step = <usize>N << 2;
        f32.store(to, start + laneSum(j == 0 ? s00 : s01) + tail(a0, at, whole, row));
        if (m + 1 < M) f32.store(to + step, start + laneSum(j == 0 ? s10 : s11) + tail(a1, at, whole, row));
        if (m + 2 < M) f32.store(to + 2 * step, start + laneSum(j == 0 ? s20 : s21) + tail(a2, at, whole, row));
        if (m + 3 < M) f32.store(to + 3 * step, start + laneSum(j == 0 ? s30 : s31) + tail(a3, at, whole, row));
      }
    }
  }
}

// One row of y, eight numbers at a time, each summed as above.
function matmulDotRow(N: i32, a: usize, whole: usize, row: usize, b: usize, bias: usize, y: usize): void {
  for (let n = 0; n < N; n += 8) {
    const last = N - 1 - n; // numbers past the last are computed on its row again and not stored
    const b0 = b + <usize>n * row, b1 = b0 + <usize>min(1, last) * row, b2 = b0 + <usize>min(2, last) * row;
    const b3 = b0 + <usize>min(3, last) * row, b4 = b0 + <usize>min(4, last) * row, b5 = b0 + <usize>min(5, last) * row;
    const b6 = b0 + <usize>min(6, last) * row, b7 = b0 + <usize>min(7, last) * row;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    for (let k: usize = 0; k < whole; k += 16) {
      const d = v128.load(a + k);
      s0 = f32x4.add(s0, f32x4.mul(d, v128.load(b0 + k)));
      s1 = f32x4.add(s1, f32x4.mul(d, v128.load(b1 + k)));
      s2 = f32x4.add(s2, f32x4.mul(d, v128.load(b2 + k)));
      s3 = f32x4.add(s3, f32x4.mul(d, v128.load(b3 + k)));
      s4 = f32x4.add(s4, f32x4.mul(d, v128.load(b4 + k)));
      s5 = f32x4.add(s5, f32x4.mul(d, v128.load(b5 + k)));
      s6 = f32x4.add(s6, f32x4.mul(d, v128.load(b6 + k)));
      s7 = f32x4.add(s7, f32x4.mul(d, v128.load(b7 + k)));
    }
    for (let j = 0; j <= min(7, last); j++) {
      const s = j < 4 ? (j < 2 ? (j == 0 ? s0 : s1) : j == 2 ? s2 : s3) : j < 6 ? (j == 4 ? s4 : s5) : j == 6 ? s6 : s7;
      const start: f32 = bias == 0 ? 0 : f32.load(bias + (<usize>(n + j) << 2));
      f32.store(y + (<usize>(n + j) << 2), start + laneSum(s) + tail(a, b0 + <usize>j * row, whole, row));
    }
  }
}

// The products behind the last whole vector.
function tail(a: usize, b: usize, from: usize, to: usize): f32 {
  let sum: f32 = 0;
  for (let k = from; k < to; k += 4) sum += f32.load(a + k) * f32.load(b + k);
  return sum;
}

@unmanaged
class Matmul extends MatmulGeometry {
  each: i32; // rows of y in a chunk
  width: i32; // columns of y in a chunk
  a: In;
  b: In; // [K, N], or its panels
  bias: In;
  y: Out;
}

/**
 * a [M, K] (stored [K, M] when transA), b [K, N], bias [N] or 0, y [M, N]. Four rows of y at a time are a correlation run
 * with one tap for each k, whose offset is row k of b. b needs 32 readable bytes behind its end.
 * scratch: offsets [K], packed rows [K][4], out [4][width rounded up to 8].
 */
export function matmulOuter(r: Matmul, chunk: i32, scratch: usize): void {
  const M = r.M, N = r.N, K = r.K, a = r.a, b = r.b, bias = r.bias, y = r.y;
  const transA = r.transA != 0;
  const across = (N + r.width - 1) / r.width;
  const first = chunk / across * r.each;
  const from = chunk % across * r.width;
  const width = min(r.width, N - from);
  const offsets = scratch;
  const packed = (offsets + (<usize>K << 2) + 15) & ~(<usize>15);
  const out = packed + (<usize>K << 4);
  const pitch = <usize>((width + 7) & ~7) << 2;
  const column = <usize>from << 2;
  for (let k = 0; k < K; k++) store<i32>(offsets + (<usize>k << 2), k * N << 2);

  const end = min(first + r.each, M);
  for (let m = first; m < end; m += 4) {
    const rows = min(4, end - m);
    packRows(M, K, transA, a, m, rows, 0, K, packed);
    const to = y + (<usize>m * N << 2) + column;
    if (rows == 4 && bias == 0 && width >= 8) {
      correlateRun(b + column, offsets, packed, K, 0, 0, width, width - 8, to, <usize>N << 2);
      continue;
    }
    correlateRun(b + column, offsets, packed, K, 0, 0, width, (width - 1) & ~7, out, pitch);
    for (let lane = 0; lane < rows; lane++) {
      addBias(to + (<usize>(lane * N) << 2), out + <usize>lane * pitch, bias, column, width);
    }
  }
}

// Rows m to m + rows - 1 of a, numbers `from` to from + depth - 1 of each, as [depth][4]; missing rows 0.
function packRows(
  M: i32, K: i32, transA: bool, a: usize, m: i32, rows: i32, from: i32, depth: i32, to: usize,
): void {
  const stepM: usize = transA ? 4 : <usize>K << 2;
  const stepK: usize = transA ? <usize>M << 2 : 4;
  a += <usize>m * stepM + <usize>from * stepK;
  const end = to + (<usize>depth << 4);
  if (rows == 4 && transA) {
    for (; to < end; to += 16, a += stepK) v128.store(to, v128.load(a));
  } else if (rows == 4) {
    for (const whole = to + (<usize>(depth & ~3) << 4); to < whole; to += 64, a += 16) {
      const r0 = v128.load(a), r1 = v128.load(a + stepM), r2 = v128.load(a + 2 * stepM), r3 = v128.load(a + 3 * stepM);
      const low01 = interleaveLow(r0, r1), high01 = interleaveHigh(r0, r1);
      const low23 = interleaveLow(r2, r3), high23 = interleaveHigh(r2, r3);
      v128.store(to, firstPairs(low01, low23));
      v128.store(to, lastPairs(low01, low23), 16);
      v128.store(to, firstPairs(high01, high23), 32);
      v128.store(to, lastPairs(high01, high23), 48);
    }
  }
  for (; to < end; to += 16, a += stepK) {
    for (let lane = 0; lane < 4; lane++) {
      f32.store(to + (<usize>lane << 2), lane < rows ? f32.load(a + <usize>lane * stepM) : 0);
    }
  }
}

// y = from + bias, `width` numbers from column `column` (in bytes) on.
function addBias(y: usize, from: usize, bias: usize, column: usize, width: i32): void {
  if (bias == 0) copyRow(y, from, width);
  else {
    bias += column;
    for (let n: usize = 0; n < <usize>width << 2; n += 4) f32.store(y + n, f32.load(from + n) + f32.load(bias + n));
  }
}

// ---- Large products: both factors packed for the tile of product.ts ---------------------------------------------------

/** How far the sums run at a time, so that a panel of b stays in the first cache. */
const DEPTH = 512;

@unmanaged
class MatmulPack extends MatmulGeometry {
  each: i32;
  count: i32; // panels of eight columns
  b: In;
  panels: Out;
}

/** b [K, N] -> panels [N / 8][K][8], missing columns 0. */
export function matmulPack(r: MatmulPack, chunk: i32, scratch: usize): void {
  const N = r.N, K = r.K, b = r.b, panels = r.panels;
  const first = chunk * r.each;
  const end = min(first + r.each, r.count);
  for (let p = first; p < end; p++) {
    const columns = min(8, N - 8 * p);
    let from = b + (<usize>p << 5);
    let to = panels + (<usize>(p * K) << 5);
    for (let k = 0; k < K; k++) {
      if (columns == 8) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        for (let j = 0; j < 8; j++) f32.store(to + (<usize>j << 2), j < columns ? f32.load(from + (<usize>j << 2)) : 0);
      }
      from += <usize>N << 2;
      to += 32;
    }
  }
}

/**
 * The same product as matmulOuter, each sum in the same order, from panels of b. Whole tiles are summed in y, those that hang
 * over its edges beside it. `width` is a multiple of 8, or N.
 * scratch: packed rows [each / 4][K][4], out [each rounded up to 4][8].
 */
export function matmulPanels(r: Matmul, chunk: i32, scratch: usize): void {
  const M = r.M, N = r.N, K = r.K, a = r.a, bias = r.bias;
  const transA = r.transA != 0;
  const across = (N + r.width - 1) / r.width;
  const first = chunk / across * r.each;
  const count = min(r.each, M - first);
  const from = chunk % across * r.width;
  const width = min(r.width, N - from);
  const rows = (count + 3) & ~3;
  const out = scratch + (<usize>(rows * K) << 2);
  const pitch = <usize>N << 2;
  for (let at = 0; at < K; at += DEPTH) {
    // [K / DEPTH][rows / 4][DEPTH][4]
    const depth = min(DEPTH, K - at);
    for (let m = 0; m < count; m += 4) {
      packRows(M, K, transA, a, first + m, min(4, count - m), at, depth, scratch + (<usize>(rows * at + m * depth) << 2));
    }
  }
  const y = r.y + <usize>first * pitch;
  let panels = r.b + (<usize>(from * K) << 2);
  for (let n = from; n < from + width; n += 8) {
    const inside = n + 8 <= N ? count & ~3 : 0;
    const to = y + (<usize>n << 2);
    for (let at = 0; at < K; at += DEPTH) {
      const depth = min(DEPTH, K - at);
      const rowsAt = scratch + (<usize>(rows * at) << 2);
      const panel = panels + (<usize>at << 5);
      multiplyPanels(rowsAt, panel, inside, 8, depth, to, pitch, at > 0);
      multiplyPanels(rowsAt + (<usize>(inside * depth) << 2), panel, rows - inside, 8, depth, out, 32, at > 0);
    }
    const column = <usize>n << 2;
    for (let m = 0; m < count; m++) {
      const row = to + <usize>m * pitch;
      if (m >= inside) addBias(row, out + (<usize>(m - inside) << 5), bias, column, min(8, N - n));
      else if (bias != 0) addBias(row, row, bias, column, 8);
    }
    panels += <usize>K << 5;
  }
}

@unmanaged
class Transpose extends MatmulGeometry {
  b: In;
  bT: Out;
}

/** b [N, K] -> bT [K, N]. One chunk. */
export function transpose(r: Transpose, chunk: i32, scratch: usize): void {
  const N = r.N, K = r.K;
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) f32.store(r.bT + (<usize>(k * N + n) << 2), f32.load(r.b + (<usize>(n * K + k) << 2)));
  }
}
