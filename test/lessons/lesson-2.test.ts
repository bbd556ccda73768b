// Lesson 2: from 1-D convolution to a trained classifier. Titles are the lesson's statements.
import { describe, expect, it, vi } from "vitest";
import { readDigits } from "../../examples/support/mnistData.js";
import { rand, zeros } from "../../src/ops/create.js";
import { batches } from "../../src/data/batches.js";
import { zerosInit } from "../../src/init/constant.js";
import { glorotUniform } from "../../src/init/glorot.js";
import { CrossEntropy } from "../../src/loss/crossEntropy.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Dropout } from "../../src/nn/dropout/dropout.js";
import { Flatten } from "../../src/nn/shape/flatten.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { relu, reluDerivative, sigmoid, sigmoidDerivative, tanh, tanhDerivative } from "../../src/ops/activation.js";
import { add } from "../../src/ops/arithmetic.js";
import { nhwcToNchw } from "../../src/ops/layout.js";
import { max, min } from "../../src/ops/reduce.js";
import { Adam } from "../../src/optim/adam.js";
import type { Optimizer } from "../../src/optim/optimizer.js";
import { SGD } from "../../src/optim/sgd.js";
import { manualSeed } from "../../src/numbers/random.js";
import { convolve1d } from "../../src/signals/convolve1d.js";
import { correlate1d } from "../../src/signals/correlate1d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { maxPool2dTrace } from "../../src/signals/trace.js";
import { Tensor } from "../../src/base/tensor.js";
import { accuracy } from "../../src/metrics/accuracy.js";

// The examples' support files import "handgrad". Here that is src: one Tensor class, and nothing to build. The casts
// are for the types, which still come from the built package.
vi.mock("handgrad", () => import("../../src/index.js"));
vi.mock("handgrad/data", () => import("../../src/entries/data.js"));

describe("one dimension: x = [2,8,3,7,1,2,0,4,5], w = [2,1,5,3]", () => {
  const x = [2, 8, 3, 7, 1, 2, 0, 4, 5];
  const w = [2, 1, 5, 3];

  it("convolution flips the kernel: valid [63,48,49,28,21,20]", () => {
    expect(convolve1d(x, w).toArray()).toEqual([63, 48, 49, 28, 21, 20]);
    expect(convolve1d(x, w, { mode: "valid" }).toArray()).toEqual([63, 48, 49, 28, 21, 20]);
    expect(correlate1d(x, [...w].reverse()).toArray()).toEqual([63, 48, 49, 28, 21, 20]);
  });

  it("convolution, same: [18,24,63,48,49,28,21,20,25]", () => {
    expect(convolve1d(x, w, { mode: "same" }).toArray()).toEqual([18, 24, 63, 48, 49, 28, 21, 20, 25]);
  });

  it("cross-correlation does not flip: valid [48,57,24,25,16,39]", () => {
    expect(correlate1d(x, w).toArray()).toEqual([48, 57, 24, 25, 16, 39]);
    expect(correlate1d(x, w, { mode: "valid" }).toArray()).toEqual([48, 57, 24, 25, 16, 39]);
  });

  it("cross-correlation, full: [6,34,51,48,57,24,25,16,39,29,13,10]", () => {
    const full = [6, 34, 51, 48, 57, 24, 25, 16, 39, 29, 13, 10];
    expect(correlate1d(x, w, { mode: "full" }).toArray()).toEqual(full);
  });

  it("cross-correlation, same: [34,51,48,57,24,25,16,39,29]", () => {
    expect(correlate1d(x, w, { mode: "same" }).toArray()).toEqual([34, 51, 48, 57, 24, 25, 16, 39, 29]);
  });

  it("for an even kernel 'same' of correlate1d puts floor(K/2) of the K-1 zeros before", () => {
    const [first] = correlate1d(x, w, { mode: "same", trace: true });
    expect(first.start).toBe(-2);
    expect(first.window).toEqual([0, 0, 2, 8]);
  });

  it("by the rule of correlate2d and Conv2d, floor((K-1)/2) before, it would be [51,48,57,24,25,16,39,29,13]", () => {
    const expected = [51, 48, 57, 24, 25, 16, 39, 29, 13];
    expect(correlate2d([x], [w], { mode: "same" }).toArray()).toEqual([expected]);
    const [first] = correlate2d([x], [w], { mode: "same", trace: true });
    expect([first.top, first.left]).toEqual([0, -1]);

    const conv = new Conv2d(1, 1, [1, 4], { padding: "same", bias: false });
    conv.weight.value.data.set(w);
    expect(conv.predict(new Tensor(x, [1, 1, 1, 9])).toArray()).toEqual([[[expected]]]);
  });
});

