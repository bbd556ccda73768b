// The three convolutions on flat memory: y, dx and dw of conv2d. All options go through the same two inner loops
// (tile.ts); what differs is how the image is packed and which weight meets which tap.
//
// A packed image holds each plane of one sample padded, and split into SH x SW phases so that a step of the stride is a
// step to the neighbor: planes [C][SH * SW][R][Q]. The output pixel (oh, ow) has the flat index f = oh * Q + ow, and tap
// (c, kh, kw) of every output pixel lies at offset(c, kh, kw) + f. Columns OW..Q-1 are computed too and thrown away.
//
// g is the record of Conv2dGeometry: 18 numbers of 32 bits in the order N C H W O KH KW SH SW DH DW PT PB PL PR G OH OW.
import { correlateRun, dotPairs } from "./tile";

// @ts-ignore: decorator
@inline const N: usize = 0, C: usize = 4, H: usize = 8, W: usize = 12, O: usize = 16, KH: usize = 20, KW: usize = 24,
  SH: usize = 28, SW: usize = 32, DH: usize = 36, DW: usize = 40, PT: usize = 44, PB: usize = 48, PL: usize = 52,
  PR: usize = 56, G: usize = 60, OH: usize = 64, OW: usize = 68;

/**
 * y = correlate2d(x, w; stride S, dilation D, padding P) + b.
 * x [N, C, H, W], w [O, C/G, KH, KW], b [O] or 0, y [N, O, OH, OW].
 */
export function conv2d(g: usize, x: usize, w: usize, b: usize, y: usize, scratch: usize): void {
  const c = load<i32>(g, C), o = load<i32>(g, O), groups = load<i32>(g, G), h = load<i32>(g, H), wd = load<i32>(g, W);
  const kh = load<i32>(g, KH), kw = load<i32>(g, KW), oh = load<i32>(g, OH), ow = load<i32>(g, OW);
  const sh = load<i32>(g, SH), sw = load<i32>(g, SW);
  const top = load<i32>(g, PT), left = load<i32>(g, PL);
  const rows = (h + top + load<i32>(g, PB) + sh - 1) / sh, cols = (wd + left + load<i32>(g, PR) + sw - 1) / sw;
  const cg = c / groups, og = o / groups, taps = cg * kh * kw;

  const offsets = scratch;
  const packed = align(offsets + (<usize>taps << 2));
  const image = align(packed + (<usize>groups * blocks(og) * taps << 4));
  const out = align(image + (<usize>c * sh * sw * rows * cols << 2) + 64);
  tapOffsets(offsets, cg, kh, kw, sh, sw, load<i32>(g, DH), load<i32>(g, DW), rows, cols);
  packWeights(packed, w, groups, og, cg, kh * kw);

  const groupImage = <usize>cg * sh * sw * rows * cols << 2;
  for (let n = 0; n < load<i32>(g, N); n++) {
    packImage(image, x + (<usize>n * c * h * wd << 2), c, h, wd, 1, 1, top, left, rows, cols, sh, sw);
    for (let k = 0; k < groups; k++) {
      correlatePlanes(
        image + <usize>k * groupImage, offsets, packed + (<usize>k * blocks(og) * taps << 4), taps, og,
        b == 0 ? 0 : b + (<usize>k * og << 2), y + (<usize>(n * o + k * og) * oh * ow << 2), oh, ow, cols, out,
      );
    }
  }
}

/**
 * dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P before).
 * dy [N, O, OH, OW], w [O, C/G, KH, KW], dx [N, C, H, W]. A negative padding crops.
 */
