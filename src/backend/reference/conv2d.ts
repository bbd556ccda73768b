// The convolution and its two gradients: three calls of one correlation (correlate2d, at the end) on views that are transposed,
// flipped and dilated. ^T swaps the first two axes, [N, C, ...] or [O, C, ...]. Each of G groups is a convolution of its own.
import ops from "ndarray-ops";
import { windowOutput, type Pair, type Sides } from "../../base/shape.js";
import type { FloatArray } from "../../base/tensor.js";
import type { Conv2dGeometry } from "../kernels.js";
import { stridedView, view, zeros, type View } from "./views.js";

// y = correlate2d(x, w; stride S, dilation D, padding P) + b
export function conv2d(g: Conv2dGeometry, x: FloatArray, w: FloatArray, b: FloatArray | null, y: FloatArray): void {
  const { stride, dilation, padding } = optionsOf(g);
  const shape = [g.N, g.O, g.OH, g.OW];
  const bias = b === null ? zeros(shape) : stridedView(b, shape, [0, 1, 0, 0]); // b[o] for every n and pixel
  for (let i = 0; i < g.G; i++) {
    const xi = channels(view(x, [g.N, g.C, g.H, g.W]), i, g.G);
    const wi = filters(view(w, [g.O, g.C / g.G, g.KH, g.KW]), i, g.G);
    const yi = correlate2d(xi, wi, { stride, dilation, padding });
    ops.add(channels(view(y, shape), i, g.G), yi, channels(bias, i, g.G));
  }
}

// dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding lo = D(K-1) - P before and
// H + D(K-1) - lo - ((OH-1)S + 1) after). A negative padding crops. Rows that the stride never reached get 0 by
// themselves.
export function conv2dInputGrad(g: Conv2dGeometry, dy: FloatArray, w: FloatArray, dx: FloatArray): void {
  const { stride, dilation } = optionsOf(g);
  const top = g.DH * (g.KH - 1) - g.PT;
  const left = g.DW * (g.KW - 1) - g.PL;
  const bottom = g.H + g.DH * (g.KH - 1) - top - ((g.OH - 1) * g.SH + 1);
  const right = g.W + g.DW * (g.KW - 1) - left - ((g.OW - 1) * g.SW + 1);
  const padding = { top, bottom, left, right };
  for (let i = 0; i < g.G; i++) {
    const dyi = channels(view(dy, [g.N, g.O, g.OH, g.OW]), i, g.G);
    const wi = filters(view(w, [g.O, g.C / g.G, g.KH, g.KW]), i, g.G);
    const dxi = correlate2d(dilate(dyi, stride), transpose(flip(wi)), { stride: [1, 1], dilation, padding });
    ops.assign(channels(view(dx, [g.N, g.C, g.H, g.W]), i, g.G), dxi);
  }
}

// dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T: stride and dilation trade places.
// Cut to [KH, KW], because there are rows to spare when the stride does not divide.
export function conv2dWeightGrad(g: Conv2dGeometry, x: FloatArray, dy: FloatArray, dw: FloatArray): void {
  const { stride, dilation, padding } = optionsOf(g);
  for (let i = 0; i < g.G; i++) {
    const xi = channels(view(x, [g.N, g.C, g.H, g.W]), i, g.G);
    const dyi = channels(view(dy, [g.N, g.O, g.OH, g.OW]), i, g.G);
    const dwi = correlate2d(transpose(xi), transpose(dyi), { stride: dilation, dilation: stride, padding });
    ops.assign(filters(view(dw, [g.O, g.C / g.G, g.KH, g.KW]), i, g.G), transpose(cut(dwi, g.KH, g.KW)));
  }
}

function optionsOf(g: Conv2dGeometry): { stride: Pair; dilation: Pair; padding: Sides } {
  const padding = { top: g.PT, bottom: g.PB, left: g.PL, right: g.PR };
  return { stride: [g.SH, g.SW], dilation: [g.DH, g.DW], padding };
}

/** The channels (axis 1) of group i of G. */
function channels(x: View, i: number, G: number): View {
  const size = x.shape[1] / G;
  return x.lo(0, i * size).hi(x.shape[0], size);
}

/** The filters (axis 0) of group i of G. */
function filters(w: View, i: number, G: number): View {
  const size = w.shape[0] / G;
  return w.lo(i * size).hi(size);
}

/** x^T: batch and channels, or filters and channels, swapped. */
function transpose(x: View): View {
  return x.transpose(1, 0, 2, 3);
}

/** The filter read from its last tap to its first. */
function flip(w: View): View {
  return w.step(1, 1, -1, -1);
}

/** The first KH rows and KW columns. */
function cut(w: View, KH: number, KW: number): View {
  return w.hi(w.shape[0], w.shape[1], KH, KW);
}

/** S - 1 zeros between neighboring pixels: one write through a stepped view. */
function dilate(x: View, [SH, SW]: Pair): View {
  const [N, O, H, W] = x.shape;
  const y = zeros([N, O, (H - 1) * SH + 1, (W - 1) * SW + 1]);
  ops.assign(y.step(1, 1, SH, SW), x);
  return y;
}

// ---- the one correlation: deep learning calls it convolution

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
function zeroPad(x: View, { top, bottom, left, right }: Sides): View {
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
