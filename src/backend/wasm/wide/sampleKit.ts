// The kit's part of the sample of sampleBits.ts.
import { activation } from "../kit/activation.js";
import { norm } from "../kit/norm.js";
import { optimizer } from "../kit/optimizer.js";
import { adaptivePool, shuffle, unpool } from "../kit/planes.js";
import { prelu } from "../kit/prelu.js";
import { resample } from "../kit/resample2d.js";
import { draw, sample, type Sample } from "./sample.js";

const [N, C, P] = [3, 6, 49];
const n = N * C * P;

/** What all kernels of the kit give. */
export function kitSample(): Sample[] {
  return [norms, activations, planes, steps].flatMap((family) => family());
}

function norms(): Sample[] {
  const [x, dy, w, b] = [draw(n, 1), draw(n, 2), draw(C, 3), draw(C, 4)];
  // A statistic for each channel, for each of two groups of a sample, for each sample of one pixel.
  const kinds = [
    { N, C, P, groups: 0 },
    { N, C, P, groups: 2 },
    { N: n / C, C, P: 1, groups: 1 },
  ];
  return kinds.flatMap((kind) => {
    const g = { ...kind, eps: 1e-5, given: false };
    const S = g.groups === 0 ? C : g.N * g.groups;
    const [mean, variance] = [new Float32Array(S), new Float32Array(S)];
    const [dw, db] = [new Float32Array(C), new Float32Array(C)];
    return [
      sample("normalize", n, (y) => norm.normalize(g, x, mean, variance, w, b, y)),
      sample("normalizeGrads", n, (dx) => norm.normalizeGrads(g, x, mean, variance, w, dy, dx, dw, db)),
      { name: "normalizeGrads", bits: new Int32Array(dw.buffer) },
    ];
  });
}

function activations(): Sample[] {
  const [x, dy] = [draw(n, 1).map((value) => 4 * value), draw(n, 2)];
  const names = [
    "leakyRelu",
    "elu",
    "gelu",
    "geluTanh",
    "silu",
    "mish",
    "hardswish",
    "hardsigmoid",
    "softplus",
  ] as const;
  const axis = { outer: N, size: C, inner: P };
  const dw = new Float32Array(C);
  return [
    ...names.flatMap((f) => {
      const g = { f, a: 0.5, b: f === "softplus" ? 20 : 1 };
      return [
        sample(f, n, (y) => activation.kitActivation(g, x, y)),
        sample(f, n, (dx) => activation.kitActivationInputGrad(g, x, dy, dx)),
      ];
    }),
    sample("prelu", n, (y) => prelu.prelu(axis, x, draw(C, 3), y)),
    sample("preluGrads", n, (dx) => prelu.preluGrads(axis, x, draw(C, 3), dy, dx, dw)),
    { name: "preluGrads", bits: new Int32Array(dw.buffer) },
  ];
}

function planes(): Sample[] {
  const taps = (from: number, to: number): Parameters<typeof resample.resample2d>[1] => ({
    first: Int32Array.from({ length: to }, (_, i) => Math.min(i, from - 2)),
    offsets: Int32Array.from({ length: to + 1 }, (_, i) => 2 * i),
    weights: Float64Array.from({ length: 2 * to }, (_, i) => (i % 3) / 3),
  });
  const [larger, smaller] = [
    { planes: N * C, H: 7, W: 7, OH: 9, OW: 13 },
    { planes: N * C, H: 7, W: 7, OH: 3, OW: 4 },
  ];
  const [places, x] = [new Int32Array(N * C * 12), draw(n, 1)];
  const back = { planes: N * C, H: 3, W: 4, OH: 7, OW: 7 };
  const square = { planes: N * C, H: 7, W: 1, factor: 2 };
  const [wide, quarters] = [draw(N * C * 28, 2), draw(N * C * 12, 3)];
  return [
    sample("resample2d", N * C * 117, (y) => resample.resample2d(larger, taps(7, 9), taps(7, 13), x, y)),
    sample("adaptiveMaxPool2d", N * C * 12, (y) => adaptivePool.adaptiveMaxPool2d(smaller, x, y, places)),
    sample("maxUnpool2d", n, (y) => unpool.maxUnpool2d(back, places, quarters, y)),
    sample("maxUnpool2dInputGrad", N * C * 12, (dx) => unpool.maxUnpool2dInputGrad(back, places, x, dx)),
    sample("pixelShuffle", N * C * 28, (y) => shuffle.pixelShuffle(square, wide, y)),
    sample("pixelUnshuffle", N * C * 28, (y) => shuffle.pixelUnshuffle(square, wide, y)),
  ];
}

function steps(): Sample[] {
  const [dw, w, m] = [draw(n, 1), draw(n, 2), draw(n, 3)];
  const v = draw(n, 4).map((value) => value * value + 1);
  const g = { lr: 0.01, rho: 0.9, keep: 0.9, share: 0.1, eps: 1e-6, momentum: 0.9, weightDecay: 0.1 };
  const lion = { lr: 0.01, beta1: 0.9, beta2: 0.99, weightDecay: 0.1 };
  const from = (out: Float32Array): Float32Array => (out.set(w), out);
  return [
    sample("lion", n, (out) => optimizer.lion(lion, dw, from(out), m.slice())),
    sample("adadelta", n, (out) => optimizer.adadelta(g, dw, from(out), v.slice(), v.slice())),
    sample("rmsprop", n, (out) => optimizer.rmsprop(g, dw, from(out), v.slice(), m.slice(), m.slice())),
  ];
}
