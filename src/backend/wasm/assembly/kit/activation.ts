// Further activation functions and their gradients: one formula of four numbers for each, at the end. Inputs and outputs may be
// the same array. Block loop of four numbers, then remainder loop of one.
import { read, write } from "../math";
import { In, Out, sizeOfChunk } from "../record";

// Numbered in the order of KIT_ACTIVATIONS of the contract.
const LEAKY_RELU = 0;

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
  leakyRelu(r, chunk);
}

/** dx = dy f'(x), from x or from y: what is `kept`. */
export function activationInputGrad(r: ActivationInputGrad, chunk: i32, scratch: usize): void {
  leakyReluInputGrad(r, chunk);
}

// Each function has loops of its own, with nothing to decide in them. They stand in functions, because the compiler makes one
// loop, which decides, of two that are alike but for a constant.
function leakyRelu(r: ActivationValue, chunk: i32): void {
  run(LEAKY_RELU, r, chunk);
}

function leakyReluInputGrad(r: ActivationInputGrad, chunk: i32): void {
  runInputGrad(LEAKY_RELU, r, chunk);
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
  for (; x < blocks; x += 16, y += 16) write(true, y, value(f, read(true, x), a));
  for (; x < end; x += 4, y += 4) write(false, y, value(f, read(false, x), a));
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
  let i: usize = 0;
  for (; i < blocks; i += 16) write(true, dx + i, inputGrad(f, read(true, kept + i), read(true, dy + i), a));
  for (; i < bytes; i += 4) write(false, dx + i, inputGrad(f, read(false, kept + i), read(false, dy + i), a));
}

@inline
function value(f: i32, x: v128, a: v128): v128 {
  return v128.bitselect(x, f32x4.mul(a, x), f32x4.gt(x, f32x4.splat(0)));
}

@inline
function inputGrad(f: i32, x: v128, dy: v128, a: v128): v128 {
  return v128.bitselect(dy, f32x4.mul(a, dy), f32x4.gt(x, f32x4.splat(0)));
}
