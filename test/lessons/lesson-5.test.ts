// Lesson 5: convolution exactly. Titles are the lesson's statements.
import { describe, expect, it } from "vitest";
import { ones, rand, zeros } from "../../src/ops/create.js";
import { ArgumentError } from "../../src/base/errors.js";
import { AvgPool2d } from "../../src/nn/pool/avgpool2d.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { autocorrelate } from "../../src/signals/autocorrelate.js";
import { convolve2d } from "../../src/signals/convolve2d.js";
import { correlate2d } from "../../src/signals/correlate2d.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

const FILTER = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]; // prettier-ignore

describe("the output size", () => {
  it("is floor((input + 2*padding - filter) / stride) + 1", () => {
    for (const input of [5, 6, 11]) {
      for (const filter of [1, 2, 3, 5]) {
        for (const padding of [0, 1, 2]) {
          for (const stride of [1, 2, 3]) {
            const size = Math.floor((input + 2 * padding - filter) / stride) + 1;
            const conv = new Conv2d(1, 1, filter, { padding, stride });
            expect(conv.forward(zeros([1, 1, input, input])).shape).toEqual([1, 1, size, size]);
            expect(conv.outputShape([1, 1, input, input])).toEqual([1, 1, size, size]);
          }
        }
      }
    }
  });

  it("the stride need not divide the length: the rest is unused", () => {
    const conv = new Conv2d(1, 1, 2, { stride: 2, bias: false });
    conv.weight.value = ones([1, 1, 2, 2]);
    const image = Array.from({ length: 5 }, (_, row) => Array.from({ length: 5 }, (_, column) => 10 * row + column));
    const y = conv.forward(new Tensor([[image]]));
    expect(y.toArray()).toEqual([
      [
        [
          [22, 30],
          [102, 110],
        ],
      ],
    ]);
    const dx = conv.backward(ones([1, 1, 2, 2]));
    const used = [1, 1, 1, 1, 0];
    expect(dx.toArray()).toEqual([[[used, used, used, used, [0, 0, 0, 0, 0]]]]); // prettier-ignore
  });
});

describe("the filter [[1,0,1],[0,1,0],[1,0,1]]", () => {
  const window = [[1, 2, 3], [0, 1, 5], [1, 0, 2]]; // prettier-ignore

  it("on the window [[1,2,3],[0,1,5],[1,0,2]] gives 1+3+1+1+2 = 8 (+ bias)", () => {
    expect(correlate2d(window, FILTER).toArray()).toEqual([[8]]);
    const [step] = correlate2d(window, FILTER, { trace: true });
    expect(step.products).toEqual([[1, 0, 3], [0, 1, 0], [1, 0, 2]]); // prettier-ignore
    expect(step.sum).toBe(8);

    const conv = new Conv2d(1, 1, 3);
    conv.weight.value = new Tensor([[FILTER]]);
    conv.bias!.value = new Tensor([0.5]);
    expect(conv.forward(new Tensor([[window]])).item()).toBe(8.5);
  });

  it("is the same number as a perceptron with those weights", () => {
    const perceptron = new Linear(9, 1);
    perceptron.weight.value = new Tensor(FILTER.flat(), [1, 9]);
    perceptron.bias!.value = new Tensor([0]);
    expect(perceptron.forward(new Tensor(window.flat(), [1, 9])).item()).toBe(8);
  });

  it("on the 5x5 image gives [[8,9,8],[8,9,9],[6,6,5]]", () => {
    // prettier-ignore
    const image = [[1, 2, 3, 0, 3], [0, 1, 5, 0, 1], [1, 0, 2, 2, 0], [2, 3, 1, 3, 0], [0, 1, 0, 2, 0]];
    const expected = [[8, 9, 8], [8, 9, 9], [6, 6, 5]]; // prettier-ignore
    expect(correlate2d(image, FILTER).toArray()).toEqual(expected);
    const conv = new Conv2d(1, 1, 3, { bias: false });
    conv.weight.value = new Tensor([[FILTER]]);
    expect(conv.forward(new Tensor([[image]])).toArray()).toEqual([[expected]]);
  });
});

