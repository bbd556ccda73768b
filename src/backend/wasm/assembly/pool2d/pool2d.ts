// Pooling of planes [H, W] to [OH, OW] and its gradients. Window (oh, ow) begins at row oh SH - PT and column ow SW -
// PL; what lies outside the image counts for nothing (max) or only in the divisor (average).
//
// In each row of windows, those that lie inside the image from left to right are worked through four neighbors at a
// time, one a lane. The last four overlap the four before, so the same numbers are computed twice. The others go one by
// one. Which window goes which way depends on the geometry alone, never on the batch. pool2x2.ts is a faster way for
// 2x2 windows at stride 2.
import { clear } from "../move";
import { high, low, narrow, write } from "../math";
import { averageRow2x2, maxPlane2x2 } from "./pool2x2";
import { Flag, In, on, onIfAny, Out, sizeOfChunk } from "../record";
import { rowSum } from "../rows";
import { ceilDivide, divisorOf, endInside, everySW, firstTap } from "./windows";

@unmanaged
class Pool2dGeometry {
  planes: i32;
  H: i32;
  W: i32;
  KH: i32;
  KW: i32;
  SH: i32;
  SW: i32;
  DH: i32;
  DW: i32;
  PT: i32;
  PL: i32;
  OH: i32;
  OW: i32;
}

@unmanaged
class MaxPool2d extends Pool2dGeometry {
  each: i32;
  x: In;
  y: Out;
  indices: Out;
}

@unmanaged
class MaxPool2dInputGrad extends Pool2dGeometry {
  each: i32;
  indices: In;
  dy: In;
  dx: Out;
}

@unmanaged
class AvgPool2dGeometry extends Pool2dGeometry {
  countIncludePad: Flag;
  divisor: f64;
}

@unmanaged
class AvgPool2d extends AvgPool2dGeometry {
  each: i32;
  x: In;
  y: Out;
}

@unmanaged
class AvgPool2dInputGrad extends AvgPool2dGeometry {
  each: i32;
  dy: In;
  dx: Out;
}

/**
 * x [planes, H, W] -> y, indices [planes, OH, OW]: the largest of each window and its place h W + w. indices may be 0: a
 * prediction needs none.
 */
export function maxPool2d(r: MaxPool2d, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, KH = r.KH, KW = r.KW, SH = r.SH, SW = r.SW, DH = r.DH, DW = r.DW;
  const PT = r.PT, PL = r.PL, OH = r.OH, OW = r.OW;
  let x = on(r.x, chunk * r.each * H * W);
  let y = on(r.y, chunk * r.each * OH * OW);
  let indices = onIfAny(r.indices, chunk * r.each * OH * OW);
  const is2x2 = KH == 2 && KW == 2 && SH == 2 && SW == 2 && DH == 1 && DW == 1;
  const spanH = (KH - 1) * DH + 1;
  const spanW = (KW - 1) * DW + 1;
  const inside = min(ceilDivide(PL, SW), OW); // the first window that does not begin in the left padding
  const beyond = endInside(W + PL - spanW, SW, OW);
  const yStep = <usize>(OH * OW) << 2;
  const indexStep: usize = indices == 0 ? 0 : yStep;
  for (let p = 0; p < planes; p++, x += <usize>(H * W) << 2, y += yStep, indices += indexStep) {
    if (is2x2) {
      if (indices == 0) {
        if (maxPlane2x2(false, H, W, PT, PL, OH, OW, x, y, 0)) continue;
      } else if (maxPlane2x2(true, H, W, PT, PL, OH, OW, x, y, indices)) continue;
    }
    for (let oh = 0; oh < OH; oh++) {
      const h0 = firstTap(oh * SH - PT, DH);
      const h1 = min(oh * SH - PT + spanH, H);
      for (let ow = 0; ow < OW; ) {
        const four = ow >= inside && ow < beyond && beyond - inside >= 4;
        if (four) ow = min(ow, beyond - 4);
        const w0 = ow * SW - PL;
        const to = <usize>(oh * OW + ow) << 2;
        const w1 = min(w0 + spanW, W);
        const index: usize = indices == 0 ? 0 : indices + to;
        if (four) maxOf(true, x, W, h0, h1, DH, w0, w1, DW, SW, y + to, index);
        else maxOf(false, x, W, h0, h1, DH, firstTap(w0, DW), w1, DW, SW, y + to, index);
        ow += four ? 4 : 1;
      }
    }
  }
}

