// Optimizer steps, in place on arrays of n numbers. The formulas are PyTorch's; `g` is the gradient plus weight decay.
// Settings come as float64; what depends on them alone (1 - beta, lr / bias1) is computed there and then rounded once.
import { read, write } from "./math";

/**
 * dw, w and the momentum buffer [n]; buffer = 0: no momentum. `first`: the buffer starts as the plain gradient.
 *
 * g = dw + weightDecay w;  buffer = momentum buffer + (1 - dampening) g
 * w -= lr buffer, with nesterov w -= lr (g + momentum buffer)
 */
export function sgd(
  n: i32,
  lr: f64,
  momentum: f64,
  dampening: f64,
  nesterov: bool,
  weightDecay: f64,
  first: bool,
  dw: usize,
  w: usize,
  buffer: usize,
): void {
  const rate = f32x4.splat(<f32>lr);
  const keep = f32x4.splat(<f32>momentum);
  const share = f32x4.splat(<f32>(1 - dampening));
  const decay = f32x4.splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
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

/**
 * dw, w, the moments m and v, and the largest v so far [n]; vMax = 0: no amsgrad.
 *
 * g = dw + weightDecay w;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  vMax = max(vMax, v)
 * w -= lr / bias1 * m / (sqrt(v or vMax) / sqrt(bias2) + eps)
 */
export function adam(
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  bias1: f64,
  bias2: f64,
  dw: usize,
  w: usize,
  m: usize,
  v: usize,
  vMax: usize,
): void {
  const rate = f32x4.splat(<f32>(lr / bias1));
  const root = f32x4.splat(<f32>sqrt(bias2));
  const tiny = f32x4.splat(<f32>eps);
  const keepM = f32x4.splat(<f32>beta1);
  const shareM = f32x4.splat(<f32>(1 - beta1));
  const keepV = f32x4.splat(<f32>beta2);
  const shareV = f32x4.splat(<f32>(1 - beta2));
  const decay = f32x4.splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) {
    const g = gradient(true, decays, decay, dw + i, w + i);
    const mean = moment(true, keepM, f32x4.mul(shareM, g), m + i);
    const square = moment(true, keepV, f32x4.mul(f32x4.mul(shareV, g), g), v + i);
    const largest = vMax ? running(true, square, vMax + i) : square;
    descend(true, rate, root, tiny, mean, largest, w + i);
  }
  for (; i < bytes; i += 4) {
    const g = gradient(false, decays, decay, dw + i, w + i);
    const mean = moment(false, keepM, f32x4.mul(shareM, g), m + i);
    const square = moment(false, keepV, f32x4.mul(f32x4.mul(shareV, g), g), v + i);
    const largest = vMax ? running(false, square, vMax + i) : square;
    descend(false, rate, root, tiny, mean, largest, w + i);
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

/** w -= rate m / (sqrt(v) / root + tiny). */
@inline
function descend(four: bool, rate: v128, root: v128, tiny: v128, m: v128, v: v128, w: usize): void {
  const scale = f32x4.add(f32x4.div(f32x4.sqrt(v), root), tiny);
  write(four, w, f32x4.sub(read(four, w), f32x4.div(f32x4.mul(rate, m), scale)));
}
