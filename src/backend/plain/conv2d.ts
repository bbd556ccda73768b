// The convolution and its two gradients, as in reference/conv2d.ts three calls of one correlation (correlate2d, at the end); but
// on copies, where the reference has views. ^T swaps the first two axes. Each of G groups is a convolution of its own.
import type { Pair, Sides } from "../../base/shape.js";
import type { FloatArray } from "../../base/tensor.js";
import type { Conv2dGeometry } from "../kernels.js";
import { addProducts } from "./sums.js";

// y = correlate2d(x, w; stride S, dilation D, padding P) + b
export function conv2d(g: Conv2dGeometry, x: FloatArray, w: FloatArray, b: FloatArray | null, y: FloatArray): void {
  const { C, O, terms } = groupOf(g);
  const padding = { top: g.PT, bottom: g.PB, left: g.PL, right: g.PR };
  for (let i = 0; i < g.G; i++) {
    const image = framed(x, [g.N, C, g.H, g.W], (n, c) => n * g.C + i * C + c, [1, 1], padding);
    const filters = new Float64Array(w.subarray(i * O * terms, (i + 1) * O * terms));
    const shape: Taps = { O, C, KH: g.KH, KW: g.KW, stride: [g.SH, g.SW], dilation: [g.DH, g.DW] };
    correlate2d(image, filters, shape, [g.OH, g.OW], (n, o, pixel, sum) => {
      const channel = i * O + o;
      y[(n * g.O + channel) * g.OH * g.OW + pixel] = sum + (b === null ? 0 : b[channel]);
    });
  }
}

// dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding lo = D(K-1) - P before and
// H + D(K-1) - lo - ((OH-1)S + 1) after). A negative padding crops. Rows that the stride never reached get 0 by
// themselves.
export function conv2dInputGrad(g: Conv2dGeometry, dy: FloatArray, w: FloatArray, dx: FloatArray): void {
  const { C, O, terms } = groupOf(g);
  const taps = g.KH * g.KW;
  const top = g.DH * (g.KH - 1) - g.PT;
  const left = g.DW * (g.KW - 1) - g.PL;
  const bottom = g.H + g.DH * (g.KH - 1) - top - ((g.OH - 1) * g.SH + 1);
  const right = g.W + g.DW * (g.KW - 1) - left - ((g.OW - 1) * g.SW + 1);
  for (let i = 0; i < g.G; i++) {
    const channelOf = (n: number, o: number): number => n * g.O + i * O + o;
    const image = framed(dy, [g.N, O, g.OH, g.OW], channelOf, [g.SH, g.SW], { top, bottom, left, right });
    const filters = new Float64Array(O * terms); // flip(w)^T [C, O, KH, KW]
    for (let o = 0; o < O; o++) {
      for (let c = 0; c < C; c++) {
        const from = ((i * O + o) * C + c) * taps;
        for (let k = 0; k < taps; k++) filters[(c * O + o) * taps + k] = w[from + taps - 1 - k];
      }
    }
    const shape: Taps = { O: C, C: O, KH: g.KH, KW: g.KW, stride: [1, 1], dilation: [g.DH, g.DW] };
    correlate2d(image, filters, shape, [g.H, g.W], (n, c, pixel, sum) => {
      dx[(n * g.C + i * C + c) * g.H * g.W + pixel] = sum;
    });
  }
}

// dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T: stride and dilation trade places.
// Cut to [KH, KW], because there are rows to spare when the stride does not divide.
export function conv2dWeightGrad(g: Conv2dGeometry, x: FloatArray, dy: FloatArray, dw: FloatArray): void {
  const { C, O, terms } = groupOf(g);
  const padding = { top: g.PT, bottom: g.PB, left: g.PL, right: g.PR };
  for (let i = 0; i < g.G; i++) {
    const image = framed(x, [C, g.N, g.H, g.W], (c, n) => n * g.C + i * C + c, [1, 1], padding);
    const none = { top: 0, bottom: 0, left: 0, right: 0 };
    const filters = framed(dy, [O, g.N, g.OH, g.OW], (o, n) => n * g.O + i * O + o, [1, 1], none).data;
    const shape: Taps = { O, C: g.N, KH: g.OH, KW: g.OW, stride: [g.DH, g.DW], dilation: [g.SH, g.SW] };
    correlate2d(image, filters, shape, [g.KH, g.KW], (c, o, k, sum) => {
      dw[(i * O + o) * terms + c * g.KH * g.KW + k] = sum;
    });
  }
}

/** Channels in and out of one group, and products in each sum. */
function groupOf(g: Conv2dGeometry): { C: number; O: number; terms: number } {
  const C = g.C / g.G;
  return { C, O: g.O / g.G, terms: C * g.KH * g.KW };
}

/** Padded images [N, C, H, W] in float64. */
interface Images {
  readonly data: Float64Array;
  readonly N: number;
  readonly H: number;
  readonly W: number;
}

/**
 * The planes of x that planeOf(n, c) names, as images [N, C, ...] with S - 1 zeros between neighboring pixels and zeros around;
 * a negative padding crops.
 */
function framed(
  x: FloatArray,
  [N, C, H, W]: readonly [number, number, number, number],
  planeOf: (n: number, c: number) => number,
  [SH, SW]: Pair,
  { top, bottom, left, right }: Sides,
): Images {
  const rows = (H - 1) * SH + 1 + top + bottom;
  const columns = (W - 1) * SW + 1 + left + right;
  const data = new Float64Array(N * C * rows * columns);
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const from = planeOf(n, c) * H * W;
      const to = (n * C + c) * rows * columns;
      for (let h = 0; h < H; h++) {
        const i = h * SH + top;
        if (i < 0 || i >= rows) continue;
        for (let w = 0; w < W; w++) {
          const j = w * SW + left;
          if (j >= 0 && j < columns) data[to + i * columns + j] = x[from + h * W + w];
        }
      }
    }
  }
  return { data, N, H: rows, W: columns };
}

// ---- the one correlation

/** Filters [O, C, KH, KW], and how they move over the images. */
interface Taps {
  readonly O: number;
  readonly C: number;
  readonly KH: number;
  readonly KW: number;
  readonly stride: Pair;
  readonly dilation: Pair;
}

/**
 * Of images x [N, C, H, W] and filters w [O, C, KH, KW] the sums
 *
 *     sum over c, kh, kw of x[n, c, i SH + kh DH, j SW + kw DW] w[o, c, kh, kw]
 *
 * for the first [OH, OW] places (i, j), to write(n, o, i OW + j, sum).
 */
function correlate2d(
  { data, N, H, W }: Images,
  w: Float64Array,
  { O, C, KH, KW, stride: [SH, SW], dilation: [DH, DW] }: Taps,
  [OH, OW]: Pair,
  write: (n: number, o: number, pixel: number, sum: number) => void,
): void {
  const steps = new Int32Array(C * KH * KW); // from a window's first pixel to each of them
  let t = 0;
  for (let c = 0; c < C; c++) {
    for (let kh = 0; kh < KH; kh++) {
      for (let kw = 0; kw < KW; kw++) steps[t++] = (c * H + kh * DH) * W + kw * DW;
    }
  }
  const sums = new Float64Array(O);
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < OH; i++) {
      for (let j = 0; j < OW; j++) {
        sums.fill(0);
        addProducts(data, (n * C * H + i * SH) * W + j * SW, steps, w, sums);
        for (let o = 0; o < O; o++) write(n, o, i * OW + j, sums[o]);
      }
    }
  }
}
