// The two inner loops in which nearly all time goes, each a tile of eight vector accumulators (15 vector registers are
// free, and a multiply-add needs one). Sums always run in the same order, so a result does not depend on its neighbors.

@inline
function biasLane(b: usize, lane: i32, lanes: i32): v128 {
  return f32x4.splat(b != 0 && lane < lanes ? f32.load(b + (<usize>lane << 2)) : 0);
}

@inline
export function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** The sum of the four lanes. */
@inline
export function laneSum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/**
 * Four output rows at once: out[lane][f] = b[lane] + sum over t of weights[t][lane] * image[offsets[t] + f].
 * image: base address, offsets [taps] in bytes, weights [taps][4], out [4][pitch bytes], f from 0 to run - 1 in blocks of 8,
 * of which the last begins at `last`: at run - 8, so that it overlaps the one before, or at the last multiple of 8, where
 * image and out have room behind the run.
 */
export function correlateRun(
  image: usize, offsets: usize, weights: usize, taps: i32, b: usize, lanes: i32, run: i32, last: i32, out: usize,
  pitch: usize,
): void {
  const b0 = biasLane(b, 0, lanes), b1 = biasLane(b, 1, lanes), b2 = biasLane(b, 2, lanes), b3 = biasLane(b, 3, lanes);
  const end = offsets + (<usize>taps << 2);
  for (let f = 0; f < run; f += 8) {
    f = min(f, last);
    let y00 = b0, y01 = b0, y10 = b1, y11 = b1, y20 = b2, y21 = b2, y30 = b3, y31 = b3;
    const base = image + (<usize>f << 2);
    let weight = weights;
    let tap = offsets;
    if (taps > 0) do {
      const at = base + <usize>load<u32>(tap);
      const x0 = v128.load(at), x1 = v128.load(at, 16);
      let w = v128.load32_splat(weight);
      y00 = madd(y00, w, x0);
      y01 = madd(y01, w, x1);
      w = v128.load32_splat(weight, 4);
      y10 = madd(y10, w, x0);
      y11 = madd(y11, w, x1);
      w = v128.load32_splat(weight, 8);
      y20 = madd(y20, w, x0);
      y21 = madd(y21, w, x1);
      w = v128.load32_splat(weight, 12);
      y30 = madd(y30, w, x0);
      y31 = madd(y31, w, x1);
      weight += 16;
      tap += 4;
    } while (tap < end);
    let to = out + (<usize>f << 2);
    v128.store(to, y00);
    v128.store(to, y01, 16);
    to += pitch;
    v128.store(to, y10);
    v128.store(to, y11, 16);
    to += pitch;
    v128.store(to, y20);
    v128.store(to, y21, 16);
    to += pitch;
    v128.store(to, y30);
    v128.store(to, y31, 16);
  }
}

/**
 * out[r][t] += a[r] . image[offsets[t] ..]: dot products of rows with shifted runs of the image.
 * a [rows][run], image: base address, offsets [taps] in bytes, out [rows][taps]; run is a multiple of 4.
 */
export function dotPairs(a: usize, rows: i32, run: i32, image: usize, offsets: usize, taps: i32, out: usize): void {
  const runBytes = <usize>run << 2;
  for (let r = 0; r < rows; r += 4) {
    // Rows past the last are computed on the last row again and not stored.
    const a0 = a + <usize>r * runBytes, a1 = a + <usize>min(r + 1, rows - 1) * runBytes;
    const a2 = a + <usize>min(r + 2, rows - 1) * runBytes, a3 = a + <usize>min(r + 3, rows - 1) * runBytes;
    for (let t = 0; t < taps; t += 2) {
      const x0 = image + <usize>load<u32>(offsets + (<usize>t << 2));
      const x1 = image + <usize>load<u32>(offsets + (<usize>min(t + 1, taps - 1) << 2));
      let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
      let i: usize = 0;
      do {
        const p = v128.load(x0 + i), q = v128.load(x1 + i);
        let d = v128.load(a0 + i);
        s00 = madd(s00, d, p);
        s01 = madd(s01, d, q);
        d = v128.load(a1 + i);
        s10 = madd(s10, d, p);
        s11 = madd(s11, d, q);
        d = v128.load(a2 + i);
        s20 = madd(s20, d, p);
        s21 = madd(s21, d, q);
        d = v128.load(a3 + i);
        s30 = madd(s30, d, p);
        s31 = madd(s31, d, q);
        i += 16;
      } while (i < runBytes);
      const two = t + 1 < taps;
      const to = out + (<usize>(r * taps + t) << 2);
      const step = <usize>taps << 2;
      addPair(to, s00, s01, two);
      if (r + 1 < rows) addPair(to + step, s10, s11, two);
      if (r + 2 < rows) addPair(to + 2 * step, s20, s21, two);
      if (r + 3 < rows) addPair(to + 3 * step, s30, s31, two);
    }
  }
}

@inline
function addPair(to: usize, first: v128, second: v128, two: bool): void {
  f32.store(to, f32.load(to) + laneSum(first));
  if (two) f32.store(to, f32.load(to, 4) + laneSum(second), 4);
}
