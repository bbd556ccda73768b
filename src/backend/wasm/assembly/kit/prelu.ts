// PReLU: a slope for the negative numbers of each channel, and its gradients, of x [outer, size, inner]. A plane of `inner` numbers
// is cut into `strips` of at most RUN numbers; a chunk is some strips. Each strip has a sum of its own for dw.
import { high, low, read, write } from "../math";
import { AxisGeometry, In, on, Out, Room, sizeOfChunk } from "../record";
import { lanesSum } from "../rows";

/** Numbers in a strip: the RUN of runtime/jobs.ts. */
const RUN = 16384;

@unmanaged
class Prelu extends AxisGeometry {
  each: i32;
  strips: i32;
  x: In;
  w: In;
  y: Out;
}

@unmanaged
class PreluGrads extends AxisGeometry {
  each: i32;
  strips: i32;
  x: In;
  w: In;
  dy: In;
  dx: Out;
  sums: Room;
}

@unmanaged
class PreluWeightGrad extends AxisGeometry {
  each: i32;
  strips: i32;
  sums: Room;
  dw: Out;
}

/** y = x > 0 ? x : w[c] x. */
export function prelu(r: Prelu, chunk: i32, scratch: usize): void {
  const start = chunk * r.each;
  const count = r.outer * r.size * r.strips;
  for (let strip = start; strip < start + sizeOfChunk(count, r.each, chunk); strip++) {
    const plane = strip / r.strips;
    const from = (strip % r.strips) * RUN;
    const at = plane * r.inner + from;
    slopeStrip(min(RUN, r.inner - from), f32.load(on(r.w, plane % r.size)), on(r.x, at), on(r.x, at), on(r.y, at));
  }
}

/** dx = x > 0 ? dy : w[c] dy (dx = 0: not wanted); sums [strips] = sum of (x > 0 ? 0 : x dy). */
export function preluGrads(r: PreluGrads, chunk: i32, scratch: usize): void {
  const start = chunk * r.each;
  const count = r.outer * r.size * r.strips;
  for (let strip = start; strip < start + sizeOfChunk(count, r.each, chunk); strip++) {
    const plane = strip / r.strips;
    const from = (strip % r.strips) * RUN;
    const at = plane * r.inner + from;
    const n = min(RUN, r.inner - from);
    f64.store(r.sums + (<usize>strip << 3), negativeDot(n, on(r.x, at), on(r.dy, at)));
    if (r.dx != 0) slopeStrip(n, f32.load(on(r.w, plane % r.size)), on(r.x, at), on(r.dy, at), on(r.dx, at));
  }
}

/** dw [size]: the sums of a channel's strips, in their order. */
export function preluWeightGrad(r: PreluWeightGrad, chunk: i32, scratch: usize): void {
  const start = chunk * r.each;
  for (let c = start; c < start + sizeOfChunk(r.size, r.each, chunk); c++) {
    let sum: f64 = 0;
    for (let n = 0; n < r.outer; n++) {
      const first = (n * r.size + c) * r.strips;
      for (let i = first; i < first + r.strips; i++) sum += f64.load(r.sums + (<usize>i << 3));
    }
    f32.store(on(r.dw, c), <f32>sum);
  }
}

// out = x > 0 ? v : w v.
function slopeStrip(n: i32, w: f32, x: usize, v: usize, out: usize): void {
  const slope = f32x4.splat(w);
  const bytes = <usize>n << 2;
  const blocks = <usize>n >> 2 << 4;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, out + i, sloped(slope, read(true, x + i), read(true, v + i)));
  for (; i < bytes; i += 4) write(false, out + i, sloped(slope, read(false, x + i), read(false, v + i)));
}

@inline
function sloped(slope: v128, x: v128, v: v128): v128 {
  return v128.bitselect(v, f32x4.mul(slope, v), f32x4.gt(x, f32x4.splat(0)));
}

function negativeDot(n: i32, x: usize, dy: usize): f64 {
  const blocks = <usize>n >> 2 << 4;
  const bytes = <usize>n << 2;
  let sum = f64x2.splat(0);
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const a = negative(read(true, x + i));
    const b = read(true, dy + i);
    sum = f64x2.add(sum, f64x2.add(f64x2.mul(low(a), low(b)), f64x2.mul(high(a), high(b))));
  }
  let rest: f64 = 0;
  for (; i < bytes; i += 4) {
    const a = f32.load(x + i);
    if (!(a > 0)) rest += <f64>a * <f64>f32.load(dy + i);
  }
  return lanesSum(sum) + rest;
}

// x where it is not above 0, else 0.
@inline
function negative(x: v128): v128 {
  return v128.andnot(x, f32x4.gt(x, f32x4.splat(0)));
}
