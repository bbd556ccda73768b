// The product of two matrices that are packed in panels of 4 and 8 numbers: of the 36 small ones of Winograd's algorithm
// (conv2d/) and of a large one in parts (matmul.ts). It knows nothing of either.
import { madd } from "./tile";

/**
 * out[r][c] = sum over d of a[r / 4][d][r % 4] * b[c / 8][d][c % 8], or out += with `accumulate`.
 * a [rows / 4][depth][4], b [cols / 8][depth][8], out [rows][pitch bytes]; depth at least 1, rows a multiple of 4, and
 * with `accumulate` cols of 8. Columns up to the next multiple of 4 may be written, too. Each sum runs in the order of d.
 * The tile of eight accumulators is that of tile.ts.
 */
export function multiplyPanels(
  a: usize, b: usize, rows: i32, cols: i32, depth: i32, out: usize, pitch: usize, accumulate: bool,
): void {
  const aBytes = <usize>depth << 4;
  const left = cols & 7; // columns of the last panel if they are few
  const whole = <usize>(left > 4 ? cols + 7 : cols) << 2 & ~(<usize>31);
  const last = b + (<usize>(cols >> 3) * aBytes << 1);
  if (left == 1) multiplyColumn(a, last, rows, aBytes, out + whole, pitch);
  else if (left > 0 && left <= 4) multiplyLast(a, last, rows, aBytes, out + whole, pitch);
  for (let r = 0; r < rows; r += 4) {
    const end = a + aBytes;
    let x = b;
    for (let c: usize = 0; c < whole; c += 32) {
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
      let at = a;
      do { // as a for loop it took 6 % longer in V8
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
        at += 16;
      } while (at < end);
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

// The last column, where it is alone: sixteen rows at a time, four a lane.
function multiplyColumn(a: usize, b: usize, rows: i32, aBytes: usize, out: usize, pitch: usize): void {
  for (let r = 0; r < rows; r += 16) {
    const left = <usize>(rows - 4 - r >> 2); // blocks of four rows behind the first; past the last it is computed again
    const a1 = min<usize>(1, left) * aBytes, a2 = min<usize>(2, left) * aBytes, a3 = min<usize>(3, left) * aBytes;
    const end = a + aBytes;
    let y0 = f32x4.splat(0), y1 = y0, y2 = y0, y3 = y0;
    for (let at = a, x = b; at < end; at += 16, x += 32) {
      const d = v128.load32_splat(x);
      y0 = madd(y0, v128.load(at), d);
      y1 = madd(y1, v128.load(at + a1), d);
      y2 = madd(y2, v128.load(at + a2), d);
      y3 = madd(y3, v128.load(at + a3), d);
    }
    storeColumn(out, pitch, y0);
    if (left > 0) storeColumn(out + 4 * pitch, pitch, y1);
    if (left > 1) storeColumn(out + 8 * pitch, pitch, y2);
    if (left > 2) storeColumn(out + 12 * pitch, pitch, y3);
    a += 4 * aBytes;
    out += 16 * pitch;
  }
}

@inline
function storeColumn(to: usize, pitch: usize, value: v128): void {
  v128.store32_lane(to, value, 0);
  v128.store32_lane(to + pitch, value, 1);
  v128.store32_lane(to + 2 * pitch, value, 2);
  v128.store32_lane(to + 3 * pitch, value, 3);
}

// The last four columns, where there are no eight: tiles of 8 rows x 4 columns, or 4 x 4.
function multiplyLast(a: usize, b: usize, rows: i32, aBytes: usize, out: usize, pitch: usize): void {
  for (let r = 0; r < rows; r += 8) {
    const end = a + aBytes;
    const next = r + 4 < rows ? aBytes : 0; // the second block of four rows; the first again if there is none
    let y0 = f32x4.splat(0), y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0;
    let at = a, x = b;
    do {
      const d = v128.load(x);
      y0 = madd(y0, v128.load32_splat(at), d);
      y1 = madd(y1, v128.load32_splat(at, 4), d);
      y2 = madd(y2, v128.load32_splat(at, 8), d);
      y3 = madd(y3, v128.load32_splat(at, 12), d);
      y4 = madd(y4, v128.load32_splat(at + next), d);
      y5 = madd(y5, v128.load32_splat(at + next, 4), d);
      y6 = madd(y6, v128.load32_splat(at + next, 8), d);
      y7 = madd(y7, v128.load32_splat(at + next, 12), d);
      at += 16;
      x += 32;
    } while (at < end);
    v128.store(out, y0);
    v128.store(out + pitch, y1);
    v128.store(out + 2 * pitch, y2);
    v128.store(out + 3 * pitch, y3);
    if (next > 0) {
      const to = out + 4 * pitch;
      v128.store(to, y4);
      v128.store(to + pitch, y5);
      v128.store(to + 2 * pitch, y6);
      v128.store(to + 3 * pitch, y7);
    }
    a += 2 * aBytes;
    out += 8 * pitch;
  }
}
