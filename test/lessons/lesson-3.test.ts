// Lesson 3: counting parameters, and a network built from a list. Titles are the lesson's statements.
import { describe, expect, it, vi } from "vitest";
import { alexnet, lenet5, lesson3, resnet18, vgg16, type Lesson3Options } from "../../src/entries/models.js";
import { NORM_NETWORKS } from "../support/lessons.js";
import { readDigits } from "../../examples/support/mnistData.js";
import { rand, zeros } from "../../src/ops/create.js";
import { kaimingNormal } from "../../src/init/kaiming.js";
import { CrossEntropy } from "../../src/loss/crossEntropy.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import type { Sequential } from "../../src/nn/container/sequential.js";
import { pad } from "../../src/ops/pad.js";
import { mean, variance } from "../../src/ops/reduce.js";
import { Adam } from "../../src/optim/adam.js";
import { manualSeed } from "../../src/numbers/random.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import type { Tensor } from "../../src/base/tensor.js";
import { expectClose, sumBound } from "../support/close.js";

// The examples' support files import "handgrad". Here that is src: one Tensor class, and nothing to build. The casts
// are for the types, which still come from the built package.
vi.mock("handgrad", () => import("../../src/index.js"));
vi.mock("handgrad/data", () => import("../../src/entries/data.js"));

describe("convolution", () => {
  it("is translation-invariant: what moves in the image moves alike in the feature map", () => {
    const conv = new Conv2d(1, 4, 3, { padding: 1 });
    const patch = rand([1, 1, 4, 4], { seed: 1 });
    const at = (top: number, left: number): Tensor =>
      conv.predict(pad(patch, [[0, 0], [0, 0], [top, 8 - top], [left, 8 - left]])); // prettier-ignore
    const around = (y: Tensor, top: number, left: number): Tensor =>
      y.slice(null, null, [top - 1, top + 5], [left - 1, left + 5]);
    expectClose(around(at(5, 6), 5, 6).data, around(at(2, 1), 2, 1).data, sumBound(10, 10)); // no term is above 1
  });

  it("is local: one pixel changes only the 3x3 outputs around it", () => {
    manualSeed(1);
    const conv = new Conv2d(1, 1, 3, { padding: 1 });
    const image = rand([1, 1, 9, 9], { seed: 2 });
    const before = conv.predict(image);
    image.data[4 * 9 + 5] += 1; // row 4, column 5
    const after = conv.predict(image);
    const changed = [...before.data.keys()].filter((i) => Math.abs(before.data[i] - after.data[i]) > sumBound(10, 10));
    expect(changed).toEqual([3, 4, 5].flatMap((row) => [4, 5, 6].map((column) => row * 9 + column)));
  });

  it("what is called convolution is cross-correlation: Conv2d equals correlate2d, not convolve2d", () => {
    const conv = new Conv2d(1, 1, 3, { bias: false });
    const image = rand([6, 5], { seed: 3 });
    const w = conv.weight.value.reshape([3, 3]);
    const flipped = w.like();
    flipped.data.set(w.data.slice().reverse());
    const y = conv.predict(image.reshape([1, 1, 6, 5]));
    expect(y.data).toEqual(correlate2d(image, w).data);
    expect(y.data).toEqual(convolve2d(image, flipped).data);
    expect(y.data).not.toEqual(convolve2d(image, w).data);
  });

  it("its backward pass is again a convolution: dw correlates x with dy, dx convolves dy with w", () => {
    const conv = new Conv2d(1, 1, [2, 3], { bias: false });
    const x = rand([6, 5], { seed: 4 });
    const dy = rand([5, 3], { seed: 5 });
    conv.forward(x.reshape([1, 1, 6, 5]));
    const dx = conv.backward(dy.reshape([1, 1, 5, 3]));
    const w = conv.weight.value.reshape([2, 3]);
    expectClose(conv.weight.grad.data, correlate2d(x, dy).data, sumBound(15, 15));
    expectClose(dx.data, convolve2d(dy, w, { mode: "full" }).data, sumBound(6, 6));
  });
});

const IMAGE = [3, 224, 224];

