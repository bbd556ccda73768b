// Work on whole image planes: adaptive max pooling, unpooling, and channels that become pixels.
import { clear, copyRow } from "../move";
import { In, on, onIfAny, Out, sizeOfChunk } from "../record";

@unmanaged
class PlanesGeometry {
  planes: i32;
  H: i32;
  W: i32;
  OH: i32;
  OW: i32;
}

@unmanaged
class AdaptiveMaxPool2d extends PlanesGeometry {
  each: i32;
  x: In;
  y: Out;
  indices: Out;
}

@unmanaged
class MaxUnpool2d extends PlanesGeometry {
  each: i32;
  indices: In;
  x: In;
  y: Out;
}

@unmanaged
class MaxUnpool2dInputGrad extends PlanesGeometry {
  each: i32;
  indices: In;
  dy: In;
  dx: Out;
}

@unmanaged
class ShuffleGeometry {
  planes: i32;
  H: i32;
  W: i32;
  factor: i32;
}

@unmanaged
class PixelShuffle extends ShuffleGeometry {
  each: i32;
  x: In;
  y: Out;
}

@unmanaged
class PixelUnshuffle extends ShuffleGeometry {
  each: i32;
  y: In;
  x: Out;
}

/** The largest of rows floor(i H / OH) .. ceil((i + 1) H / OH) - 1 and columns alike, and its place h W + w. */
export function adaptiveMaxPool2d(r: AdaptiveMaxPool2d, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, OH = r.OH, OW = r.OW;
  let x = on(r.x, chunk * r.each * H * W);
  let y = on(r.y, chunk * r.each * OH * OW);
  let indices = onIfAny(r.indices, chunk * r.each * OH * OW);
  for (let p = 0; p < planes; p++, x += <usize>(H * W) << 2) {
    for (let oh = 0; oh < OH; oh++) {
      const h0 = oh * H / OH;
      const h1 = ((oh + 1) * H + OH - 1) / OH;
      for (let ow = 0; ow < OW; ow++, y += 4) {
        const w0 = ow * W / OW;
        const w1 = ((ow + 1) * W + OW - 1) / OW;
        let largest: f32 = -Infinity;
        let place = h0 * W + w0;
        for (let h = h0; h < h1; h++) {
          for (let at = h * W + w0; at < h * W + w1; at++) {
            const value = f32.load(on(x, at));
            if (value > largest || value != value) {
              largest = value;
              place = at;
            }
          }
        }
        f32.store(y, largest);
        if (indices == 0) continue;
        i32.store(indices, place);
        indices += 4;
      }
    }
  }
}

/** y = 0, then y[indices] = x. */
export function maxUnpool2d(r: MaxUnpool2d, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const n = r.H * r.W, pixels = r.OH * r.OW;
  let indices = on(r.indices, chunk * r.each * n);
  let x = on(r.x, chunk * r.each * n);
  let y = on(r.y, chunk * r.each * pixels);
  clear(y, planes * pixels);
  for (let p = 0; p < planes; p++, y += <usize>pixels << 2) {
    for (const end = x + (<usize>n << 2); x < end; x += 4, indices += 4) f32.store(on(y, i32.load(indices)), f32.load(x));
  }
}

/**
 * dx = dy[indices], 0 where a later one of equal places counted. scratch [OH, OW]: for each place the latest that went there.
 */
export function maxUnpool2dInputGrad(r: MaxUnpool2dInputGrad, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const n = r.H * r.W, pixels = r.OH * r.OW;
  let indices = on(r.indices, chunk * r.each * n);
  let dy = on(r.dy, chunk * r.each * pixels);
  let dx = on(r.dx, chunk * r.each * n);
  for (let p = 0; p < planes; p++) {
    for (let i = 0; i < n; i++) i32.store(on(scratch, i32.load(on(indices, i))), i);
    for (let i = 0; i < n; i++) {
      const place = i32.load(on(indices, i));
      f32.store(on(dx, i), i32.load(on(scratch, place)) == i ? f32.load(on(dy, place)) : 0);
    }
    indices = on(indices, n);
    dx = on(dx, n);
    dy = on(dy, pixels);
  }
}

