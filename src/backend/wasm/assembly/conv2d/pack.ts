// How images and weights are laid out for the inner loops of tile.ts.
//
// A packed image holds each plane of one sample padded, and split into SH x SW phases so that a step of the stride is a
// step to the neighbor: planes [C][SH * SW][rows][cols]. The output pixel (oh, ow) has the flat index f = oh * cols + ow,
// and tap (c, kh, kw) of every output pixel lies at offset(c, kh, kw) + f.
import { copyRow } from "../move";

/** Byte offset of each tap (c, kh, kw) in a packed image; offsets [channels * KH * KW]. */
export function tapOffsets(
  offsets: usize, channels: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, rows: i32, cols: i32,
): void {
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const row = i * dh;
        const col = j * dw;
        const plane = (c * sh + (row % sh)) * sw + (col % sw);
        store<i32>(offsets, ((plane * rows + row / sh) * cols + col / sw) << 2);
        offsets += 4;
      }
    }
  }
}

/** w [G][og][cg * k] -> [G][og / 4][cg * k][4], missing channels 0. */
export function packWeights(to: usize, w: usize, groups: i32, og: i32, cg: i32, k: i32): void {
  const taps = cg * k;
  for (let group = 0; group < groups; group++) {
    for (let block = 0; block < og; block += 4) {
      for (let t = 0; t < taps; t++) {
        for (let o = block; o < block + 4; o++) {
          f32.store(to, o < og ? f32.load(w + (<usize>((group * og + o) * taps + t) << 2)) : 0);
          to += 4;
        }
      }
    }
  }
}

/** w [G][og][cg][k] -> flip(w)^T as [G][cg / 4][og * k][4], missing channels 0. */
export function packFlippedWeights(to: usize, w: usize, groups: i32, og: i32, cg: i32, k: i32): void {
  for (let group = 0; group < groups; group++) {
    for (let block = 0; block < cg; block += 4) {
      for (let o = 0; o < og; o++) {
        for (let t = k - 1; t >= 0; t--) {
          for (let c = block; c < block + 4; c++) {
            f32.store(to, c < cg ? f32.load(w + (<usize>(((group * og + o) * cg + c) * k + t) << 2)) : 0);
            to += 4;
          }
        }
      }
    }
  }
}

/**
 * Puts pixel (i, j) of each plane [h, w], dilated and shifted to (i * dilateH + top, j * dilateW + left), into its place of
 * the packed image; 0 elsewhere. A negative shift crops.
 */
export function packImage(
  to: usize, from: usize, planes: i32, h: i32, w: i32, dilateH: i32, dilateW: i32, top: i32, left: i32,
  rows: i32, cols: i32, sh: i32, sw: i32,
): void {
  const planeBytes = <usize>(sh * sw * rows * cols) << 2;
  memory.fill(to, 0, <usize>planes * planeBytes);
  for (let p = 0; p < planes; p++) {
    for (let i = 0; i < h; i++) {
      const row = i * dilateH + top;
      if (row < 0 || row >= rows * sh) continue;
      const line = to + (<usize>(((row % sh) * sw * rows + row / sh) * cols) << 2);
      const source = from + (<usize>(i * w) << 2);
      if (sw == 1 && dilateW == 1) {
        const first = max(0, -left);
        const last = min(w, cols - left);
        if (last > first) {
          copyRow(line + (<usize>(first + left) << 2), source + (<usize>first << 2), last - first);
        }
      } else {
        packStridedRow(line, source, w, dilateW, left, rows, cols, sw);
      }
    }
    to += planeBytes;
    from += <usize>(h * w) << 2;
  }
}

function packStridedRow(
  line: usize, source: usize, w: i32, dilateW: i32, left: i32, rows: i32, cols: i32, sw: i32,
): void {
  for (let j = 0; j < w; j++) {
    const col = j * dilateW + left;
    if (col < 0 || col >= cols * sw) continue;
    f32.store(line + (<usize>((col % sw) * rows * cols + col / sw) << 2), f32.load(source + (<usize>j << 2)));
  }
}