describe("counting parameters", () => {
  it("a 3x3 convolution from 128 to 64 channels has 3*3*128*64 = 73,728 weights", () => {
    const conv = new Conv2d(128, 64, 3);
    expect(conv.weight.size).toBe(73728);
    expect(conv.bias!.size).toBe(64);
    expect(new Conv2d(128, 64, 3, { bias: false }).parameters().map(({ size }) => size)).toEqual([73728]);
  });

  it("AlexNet, layer by layer in torchvision's single-stream form, has 61,100,840", () => {
    const { rows, totalParameters } = alexnet().summary(IMAGE);
    expect(totalParameters).toBe(61100840);
    expect(rows.filter(({ parameters }) => parameters > 0).map(({ path, parameters }) => [path, parameters])).toEqual([
      ["features.0", 11 * 11 * 3 * 64 + 64],
      ["features.3", 5 * 5 * 64 * 192 + 192],
      ["features.6", 3 * 3 * 192 * 384 + 384],
      ["features.8", 3 * 3 * 384 * 256 + 256],
      ["features.10", 3 * 3 * 256 * 256 + 256],
      ["classifier.1", 9216 * 4096 + 4096],
      ["classifier.4", 4096 * 4096 + 4096],
      ["classifier.6", 4096 * 1000 + 1000],
    ]);
    const pooled = rows.filter(({ name }) => name.startsWith("MaxPool2d")).map(({ outputShape }) => outputShape);
    expect(pooled).toEqual([[64, 27, 27], [192, 13, 13], [256, 6, 6]]); // prettier-ignore
  });

  it("VGG16 has 138,357,544, and counting them allocates none of them", () => {
    const before = process.memoryUsage().arrayBuffers;
    const model = vgg16();
    expect(model.summary(IMAGE).totalParameters).toBe(138357544);
    expect(model.namedParameters().map(([name]) => name)).toContain("features.28.bias");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4e6); // its weights are 553e6 bytes
  });

  it("LeNet has 61,706: 156 + 2,416 + 48,120 + 10,164 + 850", () => {
    const { rows, totalParameters } = lenet5().summary([1, 28, 28]);
    expect(totalParameters).toBe(61706);
    const counts = rows.map(({ parameters }) => parameters).filter((count) => count > 0);
    expect(counts).toEqual([156, 2416, 48120, 10164, 850]);
  });

  it("ResNet-18 has 11,689,512, built of residual blocks, and counting them allocates none of them", () => {
    const before = process.memoryUsage().arrayBuffers;
    const model = resnet18();
    const { rows, totalParameters } = model.summary(IMAGE);
    expect(totalParameters).toBe(11689512);
    expect(model.outputShape([2, ...IMAGE])).toEqual([2, 1000]);
    expect(rows.filter(({ name }) => name.startsWith("Conv2d")).length).toBe(20);
    expect(model.namedParameters().map(([name]) => name)).toContain("layer2.0.downsample.0.weight");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4e6);
  });

  it("a small ResNet learns 128 digits: the loss falls to a third in twenty steps", async () => {
    manualSeed(1);
    const { test } = await readDigits();
    const images = test.images.slice([0, 128]) as unknown as Tensor;
    const labels = test.labels.subarray(0, 128);
    const model = NORM_NETWORKS.residual();
    const [loss, optimizer] = [new CrossEntropy(), new Adam(model.parameters(), { lr: 1e-2 })];
    const losses = Array.from({ length: 20 }, () => {
      const value = loss.forward(model.forward(images), labels) as number;
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      return value;
    });
    expect(losses[19]).toBeLessThan(losses[0] / 3);
  });
});

