// Mathematics in registers, for every kernel: our own exp, log, tanh and sigmoid. Not a kernel file: it is not in
// index.ts, so the module exports nothing of it.
//
// WebAssembly fixes + - * / and sqrt to the bit, and only they are used, so the results are the same on every machine.
// Errors are in ulp (distance of neighboring float32 numbers) of the exact value, measured by
// test/backend/wasm.test.ts. Method, after Cody & Waite, "Software Manual for the Elementary Functions" (1980): reduce
// the argument to a short interval, sum a Taylor series there, undo the reduction.
//
// A v128 holds four float32 (here f32x4) or two float64 (f64x2). Kernels run a block loop of four numbers a step, then
// a remainder loop of one; `read` and `write` with a constant `four` let both loops share a body, and so give the same
// bits. The long functions (exp4, tanh2, log2) are called, not inlined: they have many callers, most with two copies.

/** Four numbers from an address, or (four = false) one number in all lanes. */
@inline
export function read(four: bool, from: usize): v128 {
  return four ? v128.load(from) : v128.load32_splat(from);
}

/** Four numbers to an address, or (four = false) only the first. */
@inline
export function write(four: bool, to: usize, value: v128): void {
  if (four) v128.store(to, value);
  else v128.store32_lane(to, value, 0);
}

/**
 * As many of the first lanes as there are numbers up to `end`. With it a loop needs no remainder loop: it computes some numbers
 * behind the end, for nobody. For bodies that are long beside the question.
 */
@inline
export function writeUpTo(end: usize, to: usize, value: v128): void {
  if (to + 16 <= end) v128.store(to, value);
  else writeFew(end, to, value);
}

function writeFew(end: usize, to: usize, value: v128): void {
  v128.store32_lane(to, value, 0);
  if (to + 4 < end) v128.store32_lane(to, value, 1, 4);
  if (to + 8 < end) v128.store32_lane(to, value, 2, 8);
}

/** Lanes 0 and 1 of an f32x4 as f64x2. */
@inline
export function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Lanes 2 and 3 of an f32x4 as f64x2. */
@inline
export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** The inverse of low and high: two f64x2 rounded to one f32x4. */
@inline
export function narrow(lo: v128, hi: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(lo), f32x4.demote_f64x2_zero(hi), 0, 1, 4, 5);
}

/**
 * e^x of an f32x4, error at most 0.95 ulp, subnormal results included. Overflow above 88.72 to Infinity, 0 below
 * -103.97, NaN stays NaN.
 *
 * x = k ln 2 + r with |r| <= ln(2)/2, so e^x = 2^k e^r; Taylor series of e^r up to r^7. ln 2 is a head of 9 bits, whose
 * products with k are exact, and a tail.
 */
export function exp4(x: v128): v128 {
  const inside = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89)); // lets NaN through
  // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum is rounded to a whole number, its low bits are k.
  const rounder = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(inside, f32x4.splat(1.4426950408889634)), rounder);
  const k = f32x4.sub(shifted, rounder);
  const head = f32x4.sub(inside, f32x4.mul(k, f32x4.splat(355.0 / 512.0)));
  const tail = f32x4.mul(k, f32x4.splat(-2.1219444005469057e-4));
  const r = f32x4.sub(head, tail);

  // 1 + (r + r^2 (1/2 + r/6 + r^2 (1/24 + r/120 + r^2 (1/720 + r/5040)))): pairs, which the CPU can do side by side.
  const square = f32x4.mul(r, r);
  let q = f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 5040.0)), f32x4.splat(1.0 / 720.0));
  q = f32x4.add(f32x4.mul(square, q), f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 120.0)), f32x4.splat(1.0 / 24.0)));
  q = f32x4.add(f32x4.mul(square, q), f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 6.0)), f32x4.splat(0.5)));
  // The unrounded head - tail for r in the second term.
  const power = f32x4.add(f32x4.splat(1), f32x4.add(head, f32x4.sub(f32x4.mul(square, q), tail)));

  // 2^k in two factors, because 2^128 and 2^-150 are no float32. Only the second product can round.
  const whole = i32x4.sub(shifted, rounder);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(power, powerOfTwo4(half)), powerOfTwo4(i32x4.sub(whole, half)));
}

