// Maximum and average of windows, and how their gradients go back to the pixels.
// Window (i, j) begins at row i SH - PT and column j SW - PL of the image; what lies outside the image is padding.
import type { FloatArray } from "../../base/tensor.js";
import type { AvgPool2dGeometry, Pool2dGeometry } from "../kernels.js";

// y[p, i, j] = max over kh, kw of x[p, i SH - PT + kh DH, j SW - PL + kw DW]; indices = its place h W + w
export function maxPool2d(g: Pool2dGeometry, x: FloatArray, y: FloatArray, indices: Int32Array | null): void {
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (let i = 0; i < g.OH; i++) {
      for (let j = 0; j < g.OW; j++) {
        let largest = -Infinity;
        let place = -1;
        for (let kh = 0; kh < g.KH; kh++) {
          for (let kw = 0; kw < g.KW; kw++) {
            const h = i * g.SH - g.PT + kh * g.DH;
            const w = j * g.SW - g.PL + kw * g.DW;
            if (h < 0 || h >= g.H || w < 0 || w >= g.W) continue; // padding is -Infinity: it never wins
            const value = x[(p * g.H + h) * g.W + w];
            // The first pixel stands until a larger one comes, so the first of equals wins. A NaN replaces everything
            // and nothing but a later NaN is able to replace it, so the last NaN wins.
            if (place === -1 || value > largest || Number.isNaN(value)) {
              largest = value;
              place = h * g.W + w;
            }
          }
        }
        y[out] = largest;
        if (indices !== null) indices[out] = place;
        out++;
      }
    }
  }
}

// dx[p, indices[p, i, j]] += dy[p, i, j], starting at 0
export function maxPool2dInputGrad(g: Pool2dGeometry, indices: Int32Array, dy: FloatArray, dx: FloatArray): void {
  const sum = new Float64Array(dx.length);
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (let i = 0; i < g.OH; i++) {
      for (let j = 0; j < g.OW; j++) {
        sum[p * g.H * g.W + indices[out]] += dy[out];
        out++;
      }
    }
  }
  dx.set(sum);
}

// y[p, i, j] = sum over kh, kw of x[p, i SH - PT + kh, j SW - PL + kw] / divisor
export function avgPool2d(g: AvgPool2dGeometry, x: FloatArray, y: FloatArray): void {
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (let i = 0; i < g.OH; i++) {
      for (let j = 0; j < g.OW; j++) {
        const { top, bottom, left, right, divisor } = windowOf(g, i, j);
        let sum = 0;
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) sum += x[(p * g.H + h) * g.W + w];
        }
        y[out++] = sum / divisor;
      }
    }
  }
}

// dx[p, h, w] += dy[p, i, j] / divisor for every pixel (h, w) of window (i, j), starting at 0
export function avgPool2dInputGrad(g: AvgPool2dGeometry, dy: FloatArray, dx: FloatArray): void {
  const sum = new Float64Array(dx.length);
  let out = 0;
  for (let p = 0; p < g.planes; p++) {
    for (let i = 0; i < g.OH; i++) {
      for (let j = 0; j < g.OW; j++) {
        const { top, bottom, left, right, divisor } = windowOf(g, i, j);
        const share = dy[out++] / divisor;
        for (let h = top; h < bottom; h++) {
          for (let w = left; w < right; w++) sum[(p * g.H + h) * g.W + w] += share;
        }
      }
    }
  }
  dx.set(sum);
}

interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly divisor: number;
}

/**
 * The pixels of window (i, j) inside the image, rows [top, bottom) and columns [left, right), and its divisor by
 * PyTorch's rule: a window that ceilMode hangs over the padded edge is cut to the padded image, and what remains is
 * counted with countIncludePad; without it only the pixels of the image are.
 */
function windowOf(g: AvgPool2dGeometry, i: number, j: number): Window {
  const row = i * g.SH - g.PT;
  const column = j * g.SW - g.PL;
  const paddedRows = Math.min(row + g.KH, g.H + g.PT) - row;
  const paddedColumns = Math.min(column + g.KW, g.W + g.PL) - column;
  const top = Math.max(row, 0);
  const left = Math.max(column, 0);
  const bottom = Math.min(row + g.KH, g.H);
  const right = Math.min(column + g.KW, g.W);
  const counted = g.countIncludePad ? paddedRows * paddedColumns : (bottom - top) * (right - left);
  return { top, bottom, left, right, divisor: g.divisor === 0 ? counted : g.divisor };
}
