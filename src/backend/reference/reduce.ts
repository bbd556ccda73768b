// Each row of x [rows, cols] to one number of y [rows], and all of x [outer, size, inner] but its middle axis to y [size].
import type { FloatArray } from "../../base/tensor.js";
import type { AxisGeometry, RowsGeometry, VarianceGeometry } from "../kernels.js";

// y[r] = sum over c of x[r, c]
export function sum({ rows, cols }: RowsGeometry, x: FloatArray, y: FloatArray): void {
  for (let r = 0; r < rows; r++) {
    let total = 0;
    for (let c = 0; c < cols; c++) total += x[r * cols + c];
    y[r] = total;
  }
}

// y[c] = sum over n and p of x[n, c, p]
export function channelSum({ outer, size, inner }: AxisGeometry, x: FloatArray, y: FloatArray): void {
  for (let c = 0; c < size; c++) {
    let total = 0;
    for (let n = 0; n < outer; n++) {
      for (let p = 0; p < inner; p++) total += x[(n * size + c) * inner + p];
    }
    y[c] = total;
  }
}

// y[r] = largest of x[r, c]; Math.max hands on a NaN
export function max({ rows, cols }: RowsGeometry, x: FloatArray, y: FloatArray): void {
  for (let r = 0; r < rows; r++) {
    let largest = -Infinity;
    for (let c = 0; c < cols; c++) largest = Math.max(largest, x[r * cols + c]);
    y[r] = largest;
  }
}

// y[r] = smallest of x[r, c]; Math.min hands on a NaN
export function min({ rows, cols }: RowsGeometry, x: FloatArray, y: FloatArray): void {
  for (let r = 0; r < rows; r++) {
    let smallest = Infinity;
    for (let c = 0; c < cols; c++) smallest = Math.min(smallest, x[r * cols + c]);
    y[r] = smallest;
  }
}

// y[r] = sum over c of (x[r, c] - mean)^2 / (cols - correction). Two passes: sum(x^2) - mean^2 would lose its digits
// where the mean is far larger than the deviation.
export function variance(g: VarianceGeometry, x: FloatArray, y: FloatArray): void {
  const { rows, cols, correction } = g;
  for (let r = 0; r < rows; r++) {
    let total = 0;
    for (let c = 0; c < cols; c++) total += x[r * cols + c];
    const mean = total / cols;
    let squares = 0;
    for (let c = 0; c < cols; c++) {
      const deviation = x[r * cols + c] - mean;
      squares += deviation * deviation;
    }
    y[r] = squares / (cols - correction);
  }
}

// y[r] = square root of the sum over c of x[r, c]^2. In float64 the largest numbers are brought near 1 first: their squares
// would overflow, those of the smallest vanish.
export function norm({ rows, cols }: RowsGeometry, x: FloatArray, y: FloatArray): void {
  for (let r = 0; r < rows; r++) {
    let largest = 0;
    for (let c = 0; c < cols; c++) largest = Math.max(largest, Math.abs(x[r * cols + c]));
    const scale = largest === 0 || !Number.isFinite(largest) ? 1 : largest;
    let squares = 0;
    for (let c = 0; c < cols; c++) {
      const share = x[r * cols + c] / scale;
      squares += share * share;
    }
    y[r] = scale * Math.sqrt(squares);
  }
}