describe("two dimensions: [[1,2,3],[4,5,6],[7,8,9]] correlated with [[2,0],[0,0]]", () => {
  const image = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]; // prettier-ignore
  const kernel = [[2, 0], [0, 0]]; // prettier-ignore
  const valid = [[2, 4], [8, 10]]; // prettier-ignore
  const same = [[2, 4, 6], [8, 10, 12], [14, 16, 18]]; // prettier-ignore

  it("valid: [[2,4],[8,10]]", () => {
    expect(correlate2d(image, kernel).toArray()).toEqual(valid);
  });

  it("same: [[2,4,6],[8,10,12],[14,16,18]]", () => {
    expect(correlate2d(image, kernel, { mode: "same" }).toArray()).toEqual(same);
  });

  it("Conv2d gives the same numbers", () => {
    for (const [padding, expected] of [
      ["valid", valid],
      ["same", same],
    ] as const) {
      // prettier-ignore
      const conv = new Conv2d(1, 1, 2, { padding, bias: false });
      conv.weight.value.data.set(kernel.flat());
      expect(conv.predict(new Tensor([[image]])).toArray()).toEqual([[expected]]);
    }
  });
});

it("the output size is floor((input - kernel) / stride) + 1", () => {
  for (const input of [3, 4, 7, 10]) {
    for (const kernel of [1, 2, 3]) {
      for (const stride of [1, 2, 3, 4]) {
        const size = Math.floor((input - kernel) / stride) + 1;
        const conv = new Conv2d(1, 1, kernel, { stride });
        expect(conv.outputShape([1, 1, input, input])).toEqual([1, 1, size, size]);
        expect(conv.forward(zeros([1, 1, input, input])).shape).toEqual([1, 1, size, size]);
        expect(correlate1d(zeros([input]), zeros([kernel]), { stride }).shape).toEqual([size]);
      }
    }
  }
});

describe("four dimensions: a 1x5x5x3 (NHWC) image and 3x3x3x2 (H, W, in, out) weights", () => {
  const image = new Tensor([
    [
      [[1, 0, 1], [1, 1, 1], [1, 1, 1], [0, 0, 1], [0, 1, 0]],
      [[0, 0, 1], [1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 0, 0]],
      [[0, 0, 0], [0, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
      [[0, 0, 0], [0, 0, 1], [1, 1, 1], [1, 1, 1], [0, 1, 0]],
      [[0, 1, 0], [1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]],
    ],
  ]); // prettier-ignore
  const weights = new Tensor([
    [[[1, 1], [0, 1], [-1, -1]], [[0, 0], [-1, 0], [0, 0]], [[1, 1], [0, 1], [0, 0]]],
    [[[0, 0], [-1, 0], [0, 0]], [[1, 1], [1, 1], [1, 1]], [[0, 0], [-1, 0], [0, 0]]],
    [[[1, 1], [1, 1], [0, 0]], [[0, 0], [-1, 0], [0, 0]], [[1, 1], [0, 1], [-1, -1]]],
  ]); // prettier-ignore
  const maps = [[[3, -1, 3], [-2, 0, 2], [1, 3, 4]], [[7, 5, 7], [2, 6, 7], [5, 7, 8]]]; // prettier-ignore
  const x = nhwcToNchw(image); // [1, 3, 5, 5]
  const w = weights.permute([3, 2, 0, 1]); // [2, 3, 3, 3]: out, in, height, width

  it("a 5x5 RGB image is (1, 5, 5, 3): image shape before channel count", () => {
    expect(image.shape).toEqual([1, 5, 5, 3]);
    expect(weights.shape).toEqual([3, 3, 3, 2]);
    expect(x.shape).toEqual([1, 3, 5, 5]);
    expect(w.shape).toEqual([2, 3, 3, 3]);
  });

  it("the axes are permuted to look at one channel at a time", () => {
    // prettier-ignore
    const red = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]];
    expect(x.slice(0, 0).toArray()).toEqual(red);
    expect(w.slice(0, 0).toArray()).toEqual([[1, 0, 1], [0, 1, 0], [1, 0, 1]]); // prettier-ignore
    // Each map is the sum over the channels of one two-dimensional correlation.
    for (const o of [0, 1]) {
      const [r, g, b] = [0, 1, 2].map((c) => correlate2d(x.slice(0, c), w.slice(o, c)));
      expect(add(add(r, g), b).toArray()).toEqual(maps[o]);
    }
  });

  it("valid cross-correlation gives the maps [[3,-1,3],[-2,0,2],[1,3,4]] and [[7,5,7],[2,6,7],[5,7,8]]", () => {
    const conv = new Conv2d(3, 2, 3, { bias: false });
    conv.weight.value = w;
    expect(conv.forward(x).toArray()).toEqual([maps]);
  });
});

