// The operations of the library, their gradients and its random draws, also on numbers that are hard on arithmetic, each
// digested by itself: if two runtimes differ, the name of the case says where. Runs wherever train.mjs does.
import * as hg from "../../dist/index.js";
import { setThreads } from "../../dist/threads.js";
import { digestOf } from "./digest.mjs";

// Zeros of both signs, infinities, NaN, subnormal, tiny and huge numbers; ordinary ones stand between them.
const HARD = [0, -0, Infinity, -Infinity, NaN, 1e-45, -1e-40, 1.1754944e-38, 3.4028235e38, -3e38, 88.7, -103.9, 0.5];

const draw = (shape, seed = 1) => hg.randn(shape, { seed });

function hard(shape, seed) {
  const x = draw(shape, seed);
  for (let i = 0; i < x.size; i += 3) x.data[i] = HARD[(i / 3) % HARD.length];
  for (let i = 1; i < x.size; i += 3) x.data[i] *= 30;
  return x;
}

// [shape of x, shape of w, options]: Winograd's and direct kernels, remainders in every direction, all ways to pad.
const CONVOLUTIONS = [
  [[8, 16, 28, 28], [32, 16, 3, 3], { padding: 1 }],
  [[5, 12, 17, 19], [20, 12, 5, 5], { padding: 2 }],
  [[3, 6, 23, 21], [10, 3, 3, 2], { stride: [2, 3], padding: [2, 1], groups: 2 }],
  [[2, 5, 19, 18], [7, 5, 3, 3], { dilation: [2, 3], padding: "same", paddingMode: "reflect" }],
  [[4, 9, 13, 11], [9, 1, 3, 3], { padding: [0, 1, 2, 3], paddingMode: "circular", groups: 9 }],
  [[33, 31, 7, 7], [29, 31, 1, 1], {}],
  [[2, 3, 16, 16], [4, 3, 7, 7], { stride: 2, padding: 3, paddingMode: "replicate" }],
];

function convolution([xShape, wShape, options], x = draw(xShape, 21)) {
  const [w, b] = [draw(wShape, 22), draw([wShape[0]], 23)];
  const y = hg.conv2d(x, w, b, options);
  const dy = draw(y.shape, 24);
  const dx = hg.conv2dInputGrad(dy, w, xShape, options);
  return [y, dx, hg.conv2dWeightGrad(x, dy, wShape, options), hg.conv2dBiasGrad(dy)];
}

const POOLS = [[2, {}], [[3, 2], { stride: [2, 1], padding: 1, ceilMode: true }], [3, { stride: 1 }]]; // prettier-ignore

function pooling(x, size, options) {
  const { y, indices } = hg.maxPool2d(x, size, options);
  const mean = hg.avgPool2d(x, size, options);
  const dy = draw(y.shape, 31);
  const dx = hg.maxPool2dInputGrad(dy, indices, x.shape, size, options);
  return [y, indices, dx, mean, hg.avgPool2dInputGrad(dy, x.shape, size, options)];
}

function optimized(make) {
  const parameter = new hg.Parameter(draw([20011], 41));
  const optimizer = make([parameter]);
  for (let step = 0; step < 5; step++) {
    optimizer.zeroGrad();
    parameter.accumulate(draw([20011], 42 + step));
    optimizer.step();
  }
  return parameter.value;
}