/**
 * The window of rows h0, h0 + DH, ... below h1 and columns w0, w0 + DW, ... below w1; with `four` also the three
 * windows that lie SW, 2 SW and 3 SW columns further right.
 */
@inline
function maxOf(
  four: bool, x: usize, W: i32, h0: i32, h1: i32, DH: i32, w0: i32, w1: i32, DW: i32, SW: i32, y: usize, index: usize,
): void {
  let best = f32x4.splat(-Infinity);
  let at = i32x4.splat(h0 * W + w0); // of the first window; the others' places are those plus SW, 2 SW, 3 SW
  for (let h = h0; h < h1; h += DH) {
    for (let w = w0; w < w1; w += DW) {
      const place = h * W + w;
      const from = x + (<usize>place << 2);
      const value = four ? everySW(from, SW) : v128.load32_splat(from);
      const better = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
      best = v128.bitselect(value, best, better);
      at = v128.bitselect(i32x4.splat(place), at, better);
    }
  }
  write(four, y, best);
  if (index != 0) write(four, index, i32x4.add(at, i32x4.mul(i32x4.splat(SW), i32x4(0, 1, 2, 3))));
}

/** dx [planes, H, W] = 0, then dx[indices] += dy; indices, dy [planes, O], where O = OH OW. */
export function maxPool2dInputGrad(r: MaxPool2dInputGrad, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const HW = r.H * r.W;
  const O = r.OH * r.OW;
  let indices = on(r.indices, chunk * r.each * O);
  let dy = on(r.dy, chunk * r.each * O);
  let dx = on(r.dx, chunk * r.each * HW);
  clear(dx, planes * HW);
  for (let p = 0; p < planes; p++, dx += <usize>HW << 2) {
    for (const end = dy + (<usize>O << 2); dy < end; dy += 4, indices += 4) {
      const to = dx + (<usize>i32.load(indices) << 2);
      f32.store(to, f32.load(to) + f32.load(dy));
    }
  }
}

/** x [planes, H, W] -> y [planes, OH, OW]: the sum of each window, in float64, over its divisor. */
export function avgPool2d(r: AvgPool2d, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, KH = r.KH, KW = r.KW, SH = r.SH, SW = r.SW, PT = r.PT, PL = r.PL, OH = r.OH, OW = r.OW;
  const countIncludePad = r.countIncludePad != 0;
  const divisor = r.divisor;
  let x = on(r.x, chunk * r.each * H * W);
  let y = on(r.y, chunk * r.each * OH * OW);
  const is2x2 = KH == 2 && KW == 2 && SH == 2 && SW == 2;
  const inside = min(ceilDivide(PL, SW), OW);
  const beyond = endInside(W + PL - KW, SW, OW);
  for (let p = 0; p < planes; p++, x += <usize>(H * W) << 2) {
    for (let oh = 0; oh < OH; oh++, y += <usize>OW << 2) {
      const top = oh * SH - PT;
      const h0 = max(top, 0);
      const h1 = min(top + KH, H);
      const countH = countIncludePad ? min(top + KH, H + PT) - top : h1 - h0;
      if (is2x2) {
        const row = x + (<usize>(h0 * W) << 2);
        const by = divisorOf(divisor, countH, 2);
        const first = divisorOf(divisor, countH, countIncludePad ? 2 : 1);
        const final = divisorOf(divisor, countH, countIncludePad ? W + PL - (2 * OW - 2 - PL) : 1);
        averageRow2x2(row, row + (<usize>W << 2), h1 - h0 == 1, W, PL, OW, <f32>by, <f32>first, <f32>final, y);
        continue;
      }
      for (let ow = 0; ow < OW; ) {
        const four = ow >= inside && ow < beyond && beyond - inside >= 4;
        if (four) ow = min(ow, beyond - 4);
        const left = ow * SW - PL;
        const w0 = max(left, 0);
        const w1 = min(left + KW, W);
        const countW = countIncludePad ? min(left + KW, W + PL) - left : w1 - w0;
        const by = divisorOf(divisor, countH, countW);
        const to = y + (<usize>ow << 2);
        if (four) v128.store(to, averageOfFour(x, W, h0, h1, w0, KW, SW, by));
        else f32.store(to, averageOfOne(x, W, h0, h1, w0, w1, by));
        ow += four ? 4 : 1;
      }
    }
  }
}