/** 2^k as f32x4 for whole k from -126 to 127 (i32x4). */
@inline
function powerOfTwo4(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

/**
 * 1 / (1 + e^-x) of an f32x4, error at most 2.41 ulp, subnormal results included; NaN stays NaN.
 *
 * With z = e^-|x|, which cannot overflow: 1 / (1 + z) for x >= 0, z / (1 + z) for x < 0.
 */
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  const z = exp4(f32x4.neg(f32x4.abs(x)));
  const top = v128.bitselect(z, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(top, f32x4.add(one, z));
}

/** tanh of an f32x4, error at most 0.51 ulp: float64 rounded once. NaN stays NaN, -0 stays -0. */
export function tanh4(x: v128): v128 {
  return narrow(tanh2(low(x)), tanh2(high(x)));
}

/**
 * tanh of an f64x2 that holds float32 numbers, good to 2^-33.
 *
 * 1 - 2 / (e^(2|x|) + 1) with the sign of x; below 1e-5, where that would cancel, tanh x = x. From 10 on the result
 * rounds to 1. e^(2|x|) as in exp4, with a Taylor series up to r^9.
 */
function tanh2(x: v128): v128 {
  const size = f64x2.abs(x);
  const twice = f64x2.pmin(f64x2.add(size, size), f64x2.splat(20));
  const rounder = f64x2.splat(6755399441055744); // 1.5 * 2^52
  const shifted = f64x2.add(f64x2.mul(twice, f64x2.splat(1.4426950408889634)), rounder);
  const k = f64x2.sub(shifted, rounder);
  const r = f64x2.sub(twice, f64x2.mul(k, f64x2.splat(0.6931471805599453)));

  const one = f64x2.splat(1);
  const square = f64x2.mul(r, r);
  let q = f64x2.add(f64x2.mul(r, f64x2.splat(1.0 / 362880.0)), f64x2.splat(1.0 / 40320.0));
  q = f64x2.add(f64x2.mul(square, q), f64x2.add(f64x2.mul(r, f64x2.splat(1.0 / 5040.0)), f64x2.splat(1.0 / 720.0)));
  q = f64x2.add(f64x2.mul(square, q), f64x2.add(f64x2.mul(r, f64x2.splat(1.0 / 120.0)), f64x2.splat(1.0 / 24.0)));
  q = f64x2.add(f64x2.mul(square, q), f64x2.add(f64x2.mul(r, f64x2.splat(1.0 / 6.0)), f64x2.splat(0.5)));
  const power = f64x2.add(one, f64x2.add(r, f64x2.mul(square, q)));

  // The low bits of `shifted` are k; added to the exponent bits, they multiply by 2^k.
  const e = i64x2.add(power, i64x2.shl(shifted, 52));
  const value = f64x2.sub(one, f64x2.div(f64x2.splat(2), f64x2.add(e, one)));
  const signed = v128.or(value, v128.and(x, f64x2.splat(-0.0)));
  return v128.bitselect(signed, x, f64x2.ge(size, f64x2.splat(1e-5))); // a NaN is not >= anything
}

/**
 * Natural logarithm of an f64x2, good to 2^-37: a float32 result has at most 0.51 ulp. log(+-0) = -Infinity, NaN below
 * 0, NaN stays NaN. Not for subnormal float64 numbers, which no float32 is.
 *
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)), ln x = k ln 2 + ln m; with s = (m - 1)/(m + 1) and z = s^2 < 0.0295,
 * ln m = 2 artanh(s) = 2s (1 + z/3 + z^2/5 + ... + z^6/13).
 */
export function log2(x: v128): v128 {
  const one = f64x2.splat(1);
  // Exponent field of x / sqrt(1/2), that is k + 1023; it becomes a number as the low bits of 2^52.
  const field = i64x2.shr_u(i64x2.add(i64x2.sub(x, f64x2.splat(0.7071067811865476)), one), 52);
  const k = f64x2.sub(v128.or(field, f64x2.splat(4503599627370496)), f64x2.splat(4503599627370496.0 + 1023.0));
  const m = i64x2.add(i64x2.sub(x, i64x2.shl(field, 52)), one);

  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  const square = f64x2.mul(z, z);
  let q = f64x2.add(f64x2.mul(z, f64x2.splat(1.0 / 13.0)), f64x2.splat(1.0 / 11.0));
  q = f64x2.add(f64x2.mul(square, q), f64x2.add(f64x2.mul(z, f64x2.splat(1.0 / 9.0)), f64x2.splat(1.0 / 7.0)));
  q = f64x2.add(f64x2.mul(square, q), f64x2.add(f64x2.mul(z, f64x2.splat(1.0 / 5.0)), f64x2.splat(1.0 / 3.0)));
  const logM = f64x2.mul(f64x2.add(s, s), f64x2.add(one, f64x2.mul(z, q)));
  const value = f64x2.add(f64x2.mul(k, f64x2.splat(0.6931471805599453)), logM);

  const zero = f64x2.splat(0);
  const infinity = f64x2.splat(Infinity);
  const finite = v128.and(f64x2.gt(x, zero), f64x2.lt(x, infinity));
  const limit = v128.bitselect(f64x2.neg(infinity), f64x2.splat(NaN), f64x2.eq(x, zero));
  return v128.bitselect(value, v128.bitselect(x, limit, f64x2.eq(x, infinity)), finite);
}

/** Natural logarithm of an f32x4, error at most 0.51 ulp; see log2. */
export function log4(x: v128): v128 {
  return narrow(log2(low(x)), log2(high(x)));
}

/** Natural logarithm of one float64 number; see log2. */
export function logOf(x: f64): f64 {
  return f64x2.extract_lane(log2(f64x2.splat(x)), 0);
}
