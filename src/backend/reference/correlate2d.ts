// The one correlation. Deep learning calls it convolution; conv2d.ts makes all three convolutions of a layer from it.
import ops from "ndarray-ops";
import { windowOutput, type Pair, type Sides } from "../../shape.js";
import { zeros, type View } from "./views.js";

/** How the filter moves over the image. */
export interface CorrelateOptions {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Sides;
}

/**
 * x [N, C, H, W] and w [O, C, KH, KW] -> y [N, O, OH, OW], in float64:
 *
 *     y[n, o, i, j] = sum over c, kh, kw of x[n, c, i SH + kh DH, j SW + kw DW] w[o, c, kh, kw]
 *
 * where x is the zero-padded image, and OH and OW count the places where the whole filter fits.
 */
export function correlate2d(x: View, w: View, { stride, dilation, padding }: CorrelateOptions): View {
  const [SH, SW] = stride;
  const [DH, DW] = dilation;
  const padded = zeroPad(x, padding);
  const [N, C, H, W] = padded.shape;
  const [O, , KH, KW] = w.shape;
  const OH = windowOutput(H, KH, SH, DH, 0, 0);
  const OW = windowOutput(W, KW, SW, DW, 0, 0);
  const y = zeros([N, O, OH, OW]);
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < OH; i++) {
        for (let j = 0; j < OW; j++) {
          let sum = 0;
          for (let c = 0; c < C; c++) {
            for (let kh = 0; kh < KH; kh++) {
              for (let kw = 0; kw < KW; kw++) {
                sum += padded.get(n, c, i * SH + kh * DH, j * SW + kw * DW) * w.get(o, c, kh, kw);
              }
            }
          }
          y.set(n, o, i, j, sum);
        }
      }
    }
  }
  return y;
}

/** x [N, C, H, W] -> a float64 copy with zeros around the images; a negative padding crops. */
export function zeroPad(x: View, { top, bottom, left, right }: Sides): View {
  const [N, C, H, W] = x.shape;
  const y = zeros([N, C, H + top + bottom, W + left + right]);
  // What is left of x after cropping: its rows from firstRow on, `rows` of them (none, if cropped beyond its end).
  const firstRow = Math.max(0, -top);
  const firstColumn = Math.max(0, -left);
  const rows = Math.max(0, Math.min(H, H + bottom) - firstRow);
  const columns = Math.max(0, Math.min(W, W + right) - firstColumn);
  const part = x.lo(0, 0, firstRow, firstColumn).hi(N, C, rows, columns);
  ops.assign(y.lo(0, 0, firstRow + top, firstColumn + left).hi(N, C, rows, columns), part);
  return y;
}
