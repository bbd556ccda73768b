// Reductions of the rows of x [rows, cols] to y [rows]. Each row by itself, so a row's result does not depend on the
// others. Sums run in float64, in eight lanes, and are rounded once: far inside 4 eps sqrt(cols) sum |x|, and no
// overflow between.
import { high, low } from "./math";
import { lanesSum, rowMax, rowMin, rowSum } from "./rows";

/** y[r] = sum of x[r, :]. */
export function sum(rows: i32, cols: i32, x: usize, y: usize): void {
  for (let r = 0; r < rows; r++, x += <usize>cols << 2, y += 4) f32.store(y, <f32>rowSum(cols, x));
}

/** y[r] = largest of x[r, :]; a NaN in the row gives NaN. */
export function max(rows: i32, cols: i32, x: usize, y: usize): void {
  for (let r = 0; r < rows; r++, x += <usize>cols << 2, y += 4) f32.store(y, rowMax(cols, x));
}

/** y[r] = smallest of x[r, :]; a NaN in the row gives NaN. */
export function min(rows: i32, cols: i32, x: usize, y: usize): void {
  for (let r = 0; r < rows; r++, x += <usize>cols << 2, y += 4) f32.store(y, rowMin(cols, x));
}

/** y[r] = sum of (x[r, :] - mean)^2 / (cols - correction), in two passes. */
export function variance(rows: i32, cols: i32, correction: f64, x: usize, y: usize): void {
  const n = <f64>cols;
  for (let r = 0; r < rows; r++, x += <usize>cols << 2, y += 4) {
    f32.store(y, <f32>(rowSquares(cols, x, rowSum(cols, x) / n) / (n - correction)));
  }
}

/** Sum of (x[0 .. n) - mean)^2, in four lanes of float64. */
function rowSquares(n: i32, x: usize, mean: f64): f64 {
  const means = f64x2.splat(mean);
  let a = f64x2.splat(0);
  let b = a;
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n >> 2) << 4);
  for (; x < blocks; x += 16) {
    const lo = f64x2.sub(low(v128.load(x)), means);
    const hi = f64x2.sub(high(v128.load(x)), means);
    a = f64x2.add(a, f64x2.mul(lo, lo));
    b = f64x2.add(b, f64x2.mul(hi, hi));
  }
  let sum = lanesSum(f64x2.add(a, b));
  for (; x < end; x += 4) {
    const difference = <f64>f32.load(x) - mean;
    sum += difference * difference;
  }
  return sum;
}
