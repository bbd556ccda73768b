// `npm run bench:roofline`: each kernel beside what the machine allows, one thread, arrays in kernel memory. Products are
// held against the loop of a 4 x 8 tile (limits.ts), times what Winograd's algorithm saves; all else against copying as
// many bytes as the kernel reads and writes.
import { parseArgs } from "node:util";
import { STORAGE } from "../../src/backend/kernels.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { linearTaps, nearestTaps, transposed } from "../../src/ops/taps.js";
import { allKernels } from "../support/kernels.js";
import { squareGeometry } from "./geometry.js";
import { measureLimits } from "./limits.js";
import { quantile, timesOf } from "./models.js";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "0.5" } } });
const seconds = Number(values.seconds);
const kernels = allKernels(wasm);
const workspace = wasm[STORAGE]?.workspace({});
if (workspace === undefined) throw new Error("the wasm backend has no memory of its own");

const memory = (size: number): Float32Array => {
  const data = workspace.floats(size);
  for (let i = 0; i < size; i++) data[i] = ((i * 7919) % 1000) / 1000 - 0.5;
  return data;
};
const best = (call: () => void): number => quantile(timesOf(call, seconds), 0.25); // milliseconds
const line = (name: string, figure: string, limit: string, share: number): void =>
  console.log(
    `${name.padEnd(40)} ${figure.padStart(14)} ${limit.padStart(14)} ${(100 * share).toFixed(0).padStart(4)} %`,
  );

const limits = await measureLimits(seconds);
console.log(`Node ${process.version}; sums of products without a load ${limits.arithmetic.toFixed(1)} GFLOPS,`);
console.log(`in a tile ${limits.tile.toFixed(1)} GFLOPS; copying 0.1, 1, 20 MB ` +
  `${[0.1, 1, 20].map((size) => limits.copy(size).toFixed(0)).join(", ")} GB/s read and written\n`); // prettier-ignore

// [C, H, O, K, padding]; with `saves` (K + 3)^2 products do for a tile of 4 x 4 outputs and its K x K taps.
const CONVOLUTIONS = [
  [1, 28, 16, 3, 0, false],
  [16, 14, 32, 3, 0, true],
  [32, 14, 64, 3, 1, true],
  [64, 16, 128, 3, 1, true],
  [128, 16, 128, 3, 1, true],
  [3, 32, 64, 5, 0, false],
  [64, 14, 128, 5, 0, true],
] as const;
for (const [C, H, O, K, P, saves] of CONVOLUTIONS) {
  const N = 32;
  const g = squareGeometry(N, C, H, O, K, P);
  const { OH } = g;
  const [x, w, b, y] = [memory(N * C * H * H), memory(O * C * K * K), memory(O), memory(N * O * OH * OH)];
  const [dx, dw] = [memory(x.length), memory(w.length)];
  const flops = 2 * N * O * OH * OH * C * K * K;
  const tiles = Math.ceil(OH / 4) ** 2;
  const limit = limits.tile * (saves ? (OH * OH * K * K) / ((K + 3) ** 2 * tiles) : 1);
  const each = (name: string, call: () => void): void => {
    const rate = flops / 1e6 / best(call);
    line(`${name} ${C} -> ${O}, ${H}x${H}, ${K}x${K}`, `${rate.toFixed(1)} GFLOPS`, limit.toFixed(0), rate / limit);
  };
  each("conv2d y ", () => kernels.conv2d(g, x, w, b, y));
  each("conv2d dx", () => kernels.conv2dInputGrad(g, y, w, dx));
  each("conv2d dw", () => kernels.conv2dWeightGrad(g, x, y, dw));
}

for (const [name, M, N, K, transA, transB] of [
  ["linear y", 32, 32, 1568, false, true],
  ["linear dx", 32, 1568, 32, false, false],
  ["linear dw", 32, 1568, 32, true, false],
  ["matmul", 512, 512, 512, false, false],
] as const) {
  const [a, b, y] = [memory(M * K), memory(K * N), memory(M * N)];
  const rate = (2 * M * N * K) / 1e6 / best(() => kernels.matmul({ M, N, K, transA, transB }, a, b, null, y));
  line(`${name} [${M}, ${K}] [${K}, ${N}]`, `${rate.toFixed(1)} GFLOPS`, limits.tile.toFixed(0), rate / limits.tile);
}