@inline
function averageOfOne(x: usize, W: i32, h0: i32, h1: i32, w0: i32, w1: i32, by: f64): f32 {
  if (w1 - w0 == W) return <f32>(rowSum((h1 - h0) * W, x + (<usize>(h0 * W) << 2)) / by); // whole rows lie in one piece
  let sum: f64 = 0;
  for (let h = h0; h < h1; h++) sum += rowSum(w1 - w0, x + (<usize>(h * W + w0) << 2));
  return <f32>(sum / by);
}

@inline
function averageOfFour(x: usize, W: i32, h0: i32, h1: i32, w0: i32, KW: i32, SW: i32, by: f64): v128 {
  let lo = f64x2.splat(0);
  let hi = lo;
  for (let h = h0; h < h1; h++) {
    let from = x + (<usize>(h * W + w0) << 2);
    for (const end = from + (<usize>KW << 2); from < end; from += 4) {
      const value = everySW(from, SW);
      lo = f64x2.add(lo, low(value));
      hi = f64x2.add(hi, high(value));
    }
  }
  return narrow(f64x2.div(lo, f64x2.splat(by)), f64x2.div(hi, f64x2.splat(by)));
}

/** dy [planes, OH, OW] -> dx [planes, H, W]: dx = 0, then dy / divisor is added to every pixel of its window. */
export function avgPool2dInputGrad(r: AvgPool2dInputGrad, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, KH = r.KH, KW = r.KW, SH = r.SH, SW = r.SW, PT = r.PT, PL = r.PL, OH = r.OH, OW = r.OW;
  const countIncludePad = r.countIncludePad != 0;
  const divisor = r.divisor;
  let dy = on(r.dy, chunk * r.each * OH * OW);
  let dx = on(r.dx, chunk * r.each * H * W);
  clear(dx, planes * H * W);
  const inside = KW == 2 && SW == 2 ? PL : OW; // four neighbors at a time only where they tile the rows of dx
  const beyond = endInside(W + PL - KW, SW, OW);
  for (let p = 0; p < planes; p++, dx += <usize>(H * W) << 2) {
    for (let oh = 0; oh < OH; oh++, dy += <usize>OW << 2) {
      const top = oh * SH - PT;
      const h0 = max(top, 0);
      const h1 = min(top + KH, H);
      const countH = countIncludePad ? min(top + KH, H + PT) - top : h1 - h0;
      for (let ow = 0; ow < OW; ) {
        const left = ow * SW - PL;
        const w0 = max(left, 0);
        const w1 = min(left + KW, W);
        const countW = countIncludePad ? min(left + KW, W + PL) - left : w1 - w0;
        const by = <f32>divisorOf(divisor, countH, countW);
        const from = dy + (<usize>ow << 2);
        const four = ow >= inside && ow + 4 <= beyond;
        if (four) spreadFour(dx, W, h0, h1, w0, f32x4.div(v128.load(from), f32x4.splat(by)));
        else spreadOne(dx, W, h0, h1, w0, w1, f32.load(from) / by);
        ow += four ? 4 : 1;
      }
    }
  }
}

/** Adds one number to all pixels of a window. */
@inline
function spreadOne(dx: usize, W: i32, h0: i32, h1: i32, w0: i32, w1: i32, value: f32): void {
  for (let h = h0; h < h1; h++) {
    let to = dx + (<usize>(h * W + w0) << 2);
    const end = to + (<usize>(w1 - w0) << 2);
    for (; to + 16 <= end; to += 16) v128.store(to, f32x4.add(v128.load(to), f32x4.splat(value)));
    for (; to < end; to += 4) f32.store(to, f32.load(to) + value);
  }
}

/** Adds each of four numbers to the two columns of its window. */
@inline
function spreadFour(dx: usize, W: i32, h0: i32, h1: i32, w0: i32, value: v128): void {
  for (let h = h0; h < h1; h++) {
    const to = dx + (<usize>(h * W + w0) << 2);
    v128.store(to, f32x4.add(v128.load(to), v128.shuffle<f32>(value, value, 0, 0, 1, 1)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.shuffle<f32>(value, value, 2, 2, 3, 3)), 16);
  }
}
