// Glue of the convolutions of assembly/conv2d/conv2d.ts, which says how large shared and scratch areas are. It exports the
// contract's kernels and nothing else.
import type { FloatArray as F } from "../../base/tensor.js";
import type { Conv2dGeometry } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { directSums } from "./directSums.js";
import { instance } from "./runtime/instance.js";
import { job, RUN } from "./runtime/jobs.js";
import { preparedWeights } from "./runtime/prepared.js";
import { numbersOf } from "./runtime/record.js";

/** At most so many partial sums of a weight gradient; they depend on the batch, never on the threads. */
const PARTS = 4;

/** y = correlate2d(x, w; stride S, dilation D, padding P) + b. */
export function conv2d(g: Conv2dGeometry, x: F, w: F, b: F | null, y: F): void {
  const { scratch } = instance();
  scratch.reset();
  const sizes = sizesOf(forward, g);
  const { algorithm, each } = sizes;
  const prepare = (shared: number): void =>
    job(assembly.conv2dPrepare, { ...g, algorithm, w, shared }, sizes.chunks, sizes.shared, sizes.prepareScratch);
  // Weights that stay where they are keep their prepared form from call to call.
  let shared = scratch.holds(w) ? preparedWeights(w, sizes.signature, sizes.shared, prepare) : 0;
  if (shared === 0) {
    shared = scratch.reserve(sizes.shared);
    prepare(shared);
  }
  job(assembly.conv2d, { ...g, algorithm, each, x, b, y, shared }, Math.ceil(g.N / each), y.length, sizes.scratch);
}

/** dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
export function conv2dInputGrad(g: Conv2dGeometry, dy: F, w: F, dx: F): void {
  const { scratch } = instance();
  scratch.reset();
  const sizes = sizesOf(inputGrad, g);
  const { algorithm, each } = sizes;
  const shared = scratch.reserve(sizes.shared);
  const prepared = { ...g, algorithm, w, shared };
  job(assembly.conv2dInputGradPrepare, prepared, sizes.chunks, sizes.shared, sizes.prepareScratch);
  const record = { ...g, algorithm, each, dy, dx, shared };
  job(assembly.conv2dInputGrad, record, Math.ceil(g.N / each), dx.length, sizes.scratch);
}

/** dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
export function conv2dWeightGrad(g: Conv2dGeometry, x: F, dy: F, dw: F): void {
  const { scratch } = instance();
  scratch.reset();
  const sizes = sizesOf(weightGrad, g);
  const { algorithm } = sizes;
  const shared = scratch.reserve(sizes.shared);
  const count = Math.min(PARTS, g.N);
  const n = dw.length;
  const parts = scratch.reserve(n * count);
  job(assembly.conv2dWeightGradPrepare, { ...g, algorithm, w: null, shared }, 1, 0);
  job(assembly.conv2dWeightGrad, { ...g, algorithm, x, dy, parts, count, shared }, count, dy.length, sizes.scratch);
  job(assembly.conv2dWeightGradFinish, { n, each: RUN, parts, count, dw }, Math.ceil(n / RUN), n);
}

// What assembly/conv2d/conv2d.ts says of a geometry: asked once, because the layers of a model bring the same ones again and
// again.
interface Sizes {
  readonly direct: boolean;
  /** All that the sizes and the prepared weights depend on. */
  readonly signature: Int32Array;
  readonly algorithm: number;
  /** What all chunks share: numbers, and in how many chunks and with how many numbers of scratch it is prepared. */
  readonly shared: number;
  readonly chunks: number;
  readonly prepareScratch: number;
  /** Of one chunk of the pass: samples, and numbers of scratch. */
  readonly each: number;
  readonly scratch: number;
}

const [forward, inputGrad, weightGrad] = [
  assembly.conv2dSizes,
  assembly.conv2dInputGradSizes,
  assembly.conv2dWeightGradSizes,
].map((kernel) => ({ kernel, known: new WeakMap<Conv2dGeometry, Sizes>() }));

function sizesOf({ kernel, known }: typeof forward, g: Conv2dGeometry): Sizes {
  const direct = directSums.only;
  let answer = known.get(g);
  if (answer === undefined || answer.direct !== direct) {
    const sizes = new Int32Array(6);
    const record = { ...g, direct, sizes };
    job(kernel, record, 1, 0);
    const [algorithm, shared, chunks, prepareScratch, each, scratch] = sizes;
    const signature = numbersOf(kernel, record);
    answer = { direct, signature, algorithm, shared, chunks, prepareScratch, each, scratch };
    known.set(g, answer);
  }
  return answer;
}