// The sizes of lesson 4's network at batch 32.
const relu = { f: "relu" } as const;
const planes = 32 * 16;
const n = planes * 26 * 26;
const [a, b, y] = [memory(n), memory(n), memory(n)];
const against = (name: string, floats: number, call: () => void): void => {
  const rate = (4 * floats) / 1e6 / best(call);
  const limit = limits.copy((2 * floats) / 1e6);
  line(name, `${rate.toFixed(1)} GB/s`, limit.toFixed(0), rate / limit);
};
against("relu", 2 * n, () => kernels.activation(relu, a, y));
against("relu input gradient", 3 * n, () => kernels.activationInputGrad(relu, a, b, y));
const flat = { shape: [n], stridesA: [1], stridesB: [1] };
against("multiply (a dropout mask)", 3 * n, () => kernels.multiply(flat, a, b, y));
const pool = { planes, H: 26, W: 26, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, PT: 1, PL: 1, OH: 14, OW: 14 };
const out = planes * 14 * 14;
const places = memory(out);
const indices = new Int32Array(places.buffer, places.byteOffset, out);
against("max pooling 2x2, values only", n + out, () => kernels.maxPool2d(pool, a, y, null));
against("max pooling 2x2", n + 2 * out, () => kernels.maxPool2d(pool, a, y, indices));
against("max pooling input gradient", n + 2 * out, () => kernels.maxPool2dInputGrad(pool, indices, b, y));
const average = { ...pool, countIncludePad: true, divisor: 0 };
against("average pooling 2x2", n + out, () => kernels.avgPool2d(average, a, y));
against("average pooling input gradient", n + out, () => kernels.avgPool2dInputGrad(average, b, y));
const db = memory(16);
against("bias gradient", n, () => kernels.channelSum({ outer: 32, size: 16, inner: 676 }, a, db));
// A normalization looks at x twice, its gradients at x and dy; what a channel has may be in the cache at the second look.
const [mean1, variance1, w1] = [memory(16), memory(16), memory(16)];
const batch = { N: 32, C: 16, P: 676, groups: 0, eps: 1e-5, given: false };
const given = { ...batch, given: true };
const group = { ...batch, groups: 4 };
const [mean4, variance4] = [memory(128), memory(128)];
against("batch norm, training", 3 * n, () => kernels.normalize(batch, a, mean1, variance1, w1, db, y));
against("batch norm, given statistics", 2 * n, () => kernels.normalize(given, a, mean1, variance1, w1, db, y));
against("batch norm gradients", 5 * n, () => kernels.normalizeGrads(batch, a, mean1, variance1, w1, b, y, db, db));
against("group norm", 3 * n, () => kernels.normalize(group, a, mean4, variance4, w1, db, y));
against("group norm gradients", 5 * n, () => kernels.normalizeGrads(group, a, mean4, variance4, w1, b, y, db, db));
// Rows of 676 numbers, each with a weight of its own: a LayerNorm.
const rows = { N: n / 676, C: 676, P: 1, groups: 1, eps: 1e-5, given: false };
const [meanRows, varianceRows, wRow, dbRow] = [memory(n / 676), memory(n / 676), memory(676), memory(676)];
against("layer norm", 3 * n, () => kernels.normalize(rows, a, meanRows, varianceRows, wRow, dbRow, y));
against("layer norm gradients", 7 * n, () =>
  kernels.normalizeGrads(rows, a, meanRows, varianceRows, wRow, b, y, dbRow, dbRow),
);
// From planes of 13x13 to 26x26 and back; what is summed for a pixel are four of the smaller plane.
const up = { planes, H: 13, W: 13, OH: 26, OW: 26 };
const down = { planes, H: 26, W: 26, OH: 13, OW: 13 };
const quarter = n / 4;
const nearest = nearestTaps(13, 26, (i) => i / 2);
const linear = linearTaps(13, 26, (i) => (i + 0.5) / 2 - 0.5);
const back = transposed(linear, 13);
against("upsampling by nearest pixels", n + quarter, () => kernels.resample2d(up, nearest, nearest, b, y));
against("upsampling, bilinear", n + quarter, () => kernels.resample2d(up, linear, linear, b, y));
against("upsampling, bilinear, gradient", n + quarter, () => kernels.resample2d(down, back, back, a, y));
const some = { planes, H: 26, W: 26, OH: 7, OW: 7 };
against("adaptive max pooling 26x26 to 7x7", n, () => kernels.adaptiveMaxPool2d(some, a, y, indices));
const squares = { planes: planes / 4, H: 26, W: 26, factor: 2 };
against("pixel shuffle", 2 * n, () => kernels.pixelShuffle(squares, a, y));
against("pixel unshuffle", 2 * n, () => kernels.pixelUnshuffle(squares, a, y));
const corners = memory(quarter);
const cornerIndices = new Int32Array(corners.buffer, corners.byteOffset, quarter);
for (let i = 0; i < quarter; i++) cornerIndices[i] = 52 * Math.floor((i % 169) / 13) + 2 * (i % 13);
against("max unpooling 2x2", n + 2 * quarter, () => kernels.maxUnpool2d(up, cornerIndices, b, y));
against("max unpooling gradient", n + 2 * quarter, () => kernels.maxUnpool2dInputGrad(up, cornerIndices, a, y));
const weights = 55_338;
const [value, grad, mean, square] = [memory(weights), memory(weights), memory(weights), memory(weights).fill(1)];
const adam = {
  lr: 1e-9,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
  decoupled: false,
  bias1: 0.1,
  bias2: 0.001,
  gradientRate: 0,
};
against("Adam", 7 * weights, () => kernels.adam(adam, grad, value, mean, square, null));
const sgd = { lr: 1e-9, momentum: 0.9, dampening: 0, nesterov: false, weightDecay: 0, first: false };
const rmsprop = { lr: 1e-9, keep: 0.9, share: 0.1, eps: 1e-8, momentum: 0.9, weightDecay: 0 };
against("RMSprop with momentum", 7 * weights, () => kernels.rmsprop(rmsprop, grad, value, square, null, mean));
const adadelta = { lr: 1e-9, rho: 0.9, eps: 1e-6, weightDecay: 0 };
against("Adadelta", 7 * weights, () => kernels.adadelta(adadelta, grad, value, square, mean.fill(1)));
const lion = { lr: 1e-9, beta1: 0.9, beta2: 0.99, weightDecay: 0 };
against("Lion", 5 * weights, () => kernels.lion(lion, grad, value, mean));
against("SGD with momentum", 5 * weights, () => kernels.sgd(sgd, grad, value, mean));
