// A sample of what the kernels compute, to compare two forms of them bit for bit. Every family is in it, with sizes that have
// whole vectors and a remainder. It says nothing of right or wrong.
import type { Conv2dGeometry } from "../../kernels.js";
import { activation } from "../activation.js";
import { conv2d } from "../conv2d.js";
import { crossEntropy } from "../crossEntropy.js";
import { elementwise } from "../elementwise.js";
import { matmul } from "../matmul.js";
import { optimizer } from "../optimizer.js";
import { pad2d } from "../pad2d.js";
import { pool2d } from "../pool2d.js";
import { reduce } from "../reduce.js";
import { softmax } from "../softmax.js";
import { draw, sample, type Sample } from "./sample.js";
import { kitSample } from "./sampleKit.js";

/** What all kernels of the sample give now. */
export function sampleBits(): Sample[] {
  return [convolutions, products, pools, pads, elements, rows, steps, kitSample].flatMap((family) => family());
}

function geometry(N: number, C: number, O: number, size: number, K: number, S: number, P: number): Conv2dGeometry {
  const out = Math.floor((size + 2 * P - K) / S) + 1;
  const ones = { DH: 1, DW: 1, G: 1, SH: S, SW: S };
  return { N, C, O, H: size, W: size, KH: K, KW: K, PT: P, PB: P, PL: P, PR: P, OH: out, OW: out, ...ones };
}

// Winograd's algorithm for 3x3 and 5x5, and direct sums, with a stride too.
function convolutions(): Sample[] {
  const all = [geometry(1, 33, 34, 12, 3, 1, 1), geometry(2, 17, 18, 14, 5, 1, 0), geometry(1, 1, 9, 15, 3, 1, 0)];
  return [...all, geometry(2, 6, 7, 15, 3, 2, 1)].flatMap((g) => {
    const [xs, ws, ys] = [g.N * g.C * g.H * g.W, g.O * g.C * g.KH * g.KW, g.N * g.O * g.OH * g.OW];
    const [x, w, b, dy] = [draw(xs, 1), draw(ws, 2), draw(g.O, 3), draw(ys, 4)];
    return [
      sample("conv2d", ys, (y) => conv2d.conv2d(g, x, w, b, y)),
      sample("conv2dInputGrad", xs, (dx) => conv2d.conv2dInputGrad(g, dy, w, dx)),
      sample("conv2dWeightGrad", ws, (dw) => conv2d.conv2dWeightGrad(g, x, dy, dw)),
    ];
  });
}

function products(): Sample[] {
  const sizes = [
    [5, 21, 19],
    [1, 37, 70],
    [37, 29, 75],
  ];
  return sizes.flatMap(([M, N, K]) =>
    [0, 1, 2, 3].map((kind) => {
      const g = { M, N, K, transA: kind > 1, transB: kind % 2 === 1 };
      return sample("matmul", M * N, (y) => matmul.matmul(g, draw(M * K, 1), draw(K * N, 2), draw(N, 3), y));
    }),
  );
}

function pools(): Sample[] {
  const one = { SH: 2, SW: 2, DH: 1, DW: 1, PT: 0, PL: 0 };
  const two = { ...one, planes: 5, H: 18, W: 18, KH: 2, KW: 2, OH: 9, OW: 9 };
  const three = { ...one, planes: 5, H: 19, W: 19, KH: 3, KW: 3, PT: 1, PL: 1, OH: 10, OW: 10 };
  return [two, three].flatMap((g) => {
    const [xs, ys] = [g.planes * g.H * g.W, g.planes * g.OH * g.OW];
    const [x, dy, average] = [draw(xs, 1), draw(ys, 2), { ...g, countIncludePad: true, divisor: 0 }];
    const places = new Int32Array(ys);
    return [
      sample("maxPool2d", ys, (y) => pool2d.maxPool2d(g, x, y, null)),
      sample("maxPool2d", ys, (y) => pool2d.maxPool2d(g, x, y, places)),
      { name: "maxPool2d", bits: places },
      sample("maxPool2dInputGrad", xs, (dx) => pool2d.maxPool2dInputGrad(g, places, dy, dx)),
      sample("avgPool2d", ys, (y) => pool2d.avgPool2d(average, x, y)),
      sample("avgPool2dInputGrad", xs, (dx) => pool2d.avgPool2dInputGrad(average, dy, dx)),
    ];
  });
}

