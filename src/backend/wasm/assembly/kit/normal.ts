// The normal distribution, for GELU. Errors are in ulp, see ../math.ts; measured by test/backend/kitActivation.test.ts.
import { exp4, high, low, narrow } from "../math";

/**
 * The share of a normal distribution beyond t >= 0, (1 - erf(t / sqrt 2)) / 2, of an f32x4, error at most 6.5 ulp where the result
 * is no subnormal number.
 *
 * e^(-t^2/2) times a polynomial in u = 1 / (1 + 0.26 t) without a constant, which goes to 0 as 1/t does. Its coefficients are a
 * minimax fit of ours: relative error 2.5e-8. Method: Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26.
 */
export function normalTail4(t: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.div(one, f32x4.add(one, f32x4.mul(f32x4.splat(0.26), f32x4.pmin(t, f32x4.splat(15)))));
  let p = f32x4.add(f32x4.mul(u, f32x4.splat(0.030510091935346803)), f32x4.splat(-0.15285416197196403));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(0.251543732487857));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(-0.15100913002576732));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(0.16098960661772582));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(0.05100977754570021));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(0.10303487821442164));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(0.1030160938117857));
  p = f32x4.add(f32x4.mul(u, p), f32x4.splat(0.10375909903992576));
  return f32x4.mul(f32x4.mul(u, p), bell(t));
}

/** The density e^(-t^2/2) / sqrt(2 pi) of an f32x4 for t >= 0. */
export function normalDensity4(t: v128): v128 {
  return f32x4.mul(f32x4.splat(0.3989422804014327), bell(t));
}

// e^(-t^2/2). What rounding takes from the square comes back as a factor: t^2 may be 200, so its last bits count.
function bell(t: v128): v128 {
  const inside = f32x4.pmin(t, f32x4.splat(15)); // beyond, 0
  const square = f32x4.mul(inside, inside);
  const rest = narrow(restOf(low(inside), low(square)), restOf(high(inside), high(square)));
  const half = f32x4.splat(0.5);
  const power = exp4(f32x4.neg(f32x4.mul(half, square)));
  return f32x4.sub(power, f32x4.mul(power, f32x4.mul(half, rest)));
}

@inline
function restOf(t: v128, square: v128): v128 {
  return f64x2.sub(f64x2.mul(t, t), square);
}
