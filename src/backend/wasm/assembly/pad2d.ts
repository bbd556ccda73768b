// Padding of planes [H, W] to [OH, OW] = [H + PT + PB, W + PL + PR], and its adjoint. A negative padding crops. Output
// pixel (oh, ow) is filled from the image pixel (source of oh, source of ow), or with the value where there is none.
import { clear, copyShortRow } from "./move";
import { In, on, Out, sizeOfChunk } from "./record";

// The modes, numbered as in ../pad2d.ts; the fourth is circular.
const CONSTANT = 0;
const REFLECT = 1;
const REPLICATE = 2;

@unmanaged
class Pad2dGeometry {
  planes: i32;
  H: i32;
  W: i32;
  PT: i32;
  PB: i32;
  PL: i32;
  PR: i32;
}

@unmanaged
class Pad2d extends Pad2dGeometry {
  each: i32;
  mode: i32;
  x: In;
  y: Out;
  value: f64;
}

@unmanaged
class Pad2dInputGrad extends Pad2dGeometry {
  each: i32;
  mode: i32;
  dy: In;
  dx: Out;
}

/** x [planes, H, W] -> y [planes, OH, OW]. */
export function pad2d(r: Pad2d, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, PT = r.PT, PL = r.PL;
  const mode = r.mode;
  const OH = H + PT + r.PB;
  const OW = W + PL + r.PR;
  const left = min(max(PL, 0), OW); // columns left .. right come from the image itself
  const right = max(min(W + PL, OW), left);
  const filler = <f32>r.value;
  let x = on(r.x, chunk * r.each * H * W);
  let y = on(r.y, chunk * r.each * OH * OW);
  for (let p = 0; p < planes; p++, x += <usize>(H * W) << 2) {
    for (let oh = 0; oh < OH; oh++, y += <usize>OW << 2) {
      const h = source(oh - PT, H, mode);
      if (h < 0) {
        fill(OW, y, filler);
        continue;
      }
      const row = x + (<usize>(h * W) << 2);
      for (let ow = 0; ; ow++) {
        if (ow == left) {
          copyShortRow(y + (<usize>left << 2), row + (<usize>(left - PL) << 2), right - left);
          ow = right;
        }
        if (ow == OW) break;
        f32.store(y + (<usize>ow << 2), pixel(row, source(ow - PL, W, mode), filler));
      }
    }
  }
}

/**
 * dy [planes, OH, OW] -> dx [planes, H, W]: dx = 0, then each dy is added to the pixel that its place was filled from.
 */
export function pad2dInputGrad(r: Pad2dInputGrad, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, PT = r.PT, PL = r.PL;
  const mode = r.mode;
  const OH = H + PT + r.PB;
  const OW = W + PL + r.PR;
  const left = min(max(PL, 0), OW);
  const right = max(min(W + PL, OW), left);
  let dy = on(r.dy, chunk * r.each * OH * OW);
  let dx = on(r.dx, chunk * r.each * H * W);
  clear(dx, planes * H * W);
  for (let p = 0; p < planes; p++, dx += <usize>(H * W) << 2) {
    for (let oh = 0; oh < OH; oh++, dy += <usize>OW << 2) {
      const h = source(oh - PT, H, mode);
      if (h < 0) continue;
      const row = dx + (<usize>(h * W) << 2);
      for (let ow = 0; ; ow++) {
        if (ow == left) {
          addRow(right - left, dy + (<usize>left << 2), row + (<usize>(left - PL) << 2));
          ow = right;
        }
        if (ow == OW) break;
        addPixel(row, source(ow - PL, W, mode), f32.load(dy + (<usize>ow << 2)));
      }
    }
  }
}

/** The image row or column in [0, size) that fills place i, where place 0 is the image's first; -1: none. */
@inline
function source(i: i32, size: i32, mode: i32): i32 {
  if (i >= 0 && i < size) return i;
  if (mode == CONSTANT) return -1;
  if (mode == REFLECT) return i < 0 ? -i : 2 * (size - 1) - i;
  if (mode == REPLICATE) return i < 0 ? 0 : size - 1;
  return i < 0 ? i + size : i - size;
}

@inline
function pixel(row: usize, w: i32, filler: f32): f32 {
  return w < 0 ? filler : f32.load(row + (<usize>w << 2));
}

@inline
function addPixel(row: usize, w: i32, dy: f32): void {
  if (w < 0) return;
  const to = row + (<usize>w << 2);
  f32.store(to, f32.load(to) + dy);
}

/** y[0 .. n) = value. */
@inline
function fill(n: i32, y: usize, value: f32): void {
  const end = y + (<usize>n << 2);
  for (; y + 16 <= end; y += 16) v128.store(y, f32x4.splat(value));
  for (; y < end; y += 4) f32.store(y, value);
}

/** y[0 .. n) += x. */
@inline
function addRow(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  for (; x < end; x += 4, y += 4) f32.store(y, f32.load(y) + f32.load(x));
}
