// expm1, log1p and the normal distribution in float64, for the reference backend: written out like exp and log in math.ts, and for
// the same reason. Errors are in ulp, measured by test/numbers/special.test.ts.
import { exp, log, tanh } from "./math.js";

/** e^x - 1. Error below 5 ulp, also near 0. Method: with t = tanh(x/2), e^x - 1 = 2 t / (1 - t); beyond 1 as it stands. */
export function expm1(x: number): number {
  if (!(Math.abs(x) < 1)) return exp(x) - 1;
  const t = tanh(x / 2);
  return (2 * t) / (1 - t);
}

/**
 * ln(1 + x). Error below 3 ulp, also near 0.
 *
 * Method: u = 1 + x is rounded, and ln u / (u - 1) is nearly the same for the rounded and for the exact one; x times that
 * (Kahan; see Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., 1.14.1).
 */
export function log1p(x: number): number {
  const u = 1 + x;
  if (u === 1 || u === Infinity) return x;
  return (log(u) * x) / (u - 1);
}

const SQRT_2_PI = 2.5066282746310002; // sqrt(2 pi)

/** The density of the normal distribution, e^(-x^2/2) / sqrt(2 pi). */
export function normalDensity(x: number): number {
  return exp(-0.5 * x * x) / SQRT_2_PI;
}

/**
 * The normal distribution, (1 + erf(x / sqrt 2)) / 2: its share below x. Relative error below 2e-13.
 *
 * Method: from -2 to 4, 1/2 + density(x) (x + x^3/3 + x^5/15 + ...), each term the one before times x^2/(2n + 1). Below -2, where
 * that would cancel, the tail as a continued fraction, density(t) / (t + 1/(t + 2/(t + 3/(t + ...)))) with t = -x. (Abramowitz
 * and Stegun, "Handbook of Mathematical Functions", 26.2.11 and 26.2.14.)
 */
export function normalDistribution(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < -2) return tail(-x);
  if (x > 4) return 1 - tail(x);
  let sum = 0;
  let term = x;
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    sum += term;
    term *= (x * x) / (2 * n + 1);
  }
  return 0.5 + normalDensity(x) * sum;
}

function tail(t: number): number {
  if (t > 39) return 0; // below the smallest double
  let fraction = t;
  for (let n = 400; n > 0; n--) fraction = t + n / fraction;
  return normalDensity(t) / fraction;
}
