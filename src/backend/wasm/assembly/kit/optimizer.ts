// The steps of further optimizers, in place on arrays of n numbers. The formulas are PyTorch's; `g` is the gradient plus weight
// decay. Settings come as float64; what depends on them alone is computed there and then rounded once.
import { read, write } from "../math";
import { In, InOut, onIfAny, sizeOfChunk } from "../record";
import { gradient, moment } from "../steps";

@unmanaged
class RmspropStep {
  lr: f64;
  keep: f64;
  share: f64;
  eps: f64;
  momentum: f64;
  weightDecay: f64;
}

@unmanaged
class Rmsprop extends RmspropStep {
  each: i32;
  n: i32;
  dw: In;
  w: InOut;
  v: InOut;
  mean: InOut;
  buffer: InOut;
}

/**
 * dw, w, the mean square v, the mean and the momentum buffer [n]; mean = 0: not centered, buffer = 0: no momentum.
 *
 * g = dw + weightDecay w;  v = keep v + share g^2;  mean = keep mean + share g
 * buffer = momentum buffer + g / (sqrt(v - mean^2) + eps);  w -= lr buffer
 */
export function rmsprop(r: Rmsprop, chunk: i32, scratch: usize): void {
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const from = <usize>(chunk * r.each) << 2;
  const dw = r.dw + from;
  const w = r.w + from;
  const v = r.v + from;
  const mean = onIfAny(r.mean, chunk * r.each);
  const buffer = onIfAny(r.buffer, chunk * r.each);
  const rate = f32x4.splat(<f32>r.lr);
  const keep = f32x4.splat(<f32>r.keep);
  const share = f32x4.splat(<f32>r.share);
  const tiny = f32x4.splat(<f32>r.eps);
  const velocity = f32x4.splat(<f32>r.momentum);
  const decay = f32x4.splat(<f32>r.weightDecay);
  const decays = r.weightDecay != 0;
  const blocks = n >> 2 << 4;
  const bytes = n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const g = gradient(true, decays, decay, dw + i, w + i);
    const step = overRoot(true, keep, share, tiny, g, v + i, mean, i);
    const go = buffer ? moment(true, velocity, step, buffer + i) : step;
    write(true, w + i, f32x4.sub(read(true, w + i), f32x4.mul(rate, go)));
  }
  for (; i < bytes; i += 4) {
    const g = gradient(false, decays, decay, dw + i, w + i);
    const step = overRoot(false, keep, share, tiny, g, v + i, mean, i);
    const go = buffer ? moment(false, velocity, step, buffer + i) : step;
    write(false, w + i, f32x4.sub(read(false, w + i), f32x4.mul(rate, go)));
  }
}

// g over the root of its mean square, or of its variance, which rounding may take below 0.
@inline
function overRoot(four: bool, keep: v128, share: v128, tiny: v128, g: v128, v: usize, mean: usize, i: usize): v128 {
  let square = moment(four, keep, f32x4.mul(f32x4.mul(share, g), g), v);
  if (mean) {
    const center = moment(four, keep, f32x4.mul(share, g), mean + i);
    square = f32x4.max(f32x4.sub(square, f32x4.mul(center, center)), f32x4.splat(0));
  }
  return f32x4.div(g, f32x4.add(f32x4.sqrt(square), tiny));
}

@unmanaged
class AdadeltaStep {
  lr: f64;
  rho: f64;
  eps: f64;
  weightDecay: f64;
}

@unmanaged
class Adadelta extends AdadeltaStep {
  each: i32;
  n: i32;
  dw: In;
  w: InOut;
  v: InOut;
  u: InOut;
}

/**
 * dw, w, the mean squares v of the gradients and u of the steps [n].
 *
 * g = dw + weightDecay w;  v = rho v + (1 - rho) g^2;  step = sqrt(u + eps) / sqrt(v + eps) g
 * u = rho u + (1 - rho) step^2;  w -= lr step
 */