/** x [planes, f, f, H, W] -> y [planes, H f, W f]: a row of y are f rows of x, number by number in turn. */
export function pixelShuffle(r: PixelShuffle, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, f = r.factor;
  const plane = <usize>(H * W) << 2;
  let x = on(r.x, chunk * r.each * f * f * H * W);
  let y = on(r.y, chunk * r.each * f * f * H * W);
  for (let p = 0; p < planes; p++, x += <usize>(f * f) * plane) {
    for (let h = 0; h < H; h++) {
      for (let i = 0; i < f; i++, y += <usize>(W * f) << 2) {
        const row = x + <usize>(i * f) * plane + (<usize>(h * W) << 2);
        if (f == 1) copyRow(y, row, W);
        else if (f == 2) interleave(W, row, row + plane, y);
        else for (let j = 0; j < f; j++) spread(W, f, row + <usize>j * plane, on(y, j));
      }
    }
  }
}

/** to[0], to[f], to[2 f] ... = from[0], from[1], from[2] ... */
@inline
function spread(n: i32, f: i32, from: usize, to: usize): void {
  const step = <usize>f << 2;
  for (const end = on(from, n); from < end; from += 4, to += step) f32.store(to, f32.load(from));
}

/** to = a[0], b[0], a[1], b[1] ... */
function interleave(n: i32, a: usize, b: usize, to: usize): void {
  const end = on(a, n);
  const blocks = on(a, n & -4);
  for (; a < blocks; a += 16, b += 16, to += 32) {
    const left = v128.load(a), right = v128.load(b);
    v128.store(to, v128.shuffle<f32>(left, right, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<f32>(left, right, 2, 6, 3, 7), 16);
  }
  for (; a < end; a += 4, b += 4, to += 8) {
    f32.store(to, f32.load(a));
    f32.store(to, f32.load(b), 4);
  }
}

/** The inverse: y -> x. */
export function pixelUnshuffle(r: PixelUnshuffle, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, f = r.factor;
  const plane = <usize>(H * W) << 2;
  let x = on(r.x, chunk * r.each * f * f * H * W);
  let y = on(r.y, chunk * r.each * f * f * H * W);
  for (let p = 0; p < planes; p++, x += <usize>(f * f) * plane) {
    for (let h = 0; h < H; h++) {
      for (let i = 0; i < f; i++, y += <usize>(W * f) << 2) {
        const row = x + <usize>(i * f) * plane + (<usize>(h * W) << 2);
        if (f == 1) copyRow(row, y, W);
        else if (f == 2) part(W, y, row, row + plane);
        else for (let j = 0; j < f; j++) collect(W, f, on(y, j), row + <usize>j * plane);
      }
    }
  }
}

/** to[0], to[1], to[2] ... = from[0], from[f], from[2 f] ... */
@inline
function collect(n: i32, f: i32, from: usize, to: usize): void {
  const step = <usize>f << 2;
  for (const end = on(to, n); to < end; to += 4, from += step) f32.store(to, f32.load(from));
}

/** a = from[0], from[2] ..., b = from[1], from[3] ... */
function part(n: i32, from: usize, a: usize, b: usize): void {
  const end = on(a, n);
  const blocks = on(a, n & -4);
  for (; a < blocks; a += 16, b += 16, from += 32) {
    const low = v128.load(from), high = v128.load(from, 16);
    v128.store(a, v128.shuffle<f32>(low, high, 0, 2, 4, 6));
    v128.store(b, v128.shuffle<f32>(low, high, 1, 3, 5, 7));
  }
  for (; a < end; a += 4, b += 4, from += 8) {
    f32.store(a, f32.load(from));
    f32.store(b, f32.load(from, 4));
  }
}
