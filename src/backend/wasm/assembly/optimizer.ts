// The steps of SGD and Adam, in place on arrays of n numbers; other optimizers' are in kit/. The formulas are PyTorch's; `g` is
// the gradient plus weight decay. Settings come as float64; what depends on them alone (1 - beta, lr / bias1) is computed there
// and then rounded once.
import { read, write } from "./math";
import { Flag, In, InOut, onIfAny, sizeOfChunk } from "./record";
import { gradient, moment } from "./steps";

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