it("max pooling of [[4,3],[2,1]] with a 2x2 window, stride 1, gives 4", () => {
  const image = [[4, 3], [2, 1]]; // prettier-ignore
  expect(new MaxPool2d(2, { stride: 1 }).forward(new Tensor([[image]])).toArray()).toEqual([[[[4]]]]);
  const steps = [...maxPool2dTrace(image, { kernelSize: 2, stride: 1 })];
  expect(steps).toMatchObject([{ window: image, maximum: 4, place: [0, 0] }]);
});

describe("activations", () => {
  const tails = new Tensor([-30, -12, 12, 30]);

  it("the sigmoid flattens out at the tails: from 0 to 1, its derivative goes to 0", () => {
    expect(sigmoid(new Tensor([0])).item()).toBe(0.5);
    expect(sigmoidDerivative(new Tensor([0])).item()).toBe(0.25);
    const [low, nearLow, nearHigh, high] = sigmoid(tails).data;
    expect(low).toBeLessThan(1e-12);
    expect(nearLow).toBeLessThan(1e-5);
    expect(nearHigh).toBeGreaterThan(1 - 1e-5);
    expect(high).toBe(1);
    expectSlopes(sigmoidDerivative(tails).data);
  });

  it("tanh flattens out at the tails: from -1 to 1, its derivative goes to 0", () => {
    expect(tanh(new Tensor([0])).item()).toBe(0);
    expect(tanhDerivative(new Tensor([0])).item()).toBe(1);
    const [low, nearLow, nearHigh, high] = tanh(tails).data;
    expect([low, high]).toEqual([-1, 1]);
    expect(nearLow).toBeLessThan(-1 + 1e-5);
    expect(nearHigh).toBeGreaterThan(1 - 1e-5);
    expectSlopes(tanhDerivative(tails).data);
  });

  it("ReLU does not: its derivative is 1 for every positive number, and 0 from 0 downwards", () => {
    expect(relu(tails).toArray()).toEqual([0, 0, 12, 30]);
    expect(reluDerivative(tails).toArray()).toEqual([0, 0, 1, 1]);
    expect(reluDerivative(new Tensor([0])).item()).toBe(0);
  });

  function expectSlopes(slopes: ArrayLike<number>): void {
    for (const i of [0, 3]) expect(slopes[i]).toBeLessThan(1e-12);
    for (const i of [1, 2]) expect(slopes[i]).toBeLessThan(1e-5);
    for (const slope of Array.from(slopes)) expect(slope).toBeGreaterThanOrEqual(0);
  }
});