const CASES = {
  arithmetic() {
    const [a, b, row] = [hard([20011], 1), hard([20011], 2), draw([7])];
    const ops = [hg.add, hg.subtract, hg.multiply, hg.divide];
    return ops.flatMap((op) => [op(a, b), op(draw([3, 5, 7]), row), op(2, row)]);
  },
  "exp, log, sqrt, clamp"() {
    const x = hard([20011], 3);
    return [hg.exp(x), hg.log(x), hg.sqrt(x), hg.clamp(x, -0.5, 2)];
  },
  activations() {
    const [x, dy] = [hard([20011], 4), hard([20011], 5)];
    return ["relu", "sigmoid", "tanh"].flatMap((name) => {
      const y = hg[name](x);
      return [y, hg[`${name}InputGrad`](y, dy), hg[`${name}Derivative`](x)];
    });
  },
  reductions() {
    const [x, wild] = [draw([6, 37, 53]), hard([4096], 6)];
    const ops = [hg.sum, hg.mean, hg.variance, hg.max, hg.min];
    return ops.flatMap((op) => [op(x), op(x, { dim: 1 }), op(x, { dim: 2 }), op(wild)]);
  },
  "matmul and linear"() {
    const [x, w, b, dy] = [draw([45, 130]), draw([67, 130], 2), draw([67], 3), draw([45, 67], 4)];
    const products = [hg.matmul(draw([3, 33, 65]), draw([65, 41], 2)), hg.matmul(draw([1, 513]), draw([513, 1], 2))];
    products.push(hg.matmul(draw([131, 300]), draw([300, 261], 2))); // large enough to be packed
    const gradients = [hg.linearInputGrad(dy, w), hg.linearWeightGrad(x, dy), hg.linearBiasGrad(dy)];
    return [...products, hg.linear(x, w, b), hg.linear(draw([1, 130]), w, b), ...gradients];
  },
  "predictions one at a time"() {
    hg.manualSeed(12);
    const layers = [new hg.Conv2d(3, 16, 3, { padding: 1 }), new hg.ReLU(), new hg.MaxPool2d(2), new hg.AvgPool2d(2)];
    const model = new hg.Sequential(...layers, new hg.Flatten(), new hg.Linear(784, 10));
    return [1, 2, 3].map((seed) => model.predict(draw([1, 3, 28, 28], seed)));
  },
  convolution: () => CONVOLUTIONS.flatMap((settings) => convolution(settings)),
  "convolution of hard numbers"() {
    const shape = [2, 4, 12, 12];
    return [{}, { padding: 1, stride: 2 }].flatMap((options) =>
      convolution([shape, [6, 4, 3, 3], options], hard(shape, 7)),
    );
  },
  pooling() {
    const images = [draw([5, 7, 29, 31]), hard([4, 3, 28, 28], 8)];
    return images.flatMap((x) => POOLS.flatMap(([size, options]) => pooling(x, size, options)));
  },
  softmax() {
    const [x, dy, wild] = [draw([9, 33, 21]), draw([9, 33, 21], 2), hard([30, 40], 9)];
    return [0, 1, 2].flatMap((dim) => {
      const [y, z] = [hg.softmax(x, dim), hg.logSoftmax(x, dim)];
      const gradients = [hg.softmaxInputGrad(y, dy, dim), hg.logSoftmaxInputGrad(z, dy, dim)];
      return [y, z, ...gradients, hg.softmax(wild, dim % 2), hg.logSoftmax(wild, dim % 2)];
    });
  },
  "cross-entropy"() {
    const logits = draw([16, 11, 4, 3]);
    const labels = Int32Array.from({ length: 192 }, (_, i) => (i * 7) % 11);
    const weight = hg.rand([11], { seed: 2 });
    return [{}, { weight, labelSmoothing: 0.1 }, { ignoreIndex: 3, reduction: "sum" }].flatMap((options) => {
      const loss = new hg.CrossEntropy(options);
      return [loss.forward(logits, labels), loss.backward()];
    });
  },
  optimizers: () => [
    optimized((list) => new hg.SGD(list, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 })),
    optimized((list) => new hg.Adam(list, { lr: 0.1, weightDecay: 0.01 })),
  ],
  "initial weights"() {
    hg.manualSeed(11);
    const rules = [hg.kaimingNormal(), hg.kaimingUniform(), hg.glorotNormal(), hg.glorotUniform()];
    rules.push(hg.torchDefault([24, 8, 3, 3]), hg.normalInit(1, 2), hg.uniformInit(-1, 3));
    return rules.map((rule) => new hg.Parameter([24, 8, 3, 3], rule).value);
  },
  "random draws"() {
    const generator = new hg.Generator("draw", { seed: 2 ** 40 + 1 });
    const whole = Float64Array.from({ length: 1000 }, (_, i) => generator.integer(3 + i * 4194303));
    const normal = Float64Array.from({ length: 1000 }, () => hg.normal(generator));
    return [whole, normal, generator.permutation(1000), hg.rand([4097], { seed: 5 }), draw([4097], 6)];
  },
  signals() {
    const [x, w, image, kernel] = [draw([41]), draw([6], 2), draw([19, 23]), draw([4, 3], 2)];
    return ["valid", "same", "full"].flatMap((mode) => [
      ...[hg.correlate1d(x, w, { mode }), hg.convolve1d(x, w, { mode })],
      ...[hg.correlate2d(image, kernel, { mode }), hg.convolve2d(image, kernel, { mode })],
    ]);
  },
  text() {
    const model = new hg.Sequential(new hg.Conv2d(3, 64, 3), new hg.Flatten(), new hg.Linear(57600, 1000));
    return [String(draw([3, 4])), String(hard([30], 10)), String(model.summary([3, 32, 32]))];
  },
};

/** The digest of each case, on the active backend with that many threads. */
export async function operations({ threads = 1 } = {}) {
  await setThreads(threads);
  const digests = {};
  for (const [name, run] of Object.entries(CASES)) digests[name] = await digestOf(...run());
  return digests;
}