describe("a network built from a list", () => {
  const options: Lesson3Options = {
    inputShape: [1, 28, 28],
    kernelSize: 3,
    convWidths: [32, 64],
    hiddenWidths: [32],
    numClasses: 10,
    batchNorm: false,
  };
  const build = (changes: Partial<Lesson3Options> = {}): Sequential => lesson3({ ...options, ...changes });

  it("for [1,28,28], kernel 3, [32, 64], [32], 10 classes it has 119,530 parameters under these names", () => {
    const parameters = build().namedParameters();
    expect(parameters.map(([name, { shape }]) => [name, shape])).toEqual([
      ["net.conv2d_00.weight", [32, 1, 3, 3]],
      ["net.conv2d_00.bias", [32]],
      ["net.conv2d_04.weight", [64, 32, 3, 3]],
      ["net.conv2d_04.bias", [64]],
      ["net.linear_09.weight", [32, 3136]],
      ["net.linear_09.bias", [32]],
      ["net.linear_11.weight", [10, 32]],
      ["net.linear_11.bias", [10]],
    ]);
    expect(parameters.reduce((total, [, { size }]) => total + size, 0)).toBe(119530);
    expect(build().summary([1, 28, 28]).totalParameters).toBe(119530);
    expect(Object.keys(build().stateDict())).toEqual(parameters.map(([name]) => name));
  });

  it("every layer has a name of its type and index, and the index counts every layer", () => {
    const [[name, net]] = build().namedChildren();
    expect(name).toBe("net");
    expect(net.namedChildren().map(([child]) => child)).toEqual([
      ...["conv2d_00", "relu_01", "maxpool2d_02", "dropout2d_03"],
      ...["conv2d_04", "relu_05", "maxpool2d_06", "dropout2d_07"],
      ...["flatten_08", "linear_09", "relu_10", "linear_11"],
    ]);
    expect(net.namedChildren().map(([, layer]) => layer.describe())).toEqual([
      ...["Conv2d(1, 32, [3, 3], { padding: 1 })", "ReLU()", "MaxPool2d([2, 2])", "Dropout2d(0.5)"],
      ...["Conv2d(32, 64, [3, 3], { padding: 1 })", "ReLU()", "MaxPool2d([2, 2])", "Dropout2d(0.5)"],
      ...["Flatten()", "Linear(3136, 32)", "ReLU()", "Linear(32, 10)"],
    ]);
  });

  it("other lists give other networks: kernel 5 keeps the size by padding 2, and there may be no hidden layer", () => {
    const model = build({
      inputShape: [3, 32, 32],
      kernelSize: 5,
      convWidths: [8, 16, 24],
      hiddenWidths: [],
      numClasses: 4,
    });
    const pooled = model.summary([3, 32, 32]).rows.filter(({ path }) => path.includes("maxpool2d"));
    // prettier-ignore
    expect(pooled.map(({ outputShape }) => outputShape)).toEqual([[8, 16, 16], [16, 8, 8], [24, 4, 4]]);
    expect(model.predict(zeros([2, 3, 32, 32])).shape).toEqual([2, 4]);
    expect(model.stateDict()["net.linear_13.weight"].shape).toEqual([4, 384]);
  });

  it("starts from Kaiming-normal weights (standard deviation sqrt(2 / fanIn)) and zero biases", () => {
    manualSeed(7);
    const fanIn = { conv2d_00: 9, conv2d_04: 32 * 9, linear_09: 3136, linear_11: 32 };
    const state = build().stateDict();
    for (const [layer, fan] of Object.entries(fanIn)) {
      const weight = state[`net.${layer}.weight`];
      const std = Math.sqrt(2 / fan);
      const spread = 4 / Math.sqrt(weight.size); // four standard errors
      expect(Math.abs(mean(weight).item())).toBeLessThan(spread * std);
      expect(Math.abs(Math.sqrt(variance(weight).item()) / std - 1)).toBeLessThan(spread);
      expect(new Set(state[`net.${layer}.bias`].data)).toEqual(new Set([0]));
    }
    const conv = new Conv2d(1, 2, 3);
    const before = conv.weight.value.clone();
    conv.weight.initialize(kaimingNormal());
    expect(conv.weight.value.data).not.toEqual(before.data);
  });

  it("with batch normalization has a BatchNorm2d behind each convolution, of weight 1 and bias 0, and learns", async () => {
    manualSeed(1);
    const model = build({ batchNorm: true });
    const [[, net]] = model.namedChildren();
    expect(net.namedChildren().map(([child]) => child)).toEqual([
      ...["conv2d_00", "batchnorm2d_01", "relu_02", "maxpool2d_03", "dropout2d_04"],
      ...["conv2d_05", "batchnorm2d_06", "relu_07", "maxpool2d_08", "dropout2d_09"],
      ...["flatten_10", "linear_11", "relu_12", "linear_13"],
    ]);
    expect(model.summary([1, 28, 28]).totalParameters).toBe(119530 + 2 * 32 + 2 * 64);
    const state = model.stateDict();
    expect(Object.keys(state)).toContain("net.batchnorm2d_06.running_var");
    expect(new Set(state["net.batchnorm2d_01.weight"].data)).toEqual(new Set([1]));
    expect(new Set(state["net.batchnorm2d_01.bias"].data)).toEqual(new Set([0]));

    const { test } = await readDigits();
    const images = test.images.slice([0, 128]) as unknown as Tensor;
    const labels = test.labels.subarray(0, 128);
    const [loss, optimizer] = [new CrossEntropy(), new Adam(model.parameters(), { lr: 1e-3 })];
    const losses = Array.from({ length: 15 }, () => {
      const value = loss.forward(model.forward(images), labels) as number;
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      return value;
    });
    expect(losses[14]).toBeLessThan(0.6 * losses[0]);
    expect(loss.forward(model.predict(images), labels)).toBeLessThan(losses[0]);
  });

  it("learns by cross-entropy and Adam at 1e-3: the loss of 128 digits falls by a third in twelve steps", async () => {
    manualSeed(1);
    const { test } = await readDigits();
    const images = test.images.slice([0, 128]) as unknown as Tensor;
    const labels = test.labels.subarray(0, 128);
    const model = build();
    const loss = new CrossEntropy();
    const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const before = loss.forward(model.predict(images), labels);
    for (let step = 0; step < 12; step++) {
      const half = [64 * (step % 2), 64 * (step % 2) + 64] as const;
      loss.forward(model.forward(images.slice(half)), labels.subarray(...half));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    expect(loss.forward(model.predict(images), labels)).toBeLessThan((before * 2) / 3);
  });
});
