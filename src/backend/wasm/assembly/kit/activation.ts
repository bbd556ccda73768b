// Further activation functions and their gradients: one formula of four numbers for each, at the end. Inputs and outputs may be
// the same array. Block loop of four numbers, then remainder loop of one.
import { normalDensity4, normalTail4 } from "./normal";
import { expMinus1, logistic1 } from "./special";
import { exp4, read, sigmoid4, write } from "../math";
import { In, Out, sizeOfChunk } from "../record";

// Numbered in the order of KIT_ACTIVATIONS of the contract.
const LEAKY_RELU = 0;
const ELU = 1;
const GELU = 2;
const GELU_TANH = 3;
const SILU = 4;
const MISH = 5;
const HARDTANH = 6;
const HARDSWISH = 7;
const HARDSIGMOID = 8;
const SOFTPLUS = 9;

@unmanaged
class KitActivation {
  a: f64;
  b: f64;
}

@unmanaged
class ActivationValue extends KitActivation {
  each: i32;
  f: i32;
  n: i32;
  x: In;
  y: Out;
}

@unmanaged
class ActivationInputGrad extends KitActivation {
  each: i32;
  f: i32;
  n: i32;
  kept: In;
  dy: In;
  dx: Out;
}

/** y = f(x). */
export function activation(r: ActivationValue, chunk: i32, scratch: usize): void {
  if (r.f == LEAKY_RELU) leakyRelu(r, chunk);
  else if (r.f == ELU) elu(r, chunk);
  else if (r.f == GELU) gelu(r, chunk);
  else if (r.f == GELU_TANH) geluTanh(r, chunk);
  else if (r.f == SILU) silu(r, chunk);
  else if (r.f == MISH) mish(r, chunk);
  else if (r.f == HARDTANH) hardtanh(r, chunk);
  else if (r.f == HARDSWISH) hardswish(r, chunk);
  else if (r.f == HARDSIGMOID) hardsigmoid(r, chunk);
  else softplus(r, chunk);
}

/** dx = dy f'(x), from x or from y: what is `kept`. */
export function activationInputGrad(r: ActivationInputGrad, chunk: i32, scratch: usize): void {
  if (r.f == LEAKY_RELU) leakyReluInputGrad(r, chunk);
  else if (r.f == ELU) eluInputGrad(r, chunk);
  else if (r.f == GELU) geluInputGrad(r, chunk);
  else if (r.f == GELU_TANH) geluTanhInputGrad(r, chunk);
  else if (r.f == SILU) siluInputGrad(r, chunk);
  else if (r.f == MISH) mishInputGrad(r, chunk);
  else if (r.f == HARDTANH) hardtanhInputGrad(r, chunk);
  else if (r.f == HARDSWISH) hardswishInputGrad(r, chunk);
  else if (r.f == HARDSIGMOID) hardsigmoidInputGrad(r, chunk);
  else softplusInputGrad(r, chunk);
}

// Each function has loops of its own, with nothing to decide in them. They stand in functions, because the compiler makes one
// loop, which decides, of two that are alike but for a constant.
function leakyRelu(r: ActivationValue, chunk: i32): void {
  run(LEAKY_RELU, r, chunk);
}

function elu(r: ActivationValue, chunk: i32): void {
  run(ELU, r, chunk);
}

function gelu(r: ActivationValue, chunk: i32): void {
  run(GELU, r, chunk);
}

function geluTanh(r: ActivationValue, chunk: i32): void {
  run(GELU_TANH, r, chunk);
}

function silu(r: ActivationValue, chunk: i32): void {
  run(SILU, r, chunk);
}

function mish(r: ActivationValue, chunk: i32): void {
  run(MISH, r, chunk);
}

function hardtanh(r: ActivationValue, chunk: i32): void {
  run(HARDTANH, r, chunk);
}

function hardswish(r: ActivationValue, chunk: i32): void {
  run(HARDSWISH, r, chunk);
}

function hardsigmoid(r: ActivationValue, chunk: i32): void {
  run(HARDSIGMOID, r, chunk);
}

function softplus(r: ActivationValue, chunk: i32): void {
  run(SOFTPLUS, r, chunk);
}

function leakyReluInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(LEAKY_RELU, r, chunk);
}

function eluInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(ELU, r, chunk);
}

function geluInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(GELU, r, chunk);
}

function geluTanhInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(GELU_TANH, r, chunk);
}

function siluInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(SILU, r, chunk);
}

function mishInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(MISH, r, chunk);
}

function hardtanhInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(HARDTANH, r, chunk);
}

function hardswishInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(HARDSWISH, r, chunk);
}

function hardsigmoidInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(HARDSIGMOID, r, chunk);
}

function softplusInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(SOFTPLUS, r, chunk);
}

@inline
function run(f: i32, r: ActivationValue, chunk: i32): void {
  const from = <usize>(chunk * r.each) << 2;
  let x = r.x + from;
  let y = r.y + from;
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const end = x + (n << 2);
  const blocks = x + (n >> 2 << 4);
  const a = f32x4.splat(<f32>r.a);
  const b = f32x4.splat(<f32>r.b);
  for (; x < blocks; x += 16, y += 16) write(true, y, value(f, read(true, x), a, b));
  for (; x < end; x += 4, y += 4) write(false, y, value(f, read(false, x), a, b));
}

@inline
function runInputGrad(f: i32, r: ActivationInputGrad, chunk: i32): void {
  const from = <usize>(chunk * r.each) << 2;
  const kept = r.kept + from;
  const dy = r.dy + from;
  const dx = r.dx + from;
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const bytes = n << 2;
  const blocks = n >> 2 << 4;
  const a = f32x4.splat(<f32>r.a);
  const b = f32x4.splat(<f32>r.b);
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, inputGrad(f, read(true, kept + i), read(true, dy + i), a, b));
  for (; i < bytes; i += 4) write(false, dx + i, inputGrad(f, read(false, kept + i), read(false, dy + i), a, b));
}

