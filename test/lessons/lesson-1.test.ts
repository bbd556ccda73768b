// Lesson 1: filters, channels, and what a CNN learns. Titles are the lesson's statements.
import { decode } from "fast-png";
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { lenet5, vgg16 } from "../../src/entries/models.js";
import { readDigits } from "../../examples/support/mnistData.js";
import { fromRgba, rand } from "../../src/ops/create.js";
import { imagesFromIdx } from "../../src/data/idx.js";
import { CrossEntropy } from "../../src/loss/crossEntropy.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Flatten } from "../../src/nn/shape/flatten.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { Parameter } from "../../src/nn/parameter.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { Softmax } from "../../src/nn/activation/softmax.js";
import { divide } from "../../src/ops/arithmetic.js";
import { concat, nhwcToNchw } from "../../src/ops/layout.js";
import { pad } from "../../src/ops/pad.js";
import { mean, sum, variance } from "../../src/ops/reduce.js";
import { SGD } from "../../src/optim/sgd.js";
import { manualSeed } from "../../src/numbers/random.js";
import { correlate1d } from "../../src/signals/correlate1d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { Tensor } from "../../src/base/tensor.js";
import { EPS32, expectClose, sumBound } from "../support/close.js";

// The examples' support files import "handgrad". Here that is src: one Tensor class, and nothing to build. The casts
// are for the types, which still come from the built package.
vi.mock("handgrad", () => import("../../src/index.js"));
vi.mock("handgrad/data", () => import("../../src/entries/data.js"));

const SHARPEN = [
  [0, -1, 0],
  [-1, 5, -1],
  [0, -1, 0],
];
const BLUR = [
  [1 / 16, 2 / 16, 1 / 16],
  [2 / 16, 4 / 16, 2 / 16],
  [1 / 16, 2 / 16, 1 / 16],
];
const EDGES = [
  [-1, -1, -1],
  [-1, 8, -1],
  [-1, -1, -1],
];

describe("pixels and channels", () => {
  it("a grayscale pixel is 0..255, normalized to 0..1 by dividing by 255", () => {
    const bytes = Uint8Array.of(0, 51, 102, 255);
    const expected = Float32Array.of(0, 51 / 255, 102 / 255, 1);
    expect(divide(new Tensor(bytes), 255).data).toEqual(expected);
    expect(imagesFromIdx({ shape: [1, 2, 2], data: bytes }).data).toEqual(expected);
  });

  it("an RGB image is three such planes (C, H, W)", () => {
    const rgba = [...[255, 0, 51, 255], ...[0, 255, 51, 255], ...[102, 0, 51, 255], ...[0, 0, 51, 255]];
    const image = fromRgba(Uint8ClampedArray.from(rgba), 2, 2);
    expect(image.shape).toEqual([1, 3, 2, 2]);
    const planes = [[1, 0, 102 / 255, 0], [0, 1, 0, 0], [0.2, 0.2, 0.2, 0.2]]; // prettier-ignore
    expect(image.data).toEqual(Float32Array.from(planes.flat()));
  });
});

