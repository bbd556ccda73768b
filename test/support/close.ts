// Comparison of computed numbers with expected ones. A NaN is never close, and every bound is stated by a formula.

/** The distance from 1 to the next float32. */
export const EPS32 = 1.1920928955078125e-7;

/** The distance from 1 to the next float64. */
export const EPS64 = Number.EPSILON;

/** The error that a sum of `terms` numbers may have: 4 * eps * sqrt(n) * sum of |terms|, which is given in float64. */
export function sumBound(terms: number, absoluteSum: number, eps: number = EPS32): number {
  return 4 * eps * Math.sqrt(Math.max(terms, 1)) * absoluteSum;
}

export interface CloseOptions {
  /** Named in the failure. */
  readonly name?: string;
  /** Accept NaN where NaN is expected, and only there. Default false: a NaN on either side fails. */
  readonly nan?: boolean;
}

/** Throws unless |actual - expected| <= bound everywhere; `bound` is a number or a function of the index. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: number | ((index: number) => number),
  { name = "value", nan = false }: CloseOptions = {},
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${name}: expected ${expected.length} numbers, got ${actual.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    const allowed = typeof bound === "number" ? bound : bound(i);
    if (!Number.isFinite(allowed)) throw new Error(`${name}[${i}]: expected a finite bound, got ${allowed}`);
    if (nan && Number.isNaN(expected[i]) && Number.isNaN(actual[i])) continue;
    if (actual[i] === expected[i]) continue; // also equal infinities, whose difference is NaN
    if (Number.isFinite(actual[i]) && Math.abs(actual[i] - expected[i]) <= allowed) continue;
    throw new Error(`${name}[${i}]: expected ${expected[i]} within ${allowed}, got ${actual[i]}`);
  }
}