@inline
function value(f: i32, x: v128, a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  if (f == LEAKY_RELU) return v128.bitselect(x, f32x4.mul(a, x), f32x4.gt(x, zero));
  if (f == ELU) return f32x4.mul(b, v128.bitselect(x, f32x4.mul(a, expMinus1(x)), f32x4.gt(x, zero)));
  if (f == GELU) return f32x4.mul(x, below(x, normalTail4(f32x4.abs(x))));
  if (f == GELU_TANH) return f32x4.mul(x, sigmoid4(bent(x, CUBE)));
  if (f == SILU) return f32x4.mul(x, sigmoid4(x));
  if (f == MISH) return f32x4.mul(x, mishFactor(x));
  if (f == HARDTANH) return f32x4.pmin(f32x4.pmax(x, a), b);
  if (f == HARDSWISH) return f32x4.mul(x, ramp(x));
  if (f == HARDSIGMOID) return ramp(x);
  // softplus; z > b: the line itself
  const z = f32x4.mul(a, x);
  return v128.bitselect(x, f32x4.div(f32x4.add(f32x4.pmax(z, zero), logistic1(z)), a), f32x4.gt(z, b));
}

@inline
function inputGrad(f: i32, x: v128, dy: v128, a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (f == LEAKY_RELU) return v128.bitselect(dy, f32x4.mul(a, dy), f32x4.gt(x, zero));
  if (f == ELU) {
    return f32x4.mul(f32x4.mul(b, dy), v128.bitselect(one, f32x4.mul(a, exp4(f32x4.pmin(x, zero))), f32x4.gt(x, zero)));
  }
  if (f == GELU) {
    const slope = f32x4.mul(within(x), normalDensity4(f32x4.abs(x)));
    return f32x4.mul(dy, f32x4.add(below(x, normalTail4(f32x4.abs(x))), slope));
  }
  if (f == GELU_TANH) {
    const s = sigmoid4(bent(x, CUBE));
    const slope = f32x4.mul(f32x4.mul(bent(x, 3 * CUBE), s), f32x4.sub(one, s));
    return f32x4.mul(dy, f32x4.add(s, slope));
  }
  if (f == SILU) {
    const s = sigmoid4(x);
    return f32x4.mul(f32x4.mul(dy, s), f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
  }
  if (f == MISH) return f32x4.mul(dy, f32x4.add(mishFactor(x), f32x4.mul(f32x4.pmin(x, f32x4.splat(20)), mishSlope(x))));
  if (f == HARDTANH) return v128.andnot(dy, v128.or(f32x4.le(x, a), f32x4.ge(x, b)));
  if (f == HARDSWISH) {
    const inside = f32x4.mul(dy, f32x4.add(f32x4.div(x, f32x4.splat(3)), f32x4.splat(0.5)));
    const right = v128.bitselect(dy, inside, f32x4.ge(x, f32x4.splat(3)));
    return v128.andnot(right, f32x4.le(x, f32x4.splat(-3)));
  }
  if (f == HARDSIGMOID) {
    const outside = f32x4.ge(f32x4.abs(x), f32x4.splat(3));
    return v128.andnot(f32x4.div(dy, f32x4.splat(6)), outside);
  }
  const z = f32x4.mul(a, x);
  return v128.bitselect(dy, f32x4.mul(dy, sigmoid4(z)), f32x4.gt(z, b));
}

/** The normal distribution below x, from its tail beyond |x|. */
@inline
function below(x: v128, tail: v128): v128 {
  return v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), f32x4.lt(x, f32x4.splat(0)));
}

/** x from -20 to 20: beyond, the sigmoids are 0 or 1 to the last bit, and x times their slope is 0 and not NaN. */
@inline
function within(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(-20)), f32x4.splat(20));
}

const CUBE: f32 = 0.044715;

/** 2 sqrt(2 / pi) (x + c x^3), the argument of GELU's sigmoid; with 3 times its c, x times its derivative. */
@inline
function bent(x: v128, c: f32): v128 {
  const v = within(x);
  const k = f32x4.splat(1.5957691216057308);
  return f32x4.mul(f32x4.mul(k, v), f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.splat(c), f32x4.mul(v, v))));
}

/** min(max(x + 3, 0), 6) / 6. */
@inline
function ramp(x: v128): v128 {
  const y = f32x4.pmin(f32x4.pmax(f32x4.add(x, f32x4.splat(3)), f32x4.splat(0)), f32x4.splat(6));
  return f32x4.div(y, f32x4.splat(6));
}

/** tanh(ln(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2). */
@inline
function mishFactor(x: v128): v128 {
  const e = exp4(f32x4.pmin(x, f32x4.splat(20)));
  const n = f32x4.mul(e, f32x4.add(e, f32x4.splat(2)));
  return f32x4.div(n, f32x4.add(n, f32x4.splat(2)));
}

/** Its derivative, 4 e^x (e^x + 1) / (n + 2)^2; from 20 on that of 20, which is nothing beside 1. */
@inline
function mishSlope(x: v128): v128 {
  const e = exp4(f32x4.pmin(x, f32x4.splat(20)));
  const n2 = f32x4.add(f32x4.mul(e, f32x4.add(e, f32x4.splat(2))), f32x4.splat(2));
  return f32x4.div(f32x4.mul(f32x4.mul(f32x4.splat(4), e), f32x4.add(e, f32x4.splat(1))), f32x4.mul(n2, n2));
}
