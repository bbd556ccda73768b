// The two-dimensional transforms of winograd.ts, rows and columns one after the other.
//
// A strip is one row of tiles of one image. The vertical transform of a strip runs along the image's rows, four pixels
// at once, and shares its work between tiles that overlap; its n rows are a "strip plane" [n][strips][pitch]. The
// horizontal one wants one tile (or channel) a lane, so it transposes 4 x 4 on the way. The output goes the same way
// back. n = 6 or 8 is the edge of the tiles of data, m = 4 or 2 that of y and dy; there are no tiles of n = 8 and m = 2.
import { firstPairs, interleaveHigh, interleaveLow, lastPairs } from "../lanes";
import { outputRow as outputRow8, storeData as storeData8, storeFilter as storeFilter8 } from "./winogradEight";
import { outputRow as outputRow6, storeData as storeData6, storeFilter as storeFilter6 } from "./winogradSix";

/** What is transformed: B^T d, or G w (without its factors) of as many rows, tiles of dy. */
export const DATA = 0;

@inline
function rowAt(plane: usize, row: i32, h: i32, w: i32, zeros: usize): usize {
  return <u32>row < <u32>h ? plane + (<usize>(row * w) << 2) : zeros;
}

/**
 * Vertical transform of one channel: strips `first` to first + strips - 1 (th strips an image, m rows apart, the first
 * one `top` rows above the image) to columns `left` .. left + w - 1 of the strip plane; what lies outside the image is
 * 0 there already. x: the channel's plane [h, w] in image 0, `imageStep` bytes to the next image's. rows: DATA, or 4 or 2 of
 * a filter. zeros [w]. w is at least 4: a last vector that is not whole starts earlier and computes some pixels twice.
 */
export function transformStrips(
  n: i32, rows: i32, m: i32, x: usize, imageStep: usize, h: i32, w: i32, top: i32, left: i32, th: i32, first: i32, strips: i32,
  zeros: usize, to: usize, rowStep: usize, pitch: i32,
): void {
  to += <usize>left << 2;
  let plane = x + <usize>(first / th) * imageStep;
  let i = first % th;
  for (let s = 0; s < strips; s++) {
    const row = i * m - top;
    const p0 = rowAt(plane, row, h, w, zeros), p1 = rowAt(plane, row + 1, h, w, zeros);
    const p2 = rowAt(plane, row + 2, h, w, zeros), p3 = rowAt(plane, row + 3, h, w, zeros);
    const p4 = rowAt(plane, row + 4, h, w, zeros), p5 = rowAt(plane, row + 5, h, w, zeros);
    const p6 = rowAt(plane, row + 6, h, w, zeros), p7 = rowAt(plane, row + 7, h, w, zeros);
    for (let col = 0; col < w; col += 4) {
      const at = <usize>min(col, w - 4) << 2;
      const d0 = v128.load(p0 + at), d1 = v128.load(p1 + at), d2 = v128.load(p2 + at), d3 = v128.load(p3 + at);
      if (rows == 2) {
        storeFilter6(to + at, rowStep, 2, d0, d1, d0, d0, d0);
      } else if (rows == 4) {
        if (n == 6) storeFilter6(to + at, rowStep, 4, d0, d1, d2, d3, d0);
        else storeFilter8(to + at, rowStep, 4, d0, d1, d2, d3, d3);
      } else {
        const d4 = v128.load(p4 + at), d5 = v128.load(p5 + at);
        if (n == 6) storeData6(to + at, rowStep, d0, d1, d2, d3, d4, d5);
        else storeData8(to + at, rowStep, d0, d1, d2, d3, d4, d5, v128.load(p6 + at), v128.load(p7 + at));
      }
    }
    to += <usize>pitch << 2;
    if (++i == th) {
      i = 0;
      plane += imageStep;
    }
  }
}

