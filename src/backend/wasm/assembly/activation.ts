// The commonest activation functions and their gradients (others are in kit/): one formula of four numbers for each, at the
// end. Inputs and outputs may be the same array. Block loop of four numbers, then remainder loop of one.
import { read, sigmoid4, tanh4, write } from "./math";
import { In, Out, sizeOfChunk } from "./record";

// Numbered in the order of ACTIVATIONS of the contract.
const RELU = 0;
const SIGMOID = 1;
const TANH = 2;

@unmanaged
class ActivationValue {
  each: i32;
  f: i32;
  n: i32;
  x: In;
  y: Out;
}

@unmanaged
class ActivationInputGrad {
  each: i32;
  f: i32;
  n: i32;
  kept: In;
  dy: In;
  dx: Out;
}

/** y = f(x). */
export function activation(r: ActivationValue, chunk: i32, scratch: usize): void {
  if (r.f == RELU) relu(r, chunk);
  else if (r.f == SIGMOID) sigmoid(r, chunk);
  else tanh(r, chunk);
}

/** dx = dy f'(x), from x or from y: what is `kept`. */
export function activationInputGrad(r: ActivationInputGrad, chunk: i32, scratch: usize): void {
  if (r.f == RELU) reluInputGrad(r, chunk);
  else if (r.f == SIGMOID) sigmoidInputGrad(r, chunk);
  else tanhInputGrad(r, chunk);
}

// Each function has loops of its own, with nothing to decide in them. They stand in functions, because the compiler makes one
// loop, which decides, of two that are alike but for a constant.
function relu(r: ActivationValue, chunk: i32): void {
  run(RELU, r, chunk);
}

function sigmoid(r: ActivationValue, chunk: i32): void {
  run(SIGMOID, r, chunk);
}

function tanh(r: ActivationValue, chunk: i32): void {
  run(TANH, r, chunk);
}

function reluInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(RELU, r, chunk);
}

function sigmoidInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(SIGMOID, r, chunk);
}

function tanhInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(TANH, r, chunk);
}

@inline
function run(f: i32, r: ActivationValue, chunk: i32): void {
  const from = <usize>(chunk * r.each) << 2;
  let x = r.x + from;
  let y = r.y + from;
  const n = <usize>sizeOfChunk(r.n, r.each, chunk);
  const end = x + (n << 2);
  const blocks = x + (n >> 2 << 4);
  for (; x < blocks; x += 16, y += 16) write(true, y, value(f, read(true, x)));
  for (; x < end; x += 4, y += 4) write(false, y, value(f, read(false, x)));
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
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, inputGrad(f, read(true, kept + i), read(true, dy + i)));
  for (; i < bytes; i += 4) write(false, dx + i, inputGrad(f, read(false, kept + i), read(false, dy + i)));
}

@inline
function value(f: i32, x: v128): v128 {
  // ReLU is x > 0 ? x : 0; NaN stays NaN. pmax keeps NaN, but also -0: adding 0 makes that +0. Two instructions, where
  // f32x4.max takes six.
  if (f == RELU) return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0));
  if (f == SIGMOID) return sigmoid4(x);
  return tanh4(x);
}

@inline
function inputGrad(f: i32, y: v128, dy: v128): v128 {
  const one = f32x4.splat(1);
  if (f == RELU) return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
  if (f == SIGMOID) return f32x4.mul(f32x4.mul(dy, y), f32x4.sub(one, y));
  // 1 - y^2 as (1 - y)(1 + y): near |y| = 1 the difference is exact, where y^2 would already be rounded.
  return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
}
