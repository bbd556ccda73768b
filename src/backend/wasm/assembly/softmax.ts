// Softmax and log-softmax along the middle axis of [outer, size, inner], and their gradients. All arrays have that
// shape. inner = 1: a row lies in one piece and is worked through in blocks of four. Else four neighboring columns at a
// time. Outputs may be the same array as inputs.
import { exp4, high, low, narrow, read, write } from "./math";
import { AxisGeometry, Flag, In, Out, sizeOfChunk } from "./record";
import { columnsExp, columnsLogSumExp, columnsMax, rowDot, rowExp, rowLogSumExp, rowMax, rowSum } from "./rows";

@unmanaged
class Axis extends AxisGeometry {
  each: i32;
  log: Flag;
  x: In;
  y: Out;
}

@unmanaged
class AxisInputGrad extends AxisGeometry {
  each: i32;
  log: Flag;
  y: In;
  dy: In;
  dx: Out;
}

/** y = e^(x - max) / sum of e^(x - max), or its logarithm, y = x - max - ln of the sum of e^(x - max). */
export function softmax(r: Axis, chunk: i32, scratch: usize): void {
  const size = r.size;
  const step = <usize>r.inner << 2;
  const slab = <usize>size * step;
  const first = <usize>(chunk * r.each);
  let x = r.x + first * slab;
  let y = r.y + first * slab;
  for (let o = sizeOfChunk(r.outer, r.each, chunk); o > 0; o--, x += slab, y += slab) {
    if (r.inner == 1) {
      if (r.log) logSoftmaxRow(size, x, y);
      else softmaxRow(size, x, y);
      continue;
    }
    for (let i: usize = 0; i < step; ) {
      const four = i + 16 <= step;
      if (r.log) logSoftmaxColumns(four, size, step, x + i, y + i);
      else softmaxColumns(four, size, step, x + i, y + i);
      i += four ? 16 : 4;
    }
  }
}

function softmaxRow(n: i32, x: usize, y: usize): void {
  const sum = f32x4.splat(<f32>rowExp(n, x, rowMax(n, x), y));
  const end = y + (<usize>n << 2);
  const blocks = y + ((<usize>n >> 2) << 4);
  for (; y < blocks; y += 16) write(true, y, f32x4.div(read(true, y), sum));
  for (; y < end; y += 4) write(false, y, f32x4.div(read(false, y), sum));
}

function softmaxColumns(four: bool, n: i32, step: usize, x: usize, y: usize): void {
  const sum = columnsExp(four, n, step, x, columnsMax(four, n, step, x), y);
  for (const end = y + <usize>n * step; y < end; y += step) write(four, y, f32x4.div(read(four, y), sum));
}

/** dx = y (dy - sum of dy y), or of the logarithm dx = dy - e^y (sum of dy). */
export function softmaxInputGrad(r: AxisInputGrad, chunk: i32, scratch: usize): void {
  const size = r.size;
  const step = <usize>r.inner << 2;
  const slab = <usize>size * step;
  const first = <usize>(chunk * r.each);
  let y = r.y + first * slab;
  let dy = r.dy + first * slab;
  let dx = r.dx + first * slab;
  for (let o = sizeOfChunk(r.outer, r.each, chunk); o > 0; o--, y += slab, dy += slab, dx += slab) {
    if (r.inner == 1) {
      if (r.log) logSoftmaxInputGradRow(size, y, dy, dx);
      else softmaxInputGradRow(size, y, dy, dx);
      continue;
    }
    for (let i: usize = 0; i < step; ) {
      const four = i + 16 <= step;
      if (r.log) logSoftmaxInputGradColumns(four, size, step, y + i, dy + i, dx + i);
      else softmaxInputGradColumns(four, size, step, y + i, dy + i, dx + i);
      i += four ? 16 : 4;
    }
  }
}

function softmaxInputGradRow(n: i32, y: usize, dy: usize, dx: usize): void {
  const sum = f32x4.splat(<f32>rowDot(n, y, dy));
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, f32x4.mul(read(true, y + i), f32x4.sub(read(true, dy + i), sum)));
  for (; i < bytes; i += 4) write(false, dx + i, f32x4.mul(read(false, y + i), f32x4.sub(read(false, dy + i), sum)));
}

function softmaxInputGradColumns(four: bool, n: i32, step: usize, y: usize, dy: usize, dx: usize): void {
  const bytes = <usize>n * step;
  let lo = f64x2.splat(0);
  let hi = lo;
  for (let i: usize = 0; i < bytes; i += step) {
    const a = read(four, y + i);
    const b = read(four, dy + i);
    lo = f64x2.add(lo, f64x2.mul(low(a), low(b)));
    hi = f64x2.add(hi, f64x2.mul(high(a), high(b)));
  }
  const sum = narrow(lo, hi);
  for (let i: usize = 0; i < bytes; i += step) {
    write(four, dx + i, f32x4.mul(read(four, y + i), f32x4.sub(read(four, dy + i), sum)));
  }
}

function logSoftmaxRow(n: i32, x: usize, y: usize): void {
  const most = rowMax(n, x);
  const max = f32x4.splat(most);
  const logSum = f32x4.splat(rowLogSumExp(n, x, most));
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, f32x4.sub(f32x4.sub(read(true, x), max), logSum));
  for (; x < end; x += 4, y += 4) write(false, y, f32x4.sub(f32x4.sub(read(false, x), max), logSum));
}

function logSoftmaxColumns(four: bool, n: i32, step: usize, x: usize, y: usize): void {
  const max = columnsMax(four, n, step, x);
  const logSum = columnsLogSumExp(four, n, step, x, max);
  for (const end = x + <usize>n * step; x < end; x += step, y += step) {
    write(four, y, f32x4.sub(f32x4.sub(read(four, x), max), logSum));
  }
}

function logSoftmaxInputGradRow(n: i32, y: usize, dy: usize, dx: usize): void {
  const sum = f32x4.splat(<f32>rowSum(n, dy));
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, lessShare(read(true, dy + i), read(true, y + i), sum));
  for (; i < bytes; i += 4) write(false, dx + i, lessShare(read(false, dy + i), read(false, y + i), sum));
}

function logSoftmaxInputGradColumns(four: bool, n: i32, step: usize, y: usize, dy: usize, dx: usize): void {
  const bytes = <usize>n * step;
  let lo = f64x2.splat(0);
  let hi = lo;
  for (let i: usize = 0; i < bytes; i += step) {
    lo = f64x2.add(lo, low(read(four, dy + i)));
    hi = f64x2.add(hi, high(read(four, dy + i)));
  }
  const sum = narrow(lo, hi);
  for (let i: usize = 0; i < bytes; i += step) {
    write(four, dx + i, lessShare(read(four, dy + i), read(four, y + i), sum));
  }
}

@inline
function lessShare(dy: v128, y: v128, sum: v128): v128 {
  return f32x4.sub(dy, f32x4.mul(exp4(y), sum));
}
