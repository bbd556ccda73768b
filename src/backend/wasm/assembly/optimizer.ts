// Optimizer steps, in place on arrays of n numbers. The formulas are PyTorch's; `g` is the gradient plus weight decay.
// Settings come as float64; what depends on them alone (1 - beta, lr / bias1) is computed there and then rounded once.
import { read, write } from "./math";
import { Flag, In, InOut, onIfAny, sizeOfChunk } from "./record";

@unmanaged
class SgdStep {
  lr: f64;
  momentum: f64;
  dampening: f64;
  weightDecay: f64;
  nesterov: Flag;
  first: Flag;
}

@unmanaged
class Sgd extends SgdStep {
  each: i32;
  n: i32;
  dw: In;
  w: InOut;
  buffer: InOut;
}

/**
 * dw, w and the momentum buffer [n]; buffer = 0: no momentum. `first`: the buffer starts as the plain gradient.
 *
 * g = dw + weightDecay w;  buffer = momentum buffer + (1 - dampening) g
 * w -= lr buffer, with nesterov w -= lr (g + momentum buffer)
 */
export function sgd(r: Sgd, chunk: i32, scratch: usize): void {
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const from = <usize>(chunk * r.each) << 2;
  const dw = r.dw + from;
  const w = r.w + from;
  const buffer = onIfAny(r.buffer, chunk * r.each);
  const nesterov = r.nesterov != 0;
  const first = r.first != 0;
  const rate = f32x4.splat(<f32>r.lr);
  const keep = f32x4.splat(<f32>r.momentum);
  const share = f32x4.splat(<f32>(1 - r.dampening));
  const decay = f32x4.splat(<f32>r.weightDecay);
  const decays = r.weightDecay != 0;
  const blocks = n >> 2 << 4;
  const bytes = n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const g = gradient(true, decays, decay, dw + i, w + i);
    const step = buffer ? withMomentum(true, first, nesterov, keep, share, g, buffer + i) : g;
    write(true, w + i, f32x4.sub(read(true, w + i), f32x4.mul(rate, step)));
  }
  for (; i < bytes; i += 4) {
    const g = gradient(false, decays, decay, dw + i, w + i);
    const step = buffer ? withMomentum(false, first, nesterov, keep, share, g, buffer + i) : g;
    write(false, w + i, f32x4.sub(read(false, w + i), f32x4.mul(rate, step)));
  }
}

// Without decay nothing is added: 0 w would be NaN for an infinite w.
@inline
function gradient(four: bool, decays: bool, decay: v128, dw: usize, w: usize): v128 {
  const g = read(four, dw);
  return decays ? f32x4.add(g, f32x4.mul(decay, read(four, w))) : g;
}

@inline
function withMomentum(four: bool, first: bool, nesterov: bool, keep: v128, share: v128, g: v128, buffer: usize): v128 {
  const next = first ? g : f32x4.add(f32x4.mul(keep, read(four, buffer)), f32x4.mul(share, g));
  write(four, buffer, next);
  return nesterov ? f32x4.add(g, f32x4.mul(keep, next)) : next;
}

@unmanaged
class AdamStep {
  lr: f64;
  beta1: f64;
  beta2: f64;
  eps: f64;
  weightDecay: f64;
  bias1: f64;
  bias2: f64;
  gradientRate: f64;
  decoupled: Flag;
}

@unmanaged
class Adam extends AdamStep {
  each: i32;
  n: i32;
  dw: In;
  w: InOut;
  m: InOut;
  v: InOut;
  vMax: InOut;
}

/**
 * dw, w, the moments m and v, and the largest v so far [n]; vMax = 0: no amsgrad.
 *
 * g = dw + weightDecay w, or decoupled (AdamW) g = dw and first of all w = w (1 - lr weightDecay)
 * m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  vMax = max(vMax, v)
 * w -= (lr / bias1 * m + gradientRate * g) / (sqrt(v or vMax) / sqrt(bias2) + eps)
 */
export function adam(r: Adam, chunk: i32, scratch: usize): void {
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const from = <usize>(chunk * r.each) << 2;
  const dw = r.dw + from;
  const w = r.w + from;
  const m = r.m + from;
  const v = r.v + from;
  const vMax = onIfAny(r.vMax, chunk * r.each);
  const rate = f32x4.splat(<f32>(r.lr / r.bias1));
  const gradientRate = f32x4.splat(<f32>r.gradientRate);
  const looks = r.gradientRate != 0;
  const root = f32x4.splat(<f32>sqrt(r.bias2));
  const tiny = f32x4.splat(<f32>r.eps);
  const keepM = f32x4.splat(<f32>r.beta1);
  const shareM = f32x4.splat(<f32>(1 - r.beta1));
  const keepV = f32x4.splat(<f32>r.beta2);
  const shareV = f32x4.splat(<f32>(1 - r.beta2));
  const decay = f32x4.splat(<f32>r.weightDecay);
  const decays = r.weightDecay != 0 && !r.decoupled;
  const shrink = f32x4.splat(r.decoupled ? <f32>(1 - r.lr * r.weightDecay) : 1);
  const blocks = n >> 2 << 4;
  const bytes = n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const g = gradient(true, decays, decay, dw + i, w + i);
    const mean = moment(true, keepM, f32x4.mul(shareM, g), m + i);
    const square = moment(true, keepV, f32x4.mul(f32x4.mul(shareV, g), g), v + i);
    const largest = vMax ? running(true, square, vMax + i) : square;
    const step = f32x4.mul(rate, mean);
    descend(true, shrink, root, tiny, looks ? f32x4.add(step, f32x4.mul(gradientRate, g)) : step, largest, w + i);
  }
  for (; i < bytes; i += 4) {
    const g = gradient(false, decays, decay, dw + i, w + i);
    const mean = moment(false, keepM, f32x4.mul(shareM, g), m + i);
    const square = moment(false, keepV, f32x4.mul(f32x4.mul(shareV, g), g), v + i);
    const largest = vMax ? running(false, square, vMax + i) : square;
    const step = f32x4.mul(rate, mean);
    descend(false, shrink, root, tiny, looks ? f32x4.add(step, f32x4.mul(gradientRate, g)) : step, largest, w + i);
  }
}

/** at = keep at + news; returned too. */
@inline
function moment(four: bool, keep: v128, news: v128, at: usize): v128 {
  const next = f32x4.add(f32x4.mul(keep, read(four, at)), news);
  write(four, at, next);
  return next;
}

/** at = max(at, v); returned too. */
@inline
function running(four: bool, v: v128, at: usize): v128 {
  const next = f32x4.max(read(four, at), v);
  write(four, at, next);
  return next;
}

/** w = shrink w - step / (sqrt(v) / root + tiny). */
@inline
function descend(four: bool, shrink: v128, root: v128, tiny: v128, step: v128, v: v128, w: usize): void {
  const scale = f32x4.add(f32x4.div(f32x4.sqrt(v), root), tiny);
  write(four, w, f32x4.sub(f32x4.mul(shrink, read(four, w)), f32x4.div(step, scale)));
}

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
