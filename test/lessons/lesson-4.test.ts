// Lesson 4: every step of a CNN, and MNIST. Titles are the lesson's statements.
import { describe, expect, it, vi } from "vitest";
import { readDigits } from "../../examples/support/mnistData.js";
import { full, ones, rand } from "../../src/ops/create.js";
import { CrossEntropy } from "../../src/loss/crossEntropy.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Dropout } from "../../src/nn/dropout/dropout.js";
import { Flatten } from "../../src/nn/shape/flatten.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { softmax } from "../../src/ops/softmax.js";
import { Adam } from "../../src/optim/adam.js";
import { manualSeed } from "../../src/numbers/random.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { maxPool2dTrace } from "../../src/signals/trace.js";
import { Tensor } from "../../src/base/tensor.js";
import { EPS32, expectClose } from "../support/close.js";

// The examples' support files import "handgrad". Here that is src: one Tensor class, and nothing to build. The casts
// are for the types, which still come from the built package.
vi.mock("handgrad", () => import("../../src/index.js"));
vi.mock("handgrad/data", () => import("../../src/entries/data.js"));

const IMAGE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]; // prettier-ignore

describe("one window at a time on a 3x3 image", () => {
  it("the 2x2 kernel [[1,0],[1,1]] is stepped through: products and their sum at each of the four steps", () => {
    const kernel = [[1, 0], [1, 1]]; // prettier-ignore
    expect([...correlate2d(IMAGE, kernel, { trace: true })]).toEqual(
      [
        { row: 0, column: 0, window: [[1, 2], [4, 5]], products: [[1, 0], [4, 5]], sum: 10 },
        { row: 0, column: 1, window: [[2, 3], [5, 6]], products: [[2, 0], [5, 6]], sum: 13 },
        { row: 1, column: 0, window: [[4, 5], [7, 8]], products: [[4, 0], [7, 8]], sum: 19 },
        { row: 1, column: 1, window: [[5, 6], [8, 9]], products: [[5, 0], [8, 9]], sum: 22 },
      ].map((expected, step) => ({ ...expected, step, top: expected.row, left: expected.column, kernel })),
    ); // prettier-ignore
    expect(correlate2d(IMAGE, kernel).toArray()).toEqual([[10, 13], [19, 22]]); // prettier-ignore
  });

  it("the same for 2x2 max pooling: window, maximum and its place at each of the four steps", () => {
    expect([...maxPool2dTrace(IMAGE, { kernelSize: 2, stride: 1 })]).toEqual([
      { step: 0, row: 0, column: 0, top: 0, left: 0, window: [[1, 2], [4, 5]], maximum: 5, place: [1, 1] },
      { step: 1, row: 0, column: 1, top: 0, left: 1, window: [[2, 3], [5, 6]], maximum: 6, place: [1, 2] },
      { step: 2, row: 1, column: 0, top: 1, left: 0, window: [[4, 5], [7, 8]], maximum: 8, place: [2, 1] },
      { step: 3, row: 1, column: 1, top: 1, left: 1, window: [[5, 6], [8, 9]], maximum: 9, place: [2, 2] },
    ]); // prettier-ignore
  });
});