function pads(): Sample[] {
  const g = { planes: 3, H: 11, W: 13, PT: 1, PB: 2, PL: 3, PR: 4, value: 0.5 };
  const [inside, all] = [3 * 11 * 13, 3 * 14 * 20];
  return (["constant", "reflect"] as const).flatMap((mode) => [
    sample("pad2d", all, (y) => pad2d.pad2d({ ...g, mode }, draw(inside, 1), y)),
    sample("pad2dInputGrad", inside, (dx) => pad2d.pad2dInputGrad({ ...g, mode }, draw(all, 2), dx)),
  ]);
}

function elements(): Sample[] {
  const n = 1003;
  const [x, dy] = [draw(n, 1).map((value) => 9 * value), draw(n, 2)];
  const g = { shape: [n], stridesA: [1], stridesB: [1] };
  const samples = (["relu", "sigmoid", "tanh"] as const).flatMap((f) => [
    sample(f, n, (y) => activation.activation({ f }, x, y)),
    sample(f, n, (dx) => activation.activationInputGrad({ f }, dy, x, dx)),
  ]);
  for (const name of ["add", "subtract", "multiply", "divide"] as const) {
    samples.push(sample(name, n, (y) => elementwise[name](g, x, dy, y)));
  }
  samples.push(sample("accumulate", n, (y) => elementwise.accumulate(x, y)));
  samples.push(sample("clamp", n, (y) => elementwise.clamp({ min: -2, max: 3 }, x, y)));
  const positive = x.map((value) => value * value + 0.5);
  for (const name of ["exp", "log", "sqrt"] as const) {
    samples.push(sample(name, n, (y) => elementwise[name](positive, y)));
  }
  return samples;
}

function rows(): Sample[] {
  const [g, axis] = [
    { rows: 7, cols: 143, correction: 1 },
    { outer: 7, size: 11, inner: 13 },
  ];
  const [x, dy] = [draw(1001, 1), draw(1001, 2)];
  const target = draw(1001, 3).map((value) => value * value);
  return [
    ...(["sum", "max", "min", "norm", "variance"] as const).map((name) =>
      sample(name, 7, (y) => reduce[name](g, x, y)),
    ),
    sample("channelSum", 11, (y) => reduce.channelSum(axis, x, y)),
    ...[axis, { ...axis, size: 143, inner: 1 }].flatMap((along) => [
      sample("softmax", 1001, (y) => softmax.softmax(along, x, y)),
      sample("softmaxInputGrad", 1001, (dx) => softmax.softmaxInputGrad(along, target, dy, dx)),
      sample("logSoftmax", 1001, (y) => softmax.logSoftmax(along, x, y)),
      sample("logSoftmaxInputGrad", 1001, (dx) => softmax.logSoftmaxInputGrad(along, target, dy, dx)),
      sample("crossEntropy", 7 * along.inner, (losses) => crossEntropy.crossEntropy(along, x, target, losses)),
      sample("crossEntropyInputGrad", 1001, (dx) => crossEntropy.crossEntropyInputGrad(along, x, target, dy, dx)),
    ]),
  ];
}

function steps(): Sample[] {
  const n = 501;
  const [dw, w, m] = [draw(n, 1), draw(n, 2), draw(n, 3)];
  const v = draw(n, 4).map((value) => value * value);
  const adam = { lr: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, decoupled: false };
  const sgd = { lr: 0.01, momentum: 0.9, dampening: 0, nesterov: true, weightDecay: 0.1, first: false };
  const bias = { bias1: 0.19, bias2: 0.02, gradientRate: 0 };
  const from = (out: Float32Array): Float32Array => (out.set(w), out);
  return [
    sample("adam", n, (out) => optimizer.adam({ ...adam, ...bias }, dw, from(out), m.slice(), v.slice(), null)),
    sample("sgd", n, (out) => optimizer.sgd(sgd, dw, from(out), m.slice())),
  ];
}
