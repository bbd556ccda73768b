// Calls the WebAssembly convolutions. Scratch sizes follow the layouts in assembly/conv2d.ts.
import type { FloatArray } from "../../tensor.js";
import type { AxisGeometry, Conv2dGeometry } from "../kernels.js";
import { instance } from "./instance.js";
import type { Scratch } from "./memory.js";

/** y = correlate2d(x, w; stride S, dilation D, padding P) + b. */
export function conv2d(g: Conv2dGeometry, x: FloatArray, w: FloatArray, b: FloatArray | null, y: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeGeometry(scratch, g);
  const addresses = [scratch.place(x), scratch.place(w), scratch.place(b)];
  const out = scratch.reserve(y.length);
  const taps = (g.C / g.G) * g.KH * g.KW;
  const { rows, cols } = packedImage(g);
  const work = scratch.reserve(
    taps + 4 * g.G * Math.ceil(g.O / g.G / 4) * taps + g.C * g.SH * g.SW * rows * cols + 4 * (g.OH * cols + 8) + 64,
  );
  exports.conv2d(record, ...addresses, out, work);
  scratch.fetch(out, y);
}

/** dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
export function conv2dInputGrad(g: Conv2dGeometry, dy: FloatArray, w: FloatArray, dx: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeGeometry(scratch, g);
  const addresses = [scratch.place(dy), scratch.place(w)];
  const out = scratch.reserve(dx.length);
  const taps = (g.O / g.G) * g.KH * g.KW;
  const rows = g.H + g.DH * (g.KH - 1);
  const cols = g.W + g.DW * (g.KW - 1);
  const work = scratch.reserve(
    taps + 4 * g.G * Math.ceil(g.C / g.G / 4) * taps + g.O * rows * cols + 4 * (g.H * cols + 8) + 64,
  );
  exports.conv2dInputGrad(record, ...addresses, out, work);
  scratch.fetch(out, dx);
}

/** dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
export function conv2dWeightGrad(g: Conv2dGeometry, x: FloatArray, dy: FloatArray, dw: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeGeometry(scratch, g);
  const addresses = [scratch.place(x), scratch.place(dy)];
  const out = scratch.reserve(dw.length);
  const { rows, cols } = packedImage(g);
  const work = scratch.reserve(
    (g.C / g.G) * g.KH * g.KW + g.C * g.SH * g.SW * rows * cols + g.O * (g.OH * cols + 4) + 64,
  );
  exports.conv2dWeightGrad(record, ...addresses, out, work);
  scratch.fetch(out, dw);
}

/** db[o] = sum over n and p of dy[n, o, p]. */
export function conv2dBiasGrad(g: AxisGeometry, dy: FloatArray, db: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const from = scratch.place(dy);
  const out = scratch.reserve(db.length);
  exports.conv2dBiasGrad(g.outer, g.size, g.inner, from, out);
  scratch.fetch(out, db);
}

function placeGeometry(scratch: Scratch, g: Conv2dGeometry): number {
  const { N, C, H, W, O, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR, G, OH, OW } = g;
  return scratch.place(Int32Array.of(N, C, H, W, O, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR, G, OH, OW));
}

// Rows and columns of each phase plane of the padded image.
function packedImage(g: Conv2dGeometry): { rows: number; cols: number } {
  return { rows: Math.ceil((g.H + g.PT + g.PB) / g.SH), cols: Math.ceil((g.W + g.PL + g.PR) / g.SW) };
}