/** Horizontal transform of the tiles that begin at p0 .. p3 of strip planes: n^2 vectors, `step` bytes apart. */
@inline
function gatherFour(
  n: i32, rows: i32, p0: usize, p1: usize, p2: usize, p3: usize, rowStep: usize, to: usize, step: usize,
): void {
  for (let i = 0; i < n; i++) {
    const a = v128.load(p0), b = v128.load(p1), c = v128.load(p2), d = v128.load(p3);
    const ab = interleaveLow(a, b), cd = interleaveLow(c, d);
    const d0 = firstPairs(ab, cd), d1 = lastPairs(ab, cd);
    if (rows == 2) {
      storeFilter6(to, step, 2, d0, d1, d0, d0, d0);
    } else {
      const ab2 = interleaveHigh(a, b), cd2 = interleaveHigh(c, d);
      const d2 = firstPairs(ab2, cd2), d3 = lastPairs(ab2, cd2);
      if (rows == 4) {
        if (n == 6) storeFilter6(to, step, 4, d0, d1, d2, d3, d0);
        else storeFilter8(to, step, 4, d0, d1, d2, d3, d3);
      } else if (n == 6) {
        const ab4 = interleaveLow(v128.load64_zero(p0, 16), v128.load64_zero(p1, 16));
        const cd4 = interleaveLow(v128.load64_zero(p2, 16), v128.load64_zero(p3, 16));
        storeData6(to, step, d0, d1, d2, d3, firstPairs(ab4, cd4), lastPairs(ab4, cd4));
      } else {
        const a4 = v128.load(p0, 16), b4 = v128.load(p1, 16), c4 = v128.load(p2, 16), d4 = v128.load(p3, 16);
        const ab4 = interleaveLow(a4, b4), cd4 = interleaveLow(c4, d4);
        const ab6 = interleaveHigh(a4, b4), cd6 = interleaveHigh(c4, d4);
        storeData8(
          to, step, d0, d1, d2, d3, firstPairs(ab4, cd4), lastPairs(ab4, cd4), firstPairs(ab6, cd6), lastPairs(ab6, cd6),
        );
      }
    }
    p0 += rowStep;
    p1 += rowStep;
    p2 += rowStep;
    p3 += rowStep;
    to += <usize>n * step;
  }
}

/**
 * One channel, tiles 0 to tiles - 1 (a multiple of 4), four in the four lanes: panels [n^2][tiles / 8][.][8], `step`
 * bytes from plane to plane and `panel` bytes from panel to panel. rows: DATA, or 4 or 2 of a filter. offsets: the tiles' places.
 */
@inline
export function gatherTiles(
  n: i32, rows: i32, strip: usize, rowStep: usize, offsets: usize, tiles: i32, to: usize, step: usize, panel: usize,
): void {
  gather(n, rows, strip, 0, rowStep, offsets, 4, tiles >> 2, to, step, 16, panel - 16);
}

/** One tile after the other, `next` bytes apart, four channels in the four lanes, `plane` bytes apart. */
@inline
export function gatherChannels(
  n: i32, rows: i32, strip: usize, plane: usize, rowStep: usize, offsets: usize, tiles: i32, to: usize, step: usize,
  next: usize,
): void {
  gather(n, rows, strip, plane, rowStep, offsets, 0, tiles, to, step, next, next);
}

/**
 * Both of them, `count` times four lanes: lane i is a tile of the strip planes that begin i `plane` bytes on, and its place
 * stands i `lane` bytes on in `offsets`. The results are `even` and `odd` bytes apart in turn. One function, because the
 * transforms are long.
 */
function gather(
  n: i32, rows: i32, strip: usize, plane: usize, rowStep: usize, offsets: usize, lane: usize, count: i32, to: usize,
  step: usize, even: usize, odd: usize,
): void {
  for (let i = 0; i < count; i++) {
    const p0 = strip + <usize>load<i32>(offsets), p1 = strip + plane + <usize>load<i32>(offsets + lane);
    const p2 = strip + 2 * plane + <usize>load<i32>(offsets + 2 * lane);
    const p3 = strip + 3 * plane + <usize>load<i32>(offsets + 3 * lane);
    gatherFour(n, rows, p0, p1, p2, p3, rowStep, to, step);
    offsets += lane == 0 ? <usize>4 : <usize>16;
    to += (i & 1) == 0 ? even : odd;
  }
}

/**
 * Horizontal output transform of one channel's products: from [n^2] rows of `tiles` (a multiple of 4), `step` bytes apart,
 * to a strip plane [n][tiles * m].
 */