describe("options", () => {
  it("stride is a pair [vertical, horizontal]: (2, 1) goes 2 down, 1 right", () => {
    const image = Array.from({ length: 5 }, (_, row) => Array.from({ length: 5 }, (_, column) => 10 * row + column));
    const corners = [[0, 1, 2, 3, 4], [20, 21, 22, 23, 24], [40, 41, 42, 43, 44]]; // prettier-ignore
    expect(correlate2d(image, [[1]], { stride: [2, 1] }).toArray()).toEqual(corners);
    const conv = new Conv2d(1, 1, 1, { stride: [2, 1], bias: false });
    conv.weight.value = ones([1, 1, 1, 1]);
    expect(conv.predict(new Tensor([[image]])).toArray()).toEqual([[corners]]);
    const pool = new MaxPool2d(2, { stride: [2, 1] });
    expect(pool.predict(new Tensor([[image]])).toArray()).toEqual([
      [
        [
          [11, 12, 13, 14],
          [31, 32, 33, 34],
        ],
      ],
    ]);
  });

  it("dilation 2 lets a 3x3 kernel look at 5x5", () => {
    const image = Array.from({ length: 5 }, (_, row) => Array.from({ length: 5 }, (_, column) => 10 * row + column));
    const conv = new Conv2d(1, 1, 3, { dilation: 2, bias: false });
    conv.weight.value = ones([1, 1, 3, 3]);
    expect(conv.outputShape([1, 1, 5, 5])).toEqual([1, 1, 1, 1]);
    expect(conv.predict(new Tensor([[image]])).item()).toBe(0 + 2 + 4 + 20 + 22 + 24 + 40 + 42 + 44);
    const [step] = correlate2d(image, ones([3, 3]), { dilation: 2, trace: true });
    expect(step.window).toEqual([[0, 2, 4], [20, 22, 24], [40, 42, 44]]); // prettier-ignore
  });

  it("max-pool padding is -Infinity, not zero: negative numbers stay negative", () => {
    const pool = new MaxPool2d(2, { stride: 2, padding: 1 });
    const image = [[-1, -2], [-3, -4]]; // prettier-ignore
    expect(pool.forward(new Tensor([[image]])).toArray()).toEqual([[image]]);
    const [first] = maxPool2dTrace(image, { kernelSize: 2, stride: 2, padding: 1 });
    expect(first.window).toEqual([[-Infinity, -Infinity], [-Infinity, -1]]); // prettier-ignore
    expect(pool.outputShape([1, 16, 26, 26])).toEqual([1, 16, 14, 14]);
  });
});

describe("layers", () => {
  it("flatten makes 1568 of (32,7,7) and leaves the order", () => {
    const x = rand([2, 32, 7, 7], { seed: 1 });
    const y = new Flatten().forward(x);
    expect(y.shape).toEqual([2, 1568]);
    expect(y.at(1, 31 * 49 + 3 * 7 + 5)).toBe(x.at(1, 31, 3, 5));
  });

  it("linear is y = Wx + b", () => {
    const linear = new Linear(3, 2);
    linear.weight.value = new Tensor([[1, 2, 3], [-1, 0, 4]]); // prettier-ignore
    linear.bias!.value = new Tensor([10, 20]);
    expect(linear.forward(new Tensor([[5, 6, 7]])).toArray()).toEqual([[5 + 12 + 21 + 10, -5 + 28 + 20]]);
  });

  it("dropout gives 0 or x/(1-p), and the gradient the same mask", () => {
    manualSeed(1);
    const dropout = new Dropout(0.3);
    const x = full([50, 40], 7);
    const y = dropout.forward(x);
    expect(new Set(y.data)).toEqual(new Set([0, Math.fround(7 * Math.fround(1 / 0.7))]));
    const dropped = y.data.filter((value) => value === 0).length / y.size;
    expect(Math.abs(dropped - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / y.size)); // four standard deviations
    const dx = dropout.backward(ones([50, 40]));
    expect(dx.data).toEqual(y.data.map((value) => (value === 0 ? 0 : 1 / 0.7)));
  });

  it("dropout is off in eval mode", () => {
    const dropout = new Dropout(0.3);
    const x = rand([4, 5], { seed: 2 });
    expect(dropout.predict(x).data).toEqual(x.data);
    expect(dropout.eval().forward(x).data).toEqual(x.data);
    expect(dropout.backward(x).data).toEqual(x.data);
  });

  it("softmax makes probabilities of the logits, and arg-max finds the class", () => {
    // The logits are logarithms of 1, 2, 5: so the probabilities are 1/8, 2/8, 5/8.
    const logits = new Tensor([[Math.log(1), Math.log(2), Math.log(5)], [100, 100, -100]]); // prettier-ignore
    expectClose(softmax(logits, 1).data, [1 / 8, 2 / 8, 5 / 8, 0.5, 0.5, 0], 8 * EPS32);
    expect(logits.argmax(1)).toEqual(Int32Array.of(2, 0));
    expect(softmax(logits, 1).argmax(1)).toEqual(Int32Array.of(2, 0));
  });
});