export function conv2dInputGrad(g: usize, dy: usize, w: usize, dx: usize, scratch: usize): void {
  const c = load<i32>(g, C), o = load<i32>(g, O), groups = load<i32>(g, G), h = load<i32>(g, H), wd = load<i32>(g, W);
  const kh = load<i32>(g, KH), kw = load<i32>(g, KW), oh = load<i32>(g, OH), ow = load<i32>(g, OW);
  const dh = load<i32>(g, DH), dw = load<i32>(g, DW);
  const top = dh * (kh - 1) - load<i32>(g, PT), left = dw * (kw - 1) - load<i32>(g, PL);
  const rows = h + dh * (kh - 1), cols = wd + dw * (kw - 1);
  const cg = c / groups, og = o / groups, taps = og * kh * kw;

  const offsets = scratch;
  const packed = align(offsets + (<usize>taps << 2));
  const image = align(packed + (<usize>groups * blocks(cg) * taps << 4));
  const out = align(image + (<usize>o * rows * cols << 2) + 64);
  tapOffsets(offsets, og, kh, kw, 1, 1, dh, dw, rows, cols);
  packFlippedWeights(packed, w, groups, og, cg, kh * kw);

  const groupImage = <usize>og * rows * cols << 2;
  for (let n = 0; n < load<i32>(g, N); n++) {
    packImage(
      image, dy + (<usize>n * o * oh * ow << 2), o, oh, ow, load<i32>(g, SH), load<i32>(g, SW), top, left, rows, cols, 1, 1,
    );
    for (let k = 0; k < groups; k++) {
      correlatePlanes(
        image + <usize>k * groupImage, offsets, packed + (<usize>k * blocks(cg) * taps << 4), taps, cg,
        0, dx + (<usize>(n * c + k * cg) * h * wd << 2), h, wd, cols, out,
      );
    }
  }
}

/**
 * dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T: each weight is the product of the image under its
 * tap with dy, summed over all samples and output pixels. x [N, C, H, W], dy [N, O, OH, OW], dw [O, C/G, KH, KW].
 */
export function conv2dWeightGrad(g: usize, x: usize, dy: usize, dw: usize, scratch: usize): void {
  const c = load<i32>(g, C), o = load<i32>(g, O), groups = load<i32>(g, G), h = load<i32>(g, H), wd = load<i32>(g, W);
  const kh = load<i32>(g, KH), kw = load<i32>(g, KW), oh = load<i32>(g, OH), ow = load<i32>(g, OW);
  const sh = load<i32>(g, SH), sw = load<i32>(g, SW);
  const top = load<i32>(g, PT), left = load<i32>(g, PL);
  const rows = (h + top + load<i32>(g, PB) + sh - 1) / sh, cols = (wd + left + load<i32>(g, PR) + sw - 1) / sw;
  const cg = c / groups, og = o / groups, taps = cg * kh * kw;
  const run = ((oh - 1) * cols + ow + 3) & ~3; // flat output pixels, to whole vectors; the rest of `delta` is 0

  const offsets = scratch;
  const image = align(offsets + (<usize>taps << 2));
  const delta = align(image + (<usize>c * sh * sw * rows * cols << 2) + 64);
  tapOffsets(offsets, cg, kh, kw, sh, sw, load<i32>(g, DH), load<i32>(g, DW), rows, cols);
  memory.fill(dw, 0, <usize>o * taps << 2);
  memory.fill(image + (<usize>c * sh * sw * rows * cols << 2), 0, 64);
  memory.fill(delta, 0, <usize>o * run << 2);

  const groupImage = <usize>cg * sh * sw * rows * cols << 2;
  for (let n = 0; n < load<i32>(g, N); n++) {
    packImage(image, x + (<usize>n * c * h * wd << 2), c, h, wd, 1, 1, top, left, rows, cols, sh, sw);
    for (let p = 0; p < o; p++) {
      for (let i = 0; i < oh; i++) {
        const from = dy + (<usize>((n * o + p) * oh + i) * ow << 2);
        memory.copy(delta + (<usize>(p * run + i * cols) << 2), from, <usize>ow << 2);
      }
    }
    for (let k = 0; k < groups; k++) {
      dotPairs(
        delta + (<usize>k * og * run << 2), og, run, image + <usize>k * groupImage, offsets, taps,
        dw + (<usize>k * og * taps << 2),
      );
    }
  }
}

/** db[o] = sum over n and p of dy. dy [outer, size, inner], db [size]. */
export function conv2dBiasGrad(outer: i32, size: i32, inner: i32, dy: usize, db: usize): void {
  for (let o = 0; o < size; o++) {
    let total: f32 = 0;
    for (let n = 0; n < outer; n++) total += sumRun(dy + (<usize>(n * size + o) * inner << 2), inner);
    f32.store(db + (<usize>o << 2), total);
  }
}

function sumRun(x: usize, count: i32): f32 {
  let lanes = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) lanes = f32x4.add(lanes, v128.load(x + (<usize>i << 2)));
  let total: f32 =
    f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
  for (; i < count; i++) total += f32.load(x + (<usize>i << 2));
  return total;
}

// @ts-ignore: decorator
@inline function align(pointer: usize): usize {
  return (pointer + 15) & ~(<usize>15);
}