export function scatterOutput(n: i32, m: i32, from: usize, step: usize, tiles: i32, to: usize): void {
  const rowStep = <usize>(tiles * m) << 2;
  const end = from + (<usize>tiles << 2);
  for (; from < end; from += 16) {
    let at = from;
    let line = to;
    for (let i = 0; i < n; i++) {
      const v0 = v128.load(at), v1 = v128.load(at + step), v2 = v128.load(at + 2 * step);
      const v3 = v128.load(at + 3 * step), v4 = v128.load(at + 4 * step), v5 = v128.load(at + 5 * step);
      const plus1 = f32x4.add(v1, v2), minus1 = f32x4.sub(v1, v2);
      const plus2 = f32x4.add(v3, v4), minus2 = f32x4.sub(v3, v4);
      if (n == 8) {
        const v6 = v128.load(at + 6 * step), v7 = v128.load(at + 7 * step);
        const plus3 = f32x4.add(v5, v6), minus3 = f32x4.sub(v5, v6);
        storeFour(
          line, outputRow8(0, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7),
          outputRow8(1, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7),
          outputRow8(2, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7),
          outputRow8(3, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7),
        );
      } else if (m == 4) {
        storeFour(
          line, outputRow6(0, 4, v0, plus1, minus1, plus2, minus2, v5),
          outputRow6(1, 4, v0, plus1, minus1, plus2, minus2, v5), outputRow6(2, 4, v0, plus1, minus1, plus2, minus2, v5),
          outputRow6(3, 4, v0, plus1, minus1, plus2, minus2, v5),
        );
      } else {
        const y0 = outputRow6(0, 2, v0, plus1, minus1, plus2, minus2, v5);
        const y1 = outputRow6(1, 2, v0, plus1, minus1, plus2, minus2, v5);
        v128.store(line, interleaveLow(y0, y1));
        v128.store(line, interleaveHigh(y0, y1), 16);
      }
      at += <usize>n * step;
      line += rowStep;
    }
    to += <usize>m << 4;
  }
}

// Stores y0 .. y3 transposed.
@inline
function storeFour(to: usize, y0: v128, y1: v128, y2: v128, y3: v128): void {
  const ab = interleaveLow(y0, y1), cd = interleaveLow(y2, y3);
  const ab2 = interleaveHigh(y0, y1), cd2 = interleaveHigh(y2, y3);
  v128.store(to, firstPairs(ab, cd));
  v128.store(to, lastPairs(ab, cd), 16);
  v128.store(to, firstPairs(ab2, cd2), 32);
  v128.store(to, lastPairs(ab2, cd2), 48);
}

/**
 * Vertical output transform of one channel: strip plane, `rowStep` and `pitch` as above, plus the bias, to the valid
 * part of strips `first` to first + strips - 1. y: the channel's plane [oh, ow] in image 0; ow is at least 4.
 */
export function outputStrips(
  n: i32, m: i32, from: usize, rowStep: usize, pitch: i32, bias: f32, y: usize, imageStep: usize, oh: i32, ow: i32, th: i32,
  first: i32, strips: i32,
): void {
  const b = f32x4.splat(bias);
  const line = <usize>ow << 2;
  let image = y + <usize>(first / th) * imageStep;
  let row = (first % th) * m;
  for (let s = 0; s < strips; s++) {
    const rows = min(oh - row, m);
    const plane = image + <usize>row * line;
    for (let col = 0; col < ow; col += 4) {
      const i = <usize>min(col, ow - 4) << 2;
      const at = from + i;
      const to = plane + i;
      const v0 = v128.load(at), v1 = v128.load(at + rowStep), v2 = v128.load(at + 2 * rowStep);
      const v3 = v128.load(at + 3 * rowStep), v4 = v128.load(at + 4 * rowStep), v5 = v128.load(at + 5 * rowStep);
      const plus1 = f32x4.add(v1, v2), minus1 = f32x4.sub(v1, v2);
      const plus2 = f32x4.add(v3, v4), minus2 = f32x4.sub(v3, v4);
      if (n == 8) {
        const v6 = v128.load(at + 6 * rowStep), v7 = v128.load(at + 7 * rowStep);
        const plus3 = f32x4.add(v5, v6), minus3 = f32x4.sub(v5, v6);
        outputLine(to, line, rows, 0, b, outputRow8(0, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
        outputLine(to, line, rows, 1, b, outputRow8(1, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
        outputLine(to, line, rows, 2, b, outputRow8(2, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
        outputLine(to, line, rows, 3, b, outputRow8(3, 4, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
      } else {
        outputLine(to, line, rows, 0, b, outputRow6(0, 4, v0, plus1, minus1, plus2, minus2, v5));
        if (m == 4) {
          outputLine(to, line, rows, 1, b, outputRow6(1, 4, v0, plus1, minus1, plus2, minus2, v5));
          outputLine(to, line, rows, 2, b, outputRow6(2, 4, v0, plus1, minus1, plus2, minus2, v5));
          outputLine(to, line, rows, 3, b, outputRow6(3, 4, v0, plus1, minus1, plus2, minus2, v5));
        } else {
          outputLine(to, line, rows, 1, b, outputRow6(1, 2, v0, plus1, minus1, plus2, minus2, v5));
        }
      }
    }
    from += <usize>pitch << 2;
    row += m;
    if (row >= oh) {
      row = 0;
      image += imageStep;
    }
  }
}

@inline
function outputLine(to: usize, line: usize, rows: i32, i: i32, b: v128, y: v128): void {
  if (rows > i) v128.store(to + <usize>i * line, f32x4.add(b, y));
}