describe("the classifier on 28x28 images", () => {
  const SIZE = 128;

  function build(...beforeLast: Dropout[]): Sequential {
    const model = new Sequential(
      ...[new Conv2d(1, 10, 3, { padding: "same" }), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(10 * 14 * 14, 100), new ReLU(), ...beforeLast, new Linear(100, 10)],
    );
    for (const [name, parameter] of model.namedParameters()) {
      parameter.initialize(name.endsWith("weight") ? glorotUniform() : zerosInit());
    }
    return model;
  }

  /** Training and validation digits: the first 400 of MNIST's test part, and the 200 after them. */
  async function digits(): Promise<Record<"training" | "validation", { images: Tensor; labels: Int32Array }>> {
    const { test } = await readDigits();
    const images = test.images as unknown as Tensor;
    return {
      training: { images: images.slice([0, 400]), labels: test.labels.subarray(0, 400) },
      validation: { images: images.slice([400, 600]), labels: test.labels.subarray(400, 600) },
    };
  }

  interface History {
    readonly loss: number[];
    readonly validationLoss: number[];
    readonly validationAccuracy: number[];
  }

  async function fit(model: Sequential, optimizer: Optimizer, epochs: number): Promise<History> {
    const { training, validation } = await digits();
    const data = batches(training.images, training.labels, { size: SIZE, shuffle: true, dropLast: true });
    const loss = new CrossEntropy();
    const history: History = { loss: [], validationLoss: [], validationAccuracy: [] };
    for (let epoch = 0; epoch < epochs; epoch++) {
      const losses: number[] = [];
      for (const [x, labels] of data) {
        losses.push(loss.forward(model.forward(x), labels));
        optimizer.zeroGrad();
        model.backward(loss.backward(), { inputGrad: false });
        optimizer.step();
      }
      expect(losses).toHaveLength(3); // 384 of the 400
      history.loss.push(losses.reduce((a, b) => a + b) / losses.length);
      const logits = model.predict(validation.images);
      history.validationLoss.push(new CrossEntropy().forward(logits, validation.labels));
      history.validationAccuracy.push(accuracy(logits, validation.labels));
    }
    return history;
  }

  it("has 197,210 parameters: 100 + 196,100 + 1,010", () => {
    const summary = build().summary([1, 28, 28]);
    expect(summary.totalParameters).toBe(197210);
    expect(summary.rows.map(({ parameters }) => parameters)).toEqual([100, 0, 0, 0, 196100, 0, 1010]);
    const shapes = summary.rows.map(({ outputShape }) => outputShape);
    expect(shapes).toEqual([[10, 28, 28], [10, 28, 28], [10, 14, 14], [1960], [100], [100], [10]]);
  });

  it("starts from Glorot-uniform weights, within sqrt(6 / (fanIn + fanOut)), and zero biases", () => {
    manualSeed(3);
    const bounds = { "0": Math.sqrt(6 / (9 + 90)), "4": Math.sqrt(6 / (1960 + 100)), "6": Math.sqrt(6 / (100 + 10)) };
    const state = build().stateDict();
    for (const [layer, bound] of Object.entries(bounds)) {
      const weight = state[`${layer}.weight`];
      const low = min(weight).item();
      const high = max(weight).item();
      expect(low).toBeGreaterThanOrEqual(Math.fround(-bound));
      expect(low).toBeLessThan(-0.9 * bound);
      expect(high).toBeLessThanOrEqual(Math.fround(bound));
      expect(high).toBeGreaterThan(0.9 * bound);
      expect(new Set(state[`${layer}.bias`].data)).toEqual(new Set([0]));
    }
  });

  it("batches of 128: a fresh shuffle each epoch, the last partial batch dropped", () => {
    const labels = Int32Array.from({ length: 300 }, (_, i) => i);
    const data = batches(rand([300, 1, 2, 2], { seed: 1 }), labels, { size: SIZE, shuffle: true, dropLast: true });
    expect(data.length).toBe(2);
    const epochs = [0, 1].map(() => Array.from(data, ([x, y]) => {
      expect(x.shape).toEqual([SIZE, 1, 2, 2]);
      return Array.from(y);
    }).flat()); // prettier-ignore
    for (const order of epochs) expect(new Set(order).size).toBe(2 * SIZE);
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it("learns by SGD at 0.01 in 20 epochs: training loss (mean over batches) and validation loss fall each epoch", async () => {
    manualSeed(1);
    const model = build();
    const { loss, validationLoss } = await fit(model, new SGD(model.parameters(), { lr: 0.01 }), 20);
    for (const values of [loss, validationLoss]) {
      expect(values).toHaveLength(20);
      expect(values[0]).toBeLessThan(2.6);
      values.slice(1).forEach((value, i) => expect(value).toBeLessThan(values[i]));
    }
  });

  it("offers predict (arg-max) and score (accuracy)", async () => {
    manualSeed(1);
    const { validation } = await digits();
    const logits = build().predict(validation.images);
    const predictions = logits.argmax(1);
    expect(predictions).toHaveLength(200);
    const right = predictions.filter((prediction, i) => prediction === validation.labels[i]).length;
    expect(accuracy(logits, validation.labels)).toBe(right / 200);
  });

  it("learns with Adam, accuracy, a validation set and Dropout(0.5) before the last layer", async () => {
    manualSeed(2);
    const model = build(new Dropout(0.5));
    const summary = String(model.summary([1, 28, 28]));
    expect(summary).toContain("Dropout-6");
    expect(summary).toContain("Total params: 197,210");
    const history = await fit(model, new Adam(model.parameters(), { lr: 1e-3 }), 6);
    history.loss.slice(1).forEach((value, i) => expect(value).toBeLessThan(history.loss[i]));
    expect(history.validationLoss.at(-1)).toBeLessThan(history.validationLoss[0]);
    expect(history.validationAccuracy.at(-1)).toBeGreaterThan(0.6);
  });
});