// How many blocks of four channels there are.
// @ts-ignore: decorator
@inline function blocks(channels: i32): i32 {
  return (channels + 3) >> 2;
}

// Byte offset of each tap (c, kh, kw) in the packed image.
function tapOffsets(
  offsets: usize, channels: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, rows: i32, cols: i32,
): void {
  let to = offsets;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const row = i * dh, col = j * dw;
        const plane = (c * sh + (row % sh)) * sw + (col % sw);
        store<i32>(to, ((plane * rows + row / sh) * cols + col / sw) << 2);
        to += 4;
      }
    }
  }
}

// w [G][og][cg * k] -> [G][og / 4][cg * k][4], missing channels 0.
function packWeights(to: usize, w: usize, groups: i32, og: i32, cg: i32, k: i32): void {
  const taps = cg * k;
  for (let group = 0; group < groups; group++) {
    for (let block = 0; block < og; block += 4) {
      for (let t = 0; t < taps; t++) {
        for (let lane = 0; lane < 4; lane++) {
          const o = block + lane;
          f32.store(to, o < og ? f32.load(w + (<usize>((group * og + o) * taps + t) << 2)) : 0);
          to += 4;
        }
      }
    }
  }
}

// w [G][og][cg][k] -> flip(w)^T as [G][cg / 4][og * k][4], missing channels 0.
function packFlippedWeights(to: usize, w: usize, groups: i32, og: i32, cg: i32, k: i32): void {
  for (let group = 0; group < groups; group++) {
    for (let block = 0; block < cg; block += 4) {
      for (let o = 0; o < og; o++) {
        for (let t = k - 1; t >= 0; t--) {
          for (let lane = 0; lane < 4; lane++) {
            const c = block + lane;
            f32.store(to, c < cg ? f32.load(w + (<usize>(((group * og + o) * cg + c) * k + t) << 2)) : 0);
            to += 4;
          }
        }
      }
    }
  }
}

// Puts source pixel (i, j), dilated and shifted to (i * dilateH + top, j * dilateW + left), into its place; 0 elsewhere.
function packImage(
  to: usize, from: usize, planes: i32, h: i32, w: i32, dilateH: i32, dilateW: i32, top: i32, left: i32,
  rows: i32, cols: i32, sh: i32, sw: i32,
): void {
  const planeBytes = <usize>sh * sw * rows * cols << 2;
  memory.fill(to, 0, <usize>planes * planeBytes);
  for (let p = 0; p < planes; p++) {
    for (let i = 0; i < h; i++) {
      const row = i * dilateH + top;
      if (row < 0 || row >= rows * sh) continue;
      const line = to + (<usize>((row % sh) * sw * rows + row / sh) * cols << 2);
      const source = from + (<usize>i * w << 2);
      if (sw == 1 && dilateW == 1) {
        const first = max(0, -left), last = min(w, cols - left);
        if (last > first) {
          memory.copy(line + (<usize>(first + left) << 2), source + (<usize>first << 2), <usize>(last - first) << 2);
        }
        continue;
      }
      for (let j = 0; j < w; j++) {
        const col = j * dilateW + left;
        if (col < 0 || col >= cols * sw) continue;
        f32.store(line + (<usize>((col % sw) * rows * cols + col / sw) << 2), f32.load(source + (<usize>j << 2)));
      }
    }
    to += planeBytes;
    from += <usize>h * w << 2;
  }
}

// All output planes of one sample and group: blocks of four channels, then the valid columns are copied out.
function correlatePlanes(
  image: usize, offsets: usize, weights: usize, taps: i32, channels: i32, b: usize, y: usize, oh: i32, ow: i32, cols: i32,
  out: usize,
): void {
  const run = (oh - 1) * cols + ow;
  const pitch = <usize>((run + 7) & ~7) << 2;
  for (let block = 0; block < channels; block += 4) {
    const lanes = min(4, channels - block);
    correlateRun(image, offsets, weights, taps, b == 0 ? 0 : b + (<usize>block << 2), lanes, run, out, pitch);
    for (let lane = 0; lane < lanes; lane++) {
      const plane = y + (<usize>(block + lane) * oh * ow << 2);
      for (let i = 0; i < oh; i++) {
        memory.copy(plane + (<usize>i * ow << 2), out + <usize>lane * pitch + (<usize>i * cols << 2), <usize>ow << 2);
      }
    }
    weights += <usize>taps << 4;
  }
}