describe("Conv2d with all its options", () => {
  it("takes stride, padding, dilation, groups and bias; input is N x C x H x W", () => {
    const options = { stride: [2, 1], padding: [2, 0], dilation: [1, 3], groups: 2, bias: false } as const;
    const conv = new Conv2d(4, 6, [3, 2], options);
    expect(conv.weight.shape).toEqual([6, 2, 3, 2]);
    expect(conv.bias).toBeNull();
    // Height: floor((9 + 4 - 2 - 1) / 2) + 1, width: 8 - 3 - 1 + 1.
    expect(conv.forward(rand([5, 4, 9, 8], { seed: 1 })).shape).toEqual([5, 6, 6, 5]);
    expect(conv.backward(ones([5, 6, 6, 5])).shape).toEqual([5, 4, 9, 8]);
  });

  it("the option is `groups`: channels in different groups do not see each other", () => {
    const conv = new Conv2d(2, 2, 1, { groups: 2, bias: false });
    conv.weight.value = new Tensor([10, 100], [2, 1, 1, 1]);
    expect(conv.predict(new Tensor([3, 4], [1, 2, 1, 1])).toArray()).toEqual([[[[30]], [[400]]]]);
    throwsExactly(
      () => new Conv2d(2, 2, 1, { group: 2 } as object),
      ArgumentError,
      'Conv2d: unknown option "group", did you mean "groups"? ' +
        "(options: stride, padding, paddingMode, dilation, groups, algorithm, bias).",
    );
  });

  it("Conv2d(1, 5, 5) on 1x1x28x28 gives 1x5x24x24; MaxPool2d(2) then gives 1x5x12x12", () => {
    const x = rand([1, 1, 28, 28], { seed: 2 });
    const y = new Conv2d(1, 5, 5).forward(x);
    expect(y.shape).toEqual([1, 5, 24, 24]);
    expect(new MaxPool2d(2).forward(y).shape).toEqual([1, 5, 12, 12]);
    const model = new Sequential(new Conv2d(1, 5, 5), new MaxPool2d(2));
    expect(model.outputShape([1, 1, 28, 28])).toEqual([1, 5, 12, 12]);
  });
});

describe("pooling", () => {
  const x = new Tensor([[[[1, 5, 2, 0, 3], [4, 3, 8, 6, 1], [7, 2, 9, 5, 4]]]]); // prettier-ignore

  it("MaxPool2d takes kernel and stride", () => {
    expect(new MaxPool2d(2).forward(x).toArray()).toEqual([[[[5, 8]]]]);
    expect(new MaxPool2d([3, 2], { stride: 1 }).forward(x).toArray()).toEqual([[[[7, 9, 9, 6]]]]);
  });

  it("MaxPool2d takes padding and dilation", () => {
    const padded = new MaxPool2d(2, { padding: 1 }).forward(x);
    expect(padded.toArray()).toEqual([[[[1, 5, 3], [7, 9, 6]]]]); // prettier-ignore
    expect(new MaxPool2d(2, { stride: 1, dilation: 2 }).forward(x).toArray()).toEqual([[[[9, 5, 9]]]]);
  });

  it("MaxPool2d returns indices: the place of each maximum in the image plane", () => {
    const pool = new MaxPool2d(2, { returnIndices: true });
    pool.forward(x);
    expect(pool.indices).toEqual(Int32Array.of(0 * 5 + 1, 1 * 5 + 2));
  });

  it("MaxPool2d has a ceil mode: the last windows may hang over the edge", () => {
    // prettier-ignore
    expect(new MaxPool2d(2, { ceilMode: true }).forward(x).toArray()).toEqual([[[[5, 8, 3], [7, 9, 4]]]]);
  });

  it("average pooling takes the mean of each window", () => {
    expect(new AvgPool2d(2).forward(x).toArray()).toEqual([[[[13 / 4, 16 / 4]]]]);
  });

  it("average pooling over the whole plane replaces fully connected layers, without parameters", () => {
    const images = rand([2, 512, 7, 7], { seed: 3 });
    const pool = new AvgPool2d(7);
    expect(pool.forward(images).shape).toEqual([2, 512, 1, 1]);
    expect(pool.parameters()).toEqual([]);
    const ramp = new Tensor(Array.from({ length: 49 }, (_, i) => i), [1, 1, 7, 7]); // prettier-ignore
    expect(pool.forward(ramp).item()).toBe(24);
  });
});

describe("convolution, cross-correlation and autocorrelation side by side on one image", () => {
  const image = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]; // prettier-ignore
  const filter = [[1, 2], [0, 3]]; // prettier-ignore

  it("cross-correlation does not flip the filter", () => {
    // The first entry: 1*1 + 2*2 + 0*4 + 3*5.
    expect(correlate2d(image, filter).toArray()).toEqual([[20, 26], [38, 44]]); // prettier-ignore
  });

  it("convolution flips it, up-down and left-right", () => {
    // The first entry: 3*1 + 0*2 + 2*4 + 1*5.
    expect(convolve2d(image, filter).toArray()).toEqual([[16, 22], [34, 40]]); // prettier-ignore
    expect(correlate2d(image, [[3, 0], [2, 1]]).toArray()).toEqual([[16, 22], [34, 40]]); // prettier-ignore
  });

  it("a filter that is its own mirror image gives the same in both", () => {
    const larger = rand([6, 7], { seed: 4 });
    expect(convolve2d(larger, FILTER).data).toEqual(correlate2d(larger, FILTER).data);
  });

  it("autocorrelation compares a signal with itself: largest at distance 0, symmetric around it", () => {
    expect(autocorrelate([1, 2, 3]).toArray()).toEqual([3, 8, 14, 8, 3]);
    const full = autocorrelate(image);
    expect(full.shape).toEqual([5, 5]);
    expect(full.at(2, 2)).toBe(285); // 1 + 4 + 9 + ... + 81
    expect(full.argmax()).toBe(12);
    expect(full.at(0, 0)).toBe(9); // 1 * 9, at the largest distance
    expect(full.data).toEqual(full.data.slice().reverse());
  });
});