describe("3x3 image filters", () => {
  it("sharpening makes a step steeper: the dark side of 0 | 1 becomes -1 and the bright side 2", () => {
    const step = Array.from({ length: 3 }, () => [0, 0, 0, 1, 1, 1]);
    expect(correlate2d(step, SHARPEN).toArray()).toEqual([[0, -1, 2, 1]]);
  });

  it("blurring spreads a dot by [[1,2,1],[2,4,2],[1,2,1]]/16, halving from the center", () => {
    const dot = [[0, 0, 0], [0, 16, 0], [0, 0, 0]]; // prettier-ignore
    // prettier-ignore
    expect(correlate2d(dot, BLUR, { mode: "same" }).toArray()).toEqual([[1, 2, 1], [2, 4, 2], [1, 2, 1]]);
  });

  it("sharpening and blurring keep an even surface, an edge filter makes it 0", () => {
    const flat = Array.from({ length: 4 }, () => [7, 7, 7, 7]);
    expect(correlate2d(flat, SHARPEN).toArray()).toEqual([[7, 7], [7, 7]]); // prettier-ignore
    expect(correlate2d(flat, BLUR).toArray()).toEqual([[7, 7], [7, 7]]); // prettier-ignore
    expect(correlate2d(flat, EDGES).toArray()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
  });

  it("on a real image sharpening raises the contrast, blurring lowers it, and edges are dark on average", () => {
    const file = decode(readFileSync(new URL("../../examples/images/raccoon.png", import.meta.url)));
    const pixels = new Tensor(file.data, [1, file.height, file.width, file.channels]);
    const green = divide(nhwcToNchw(pixels), 255).slice(0, 1);
    const [sharp, soft, edges] = [SHARPEN, BLUR, EDGES].map((filter) => correlate2d(green, filter));
    const inner = green.slice([1, -1], [1, -1]);
    for (const filtered of [sharp, soft, edges]) expect(filtered.shape).toEqual(inner.shape);
    expect(variance(sharp).item()).toBeGreaterThan(variance(inner).item());
    expect(variance(soft).item()).toBeLessThan(variance(inner).item());
    expect(Math.abs(mean(edges).item())).toBeLessThan(0.01);
    expect(Math.abs(mean(soft).item() - mean(inner).item())).toBeLessThan(0.01);
  });

  it("the output is smaller than the input; zero padding keeps the size", () => {
    const image = rand([1, 1, 9, 12], { seed: 1 });
    expect(new Conv2d(1, 1, 3).forward(image).shape).toEqual([1, 1, 7, 10]);
    expect(new Conv2d(1, 1, 3, { padding: 1 }).forward(image).shape).toEqual([1, 1, 9, 12]);
    expect(new Conv2d(1, 1, 3, { padding: "same" }).forward(image).shape).toEqual([1, 1, 9, 12]);
  });

  it("a 5x5 image with a 3x3 filter gives 3x3 at stride 1 and 2x2 at stride 2", () => {
    const image = rand([1, 1, 5, 5], { seed: 1 });
    expect(new Conv2d(1, 1, 3).forward(image).shape).toEqual([1, 1, 3, 3]);
    expect(new Conv2d(1, 1, 3, { stride: 2 }).forward(image).shape).toEqual([1, 1, 2, 2]);
  });
});

describe("layers", () => {
  it("a convolution is a weighted sum, the same as a neuron's", () => {
    const conv = new Conv2d(2, 1, 3);
    const neuron = new Linear(18, 1);
    neuron.weight.value = conv.weight.value.reshape([1, 18]);
    neuron.bias!.value = conv.bias!.value;
    const x = rand([1, 2, 3, 3], { seed: 2 });
    const bound = sumBound(19, 19); // every term is at most 1
    expectClose(conv.forward(x).data, neuron.forward(x.reshape([1, 18])).data, bound);
  });

  it("five filters on an RGB 256x256 image with padding give 5 x 256 x 256", () => {
    const conv = new Conv2d(3, 5, 3, { padding: 1 });
    expect(conv.weight.shape).toEqual([5, 3, 3, 3]);
    expect(conv.forward(rand([1, 3, 256, 256], { seed: 3 })).shape).toEqual([1, 5, 256, 256]);
  });

  it("max pooling halves H and W and leaves the channels", () => {
    expect(new MaxPool2d(2).forward(rand([1, 5, 256, 256], { seed: 4 })).shape).toEqual([1, 5, 128, 128]);
  });
});

describe("architectures read by their shapes", () => {
  it("VGG16 goes from 3 channels over 64, 128, 256 and 512 to 1000 classes while 224 pixels become 7", () => {
    const rows = vgg16().summary([3, 224, 224]).rows;
    const pooled = rows.filter(({ name }) => name.startsWith("MaxPool2d")).map(({ outputShape }) => outputShape);
    // prettier-ignore
    expect(pooled).toEqual([[64, 112, 112], [128, 56, 56], [256, 28, 28], [512, 14, 14], [512, 7, 7]]);
    const linear = rows.filter(({ name }) => name.startsWith("Linear")).map(({ outputShape }) => outputShape);
    expect(linear).toEqual([[4096], [4096], [1000]]);
  });

  it("LeNet goes from 28 x 28 over 6 x 14 x 14 and 16 x 5 x 5 to 120, 84 and 10", () => {
    const { rows } = lenet5().summary([1, 28, 28]);
    const shrinking = rows.filter(({ name }) => /Pool|Linear/.test(name));
    expect(shrinking.map(({ outputShape }) => outputShape)).toEqual([[6, 14, 14], [16, 5, 5], [120], [84], [10]]);
  });

  it("a softmax at the end makes the outputs probabilities that sum to 1", () => {
    const model = new Sequential(lenet5(), new Softmax());
    const probabilities = model.predict(rand([3, 1, 28, 28], { seed: 5 }));
    expect(Math.min(...probabilities.data)).toBeGreaterThan(0);
    expectClose(sum(probabilities, { dim: 1 }).data, [1, 1, 1], 10 * EPS32);
  });
});

describe("the network to build and train", () => {
  const build = (): Sequential =>
    new Sequential(
      ...[new Conv2d(3, 64, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Conv2d(64, 128, 5), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(128 * 5 * 5, 10)],
    );

  it("has 241,802 parameters, and 3x32x32 becomes 64x14x14, 128x5x5 and 10", () => {
    const summary = build().summary([3, 32, 32]);
    expect(summary.totalParameters).toBe(241802);
    const shapes = summary.rows.map(({ outputShape }) => outputShape);
    expect(shapes).toEqual([
      ...[[64, 28, 28], [64, 28, 28], [64, 14, 14]],
      ...[[128, 10, 10], [128, 10, 10], [128, 5, 5]],
      ...[[3200], [10]],
    ]); // prettier-ignore
    expect(summary.rows.map(({ parameters }) => parameters)).toEqual([4864, 0, 0, 204928, 0, 0, 0, 32010]);
  });

  it("learns by cross-entropy, backward and SGD steps: the loss of 192 digits on 3x32x32 falls", async () => {
    manualSeed(1);
    const { test } = await readDigits();
    const images = test.images.slice([0, 192]) as unknown as Tensor;
    const labels = test.labels.subarray(0, 192);
    const gray = pad(images, [[0, 0], [0, 0], [2, 2], [2, 2]]); // prettier-ignore
    const x = concat([gray, gray, gray], 1);
    expect(x.shape).toEqual([192, 3, 32, 32]);
    const model = build();
    const loss = new CrossEntropy();
    const optimizer = new SGD(model.parameters(), { lr: 0.05 });
    const before = loss.forward(model.predict(x), labels);
    for (let first = 0; first < 192; first += 48) {
      loss.forward(model.forward(x.slice([first, first + 48])), labels.subarray(first, first + 48));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    expect(Math.abs(before - Math.log(10))).toBeLessThan(0.1); // it knows nothing yet
    expect(loss.forward(model.predict(x), labels)).toBeLessThan(before - 0.1);
  });
});

describe("backward by hand", () => {
  const [x1, x2, x3, x4] = [2, -1, 3, 5];
  const [d1, d2, d3] = [0.5, 2, -1];

  it("w1 met x1, x2, x3, so dL/dw1 = x1*d1 + x2*d2 + x3*d3", () => {
    const conv = new Conv2d(1, 1, [1, 2], { bias: false });
    conv.forward(new Tensor([x1, x2, x3, x4], [1, 1, 1, 4]));
    conv.backward(new Tensor([d1, d2, d3], [1, 1, 1, 3]));
    const byHand = [x1 * d1 + x2 * d2 + x3 * d3, x2 * d1 + x3 * d2 + x4 * d3];
    expect(byHand).toEqual([-4, 0.5]);
    expect(conv.weight.grad.toArray()).toEqual([[[byHand]]]);
  });

  it("the weight gradient is itself a convolution: the input correlated with the deltas", () => {
    expect(correlate1d([x1, x2, x3, x4], [d1, d2, d3]).toArray()).toEqual([-4, 0.5]);
  });

  it("an update is w - lr * dL/dw, not w * dL/dw", () => {
    const w = new Parameter(new Tensor([2, -1]));
    w.accumulate(new Tensor([3, 0.5]));
    new SGD([w], { lr: 0.25 }).step();
    expect(w.value.toArray()).toEqual([2 - 0.25 * 3, -1 - 0.25 * 0.5]);
  });
});