export function adadelta(r: Adadelta, chunk: i32, scratch: usize): void {
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const from = <usize>(chunk * r.each) << 2;
  const dw = r.dw + from;
  const w = r.w + from;
  const v = r.v + from;
  const u = r.u + from;
  const rate = f32x4.splat(<f32>r.lr);
  const keep = f32x4.splat(<f32>r.rho);
  const share = f32x4.splat(<f32>(1 - r.rho));
  const tiny = f32x4.splat(<f32>r.eps);
  const decay = f32x4.splat(<f32>r.weightDecay);
  const decays = r.weightDecay != 0;
  const blocks = n >> 2 << 4;
  const bytes = n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const g = gradient(true, decays, decay, dw + i, w + i);
    write(true, w + i, f32x4.sub(read(true, w + i), f32x4.mul(rate, delta(true, keep, share, tiny, g, v + i, u + i))));
  }
  for (; i < bytes; i += 4) {
    const g = gradient(false, decays, decay, dw + i, w + i);
    write(false, w + i, f32x4.sub(read(false, w + i), f32x4.mul(rate, delta(false, keep, share, tiny, g, v + i, u + i))));
  }
}

@inline
function delta(four: bool, keep: v128, share: v128, tiny: v128, g: v128, v: usize, u: usize): v128 {
  const square = moment(four, keep, f32x4.mul(f32x4.mul(share, g), g), v);
  const root = f32x4.sqrt(f32x4.add(read(four, u), tiny));
  const step = f32x4.mul(f32x4.div(root, f32x4.sqrt(f32x4.add(square, tiny))), g);
  moment(four, keep, f32x4.mul(f32x4.mul(share, step), step), u);
  return step;
}

@unmanaged
class LionStep {
  lr: f64;
  beta1: f64;
  beta2: f64;
  weightDecay: f64;
}

@unmanaged
class Lion extends LionStep {
  each: i32;
  n: i32;
  dw: In;
  w: InOut;
  m: InOut;
}

/**
 * dw, w and the mean m of the gradients [n].
 *
 * w = w (1 - lr weightDecay) - lr sign(beta1 m + (1 - beta1) dw);  m = beta2 m + (1 - beta2) dw
 */
export function lion(r: Lion, chunk: i32, scratch: usize): void {
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const from = <usize>(chunk * r.each) << 2;
  const dw = r.dw + from;
  const w = r.w + from;
  const m = r.m + from;
  const rate = f32x4.splat(<f32>r.lr);
  const shrink = f32x4.splat(<f32>(1 - r.lr * r.weightDecay));
  const keep = f32x4.splat(<f32>r.beta1);
  const share = f32x4.splat(<f32>(1 - r.beta1));
  const keepM = f32x4.splat(<f32>r.beta2);
  const shareM = f32x4.splat(<f32>(1 - r.beta2));
  const blocks = n >> 2 << 4;
  const bytes = n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) lionAt(true, rate, shrink, keep, share, keepM, shareM, dw + i, w + i, m + i);
  for (; i < bytes; i += 4) lionAt(false, rate, shrink, keep, share, keepM, shareM, dw + i, w + i, m + i);
}

@inline
function lionAt(
  four: bool, rate: v128, shrink: v128, keep: v128, share: v128, keepM: v128, shareM: v128, dw: usize, w: usize, m: usize,
): void {
  const g = read(four, dw);
  const look = f32x4.add(f32x4.mul(keep, read(four, m)), f32x4.mul(share, g));
  // rate with the sign of what is looked at; 0 where that is 0, and NaN where it is NaN.
  const zero = f32x4.splat(0);
  const signed = v128.bitselect(look, rate, f32x4.splat(-0.0));
  const step = v128.bitselect(look, v128.andnot(signed, f32x4.eq(look, zero)), f32x4.ne(look, look));
  write(four, w, f32x4.sub(f32x4.mul(shrink, read(four, w)), step));
  moment(four, keepM, f32x4.mul(shareM, g), m);
}
