// Calls the WebAssembly convolutions. Sizes of shared and scratch areas come from assembly/passes.ts.
import type { FloatArray } from "../../base/tensor.js";
import type { AxisGeometry, Conv2dGeometry } from "../kernels.js";
import { instance } from "./runtime/instance.js";
import { JOB, RUN, placeRecord, runJob } from "./runtime/jobs.js";
import { preparedWeights } from "./runtime/prepared.js";

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
  const { record, shared, chunks, each } = sizesOf(forward, g);
  const recordAt = placeRecord(record);
  const wAt = scratch.place(w);
  const prepare = (sharedAt: number): void =>
    runJob(JOB.conv2dPrepare, chunks, [recordAt, wAt, sharedAt], exports.conv2dPrepareScratch(), shared);
  // Weights that stay where they are keep their prepared form from call to call.
  let sharedAt = scratch.holds(w) ? preparedWeights(w, record, shared, prepare) : 0;
  if (sharedAt === 0) {
    sharedAt = scratch.reserve(shared);
    prepare(sharedAt);
  }
  const out = scratch.output(y);
  const args = [recordAt, scratch.place(x), scratch.place(b), out, sharedAt, g.N];
  runJob(JOB.conv2d, Math.ceil(g.N / each.block), args, each.scratch, y.length);
  scratch.fetch(out, y);
}

/** dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
export function conv2dInputGrad(g: Conv2dGeometry, dy: FloatArray, w: FloatArray, dx: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const { record, shared, chunks, each } = sizesOf(inputGrad, g);
  const recordAt = placeRecord(record);
  const sharedAt = scratch.reserve(shared);
  const out = scratch.output(dx);
  const prepared = [recordAt, scratch.place(w), sharedAt];
  runJob(JOB.conv2dInputGradPrepare, chunks, prepared, exports.conv2dPrepareScratch(), shared);
  const args = [recordAt, scratch.place(dy), out, sharedAt, g.N];
  runJob(JOB.conv2dInputGrad, Math.ceil(g.N / each.block), args, each.scratch, dx.length);
  scratch.fetch(out, dx);
}

/** dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
export function conv2dWeightGrad(g: Conv2dGeometry, x: FloatArray, dy: FloatArray, dw: FloatArray): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const record = placeRecord(recordOf(g));
  const shared = scratch.reserve(exports.conv2dWeightGradShared(record));
  const size = dw.length;
  const count = Math.min(PARTS, g.N);
  const parts = scratch.reserve(size * count);
  const out = scratch.output(dw);
  exports.conv2dWeightGradPrepare(record, shared);
  const args = [record, scratch.place(x), scratch.place(dy), parts, g.N, count, size, shared];
  runJob(JOB.conv2dWeightGrad, count, args, exports.conv2dWeightGradScratch(record), dy.length);
  runJob(JOB.conv2dWeightGradFinish, Math.ceil(size / RUN), [size, parts, count, out], 0, size);
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

// What assembly/passes.ts says of a geometry: asked once, because the layers of a model bring the same ones again and again.
interface Sizes {
  readonly record: Int32Array;
  /** Numbers of the prepared weights, and the chunks in which they are prepared. */
  readonly shared: number;
  readonly chunks: number;
  /** Of one chunk of the pass: samples, and numbers of scratch. */
  readonly each: { readonly block: number; readonly scratch: number };
}

interface Pass {
  readonly names: readonly [shared: string, chunks: string, block: string, scratch: string];
  readonly sizes: WeakMap<Conv2dGeometry, Sizes>;
}

const passNamed = (name: string): Pass => ({
  names: [`${name}Shared`, `${name}PrepareChunks`, `${name}Block`, `${name}Scratch`],
  sizes: new WeakMap(),
});
const forward = passNamed("conv2d");
const inputGrad = passNamed("conv2dInputGrad");

function sizesOf({ names, sizes }: Pass, g: Conv2dGeometry): Sizes {
  let answer = sizes.get(g);
  if (answer === undefined || answer.record[DIRECT] !== Number(directSums.only)) {
    const { exports } = instance();
    const record = recordOf(g);
    const at = placeRecord(record);
    const [shared, chunks, block, each] = names.map((name) => exports[name](at));
    answer = { record, shared, chunks, each: { block, scratch: each } };
    sizes.set(g, answer);
  }
  return answer;
}

const DIRECT = 18;

function recordOf(g: Conv2dGeometry): Int32Array {
  const { N, C, H, W, O, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR, G, OH, OW } = g;
  const flag = Number(directSums.only);
  return Int32Array.of(N, C, H, W, O, KH, KW, SH, SW, DH, DW, PT, PB, PL, PR, G, OH, OW, flag);
}
