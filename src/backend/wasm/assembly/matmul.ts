// y[M, N] = a[M, K] b[K, N] + bias. Two forms: dot products where the rows of both lie along K (b stored [N, K]), and
// sums of outer products where b's rows lie along N.
import { copyRow } from "./move";
import { correlateRun, laneSum } from "./tile";

/** a [M, K], b [N, K], bias [N] or 0, y [M, N]: y[m][n] = a[m] . b[n] + bias[n], for m from first to first + count - 1. */
export function matmulDotRows(
  M: i32, N: i32, K: i32, a: usize, b: usize, bias: usize, y: usize, first: i32, count: i32,
): void {
  const row = <usize>K << 2;
  const whole = row & ~(<usize>15);
  M = first + count;
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

// The products behind the last whole vector.
function tail(a: usize, b: usize, from: usize, to: usize): f32 {
  let sum: f32 = 0;
  for (let k = from; k < to; k += 4) sum += f32.load(a + k) * f32.load(b + k);
  return sum;
}

/**
 * a [M, K] (stored [K, M] when transA), b [K, N], bias [N] or 0, y [M, N]. Four rows of y at a time are a correlation run
 * with one tap for each k, whose offset is row k of b. b needs 32 readable bytes behind its end.
 * Rows first to first + count - 1. scratch: offsets [K], packed rows [K][4], out [4][N rounded up to 8].
 */
export function matmulOuterRows(
  M: i32, N: i32, K: i32, transA: bool, a: usize, b: usize, bias: usize, y: usize, first: i32, count: i32, scratch: usize,
): void {
  const offsets = scratch;
  const packed = (offsets + (<usize>K << 2) + 15) & ~(<usize>15);
  const out = packed + (<usize>K << 4);
  const pitch = <usize>((N + 7) & ~7) << 2;
  const stepM: usize = transA ? 4 : <usize>K << 2;
  const stepK: usize = transA ? <usize>M << 2 : 4;
  for (let k = 0; k < K; k++) store<i32>(offsets + (<usize>k << 2), k * N << 2);

  const end = first + count;
  for (let m = first; m < end; m += 4) {
    const rows = min(4, end - m);
    for (let k = 0; k < K; k++) {
      for (let lane = 0; lane < 4; lane++) {
        const value: f32 = lane < rows ? f32.load(a + <usize>(m + lane) * stepM + <usize>k * stepK) : 0;
        f32.store(packed + (<usize>(k * 4 + lane) << 2), value);
      }
    }
    correlateRun(b, offsets, packed, K, 0, 0, N, out, pitch);
    for (let lane = 0; lane < rows; lane++) {
      const to = y + (<usize>(m + lane) * N << 2), from = out + <usize>lane * pitch;
      if (bias == 0) copyRow(to, from, N);
      else {
        for (let n: usize = 0; n < <usize>N << 2; n += 4) f32.store(to + n, f32.load(from + n) + f32.load(bias + n));
      }
    }
  }
}

/** b [N, K] -> bT [K, N]. */
export function transpose(N: i32, K: i32, b: usize, bT: usize): void {
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) f32.store(bT + (<usize>(k * N + n) << 2), f32.load(b + (<usize>(n * K + k) << 2)));
  }
}
