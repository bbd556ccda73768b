// Reductions of the rows of x [rows, cols] to y [rows], and of all axes but the channels' to y [C]. Each row or channel by
// itself, so its result does not depend on the others. Sums run in float64, in eight lanes, and are rounded once: far inside
// 4 eps sqrt(cols) sum |x|, and no overflow between.
import { AxisGeometry, In, on, Out, sizeOfChunk } from "./record";
import { rowMax, rowMin, rowSquares, rowSum } from "./rows";

// Operators of reduceRows; the glue in ../reduce.ts numbers them alike. The third is the smallest.
const SUM = 0;
const MAX = 1;

@unmanaged
class RowsGeometry {
  rows: i32;
  cols: i32;
}

@unmanaged
class Rows extends RowsGeometry {
  each: i32;
  op: i32;
  x: In;
  y: Out;
}

@unmanaged
class VarianceGeometry extends RowsGeometry {
  correction: f64;
}

@unmanaged
class Variance extends VarianceGeometry {
  each: i32;
  x: In;
  y: Out;
}

/** y[r] = sum, largest or smallest of x[r, :]; a NaN in the row gives NaN. */
export function reduceRows(r: Rows, chunk: i32, scratch: usize): void {
  const row = <usize>r.cols << 2;
  let x = r.x + <usize>(chunk * r.each) * row;
  let y = on(r.y, chunk * r.each);
  for (let i = sizeOfChunk(r.rows, r.each, chunk); i > 0; i--, x += row, y += 4) {
    if (r.op == SUM) f32.store(y, <f32>rowSum(r.cols, x));
    else f32.store(y, r.op == MAX ? rowMax(r.cols, x) : rowMin(r.cols, x));
  }
}

/** y[r] = sum of (x[r, :] - mean)^2 / (cols - correction), in two passes. */
export function variance(r: Variance, chunk: i32, scratch: usize): void {
  const row = <usize>r.cols << 2;
  const n = <f64>r.cols;
  let x = r.x + <usize>(chunk * r.each) * row;
  let y = on(r.y, chunk * r.each);
  for (let i = sizeOfChunk(r.rows, r.each, chunk); i > 0; i--, x += row, y += 4) {
    f32.store(y, <f32>(rowSquares(r.cols, x, rowSum(r.cols, x) / n) / (n - r.correction)));
  }
}

/** y[r] = square root of the sum of x[r, :]^2. */
export function norm(r: Rows, chunk: i32, scratch: usize): void {
  const row = <usize>r.cols << 2;
  let x = r.x + <usize>(chunk * r.each) * row;
  let y = on(r.y, chunk * r.each);
  for (let i = sizeOfChunk(r.rows, r.each, chunk); i > 0; i--, x += row, y += 4) {
    f32.store(y, <f32>sqrt(rowSquares(r.cols, x, 0)));
  }
}

@unmanaged
class ChannelSum extends AxisGeometry {
  each: i32;
  x: In;
  y: Out;
}

/** x [outer, size, inner] -> y [size]: y[c] = sum of x[:, c, :]. */
export function channelSum(r: ChannelSum, chunk: i32, scratch: usize): void {
  const first = chunk * r.each;
  const end = first + sizeOfChunk(r.size, r.each, chunk);
  for (let c = first; c < end; c++) {
    let total: f64 = 0;
    for (let n = 0; n < r.outer; n++) total += rowSum(r.inner, on(r.x, (n * r.size + c) * r.inner));
    f32.store(on(r.y, c), <f32>total);
  }
}
