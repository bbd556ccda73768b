// Glue of the convolutions of assembly/conv2d/conv2d.ts, which says how large shared and scratch areas are.
import type { FloatArray } from "../../base/tensor.js";
import { isDirect } from "../convAlgorithm.js";
import type { Conv2dGeometry, Kernels } from "../kernels.js";
import * as assembly from "./assembly.generated.js";
import { instance } from "./runtime/instance.js";
import { job, perChunk, RUN } from "./runtime/jobs.js";
import { preparedWeights } from "./runtime/prepared.js";

/** At most so many partial sums of a weight gradient; they depend on the batch, never on the threads. */
const PARTS = 4;

export const conv2d = {
  /** y = correlate2d(x, w; stride S, dilation D, padding P) + b. */
  conv2d(g, x, w, b, y) {
    const { scratch } = instance();
    scratch.reset();
    const { wide, sizes, more } = planOf(forward, g);
    const xs = columns(x, g.N * g.C * g.H, g.W, more);
    const ys = more > 0 ? scratch.room((y.length / g.OW) * wide.OW) : y;
    const { algorithm, each } = sizes;
    const prepare = (shared: number): void =>
      job(assembly.conv2dPrepare, wide, [algorithm, w, shared], sizes.chunks, sizes.shared, sizes.prepareScratch);
    // Weights that stay where they are keep their prepared form from call to call.
    let shared = scratch.holds(w)
      ? preparedWeights(scratch.place(w), w.length, sizes.signature, sizes.shared, prepare)
      : 0;
    if (shared === 0) {
      shared = scratch.reserve(sizes.shared);
      prepare(shared);
    }
    const chunks = Math.ceil(g.N / each);
    job(assembly.conv2d, wide, [algorithm, each, xs, b, ys, shared], chunks, y.length, sizes.scratch);
    columns(ys, y.length / g.OW, wide.OW, -more, y);
  },

  /** dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
  conv2dInputGrad(g, dy, w, dx) {
    const { scratch } = instance();
    scratch.reset();
    const { wide, sizes, more } = planOf(inputGrad, g);
    const dys = columns(dy, g.N * g.O * g.OH, g.OW, more);
    const dxs = more > 0 ? scratch.room((dx.length / g.W) * wide.W) : dx;
    const { algorithm, each } = sizes;
    const shared = scratch.reserve(sizes.shared);
    const chunks = Math.ceil(g.N / each);
    job(
      assembly.conv2dInputGradPrepare,
      wide,
      [algorithm, w, shared],
      sizes.chunks,
      sizes.shared,
      sizes.prepareScratch,
    );
    job(assembly.conv2dInputGrad, wide, [algorithm, each, dys, dxs, shared], chunks, dx.length, sizes.scratch);
    columns(dxs, dx.length / g.W, wide.W, -more, dx);
  },

  /** dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
  conv2dWeightGrad(g, x, dy, dw) {
    const { scratch } = instance();
    scratch.reset();
    const { wide, sizes, more } = planOf(weightGrad, g);
    const [xs, dys] = [columns(x, g.N * g.C * g.H, g.W, more), columns(dy, g.N * g.O * g.OH, g.OW, more)];
    const { algorithm } = sizes;
    const shared = scratch.reserve(sizes.shared);
    const count = Math.min(PARTS, g.N);
    const n = dw.length;
    const parts = scratch.reserve(n * count);
    job(assembly.conv2dWeightGradPrepare, wide, [algorithm, null, shared], 1, 0);
    job(assembly.conv2dWeightGrad, wide, [algorithm, xs, dys, parts, count, shared], count, dy.length, sizes.scratch);
    job(assembly.conv2dWeightGradFinish, null, [RUN, n, parts, count, dw], Math.ceil(n / RUN), n);
  },
} satisfies Partial<Kernels>;

// Images of three columns. Winograd's kernels want rows of whole vectors of four numbers, so they get such images with
// a column of zeros behind, which adds nothing to a sum, and what is computed there for nobody is left out again. Kernels of 3x3
// with many channels only: what such a small image loses to rounding has few terms to stand beside. With two columns it does
// not pay.
const LEAST_COLUMNS = 4;
const LEAST_CHANNELS = 48;

interface Plan {
  /** The geometry that is computed. */
  readonly wide: Conv2dGeometry;
  readonly sizes: Sizes;
  /** Columns that it has more. */
  readonly more: number;
}

function planOf(pass: typeof forward, g: Conv2dGeometry): Plan {
  const sizes = sizesOf(pass, g);
  const more = LEAST_COLUMNS - Math.min(g.W, g.OW);
  if (more !== 1 || g.KW !== 3 || Math.min(g.C, g.O) < LEAST_CHANNELS * g.G) return { wide: g, sizes, more: 0 };
  let wide = pass.wider.get(g);
  if (wide === undefined) pass.wider.set(g, (wide = { ...g, W: g.W + more, OW: g.OW + more }));
  const wideSizes = sizesOf(pass, wide);
  return wideSizes.algorithm < ON_TILES ? { wide: g, sizes, more: 0 } : { wide, sizes: wideSizes, more };
}

/** Rows of an array with so many columns of zeros more, or less, in `to`; the array itself where there are none. */
function columns(from: FloatArray, planes: number, W: number, more: number, to?: FloatArray): FloatArray {
  if (more === 0) return from;
  const out = to ?? instance().scratch.room(planes * (W + more));
  const g = { planes, H: 1, W, PT: 0, PB: 0, PL: 0, PR: more, mode: "constant", value: 0 } as const;
  const each = perChunk(W);
  job(assembly.pad2d, g, [each, 0, from, out, 0], Math.ceil(planes / each), out.length);
  return out;
}

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

/** From this number on an algorithm works on tiles, see assembly/conv2d/conv2d.ts. */
const ON_TILES = 4;

// The passes, numbered as in assembly/conv2d/conv2d.ts.
const [forward, inputGrad, weightGrad] = [0, 1, 2].map((pass) => ({
  pass,
  known: new WeakMap<Conv2dGeometry, Sizes>(),
  wider: new WeakMap<Conv2dGeometry, Conv2dGeometry>(),
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
