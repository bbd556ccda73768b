// Cross-entropy along the middle axis of [outer, size, inner]. Logits, targets t and dlogits have that shape, losses
// and dlosses are [outer, inner]. inner = 1: rows in blocks of four; else four neighboring columns at a time, as in
// softmax.ts.
import { high, low, narrow, read, write } from "./math";
import { AxisGeometry, In, Out, sizeOfChunk } from "./record";
import { columnsExp, columnsLogSumExp, columnsMax, lanesSum, rowExp, rowLogSumExp, rowMax, rowSum } from "./rows";

@unmanaged
class CrossEntropy extends AxisGeometry {
  each: i32;
  logits: In;
  t: In;
  losses: Out;
}

@unmanaged
class CrossEntropyInputGrad extends AxisGeometry {
  each: i32;
  logits: In;
  t: In;
  dlosses: In;
  dlogits: Out;
}

/** losses = -sum of t logSoftmax(logits). */
export function crossEntropy(r: CrossEntropy, chunk: i32, scratch: usize): void {
  const size = r.size;
  const step = <usize>r.inner << 2;
  const slab = <usize>size * step;
  const first = <usize>(chunk * r.each);
  let logits = r.logits + first * slab;
  let t = r.t + first * slab;
  let losses = r.losses + first * step;
  for (let o = sizeOfChunk(r.outer, r.each, chunk); o > 0; o--, logits += slab, t += slab, losses += step) {
    if (r.inner == 1) {
      f32.store(losses, crossEntropyRow(size, logits, t));
      continue;
    }
    for (let i: usize = 0; i < step; ) {
      const four = i + 16 <= step;
      crossEntropyColumns(four, size, step, logits + i, t + i, losses + i);
      i += four ? 16 : 4;
    }
  }
}

function crossEntropyRow(n: i32, x: usize, t: usize): f32 {
  const most = rowMax(n, x);
  const max = f32x4.splat(most);
  const logSum = f32x4.splat(rowLogSumExp(n, x, most));
  let lo = f64x2.splat(0);
  let hi = lo;
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16, t += 16) {
    const product = weighted(read(true, t), read(true, x), max, logSum);
    lo = f64x2.add(lo, low(product));
    hi = f64x2.add(hi, high(product));
  }
  let sum = lanesSum(f64x2.add(lo, hi));
  for (; x < end; x += 4, t += 4) {
    sum += <f64>f32x4.extract_lane(weighted(read(false, t), read(false, x), max, logSum), 0);
  }
  return <f32>(0 - sum);
}

function crossEntropyColumns(four: bool, n: i32, step: usize, x: usize, t: usize, losses: usize): void {
  const max = columnsMax(four, n, step, x);
  const logSum = columnsLogSumExp(four, n, step, x, max);
  let lo = f64x2.splat(0);
  let hi = lo;
  for (const end = x + <usize>n * step; x < end; x += step, t += step) {
    const product = weighted(read(four, t), read(four, x), max, logSum);
    lo = f64x2.sub(lo, low(product));
    hi = f64x2.sub(hi, high(product));
  }
  write(four, losses, narrow(lo, hi));
}

/** t logSoftmax(x), and 0 where t = 0, even if the logarithm is -Infinity or NaN. */
@inline
function weighted(t: v128, x: v128, max: v128, logSum: v128): v128 {
  const product = f32x4.mul(t, f32x4.sub(f32x4.sub(x, max), logSum));
  return v128.and(product, f32x4.ne(t, f32x4.splat(0)));
}

/** dlogits = dlosses (softmax(logits) (sum of t) - t). */
export function crossEntropyInputGrad(r: CrossEntropyInputGrad, chunk: i32, scratch: usize): void {
  const size = r.size;
  const step = <usize>r.inner << 2;
  const slab = <usize>size * step;
  const first = <usize>(chunk * r.each);
  let logits = r.logits + first * slab;
  let t = r.t + first * slab;
  let dlosses = r.dlosses + first * step;
  let dlogits = r.dlogits + first * slab;
  for (let o = sizeOfChunk(r.outer, r.each, chunk); o > 0; o--) {
    if (r.inner == 1) {
      inputGradRow(size, logits, t, dlosses, dlogits);
    } else {
      for (let i: usize = 0; i < step; ) {
        const four = i + 16 <= step;
        inputGradColumns(four, size, step, logits + i, t + i, dlosses + i, dlogits + i);
        i += four ? 16 : 4;
      }
    }
    logits += slab;
    t += slab;
    dlosses += step;
    dlogits += slab;
  }
}

function inputGradRow(n: i32, x: usize, t: usize, dloss: usize, dx: usize): void {
  const sum = f32x4.splat(<f32>rowExp(n, x, rowMax(n, x), dx));
  const weight = f32x4.splat(<f32>rowSum(n, t));
  const slope = v128.load32_splat(dloss);
  const end = dx + (<usize>n << 2);
  const blocks = dx + ((<usize>n >> 2) << 4);
  for (; dx < blocks; dx += 16, t += 16) write(true, dx, inputGrad(read(true, dx), sum, weight, read(true, t), slope));
  for (; dx < end; dx += 4, t += 4) write(false, dx, inputGrad(read(false, dx), sum, weight, read(false, t), slope));
}

function inputGradColumns(four: bool, n: i32, step: usize, x: usize, t: usize, dlosses: usize, dx: usize): void {
  const sum = columnsExp(four, n, step, x, columnsMax(four, n, step, x), dx);
  const bytes = <usize>n * step;
  let lo = f64x2.splat(0);
  let hi = lo;
  for (let i: usize = 0; i < bytes; i += step) {
    lo = f64x2.add(lo, low(read(four, t + i)));
    hi = f64x2.add(hi, high(read(four, t + i)));
  }
  const weight = narrow(lo, hi);
  const slope = read(four, dlosses);
  for (let i: usize = 0; i < bytes; i += step) {
    write(four, dx + i, inputGrad(read(four, dx + i), sum, weight, read(four, t + i), slope));
  }
}

/** dlosses (e / sum * weight - t), where e / sum is the softmax and weight the sum of t. */
@inline
function inputGrad(e: v128, sum: v128, weight: v128, t: v128, slope: v128): v128 {
  return f32x4.mul(slope, f32x4.sub(f32x4.mul(f32x4.div(e, sum), weight), t));
}