describe("the network", () => {
  const build = (): Sequential =>
    new Sequential(
      ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
      ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
    );

  it("its summary comes out with these figures", () => {
    expect(String(build().summary([1, 28, 28])).split("\n").filter((line) => !line.startsWith("--"))).toEqual([
      "Layer (type)  Output shape      Param #",
      "Conv2d-1      [-1, 16, 26, 26]      160",
      "ReLU-2        [-1, 16, 26, 26]        0",
      "MaxPool2d-3   [-1, 16, 14, 14]        0",
      "Conv2d-4      [-1, 32, 12, 12]    4,640",
      "ReLU-5        [-1, 32, 12, 12]        0",
      "MaxPool2d-6   [-1, 32, 7, 7]          0",
      "Flatten       [-1, 1568]              0",
      "Linear-7      [-1, 32]           50,208",
      "ReLU-8        [-1, 32]                0",
      "Dropout-9     [-1, 32]                0",
      "Linear-10     [-1, 10]              330",
      "Total params: 55,338",
      "Input size: 0.00 MB (3.06 kB)",
      "Forward/backward pass size: 0.27 MB",
      "Params size: 0.21 MB",
      "Estimated total size: 0.49 MB",
    ]); // prettier-ignore
  });

  it("flatten is a row without a number and with 0 bytes: it is a view", () => {
    const model = build();
    const summary = model.summary([1, 28, 28]);
    expect(summary.rows[6]).toEqual({ name: "Flatten", path: "6", outputShape: [1568], parameters: 0 });
    const numbers = summary.rows.filter(({ name }) => name !== "Flatten").map(({ outputShape }) => outputShape);
    const outputs = numbers.reduce((total, shape) => total + shape.reduce((a, b) => a * b), 0);
    expect(summary.passBytes).toBe(2 * 4 * outputs);
    expect(summary.totalParameters).toBe(55338);
    expect([summary.inputBytes, summary.parameterBytes]).toEqual([4 * 784, 4 * 55338]);
  });

  it("has the p = 0.3 of the dropout and the kernel 2, stride 2, padding 1 of the pools", () => {
    expect([...build()].map((layer) => layer.describe())).toEqual([
      ...["Conv2d(1, 16, [3, 3])", "ReLU()", "MaxPool2d([2, 2], { padding: [1, 1] })"],
      ...["Conv2d(16, 32, [3, 3])", "ReLU()", "MaxPool2d([2, 2], { padding: [1, 1] })"],
      ...["Flatten()", "Linear(1568, 32)", "ReLU()", "Dropout(0.3)", "Linear(32, 10)"],
    ]);
  });

  it("learns real digits, and shows logits, probabilities, prediction and feature maps of one", async () => {
    manualSeed(1);
    const { test } = await readDigits();
    const images = test.images.slice([0, 256]) as unknown as Tensor;
    const labels = test.labels.subarray(0, 256);
    const model = build();
    const loss = new CrossEntropy();
    const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
    const before = loss.forward(model.predict(images), labels);
    for (let step = 0; step < 24; step++) {
      const part = [64 * (step % 4), 64 * (step % 4) + 64] as const;
      loss.forward(model.forward(images.slice(part)), labels.subarray(...part));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    expect(before).toBeGreaterThan(2.2);
    expect(loss.forward(model.predict(images), labels)).toBeLessThan(before / 2);

    const digit = images.slice([0, 1]);
    const logits = model.predict(digit);
    const probabilities = softmax(logits, 1);
    expect(logits.shape).toEqual([1, 10]);
    expectClose([probabilities.data.reduce((a, b) => a + b)], [1], 10 * EPS32);
    expect(probabilities.argmax(1)).toEqual(logits.argmax(1));
    expect(logits.argmax(1)[0]).toBe(labels[0]);
    expect(model.get(0).predict(digit).shape).toEqual([1, 16, 26, 26]);
  });
});
