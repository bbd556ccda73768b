// Glue of the convolutions of assembly/conv2d/conv2d.ts, which says how large shared and scratch areas are.
import { isDirect } from "../convAlgorithm.js";
import type { Conv2dGeometry, Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "./runtime/instance.js";
import { job, RUN } from "./runtime/jobs.js";
import { preparedWeights } from "./runtime/prepared.js";

/** At most so many partial sums of a weight gradient; they depend on the batch, never on the threads. */
const PARTS = 4;

export const conv2d = {
  /** y = correlate2d(x, w; stride S, dilation D, padding P) + b. */
  conv2d(g, x, w, b, y) {
    const { scratch } = instance();
    scratch.reset();
    const sizes = sizesOf(forward, g);
    const { algorithm, each } = sizes;
    const prepare = (shared: number): void =>
      job(assembly.conv2dPrepare, g, [algorithm, w, shared], sizes.chunks, sizes.shared, sizes.prepareScratch);
    // Weights that stay where they are keep their prepared form from call to call.
    let shared = scratch.holds(w)
      ? preparedWeights(scratch.place(w), w.length, sizes.signature, sizes.shared, prepare)
      : 0;
    if (shared === 0) {
      shared = scratch.reserve(sizes.shared);
      prepare(shared);
    }
    const chunks = Math.ceil(g.N / each);
    job(assembly.conv2d, g, [algorithm, each, x, b, y, shared], chunks, y.length, sizes.scratch);
  },

  /** dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
  conv2dInputGrad(g, dy, w, dx) {
    const { scratch } = instance();
    scratch.reset();
    const sizes = sizesOf(inputGrad, g);
    const { algorithm, each } = sizes;
    const shared = scratch.reserve(sizes.shared);
    const chunks = Math.ceil(g.N / each);
    job(assembly.conv2dInputGradPrepare, g, [algorithm, w, shared], sizes.chunks, sizes.shared, sizes.prepareScratch);
    job(assembly.conv2dInputGrad, g, [algorithm, each, dy, dx, shared], chunks, dx.length, sizes.scratch);
  },

  /** dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
  conv2dWeightGrad(g, x, dy, dw) {
    const { scratch } = instance();
    scratch.reset();
    const sizes = sizesOf(weightGrad, g);
    const { algorithm } = sizes;
    const shared = scratch.reserve(sizes.shared);
    const count = Math.min(PARTS, g.N);
    const n = dw.length;
    const parts = scratch.reserve(n * count);
    job(assembly.conv2dWeightGradPrepare, g, [algorithm, null, shared], 1, 0);
    job(assembly.conv2dWeightGrad, g, [algorithm, x, dy, parts, count, shared], count, dy.length, sizes.scratch);
    job(assembly.conv2dWeightGradFinish, null, [RUN, n, parts, count, dw], Math.ceil(n / RUN), n);
  },
} satisfies Partial<Kernels>;

// What assembly/conv2d/conv2d.ts says of a geometry: asked once, because the layers of a model bring the same ones again and
// again.
interface Sizes {
  readonly direct: boolean;
  /** These sizes, and all of the geometry but the batch: what the prepared weights depend on. */
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

// The passes, numbered as in assembly/conv2d/conv2d.ts.
const [forward, inputGrad, weightGrad] = [0, 1, 2].map((pass) => ({
  pass,
  known: new WeakMap<Conv2dGeometry, Sizes>(),
}));

function sizesOf({ pass, known }: typeof forward, g: Conv2dGeometry): Sizes {
  const direct = isDirect(g.algorithm);
  let answer = known.get(g);
  if (answer === undefined || answer.direct !== direct) {
    const sizes = new Int32Array(6 + 17);
    job(assembly.conv2dSizes, g, [pass, direct, sizes], 1, 0);
    const [prepareScratch, algorithm, shared, chunks, each, scratch] = sizes;
    answer = { direct, signature: sizes, algorithm, shared, chunks, prepareScratch, each, scratch };
    known.set(g, answer);
  }
  return answer;
}
