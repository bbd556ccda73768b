// Functions near 0 of which exp and log alone would lose the digits. Errors are in ulp, see ../math.ts;
// measured by test/backend/kitActivation.test.ts.
import { exp4, high, log2, low, narrow } from "../math";

/**
 * e^x - 1 of an f32x4, error at most 1.5 ulp below 0; for x above 0 nobody asks.
 *
 * Near 0 the Taylor series x + x^2 (1/2 + x/6 + ... + x^6/8!), else e^x less 1.
 */
export function expMinus1(x: v128): v128 {
  let q = f32x4.add(f32x4.mul(x, f32x4.splat(1.0 / 40320.0)), f32x4.splat(1.0 / 5040.0));
  q = f32x4.add(f32x4.mul(x, q), f32x4.splat(1.0 / 720.0));
  q = f32x4.add(f32x4.mul(x, q), f32x4.splat(1.0 / 120.0));
  q = f32x4.add(f32x4.mul(x, q), f32x4.splat(1.0 / 24.0));
  q = f32x4.add(f32x4.mul(x, q), f32x4.splat(1.0 / 6.0));
  q = f32x4.add(f32x4.mul(x, q), f32x4.splat(0.5));
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(x, x), q));
  const far = f32x4.sub(exp4(x), f32x4.splat(1));
  return v128.bitselect(far, near, f32x4.lt(x, f32x4.splat(-0.4)));
}

/** ln(1 + e^-|z|) of an f32x4, error at most 1.5 ulp: what softplus has beside max(z, 0). */
export function logistic1(z: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(z)));
  return narrow(logOf1Plus(low(e)), logOf1Plus(high(e)));
}

// ln(1 + e) of an f64x2; e itself where the sum would lose it.
@inline
function logOf1Plus(e: v128): v128 {
  return v128.bitselect(e, log2(f64x2.add(f64x2.splat(1), e)), f64x2.lt(e, f64x2.splat(1e-8)));
}
