// Calls the WebAssembly convolutions. Sizes of shared and scratch areas come from assembly/passes.ts.
import type { FloatArray } from "../../tensor.js";
import type { AxisGeometry, Conv2dGeometry } from "../kernels.js";
import { instance } from "./instance.js";
import { JOB, runJob } from "./jobs.js";
import type { Scratch } from "./scratch.js";

/**
 * For tests and comparisons: `only: true` keeps to direct sums where Winograd's algorithm would serve. It is no option of
 * the library, because a layer's bits shall not depend on a switch somewhere else.
 */
export const directSums: { only: boolean } = { only: false };

/** At most so many partial sums of a weight gradient; they depend on the batch, never on the threads. */
const PARTS = 4;

/** y = correlate2d(x, w; stride S, dilation D, padding P) + b. */
export function conv2d(g: Conv2dGeometry, x: FloatArray, w: FloatArray, b: FloatArray | null, y: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeGeometry(scratch, g);
  const shared = scratch.reserve(exports.conv2dShared(record));
  const out = scratch.output(y);
  exports.conv2dPrepare(record, scratch.place(w), shared);
  const args = [record, scratch.place(x), scratch.place(b), out, shared, g.N];
  runJob(JOB.conv2d, Math.ceil(g.N / exports.conv2dBlock(record)), args, exports.conv2dScratch(record), y.length);
  scratch.fetch(out, y);
}

/** dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
export function conv2dInputGrad(g: Conv2dGeometry, dy: FloatArray, w: FloatArray, dx: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeGeometry(scratch, g);
  const shared = scratch.reserve(exports.conv2dInputGradShared(record));
  const out = scratch.output(dx);
  exports.conv2dInputGradPrepare(record, scratch.place(w), shared);
  const chunks = Math.ceil(g.N / exports.conv2dInputGradBlock(record));
  const args = [record, scratch.place(dy), out, shared, g.N];
  runJob(JOB.conv2dInputGrad, chunks, args, exports.conv2dInputGradScratch(record), dx.length);
  scratch.fetch(out, dx);
}

/** dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
export function conv2dWeightGrad(g: Conv2dGeometry, x: FloatArray, dy: FloatArray, dw: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeGeometry(scratch, g);
  const shared = scratch.reserve(exports.conv2dWeightGradShared(record));
  const size = exports.conv2dWeightGradPart(record);
  const count = Math.min(PARTS, g.N);
  const parts = scratch.reserve(size * count);
  const out = scratch.output(dw);
  exports.conv2dWeightGradPrepare(record, shared);
  const args = [record, scratch.place(x), scratch.place(dy), parts, g.N, count, size, shared];
  runJob(JOB.conv2dWeightGrad, count, args, exports.conv2dWeightGradScratch(record), dy.length);
  exports.conv2dWeightGradFinish(record, parts, count, out);
  scratch.fetch(out, dw);
}

/** db[o] = sum over n and p of dy[n, o, p]. */
export function conv2dBiasGrad(g: AxisGeometry, dy: FloatArray, db: FloatArray): void {
  const { scratch } = instance();
  scratch.reset();
  const from = scratch.place(dy);
  const out = scratch.output(db);
  const channels = 4;
  const args = [g.size, channels, g.outer, g.inner, from, out];
  runJob(JOB.conv2dBiasGrad, Math.ceil(g.size / channels), args, 0, dy.length);
  scratch.fetch(out, db);
}

function placeGeometry(scratch: Scratch, g: Conv2dGeometry): number {
  const { N, C, H, W, O, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR, G, OH, OW } = g;
  const flag = Number(directSums.only);
  return scratch.place(Int32Array.of(N, C, H, W, O, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR, G, OH, OW, flag));
}
