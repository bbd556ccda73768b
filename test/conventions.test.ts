// The conventions of docs/conventions.md, one short test each, on both backends. A test's title is the convention's
// sentence on that page; the last test compares the two. Wider tests of the same things stand beside the source.
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { plain } from "../src/backend/plain/backend.js";
import { reference } from "../src/backend/reference/backend.js";
import { batches } from "../src/data/batches.js";
import { permutation } from "../src/data/permutation.js";
import { decodeSafetensors } from "../src/files/safetensors.js";
import { evaluate, fit } from "../src/entries/train.js";
import { activationStatistics, saliency } from "../src/entries/viz.js";
import * as handgrad from "../src/index.js";
import {
  Adadelta,
  Adagrad,
  Adam,
  Add,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  ArgumentError,
  AvgPool2d,
  BCEWithLogits,
  BackendError,
  BatchNorm1d,
  ChannelShuffle,
  CircularPad2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  CrossEntropy,
  DropBlock2d,
  Dropout,
  Dropout2d,
  Dice,
  ExponentialLR,
  Flatten,
  Focal,
  Generator,
  Graph,
  HandgradError,
  Huber,
  InstanceNorm2d,
  KLDiv,
  L1,
  LAMB,
  LambdaLR,
  Layer,
  LayerNorm,
  LeakyReLU,
  Linear,
  LinearLR,
  Lion,
  LocalResponseNorm,
  LogSoftmax,
  Lookahead,
  MSE,
  MaxPool2d,
  Multiply,
  Muon,
  MaxUnpool2d,
  OneCycleLR,
  Parameter,
  PixelShuffle,
  RMSprop,
  ELU,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  PReLU,
  ReLU,
  ReLU6,
  SGD,
  Scale,
  Sequential,
  ShapeError,
  SigmoidFocal,
  Slice,
  SmoothL1,
  Softmax,
  StateError,
  StepLR,
  Tensor,
  TripletMargin,
  Upsample,
  ZeroPad2d,
  accuracy,
  add,
  clipGradNorm,
  conv2d,
  convolve1d,
  convolve2d,
  correlate1d,
  correlate2d,
  getSeed,
  kaimingNormal,
  manualSeed,
  multiply,
  nhwcToNchw,
  ones,
  rand,
  randn,
  setBackend,
  softmax,
  wasm,
  watch,
  zeros,
  zerosInit,
  type Backend,
  type Conv2dLayerOptions,
  type GeneratorState,
  type OptimizerState,
  type SchedulerState,
  type Shape,
  type StateDict,
  type TensorJson,
} from "../src/index.js";
import { EPS32, expectClose, sumBound } from "./support/close.js";
import { allKernels } from "./support/kernels.js";
import { throwsExactly } from "./support/errors.js";
import { safetensorsFile } from "./support/safetensors.js";

const titles = new Set<string>();

function convention(title: string, body: () => unknown): void {
  titles.add(title);
  it(title, async () => {
    manualSeed(1);
    await body();
  });
}

/** One image of one channel. */
function image(...rows: number[][]): Tensor {
  return new Tensor([[rows]]);
}

/** A convolution from one channel to one, without bias, with this kernel. */
function convWith(kernel: number[][], options: Conv2dLayerOptions = {}): Conv2d {
  const conv = new Conv2d(1, 1, [kernel.length, kernel[0].length], { bias: false, ...options });
  conv.weight.value = image(...kernel);
  return conv;
}

function numbers(tensor: Tensor): number[] {
  return [...tensor.data];
}

/** The gradient of the layer's input for an upstream gradient of ones. */
function gradOf(layer: Layer, x: Tensor): number[] {
  return numbers(layer.backward(ones(layer.forward(x).shape)));
}

/** A layer as a user writes one. */
class Doubled extends Layer<true> {
  forward(x: Tensor): Tensor {
    this.save(true);
    return add(x, x);
  }

  backward(dy: Tensor): Tensor {
    this.saved();
    return add(dy, dy);
  }
}

describe.each([wasm, reference])("on $name:", (backend) => {
  let before: Backend;
  beforeAll(() => {
    before = setBackend(backend);
  });
  afterAll(() => {
    setBackend(before);
  });

  describe("Layout", () => {
    convention("Sequences are [N, C, L]; Conv1d and the pools of sequences are those of images of height 1.", () => {
      const [conv, flat] = [new Conv1d(2, 3, 3, { padding: 1 }), new Conv2d(2, 3, [1, 3], { padding: [0, 1] })];
      flat.weight.value = conv.weight.value.reshape([3, 2, 1, 3]);
      flat.bias = conv.bias;
      const x = randn([4, 2, 9]);
      expect(conv.forward(x).data).toEqual(flat.forward(x.reshape([4, 2, 1, 9])).data);
    });

    convention("Images are [N, C, H, W]: batch, channels, height, width.", () => {
      const x = new Tensor([1, 2, 3, 40, 50, 60], [1, 2, 1, 3]); // two planes of one row
      const conv = new Conv2d(2, 1, 1, { bias: false });
      conv.weight.value = new Tensor([1, 0.5], [1, 2, 1, 1]);
      expect(numbers(conv.forward(x))).toEqual([21, 27, 33]);
    });

    convention("The batch axis is required; the error for an image [C, H, W] says how to add it.", () => {
      const remedy = "got [1, 28, 28] (the batch axis is required: x.reshape([1, ...x.shape])).";
      throwsExactly(
        () => new Conv2d(1, 4, 3).forward(zeros([1, 28, 28])),
        ShapeError,
        `Conv2d: expected input [N, 1, H, W], ${remedy}`,
      );
      throwsExactly(
        () => new MaxPool2d(2).forward(zeros([1, 28, 28])),
        ShapeError,
        `MaxPool2d: expected input [N, C, H, W], ${remedy}`,
      );
      expect(() => new Linear(4, 2).forward(zeros([4]))).toThrow("the batch axis is required");
    });

    convention("NHWC data pass through nhwcToNchw at the border; a layer that gets them anyway names it.", () => {
      const pixels = new Tensor([1, 40, 2, 50, 3, 60], [1, 1, 3, 2]);
      expect(nhwcToNchw(pixels).toArray()).toEqual([[[[1, 2, 3]], [[40, 50, 60]]]]);
      expect(() => new Conv2d(2, 1, 1).forward(pixels)).toThrow("for NHWC data use nhwcToNchw");
    });

    convention("The weight of Conv2d is [out, in / groups, kernel height, kernel width], its bias [out].", () => {
      const conv = new Conv2d(4, 6, [3, 5], { groups: 2 });
      expect(conv.weight.shape).toEqual([6, 2, 3, 5]);
      expect(conv.bias?.shape).toEqual([6]);
    });

    convention(
      "The weight of ConvTranspose2d is [in, out / groups, kernel height, kernel width]: that of the convolution whose gradient it is.",
      () => {
        const up = new ConvTranspose2d(4, 6, [3, 2], { groups: 2 });
        expect(up.weight.shape).toEqual([4, 3, 3, 2]);
        expect(new Conv2d(6, 4, [3, 2], { groups: 2 }).weight.shape).toEqual(up.weight.shape);
      },
    );

    convention("The weight of Linear is [out, in], its bias [out]: y = x w^T + b.", () => {
      const linear = new Linear(3, 2);
      linear.weight.value = new Tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
      linear.bias!.value = new Tensor([100, 200]);
      expect(linear.forward(new Tensor([[1, 0, 10]])).toArray()).toEqual([[131, 264]]);
    });

    convention("Flatten joins the axes behind the batch axis, the last one fastest.", () => {
      const x = new Tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 1, 2]);
      expect(new Flatten().forward(x).toArray()).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]); // prettier-ignore
    });

    convention(
      "outputShape has the batch axis, of a layer and of a model; summary takes one sample, without it.",
      () => {
        expect(new Conv2d(3, 8, 3).outputShape([5, 3, 32, 32])).toEqual([5, 8, 30, 30]);
        const model = new Sequential(new Conv2d(3, 8, 3), new Flatten());
        expect(model.outputShape([5, 3, 32, 32])).toEqual([5, 7200]);
        expect(model.summary([3, 32, 32]).rows.map(({ outputShape }) => outputShape)).toEqual([[8, 30, 30], [7200]]);
      },
    );
  });

  describe("Pairs and padding", () => {
    convention(
      "A pair is [vertical, horizontal]: kernelSize, stride, dilation, padding; a number stands for both.",
      () => {
        const size = (kernelSize: number | [number, number], options: Conv2dLayerOptions = {}): Shape =>
          new Conv2d(1, 1, kernelSize, options).outputShape([1, 1, 12, 12]).slice(2);
        expect(size([3, 1])).toEqual([10, 12]);
        expect(size(1, { stride: [2, 1] })).toEqual([6, 12]);
        expect(size(3, { dilation: [2, 1] })).toEqual([8, 10]);
        expect(size(1, { padding: [2, 1] })).toEqual([16, 14]);
        expect(size(3, { stride: 2, dilation: 2, padding: 2 })).toEqual([6, 6]);
        const down = convWith([[1]], { stride: [2, 1] }).forward(image([1, 2], [3, 4], [5, 6]));
        expect(numbers(down)).toEqual([1, 2, 5, 6]);
        expect(new MaxPool2d([3, 2], { padding: [1, 0] }).outputShape([1, 1, 12, 12]).slice(2)).toEqual([4, 6]);
      },
    );

    convention(
      "Four numbers of padding are [top, bottom, left, right]; convolutions and padding layers take them.",
      () => {
        const y = convWith([[1]], { padding: [1, 0, 0, 2] }).forward(image([7]));
        expect(y.toArray()).toEqual([[[[0, 0, 0], [7, 0, 0]]]]); // prettier-ignore
        expect(new ZeroPad2d([1, 0, 0, 2]).forward(image([7])).toArray()).toEqual(y.toArray());
        expect(() => new MaxPool2d(2, { padding: [1, 0, 0, 1] as never })).toThrow(ArgumentError);
      },
    );

    convention('Padding "valid" is none.', () => {
      expect(new Conv2d(1, 1, 3, { padding: "valid" }).outputShape([1, 1, 5, 5])).toEqual([1, 1, 3, 3]);
    });

    convention('Padding "same" gives ceil(size / stride) and puts floor(total / 2) of its zeros before.', () => {
      const x = image([1, 2, 3, 4, 5, 6]);
      // Two taps need one zero: it comes after. The first tap alone shows where the windows start.
      expect(numbers(convWith([[1, 0]], { padding: "same" }).forward(x))).toEqual([1, 2, 3, 4, 5, 6]);
      expect(numbers(convWith([[0, 1]], { padding: "same" }).forward(x))).toEqual([2, 3, 4, 5, 6, 0]);
      // Three taps at stride 2 need one zero, too, where PyTorch's padding of 1 would put one on each side.
      expect(numbers(convWith([[1, 0, 0]], { padding: "same", stride: [1, 2] }).forward(x))).toEqual([1, 3, 5]);
      expect(numbers(convWith([[1, 0, 0]], { padding: [0, 1], stride: [1, 2] }).forward(x))).toEqual([0, 2, 4]);
    });

    convention(
      "paddingMode zeros adds zeros, reflect mirrors without the edge pixel, replicate repeats it, circular goes on at the other side.",
      () => {
        const padded = (paddingMode: "zeros" | "reflect" | "replicate" | "circular"): number[] =>
          numbers(convWith([[1]], { padding: [0, 2], paddingMode }).forward(image([1, 2, 3])));
        expect(padded("zeros")).toEqual([0, 0, 1, 2, 3, 0, 0]);
        expect(padded("reflect")).toEqual([3, 2, 1, 2, 3, 2, 1]);
        expect(padded("replicate")).toEqual([1, 1, 1, 2, 3, 3, 3]);
        expect(padded("circular")).toEqual([2, 3, 1, 2, 3, 1, 2]);
      },
    );

    convention("The gradient that falls on the padding goes back to the pixels that filled it.", () => {
      const counts = (paddingMode: "zeros" | "reflect" | "replicate" | "circular"): number[] =>
        gradOf(convWith([[1]], { padding: [0, 2], paddingMode }), image([1, 2, 3]));
      expect(counts("zeros")).toEqual([1, 1, 1]);
      expect(counts("reflect")).toEqual([2, 3, 2]);
      expect(counts("replicate")).toEqual([3, 1, 3]);
      expect(counts("circular")).toEqual([2, 3, 2]);
    });

    convention("reflect needs an image larger than its padding, circular one at least as large.", () => {
      const run = (paddingMode: "reflect" | "circular", padding: number): Tensor =>
        convWith([[1]], { padding, paddingMode }).forward(zeros([1, 1, 3, 3]));
      expect(run("reflect", 2).shape).toEqual([1, 1, 7, 7]);
      expect(() => run("reflect", 3)).toThrow(ShapeError);
      expect(run("circular", 3).shape).toEqual([1, 1, 9, 9]);
      expect(() => run("circular", 4)).toThrow(ShapeError);
    });

    convention("A negative padding of a padding layer cuts off; CircularPad2d goes on with what is left.", () => {
      expect(numbers(new ZeroPad2d([0, 0, -1, 1]).forward(image([1, 2, 3])))).toEqual([2, 3, 0]);
      expect(numbers(new CircularPad2d([0, 0, -1, 2]).forward(image([1, 2, 3])))).toEqual([2, 3, 2, 3]);
    });

    convention("The padding of a pool is a number or a pair, at most half the kernel.", () => {
      expect(new AvgPool2d([4, 2], { padding: [2, 1] }).outputShape([1, 1, 4, 4])).toEqual([1, 1, 2, 3]);
      throwsExactly(
        () => new MaxPool2d(3, { padding: 2 }),
        ArgumentError,
        "MaxPool2d: expected padding of at most half the kernel [3, 3], got [2, 2].",
      );
    });
  });

  describe("Output size", () => {
    convention("A stride that does not divide rounds down; what it leaves unused gets gradient 0.", () => {
      const x = image([1, 2, 3, 4, 5, 6]);
      const conv = convWith([[1, 1]], { stride: [1, 3] });
      expect(numbers(conv.forward(x))).toEqual([3, 9]);
      expect(gradOf(conv, x)).toEqual([1, 1, 0, 1, 1, 0]);
      expect(gradOf(new MaxPool2d([1, 4]), x)).toEqual([0, 0, 0, 1, 0, 0]);
    });

    convention("With ceilMode a pool adds a last window if that starts inside the image or its left padding.", () => {
      const size = (length: number, options: object): number =>
        new MaxPool2d([1, 2], { stride: [1, 3], ceilMode: true, ...options }).outputShape([1, 1, 1, length])[3];
      expect(size(4, {})).toBe(2); // the second window starts at the last pixel
      expect(size(3, {})).toBe(1); // it would start behind the image
      expect(size(3, { padding: [0, 1] })).toBe(2); // with a pixel of padding before, it starts one earlier
      expect(size(4, { ceilMode: false })).toBe(1);
    });

    convention("A kernel or window that is larger than the padded image is a ShapeError.", () => {
      expect(() => new Conv2d(1, 1, 5).forward(zeros([1, 1, 4, 4]))).toThrow(ShapeError);
      expect(new Conv2d(1, 1, 5, { padding: 1 }).forward(zeros([1, 1, 4, 4])).shape).toEqual([1, 1, 2, 2]);
      expect(() => new Conv2d(1, 1, 3, { dilation: 2 }).forward(zeros([1, 1, 4, 4]))).toThrow(ShapeError);
      expect(() => new MaxPool2d(5).forward(zeros([1, 1, 4, 4]))).toThrow(ShapeError);
    });

    convention(
      "outputPadding of ConvTranspose2d adds rows at the end, less than the stride or the dilation; outputSize says the output instead.",
      () => {
        const up = new ConvTranspose2d(1, 1, 1, { stride: 2, outputPadding: 1, bias: false });
        up.weight.value = image([2]);
        expect(up.forward(image([3])).toArray()).toEqual([[[[6, 0], [0, 0]]]]); // prettier-ignore
        expect(() => new ConvTranspose2d(1, 1, 1, { stride: 2, outputPadding: 2 })).toThrow(ArgumentError);
        expect(new ConvTranspose2d(1, 1, 1, { stride: 2, outputSize: 6 }).outputShape([1, 1, 3, 3])).toEqual([
          1, 1, 6, 6,
        ]);
      },
    );

    convention(
      "The nearest pixel of Upsample is floor(i / scaleFactor); its other modes count from the middle of pixels, unless alignCorners.",
      () => {
        const x = image([0, 4]);
        expect(numbers(new Upsample({ scaleFactor: [1, 2] }).forward(x))).toEqual([0, 0, 4, 4]);
        expect(numbers(new Upsample({ scaleFactor: [1, 2], mode: "bilinear" }).forward(x))).toEqual([0, 1, 3, 4]);
        const corners = new Upsample({ size: [1, 3], mode: "bilinear", alignCorners: true });
        expect(numbers(corners.forward(x))).toEqual([0, 2, 4]);
      },
    );

    convention(
      "PixelShuffle takes the channels of one square in a row: channel (c f + i) f + j is pixel (i, j).",
      () => {
        const x = new Tensor([1, 2, 3, 4, 5, 6, 7, 8], [1, 8, 1, 1]);
        expect(new PixelShuffle(2).forward(x).toArray()).toEqual([[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]); // prettier-ignore
      },
    );

    convention("ChannelShuffle puts channel c of group g at c G + g, for G groups.", () => {
      const x = new Tensor([1, 2, 3, 4, 5, 6], [1, 6, 1, 1]);
      expect([...new ChannelShuffle(3).forward(x).data]).toEqual([1, 3, 5, 2, 4, 6]);
    });

    convention("A Slice that the axis does not hold is a ShapeError; nothing is cut short.", () => {
      expect(new Slice(1, 4).outputShape([2, 4])).toEqual([2, 3]);
      expect(() => new Slice(1, 5).outputShape([2, 4])).toThrow(ShapeError);
      expect(() => new Slice(-5, null).outputShape([2, 4])).toThrow(ShapeError);
    });

    convention("The stride of a pool is its kernel size unless given; that of a convolution is 1.", () => {
      expect(new MaxPool2d([3, 2]).outputShape([1, 1, 12, 12])).toEqual([1, 1, 4, 6]);
      expect(new AvgPool2d([3, 2]).outputShape([1, 1, 12, 12])).toEqual([1, 1, 4, 6]);
      expect(new Conv2d(1, 1, [3, 2]).outputShape([1, 1, 12, 12])).toEqual([1, 1, 10, 11]);
    });
  });

  describe("Pooling", () => {
    convention("Max-pool padding is -Infinity, never 0.", () => {
      const pool = new MaxPool2d(2, { padding: 1 });
      expect(numbers(pool.forward(image([-5, -6], [-7, -8])))).toEqual([-5, -6, -7, -8]);
    });

    convention("Of equal numbers in a window the first in row-major order wins and takes the whole gradient.", () => {
      expect(gradOf(new MaxPool2d(2), image([1, 3], [3, 3]))).toEqual([0, 1, 0, 0]);
    });

    convention("A NaN wins over every number, and the last NaN of a window over the others.", () => {
      const pool = new MaxPool2d([1, 4], { returnIndices: true });
      expect(numbers(pool.forward(image([NaN, 9, NaN, Infinity])))).toEqual([NaN]);
      expect(pool.indices).toEqual(Int32Array.of(2));
    });

    convention(
      "The indices of a max pool are flat in the image plane, h * W + w, and start anew in each plane.",
      () => {
        const pool = new MaxPool2d(2, { returnIndices: true });
        pool.forward(new Tensor([...[0, 0, 0, 9, 0, 5, 0, 0], ...[0, 0, 0, 0, 7, 0, 0, 8]], [1, 2, 2, 4]));
        expect(pool.indices).toEqual(Int32Array.of(5, 3, 4, 7));
      },
    );

    convention("A window that holds nothing but padding is a ShapeError.", () => {
      const pool = new MaxPool2d(2, { padding: 1, dilation: 3 });
      throwsExactly(
        () => pool.forward(zeros([1, 1, 2, 2])),
        ShapeError,
        "MaxPool2d: expected every window to hold a pixel of the image, got window 0 of the rows with nothing but padding " +
          "(input [1, 1, 2, 2]; use less dilation).",
      );
    });

    convention("An average counts padding in its divisor, unless countIncludePad is false.", () => {
      const options = { stride: 2, padding: 1 };
      const x = image([4, 8], [16, 32]); // each pixel alone in a window with three of padding
      expect(numbers(new AvgPool2d(2, options).forward(x))).toEqual([1, 2, 4, 8]);
      expect(numbers(new AvgPool2d(2, { ...options, countIncludePad: false }).forward(x))).toEqual([4, 8, 16, 32]);
    });

    convention("An average never counts what ceilMode hangs over the padded edge.", () => {
      const pool = new AvgPool2d(2, { ceilMode: true });
      expect(numbers(pool.forward(image([2, 2, 8], [6, 2, 4], [1, 5, 9])))).toEqual([3, 6, 3, 9]);
      const corner = new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }); // one pixel, three of padding, five beyond
      expect(numbers(corner.forward(image([0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 12]))).at(-1)).toBe(3);
    });

    convention(
      "Window i of n of an adaptive pool holds the rows floor(i H / n) to ceil((i + 1) H / n) - 1; null keeps a size.",
      () => {
        const x = image([1, 2, 6, 8, 4]);
        expect(numbers(new AdaptiveMaxPool2d([null, 3]).forward(x))).toEqual([2, 8, 8]); // 1 2, 2 6 8, 8 4
        expectClose(numbers(new AdaptiveAvgPool2d([null, 2]).forward(x)), [3, 6], 1e-5); // 1 2 6, 6 8 4
      },
    );

    convention(
      "MaxUnpool2d holds what stands between pooling and unpooling; of overlapping windows with one place the last counts.",
      () => {
        expect(numbers(new MaxUnpool2d([1, 2], new Scale(10)).forward(image([1, 5, 7, 2])))).toEqual([0, 50, 70, 0]);
        const overlap = new MaxUnpool2d([1, 2], new Sequential(), { stride: 1 });
        overlap.forward(image([1, 5, 2]));
        expect(numbers(overlap.backward(image([1, 2, 4])))).toEqual([0, 2, 0]);
      },
    );

    convention("divisorOverride divides every window, whatever it holds.", () => {
      const pool = new AvgPool2d([1, 2], { stride: [1, 2], ceilMode: true, divisorOverride: 4 });
      expect(numbers(pool.forward(image([2, 4, 8])))).toEqual([1.5, 2]);
      expect(gradOf(pool, image([2, 4, 8]))).toEqual([0.25, 0.25, 0.25]);
    });
  });

  describe("Activations and dropout", () => {
    convention("The derivative of ReLU at 0 is 0.", () => {
      expect(gradOf(new ReLU(), new Tensor([-1, 0, 1]))).toEqual([0, 0, 1]);
    });

    convention("ReLU of NaN is NaN, and the gradient passes there.", () => {
      expect(numbers(new ReLU().forward(new Tensor([NaN, -Infinity])))).toEqual([NaN, 0]);
      expect(gradOf(new ReLU(), new Tensor([NaN]))).toEqual([1]);
    });

    convention("LeakyReLU, PReLU and ELU take at 0 the slope of the numbers below.", () => {
      expect(gradOf(new LeakyReLU({ negativeSlope: 0.25 }), new Tensor([0]))).toEqual([0.25]);
      expect(gradOf(new PReLU({ init: 0.5 }), new Tensor([0]))).toEqual([0.5]);
      expect(gradOf(new ELU({ alpha: 0.75 }), new Tensor([0]))).toEqual([0.75]);
    });

    convention(
      "ReLU6, Hardtanh and Hardsigmoid have the derivative 0 at their bends; Hardswish has 0 at -3 and 1 at 3.",
      () => {
        expect(gradOf(new ReLU6(), new Tensor([0, 3, 6]))).toEqual([0, 1, 0]);
        expect(gradOf(new Hardtanh(), new Tensor([-1, 0, 1]))).toEqual([0, 1, 0]);
        expect(gradOf(new Hardsigmoid(), new Tensor([-3, 3]))).toEqual([0, 0]);
        expect(gradOf(new Hardswish(), new Tensor([-3, 3]))).toEqual([0, 1]);
      },
    );

    convention("ReLU6 and Hardtanh of NaN are NaN, and the gradient passes there.", () => {
      for (const layer of [new ReLU6(), new Hardtanh()]) {
        expect(numbers(layer.forward(new Tensor([NaN])))).toEqual([NaN]);
        expect(gradOf(layer, new Tensor([NaN]))).toEqual([1]);
      }
    });

    convention("Softmax and LogSoftmax run along axis 1 unless told otherwise.", () => {
      const x = zeros([2, 4, 3]);
      expect(numbers(new Softmax().forward(x))).toEqual(new Array(24).fill(0.25));
      expect(numbers(new Softmax({ dim: -1 }).forward(x))).toEqual(new Array(24).fill(Math.fround(1 / 3)));
      expectClose(new LogSoftmax().forward(x).data, new Array(24).fill(-Math.log(4)), 4 * EPS32);
    });

    convention("In train mode dropout gives 0 with probability p, else x / (1 - p).", () => {
      const y = new Dropout(0.75).forward(ones([10_000]));
      expect(new Set(y.data)).toEqual(new Set([0, 4]));
      const zeroed = y.data.filter((value) => value === 0).length;
      expect(Math.abs(zeroed - 7500)).toBeLessThan(4 * Math.sqrt(10_000 * 0.75 * 0.25));
    });

    convention("The backward of dropout uses the mask of its forward.", () => {
      const layer = new Dropout(0.3);
      const y = layer.forward(ones([100]));
      expect(numbers(layer.backward(ones([100])))).toEqual(numbers(y));
      expect(numbers(layer.forward(ones([100])))).not.toEqual(numbers(y)); // each forward draws anew
    });

    convention("p is from 0 to 1; p = 1 gives zeros and a zero gradient.", () => {
      expect(numbers(new Dropout(1).forward(ones([3])))).toEqual([0, 0, 0]);
      expect(gradOf(new Dropout(1), ones([3]))).toEqual([0, 0, 0]);
      expect(numbers(new Dropout(0).forward(ones([3])))).toEqual([1, 1, 1]);
      for (const p of [-0.1, 1.5, NaN]) expect(() => new Dropout(p)).toThrow(ArgumentError);
    });

    convention("In eval mode dropout is the identity, and so it is in predict.", () => {
      const layer = new Dropout(0.5);
      expect(numbers(layer.predict(ones([50])))).toEqual(new Array(50).fill(1));
      layer.eval();
      expect(numbers(layer.forward(ones([50])))).toEqual(new Array(50).fill(1));
      expect(numbers(layer.backward(ones([50])))).toEqual(new Array(50).fill(1));
    });

    convention(
      "LocalResponseNorm divides the sum of squares by size, also at the first and last channels; an even window has one more before.",
      () => {
        const layer = new LocalResponseNorm(2, { alpha: 2, beta: 1, k: 0 });
        expect(numbers(layer.forward(new Tensor([1, 2, 4], [1, 3, 1])))).toEqual(
          [1 / 1, 2 / 5, 4 / 20].map((value) => expect.closeTo(value, 6) as number),
        );
      },
    );

    convention(
      "Batch norm divides by the biased deviation and keeps the unbiased variance; momentum is the share of the new batch.",
      () => {
        const layer = new BatchNorm1d(1, { eps: 0, momentum: 0.25 });
        expect(layer.forward(new Tensor([[1], [3]])).toArray()).toEqual([[-1], [1]]);
        expect(layer.runningVar!.value.toArray()).toEqual([0.75 * 1 + 0.25 * 2]);
      },
    );

    convention(
      "InstanceNorm2d has neither weights nor running statistics unless asked; those it keeps are means over the samples.",
      () => {
        expect(Object.keys(new InstanceNorm2d(2).stateDict())).toEqual([]);
        const layer = new InstanceNorm2d(1, { momentum: 1, trackRunningStats: true });
        layer.forward(new Tensor([[[[1, 3]]], [[[10, 14]]]]));
        expect(numbers(layer.runningMean!.value)).toEqual([7]); // of 2 and 12
        expect(numbers(layer.runningVar!.value)).toEqual([5]); // of 2 and 8, unbiased
      },
    );

    convention("LayerNorm normalizes the last axes, each place of them with a weight and a bias of its own.", () => {
      const layer = new LayerNorm(2, { eps: 0 });
      layer.weight!.value = new Tensor([1, 10]);
      expect(layer.forward(image([1, 3], [5, 9])).toArray()).toEqual([[[[-1, 10], [-1, 10]]]]); // prettier-ignore
    });

    convention("DropBlock2d refuses a square that is larger than the image.", () => {
      expect(() => new DropBlock2d(0.1, 4).outputShape([1, 1, 3, 9])).toThrow(ShapeError);
      expect(new DropBlock2d(0.1, 4).outputShape([1, 1, 4, 9])).toEqual([1, 1, 4, 9]);
    });

    convention("Dropout2d drops whole channels of a sample.", () => {
      const y = new Dropout2d(0.5).forward(ones([2, 32, 3, 3]));
      const planes = Array.from({ length: 64 }, (_, i) => [...new Set(y.data.subarray(9 * i, 9 * i + 9))]);
      expect(planes.every((values) => values.length === 1)).toBe(true);
      for (const sample of [planes.slice(0, 32), planes.slice(32)]) {
        expect(new Set(sample.flat())).toEqual(new Set([0, 2]));
      }
    });
  });

  describe("Parameters", () => {
    convention("Weight and bias of Conv2d and Linear start uniform within 1 / sqrt(fanIn).", () => {
      const layers = [new Conv2d(8, 32, 5, { groups: 2 }), new Linear(100, 400)];
      for (const { weight, bias } of layers) {
        const limit = 1 / Math.sqrt(weight.size / weight.shape[0]); // 1/10 both
        for (const { data } of [weight.value, bias!.value]) {
          expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(limit);
        }
        const meanSquare = weight.value.data.reduce((sum, value) => sum + value * value, 0) / weight.size;
        expect(Math.abs(meanSquare / (limit * limit) - 1 / 3)).toBeLessThan(0.02); // that of a uniform distribution
      }
    });

    convention(
      "A parameter's numbers are drawn when they are first read, so a model is counted without its weights.",
      () => {
        const huge = new Linear(1_000_000, 1_000_000);
        expect(huge.weight.size).toBe(1e12);
        expect(new Sequential(huge).summary([1_000_000]).totalParameters).toBe(1e12 + 1e6);
      },
    );

    convention("Every array that handgrad hands out is an ordinary one of its own, with byteOffset 0.", () => {
      const layer = new Linear(3, 2);
      layer.backward(layer.forward(ones([1, 3])));
      const { weight, bias } = layer.stateDict();
      for (const { data } of [weight, bias, layer.weight.grad, layer.predict(ones([1, 3]))]) {
        expect([data.buffer instanceof ArrayBuffer, data.byteOffset]).toEqual([true, 0]);
        expect(data.buffer.byteLength).toBe(data.byteLength);
      }
    });

    convention(
      "value.data and grad.data are live both ways: a pass sees what was written, and an array taken before a step shows it.",
      () => {
        const layer = new Linear(1, 1, { bias: false });
        const [w, dw] = [layer.weight.value.data, layer.weight.grad.data];
        w[0] = 3;
        expect(layer.forward(new Tensor([[2]])).item()).toBe(6);
        layer.backward(new Tensor([[1]]));
        expect(dw[0]).toBe(2);
        dw[0] = 4;
        new SGD([layer.weight], { lr: 0.5 }).step();
        expect(w[0]).toBe(1);
      },
    );

    convention("A tensor or a parameter whose array was transferred away is an error at its next use.", () => {
      const layer = new Linear(2, 1);
      const x = ones([1, 2]);
      structuredClone(x.data, { transfer: [x.data.buffer as ArrayBuffer] });
      expect(() => layer.forward(x)).toThrow(/^Linear: expected input to have its numbers, .* transferred/);
      const { data } = layer.weight.value;
      structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
      expect(() => layer.predict(ones([1, 2]))).toThrow(/^Parameter: expected .* transferred \(transfer a copy/);
    });

    convention("A model that nobody holds costs no memory, in a synchronous loop either: nothing is disposed.", () => {
      const { memoryBytes } = handgrad.backendInfo();
      for (let i = 0; i < 60; i++) {
        const layer = new Linear(1024, 512, { bias: false });
        layer.weight.initialize(zerosInit());
        layer.weight.grad.data[0] = layer.weight.value.at(0, 0); // 4 MB
      }
      expect(handgrad.backendInfo().memoryBytes - memoryBytes).toBeLessThan(100 << 20);
    });

    convention("grad is zeros before the first backward.", () => {
      const conv = new Conv2d(1, 2, 2);
      expect(numbers(conv.weight.grad)).toEqual(new Array(8).fill(0));
      expect(numbers(conv.bias!.grad)).toEqual([0, 0]);
    });

    convention("backward adds to the gradients of the parameters; zeroGrad sets them to 0.", () => {
      const linear = new Linear(2, 1);
      const once = (): void => {
        linear.forward(new Tensor([[3, 5]]));
        linear.backward(new Tensor([[2]]));
      };
      once();
      expect(numbers(linear.weight.grad)).toEqual([6, 10]);
      once();
      expect([...numbers(linear.weight.grad), ...numbers(linear.bias!.grad)]).toEqual([12, 20, 4]);
      linear.zeroGrad();
      expect([...numbers(linear.weight.grad), ...numbers(linear.bias!.grad)]).toEqual([0, 0, 0]);
    });

    convention(
      "The parameters, buffers and sub-layers of a layer are its public fields, named as the fields, in their order.",
      () => {
        class Block extends Layer {
          readonly scale = new Parameter(new Tensor([2]));
          readonly first = new Linear(2, 3);
          readonly second = new Sequential(new Linear(3, 1, { bias: false }));
          readonly notMine = "no state";
          forward(x: Tensor): Tensor {
            return x;
          }
          backward(dy: Tensor): Tensor {
            return dy;
          }
        }
        const names = ["scale", "first.weight", "first.bias", "second.0.weight"];
        expect(Object.keys(new Block().stateDict())).toEqual(names);
        expect(new Block().namedParameters().map(([name]) => name)).toEqual(names);
      },
    );

    convention("State dicts have PyTorch's names: 0.weight, features.3.bias.", () => {
      const features = new Sequential(new Conv2d(1, 2, 3), new ReLU(), new MaxPool2d(2), new Conv2d(2, 4, 3));
      const model = new Sequential(
        ["features", features],
        ["flatten", new Flatten()],
        ["classifier", new Linear(4, 2)],
      );
      const expected = ["features.0.weight", "features.0.bias", "features.3.weight", "features.3.bias"];
      expect(Object.keys(model.stateDict())).toEqual([...expected, "classifier.weight", "classifier.bias"]);
      expect(Object.keys(new Sequential(new Linear(1, 1)).stateDict())).toEqual(["0.weight", "0.bias"]);
    });

    convention("loadStateDict is strict unless told otherwise, and after an error nothing has changed.", () => {
      const linear = new Linear(1, 1);
      const before = numbers(linear.weight.value);
      const entries = { weight: new Tensor([[7]]), bais: new Tensor([8]) };
      expect(() => linear.loadStateDict(entries)).toThrow(ArgumentError);
      expect(numbers(linear.weight.value)).toEqual(before);
      expect(linear.loadStateDict(entries, { strict: false })).toEqual({
        missing: ["bias"],
        unexpected: ["bais"],
        mismatched: [],
      });
      expect(numbers(linear.weight.value)).toEqual([7]);
    });

    convention("Weights are shared by sharing Parameters: updated once, and in the state dict under each name.", () => {
      class Scale extends Layer<Tensor> {
        constructor(readonly factor: Parameter) {
          super();
        }
        forward(x: Tensor): Tensor {
          this.save(x);
          return multiply(x, this.factor.value);
        }
        backward(dy: Tensor): Tensor {
          this.factor.accumulate(multiply(dy, this.saved()));
          return multiply(dy, this.factor.value);
        }
      }
      const factor = new Parameter(new Tensor([3]));
      const model = new Sequential(new Scale(factor), new Scale(factor)); // y = factor^2 x
      model.forward(new Tensor([5]));
      model.backward(new Tensor([1]));
      new SGD(model.parameters(), { lr: 0.5 }).step();
      expect(numbers(factor.value)).toEqual([3 - 0.5 * (2 * 3 * 5)]);
      expect(Object.keys(model.stateDict())).toEqual(["0.factor", "1.factor"]);
    });
  });

  describe("State", () => {
    convention("Models start in train mode; train and eval reach every layer inside.", () => {
      const inner = new Dropout(0.5);
      const model = new Sequential(new Sequential(inner));
      expect([model.training, inner.training]).toEqual([true, true]);
      model.eval();
      expect([model.training, inner.training]).toEqual([false, false]);
      model.train();
      expect([model.training, inner.training]).toEqual([true, true]);
    });

    convention("Each forward has one backward: without a forward, or a second time, it is a StateError.", () => {
      const relu = new ReLU();
      throwsExactly(
        () => relu.backward(ones([1])),
        StateError,
        "ReLU.backward: expected a forward before it, got none (call forward first; predict saves nothing).",
      );
      relu.forward(ones([1]));
      relu.backward(ones([1]));
      throwsExactly(
        () => relu.backward(ones([1])),
        StateError,
        "ReLU.backward: expected one backward for each forward, got a second one (call forward again first).",
      );
    });

    convention("What a layer saved belongs to its latest forward.", () => {
      const linear = new Linear(1, 1);
      linear.forward(new Tensor([[3]]));
      linear.forward(new Tensor([[5]]));
      linear.backward(new Tensor([[1]]));
      expect(numbers(linear.weight.grad)).toEqual([5]);
    });

    convention("A backward that is refused for its dy uses nothing up.", () => {
      const model = new Sequential(new ReLU(), new Linear(1, 1));
      model.forward(new Tensor([[3]]));
      expect(() => model.backward(new Tensor([1]))).toThrow(ShapeError);
      model.backward(new Tensor([[1]]));
      expect(numbers((model.get(1) as Linear).weight.grad)).toEqual([3]);
    });

    convention("forward saves in eval mode, too.", () => {
      const linear = new Linear(1, 1).eval();
      linear.forward(new Tensor([[3]]));
      linear.backward(new Tensor([[1]]));
      expect(numbers(linear.weight.grad)).toEqual([3]);
    });

    convention("predict saves nothing, so it may run between a forward and its backward.", () => {
      const model = new Sequential(new Linear(1, 1), new ReLU());
      model.forward(new Tensor([[3]]));
      const dx = numbers(model.backward(new Tensor([[1]])));
      model.forward(new Tensor([[3]]));
      model.predict(new Tensor([[-500]]));
      expect(numbers(model.backward(new Tensor([[1]])))).toEqual(dx);
      model.predict(new Tensor([[3]]));
      expect(() => model.backward(new Tensor([[1]]))).toThrow(StateError);
    });

    convention(
      "What looks inside a model leaves no trace in it: modes, gradients, statistics, draws and a waiting backward are as before.",
      () => {
        const run = (look: (model: Sequential, x: Tensor) => void): number[] => {
          manualSeed(1);
          const model = new Sequential(new Linear(4, 3), new BatchNorm1d(3), new Dropout(0.5), new ReLU());
          const x = rand([5, 4], { seed: 2 });
          const y = model.forward(x);
          look(model, x);
          const dx = model.backward(ones(y.shape));
          const state = Object.values(model.stateDict()).flatMap(numbers);
          return [
            ...numbers(dx),
            ...state,
            ...model.parameters().flatMap(({ grad }) => numbers(grad)),
            Number(model.training),
          ];
        };
        const looks = (model: Sequential, x: Tensor): void => {
          saliency(model, x, { target: 2 });
          activationStatistics(model, x, { training: true });
        };
        expect(run(looks)).toEqual(run(() => undefined));
      },
    );

    convention("watch gives copies; what it is given back goes on in the place of y or dx.", () => {
      const model = new Sequential(new ReLU(), new ReLU());
      const seen: Tensor[] = [];
      const forward = ({ y }: { readonly y: Tensor }): Tensor => (seen.push(y), multiply(y, -1));
      const y = watch(model, { layers: ["0"], forward }, () => model.forward(new Tensor([[2, -3]])));
      expect(numbers(seen[0])).toEqual([2, 0]);
      seen[0].data.fill(7);
      expect(numbers(y)).toEqual([0, 0]);
      const backward = ({ dx }: { readonly dx: Tensor | undefined }): Tensor | undefined => dx && multiply(dx, 0);
      const dx = watch(model, { layers: [""], backward }, () => model.backward(new Tensor([[1, 1]])));
      expect(numbers(dx)).toEqual([0, 0]);
    });

    convention(
      "predict returns what forward returns in eval mode, logits for a classifier, and leaves the mode as it was.",
      () => {
        const model = new Sequential(new Linear(4, 3), new Dropout(0.5));
        const x = rand([2, 4], { seed: 2 });
        const y = model.predict(x);
        expect(model.training).toBe(true);
        expect(numbers(model.eval().forward(x))).toEqual(numbers(y));
        model.predict(x);
        expect(model.training).toBe(false);
      },
    );

    convention("A layer stands once in a model.", () => {
      const relu = new ReLU();
      expect(() => new Sequential(new Linear(1, 1), relu, new Linear(1, 1), relu)).toThrow(
        "layers 1 and 3 are the same ReLU object; write new ReLU() for each",
      );
    });

    convention("The gradient of an input is a tensor of its own: no later call changes it.", () => {
      const conv = new Conv2d(1, 1, 2);
      const x = rand([1, 1, 4, 4], { seed: 1 });
      const dy = ones(conv.forward(x).shape);
      const dx = conv.backward(dy);
      const copy = numbers(dx);
      conv.forward(rand([1, 1, 4, 4], { seed: 2 }));
      expect(conv.backward(dy)).not.toBe(dx);
      expect(numbers(dx)).toEqual(copy);
    });

    convention("inputGrad: false leaves out the gradient of the model's input and changes no other.", () => {
      const model = new Sequential(new Linear(2, 2), new ReLU(), new Linear(2, 1));
      const gradients = (inputGrad: boolean): unknown => {
        model.zeroGrad();
        model.forward(new Tensor([[1, 2]]));
        const dy = new Tensor([[1]]);
        const dx = inputGrad ? model.backward(dy) : model.backward(dy, { inputGrad: false });
        expect(dx === undefined).toBe(!inputGrad);
        return model.parameters().map(({ grad }) => numbers(grad));
      };
      expect(gradients(false)).toEqual(gradients(true));
    });

    convention(
      "A tensor that several layers of a Graph read gets the sum of their gradients, added in a fixed order.",
      () => {
        // 1 and twice half of what 1 is rounded to: from behind, c and b are added first.
        const times = (factor: number): Linear => {
          const layer = new Linear(1, 1, { bias: false });
          layer.weight.value.data[0] = factor;
          return layer;
        };
        const gradient = (...factors: [number, number, number]): number => {
          const net = new Graph([
            ["a", times(factors[0]), "x"],
            ["b", times(factors[1]), "x"],
            ["c", times(factors[2]), "x"],
            ["sum", new Add(), "a", "b", "c"],
          ]);
          net.forward(ones([1, 1]));
          return net.backward(ones([1, 1])).data[0];
        };
        const tiny = 2 ** -24;
        expect(gradient(1, tiny, tiny)).toBe(1 + 2 ** -23);
        expect(gradient(tiny, tiny, 1)).toBe(1);
      },
    );

    convention("In a join an axis of size 1 other than the batch stretches, and its gradient is summed.", () => {
      const net = new Graph([["y", new Multiply(), "a", "b"]], { inputs: ["a", "b"] });
      const [a, b] = [new Tensor([[1, 2, 3]]), new Tensor([[10]])];
      expect(numbers(net.forward({ a, b }).y)).toEqual([10, 20, 30]);
      expect(numbers(net.backward({ y: ones([1, 3]) }).b)).toEqual([6]);
      expect(() => net.forward({ a: ones([2, 3]), b: ones([1, 3]) })).toThrow(ShapeError);
    });

    convention("What goes into a Graph as a record comes out as one, and a tensor as a tensor.", () => {
      const net = new Graph([["y", new ReLU()]]);
      expect(numbers(net.forward(new Tensor([[-1, 2]])))).toEqual([0, 2]);
      expect(numbers(net.forward({ x: new Tensor([[-1, 2]]) }).y)).toEqual([0, 2]);
      expect(numbers(net.backward({ y: ones([1, 2]) }).x)).toEqual([0, 1]);
    });

    convention("A frozen parameter gets no gradient, and optimizers leave it alone.", () => {
      const layer = new Linear(2, 1).freeze();
      const before = layer.weight.value.toArray();
      layer.forward(ones([1, 2]));
      layer.backward(ones([1, 1]));
      new SGD(layer.parameters(), { lr: 1, weightDecay: 1 }).step();
      expect(layer.weight.hasGrad).toBe(false);
      expect(layer.weight.value.toArray()).toEqual(before);
    });

    convention(
      "What a layer kept belongs to its pass: another forward of a part before the model's backward is a StateError.",
      () => {
        const part = new Linear(2, 2);
        const model = new Sequential(part, new ReLU());
        model.forward(ones([1, 2]));
        part.forward(ones([1, 2]));
        expect(() => model.backward(ones([1, 2]))).toThrow(StateError);
      },
    );

    convention(
      "Your own layer extends Layer; an object with forward and backward is one, too, without parameters.",
      () => {
        const plain = { forward: (x: Tensor) => add(x, 1), backward: (dy: Tensor) => dy };
        const model = new Sequential(new Doubled(), plain);
        expect(numbers(model.forward(new Tensor([[3]])))).toEqual([7]);
        expect(numbers(model.backward(new Tensor([[1]])))).toEqual([2]);
        expect(model.parameters()).toEqual([]);
      },
    );
  });

  describe("Cross-entropy", () => {
    const logits = new Tensor([[0, Math.log(3)], [0, 0]]); // prettier-ignore
    const losses = [Math.log(4), Math.log(2)]; // for label 0: -log of 1/4 and of 1/2
    const bound = sumBound(2, 4);

    convention("Cross-entropy takes logits, by log-sum-exp: no size of a logit overflows it.", () => {
      const loss = new CrossEntropy();
      expect(loss.forward(new Tensor([[1000, 0]]), [1])).toBe(1000);
      expect(numbers(loss.backward())).toEqual([1, -1]);
      expectClose([loss.forward(logits, [0, 0])], [(losses[0] + losses[1]) / 2], bound);
    });

    convention("Labels are an array of class indices, as many as N times the spatial size.", () => {
      const map = new Tensor([5, 0, 0, 5, 0, 0, 0, 0], [1, 2, 2, 2]); // two classes, four pixels, row-major
      const each = new CrossEntropy({ reduction: "none" }).forward(map, Int32Array.of(0, 1, 1, 0));
      expect(each.shape).toEqual([1, 2, 2]);
      const right = Math.log(1 + Math.exp(-5));
      expectClose(each.data, [right, Math.log(2), Math.log(2), right], bound);
      expect(() => new CrossEntropy().forward(map, [0])).toThrow(ShapeError);
    });

    convention("A Tensor as target means probabilities in the shape of the logits, never indices.", () => {
      const loss = new CrossEntropy();
      const halves = loss.forward(logits, new Tensor([[0.5, 0.5], [1, 0]])); // prettier-ignore
      expectClose([halves], [(0.5 * losses[0] + 0.5 * Math.log(4 / 3) + losses[1]) / 2], bound);
      expect(() => loss.forward(logits, new Tensor([0, 1]))).toThrow("class indices are a plain array or Int32Array");
    });

    convention("The mean over indices divides by the weights of the targets that count.", () => {
      const loss = new CrossEntropy({ weight: [1, 3], ignoreIndex: 9 });
      const three = new Tensor([[0, Math.log(3)], [0, 0], [5, 5]]); // prettier-ignore
      expectClose([loss.forward(three, [0, 1, 9])], [(losses[0] + 3 * losses[1]) / (1 + 3)], bound);
    });

    convention("The mean over probabilities divides by N times the spatial size, whatever the weights.", () => {
      const loss = new CrossEntropy({ weight: [1, 3] });
      const target = new Tensor([[1, 0], [0, 1]]); // prettier-ignore
      expectClose([loss.forward(logits, target)], [(losses[0] + 3 * losses[1]) / 2], bound);
      const row = new Tensor([1, 0, 0, 0, 1, 1], [1, 2, 3]); // three pixels, the last two of class 1
      const spatial = new CrossEntropy({ weight: [1, 3] }).forward(zeros([1, 2, 3]), row);
      expectClose([spatial], [(Math.log(2) * (1 + 3 + 3)) / 3], bound);
    });

    convention(
      "labelSmoothing spreads its share of the target evenly over all classes, the right one included.",
      () => {
        const smooth = new CrossEntropy({ labelSmoothing: 0.2 }).forward(logits, [0, 0]);
        const target = new Tensor([[0.9, 0.1], [0.9, 0.1]]); // prettier-ignore
        expectClose([smooth], [new CrossEntropy().forward(logits, target)], bound);
      },
    );

    convention("A mean in which nothing counts is an error, not NaN.", () => {
      throwsExactly(
        () => new CrossEntropy({ ignoreIndex: 0 }).forward(logits, [0, 0]),
        ArgumentError,
        "CrossEntropy: expected at least one target that counts, got none (all are ignored or have weight 0).",
      );
    });

    convention("ignoreIndex with probabilities as target is an ArgumentError.", () => {
      expect(() => new CrossEntropy({ ignoreIndex: 1 }).forward(logits, softmax(logits, 1))).toThrow(ArgumentError);
    });

    convention("A label outside 0 to C - 1 is an ArgumentError that names its place.", () => {
      expect(() => new CrossEntropy().forward(logits, [0, 2])).toThrow(ArgumentError);
      expect(() => new CrossEntropy().forward(logits, [0, 2])).toThrow("from 0 to 1, got 2 at index 1");
      expect(() => accuracy(logits, [0, 2])).toThrow(ArgumentError);
    });

    convention('Reductions "mean" and "sum" give a number; "none" gives a Tensor, and its backward needs dy.', () => {
      expectClose([new CrossEntropy({ reduction: "sum" }).forward(logits, [0, 0])], [losses[0] + losses[1]], bound);
      const none = new CrossEntropy({ reduction: "none" });
      const each: Tensor = none.forward(logits, [0, 0]);
      expectClose(each.data, losses, bound);
      expect(() => none.backward()).toThrow(ArgumentError);
      expectClose(none.backward(new Tensor([4, 2])).data, [-3, 3, -1, 1], bound);
    });

    convention("Losses of two tensors ask for a target of the input's shape; nothing broadcasts.", () => {
      for (const loss of [new MSE(), new L1(), new SmoothL1(), new Huber(), new BCEWithLogits(), new KLDiv()]) {
        expect(() => loss.forward(zeros([2, 2]), zeros([2]))).toThrow(ShapeError);
      }
    });

    convention("The gradient of L1 is 0 where input and target are equal.", () => {
      const loss = new L1({ reduction: "sum" });
      expect(loss.forward(new Tensor([1, 2, 3]), new Tensor([1, 4, 1]))).toBe(4);
      expect(numbers(loss.backward())).toEqual([0, -1, 1]);
    });

    convention("BCEWithLogits takes logits; its mean divides by how many there are, whatever the weights.", () => {
      const loss = new BCEWithLogits({ weight: [3, 1], posWeight: 2 });
      expectClose([loss.forward(zeros([2]), new Tensor([1, 0]))], [((3 * 2 + 1) * Math.LN2) / 2], 1e-6);
      expectClose(loss.backward().data, [(-3 * 2 * 0.5) / 2, 0.5 / 2], 1e-6);
    });

    convention(
      'KLDiv takes logarithms of probabilities; its mean is over all numbers, "batchmean" over the first axis, and a target of 0 adds 0.',
      () => {
        const [x, t] = [new Tensor([[Math.log(0.5), -Infinity]]), new Tensor([[1, 0]])];
        expectClose([new KLDiv().forward(x, t)], [Math.LN2 / 2], 1e-6);
        expectClose([new KLDiv({ reduction: "batchmean" }).forward(x, t)], [Math.LN2], 1e-6);
      },
    );
  });

  describe("Losses of rows", () => {
    convention("A loss of several inputs returns a list of gradients, one for each of them.", () => {
      const loss = new TripletMargin({ eps: 0 });
      loss.forward(new Tensor([[0]]), new Tensor([[2]]), new Tensor([[1]]));
      expect(loss.backward().map(numbers)).toEqual([[0], [1], [-1]]);
    });

    convention(
      "Focal's mean divides by the weights of the labels that count, SigmoidFocal's by how many numbers there are.",
      () => {
        const focal = new Focal({ gamma: 0, weight: [1, 3] });
        expectClose([focal.forward(zeros([2, 2]), [0, 1])], [Math.LN2], 1e-6);
        const sigmoid = new SigmoidFocal({ gamma: 0, alpha: 1 });
        expectClose([sigmoid.forward(zeros([1, 2]), new Tensor([[1, 0]]))], [Math.LN2 / 2], 1e-6);
      },
    );

    convention("Dice sums over the pixels of each sample and class unless told otherwise.", () => {
      const [p, t] = [new Tensor([1, 1, 0, 0], [2, 1, 2]), new Tensor([1, 1, 1, 1], [2, 1, 2])];
      const options = { activation: "none", smooth: 1, reduction: "none" } as const;
      expectClose(new Dice(options).forward(p, t).data, [0, 1 - 1 / 3], 1e-6);
      expectClose(new Dice({ ...options, batch: true }).forward(p, t).data, [1 - 5 / 7], 1e-6);
    });
  });

  describe("Training", () => {
    const [x, y] = [new Tensor([[1], [-1], [2]]), [0, 1, 0]];
    const build = (): Sequential => (
      manualSeed(1),
      new Sequential(new Linear(1, 4), new Dropout(0.5), new Linear(4, 2))
    );
    const cut = (size: number) => batches(x, y, { size });

    convention("fit gives the weights of the plain loop, bit for bit.", async () => {
      const [a, b] = [build(), build()];
      const optimizer = new SGD(a.parameters(), { lr: 0.5 });
      const loss = new CrossEntropy();
      for (const [inputs, labels] of cut(2)) {
        loss.forward(a.forward(inputs), labels);
        optimizer.zeroGrad();
        a.backward(loss.backward(), { inputGrad: false });
        optimizer.step();
      }
      manualSeed(1);
      await fit(b, cut(2), { optimizer: new SGD(b.parameters(), { lr: 0.5 }), epochs: 1 });
      for (const [name, { data }] of Object.entries(a.stateDict())) expect(b.stateDict()[name].data).toEqual(data);
    });

    convention(
      "runningLoss is a mean while the weights change; valLoss is that of the weights after the epoch, in eval mode.",
      async () => {
        const model = build();
        const optimizer = new SGD(model.parameters(), { lr: 0.5 });
        const { history } = await fit(model, cut(3), { optimizer, epochs: 1, validation: cut(3) });
        const [{ valLoss, runningLoss }] = history.epochs;
        expectClose([valLoss as number], [new CrossEntropy().forward(model.predict(x), y)], 1e-6);
        expect(runningLoss).toBe(history.batches[0].loss);
      },
    );

    convention(
      "Each sample counts the same in a mean over batches, also in a last batch that is not full.",
      async () => {
        const model = build();
        const { loss } = await evaluate(model, cut(2), { loss: new CrossEntropy() });
        expectClose([loss as number], [new CrossEntropy().forward(model.predict(x), y)], 1e-6);
      },
    );

    convention("Accumulated gradients are those of one large batch.", async () => {
      const train = async (size: number, accumulate: number): Promise<ArrayLike<number>> => {
        manualSeed(1);
        const model = new Sequential(new Linear(1, 2));
        await fit(model, cut(size), { optimizer: new SGD(model.parameters(), { lr: 1 }), epochs: 1, accumulate });
        return model.stateDict()["0.weight"].data;
      };
      expectClose(await train(1, 3), await train(3, 1), 1e-6);
    });

    convention(
      "However training ends, the weights of the best epoch are put back; without validation data the last ones stay.",
      async () => {
        const model = build();
        const weight = (model.get(0) as Linear).weight.value;
        const seen: number[] = [];
        const end = { onEpochEnd: () => void (seen.push(weight.data[0]) === 2 && expect.unreachable("an error")) };
        const options = { optimizer: new SGD(model.parameters(), { lr: 1 }), epochs: 3, callbacks: [end] };
        let worse = 0;
        const metrics = { rank: () => ++worse };
        const restoreBest = { monitor: "valRank", mode: "min" } as const;
        await expect(fit(model, cut(3), { ...options, metrics, validation: cut(3), restoreBest })).rejects.toThrow();
        expect(weight.data[0]).toBe(seen[0]);
        await expect(fit(model, cut(3), { ...options, callbacks: [] })).resolves.toMatchObject({ best: null });
      },
    );

    convention(
      "stop makes the promise of fit resolve, an abort makes it reject with the signal's reason.",
      async () => {
        const model = build();
        const optimizer = new SGD(model.parameters(), { lr: 1 });
        const stopped = fit(model, cut(3), { optimizer, epochs: 9 });
        stopped.stop("enough");
        expect(await stopped).toMatchObject({ ended: "stopped", reason: "enough" });
        const controller = new AbortController();
        const aborted = fit(model, cut(3), { optimizer, epochs: 9, signal: controller.signal });
        controller.abort("enough");
        await expect(aborted).rejects.toBe("enough");
      },
    );

    convention("A model in eval mode is trained in train mode and put back; parts in eval mode stay so.", async () => {
      const model = build().eval();
      const modes: boolean[] = [];
      const look = { onBatchEnd: () => void modes.push(model.training, model.get(1).training) };
      const options = { optimizer: new SGD(model.parameters(), { lr: 1 }), epochs: 1, callbacks: [look] };
      await fit(model, cut(3), options);
      expect([...modes, model.training]).toEqual([true, true, false]);
      model.train().get(1).eval();
      await fit(model, cut(3), options);
      expect([...modes.slice(2), model.training]).toEqual([true, false, true]);
    });
  });

  describe("Optimizers", () => {
    /** A parameter [1] with this value and gradient. */
    function parameter(value: number, gradient: number): Parameter {
      const p = new Parameter(new Tensor([value]));
      p.accumulate(new Tensor([gradient]));
      return p;
    }

    convention("SGD steps against the gradient, w - lr * dw; the momentum buffer starts as the plain gradient.", () => {
      const p = parameter(1, 0.5);
      const sgd = new SGD([p], { lr: 0.5, momentum: 0.5, dampening: 0.25 });
      sgd.step();
      expect(numbers(p.value)).toEqual([1 - 0.5 * 0.5]); // buffer 0.5: no dampening in the first step
      sgd.step();
      expect(numbers(p.value)).toEqual([0.75 - 0.5 * (0.5 * 0.5 + 0.75 * 0.5)]);
    });

    convention("Adam divides its moments by their bias corrections, and eps stands outside the root.", () => {
      const p = parameter(1, 0.5);
      const adam = new Adam([p], { lr: 0.25, betas: [0.5, 0.75], eps: 1 });
      adam.step();
      // m = 0.25 and v = 0.0625, corrected by 1 - 0.5 and 1 - 0.75 to 0.5 and 0.25
      expectClose(p.value.data, [1 - (0.25 * 0.5) / (0.5 + 1)], 4 * EPS32);
      p.zeroGrad();
      adam.step();
      // m = 0.125 and v = 0.046875, corrected by 1 - 0.25 and 1 - 0.5625
      const second = (0.25 * (0.125 / 0.75)) / (Math.sqrt(0.046875 / 0.4375) + 1);
      expectClose(p.value.data, [1 - 0.125 / 1.5 - second], 8 * EPS32);
    });

    convention("weightDecay of SGD and Adam is L2: it adds weightDecay * w to the gradient.", () => {
      const p = parameter(2, 1);
      new SGD([p], { lr: 0.5, weightDecay: 0.25 }).step();
      expect(numbers(p.value)).toEqual([2 - 0.5 * (1 + 0.25 * 2)]);
      const q = parameter(2, 1);
      new Adam([q], { lr: 0.5, weightDecay: 0.25, eps: 1 }).step();
      expectClose(q.value.data, [2 - (0.5 * 1.5) / (1.5 + 1)], 8 * EPS32);
    });

    convention(
      "Decoupled weight decay (AdamW) shrinks the weight by lr * weightDecay before the step and does not enter the moments.",
      () => {
        const [w, m, v] = [new Float32Array([2]), new Float32Array(1), new Float32Array(1)];
        const settings = { lr: 0.5, beta1: 0.5, beta2: 0.75, eps: 1, weightDecay: 0.25, gradientRate: 0 };
        backend.kernels.adam(
          { ...settings, bias1: 0.5, bias2: 0.25, decoupled: true },
          new Float32Array([1]),
          w,
          m,
          v,
          null,
        );
        // The corrected moments are those of the gradient 1 alone.
        expect([...w, ...m, ...v]).toEqual([2 * (1 - 0.5 * 0.25) - (0.5 * 1) / (1 + 1), 0.5, 0.25]);
      },
    );

    convention("RMSprop and Adagrad add eps outside the root, Adadelta inside both roots.", () => {
      const [p, q, r] = [parameter(0, 2), parameter(0, 2), parameter(0, 2)];
      new RMSprop([p], { lr: 1, alpha: 0.75, eps: 1 }).step(); // v = 0.25 * 4
      expectClose(p.value.data, [-2 / (1 + 1)], 4 * EPS32);
      new Adagrad([q], { lr: 1, eps: 2 }).step();
      expectClose(q.value.data, [-2 / (2 + 2)], 4 * EPS32);
      new Adadelta([r], { lr: 1, rho: 0.5, eps: 2 }).step(); // v = 0.5 * 4
      expectClose(r.value.data, [-(Math.sqrt(0 + 2) / Math.sqrt(2 + 2)) * 2], 4 * EPS32);
    });

    convention("The variance of a centered RMSprop that rounding took below 0 is 0.", () => {
      const [w, v, mean] = [new Float32Array([0]), new Float32Array([1]), new Float32Array([1.5])];
      const settings = { lr: 1, keep: 1, share: 0, eps: 0.5, momentum: 0, weightDecay: 0 };
      allKernels(backend).rmsprop(settings, new Float32Array([2]), w, v, mean, null);
      expect(w[0]).toBe(-2 / 0.5);
    });

    convention("Lion's sign of 0 is 0, and its weight decay is decoupled.", () => {
      const [p, q] = [parameter(2, 0), parameter(2, -3)];
      new Lion([p, q], { lr: 0.25, weightDecay: 0.5 }).step();
      expect([...numbers(p.value), ...numbers(q.value)]).toEqual([2 * 0.875, 2 * 0.875 + 0.25]);
    });

    convention("LAMB's ratio is 1 where a norm is 0, and its decay is part of the direction.", () => {
      const [p, q] = [parameter(0, 3), parameter(4, 0)];
      new LAMB([p, q], { lr: 0.25, eps: 0.5, weightDecay: 0.5 }).step();
      expectClose([...numbers(p.value), ...numbers(q.value)], [(-0.25 * 3) / 3.5, 4 - 0.25 * 4], 1e-6);
    });

    convention("Muon takes filters as one row for each output channel, and refuses vectors.", () => {
      const filters = new Parameter(zeros([2, 1, 1, 2]));
      filters.accumulate(new Tensor([3, 0, 0, 2], [2, 1, 1, 2]));
      new Muon([filters], { lr: 1, weightDecay: 0, nsCoefficients: [1.5, -0.5, 0], nsSteps: 30 }).step();
      expectClose(numbers(filters.value), [-1, 0, 0, -1], 1e-5);
      expect(() => new Muon([parameter(1, 1)])).toThrow(ArgumentError);
    });

    convention("Lookahead's slow weights start as the weights before the first step.", () => {
      const p = parameter(1, 1);
      const lookahead = new Lookahead(new SGD([p], { lr: 1 }), { k: 1, alpha: 0.25 });
      p.value.data[0] = 2;
      lookahead.step();
      expect(numbers(p.value)).toEqual([1.75]);
    });

    convention("The options of an optimizer are live properties, checked when they are set.", () => {
      const p = parameter(1, 1);
      const sgd = new SGD([p], { lr: 0.5 });
      sgd.lr = 0.25;
      sgd.step();
      expect(numbers(p.value)).toEqual([0.75]);
      expect(() => (sgd.lr = NaN)).toThrow(ArgumentError);
      expect(sgd.lr).toBe(0.25);
    });

    convention(
      "A group of parameters has its own options and, for the rest, the optimizer's; an option set on the optimizer is set in all groups.",
      () => {
        const [a, b] = [parameter(1, 1), parameter(1, 1)];
        const sgd = new SGD(
          [
            { params: [a], lr: 0.25 },
            { params: [b], weightDecay: 1 },
          ],
          { lr: 0.5 },
        );
        sgd.step();
        expect([...numbers(a.value), ...numbers(b.value)]).toEqual([0.75, 0]);
        sgd.lr = 2;
        expect(sgd.groups.map(({ lr }) => lr)).toEqual([2, 2]);
      },
    );

    convention(
      "Reading an option of an optimizer whose groups differ in it is a StateError: no one number would be right.",
      () => {
        const sgd = new SGD([{ params: [parameter(1, 1)], lr: 0.25 }, { params: [parameter(1, 1)] }], { lr: 0.5 });
        expect(() => sgd.lr).toThrow(StateError);
        expect(sgd.momentum).toBe(0);
      },
    );

    convention("The state of an optimizer is by the parameters' indices, and a copy.", () => {
      const weight = new Parameter(new Tensor([1]));
      const optimizer = new Adam([new Parameter(new Tensor([1])), weight]);
      weight.accumulate(new Tensor([2]));
      optimizer.step();
      const { state } = optimizer.stateDict();
      optimizer.step();
      expect(state[0]).toBeNull();
      expect(state[1]).toMatchObject({ step: 1 });
      expectClose((state[1]?.expAvg as Tensor).data, [0.2], 1e-6);
    });

    convention("An optimizer leaves a parameter without a gradient alone.", () => {
      const p = new Parameter(new Tensor([1]));
      new SGD([p], { lr: 0.5, weightDecay: 1 }).step();
      new Adam([p], { lr: 0.5, weightDecay: 1 }).step();
      expect(numbers(p.value)).toEqual([1]);
    });

    convention(
      "An optimizer leaves a parameter alone whose requiresGrad is false, also its momentum and decay.",
      () => {
        const p = parameter(1, 1);
        const sgd = new SGD([p], { lr: 0.5, momentum: 0.5, weightDecay: 1 });
        sgd.step();
        expect(numbers(p.value)).toEqual([0]);
        Object.assign(p, { requiresGrad: false });
        sgd.step();
        expect(numbers(p.value)).toEqual([0]);
        Object.assign(p, { requiresGrad: true });
        sgd.step();
        expect(numbers(p.value)).toEqual([0 - 0.5 * (0.5 * 2 + 1)]);
      },
    );
  });

  describe("Clipping", () => {
    convention(
      "Clipping by norm takes the norm over all parameters together; one that is infinite or NaN is an error unless errorIfNonfinite is false.",
      () => {
        const [p, q] = [new Parameter(new Tensor([0])), new Parameter(new Tensor([0, 0]))];
        p.accumulate(new Tensor([2]));
        q.accumulate(new Tensor([-6, 3]));
        expectClose([clipGradNorm([p, q], 3.5)], [7], 16 * EPS32);
        expectClose([...p.grad.data, ...q.grad.data], [1, -3, 1.5], 1e-6);
        p.accumulate(new Tensor([Infinity]));
        expect(() => clipGradNorm([p, q], 1)).toThrow(StateError);
        expect(clipGradNorm([p, q], 1, { errorIfNonfinite: false })).toBe(Infinity);
      },
    );
  });

  describe("Schedules", () => {
    const make = (): SGD => new SGD([new Parameter(new Tensor([1]))], { lr: 8 });

    convention(
      "A schedule sets the learning rates when it is made and with each step, which comes after the optimizer's.",
      () => {
        const sgd = make();
        const schedule = new LinearLR(sgd, { startFactor: 0.25, totalIters: 3 });
        expect(sgd.lr).toBe(2);
        sgd.step();
        schedule.step();
        expect(sgd.lr).toBe(4);
      },
    );

    convention(
      "A schedule that multiplies goes on from the learning rate as it is, also if it was changed by hand.",
      () => {
        const sgd = make();
        const schedule = new ExponentialLR(sgd, 0.5);
        sgd.lr = 100;
        schedule.step();
        expect(sgd.lr).toBe(50);
      },
    );

    convention(
      "A schedule starts from the learning rate at its construction; of several that are made before one takes a step, all start from that before the first.",
      () => {
        const sgd = make();
        const warmUp = new LinearLR(sgd, { startFactor: 0.25, totalIters: 3 });
        new LambdaLR(sgd, () => 0.5);
        expect(sgd.lr).toBe(4);
        warmUp.step();
        sgd.lr = 2;
        new LambdaLR(sgd, () => 0.5);
        expect(sgd.lr).toBe(1);
      },
    );

    convention("OneCycleLR stays at its last learning rate in the step after the cycle, and refuses one more.", () => {
      const sgd = make();
      const schedule = new OneCycleLR(sgd, 1, { totalSteps: 2, cycleMomentum: false, annealStrategy: "linear" });
      schedule.step();
      const last = sgd.lr;
      schedule.step();
      expect(sgd.lr).toBe(last);
      expect(() => schedule.step()).toThrow(StateError);
    });

    convention(
      "The state of a schedule is JSON and brings the learning rates along; what its constructor was given is not in it.",
      () => {
        const schedule = new StepLR(make(), 1, { gamma: 0.5 });
        schedule.step();
        const state = JSON.parse(JSON.stringify(schedule.stateDict())) as SchedulerState;
        expect(state).toEqual({ type: "StepLR", lrs: [4], step: 1, baseLrs: [8] });
        const other = new StepLR(make(), 1, { gamma: 0.25 });
        other.loadStateDict(state);
        other.step();
        expect(other.lastLr).toEqual([1]);
      },
    );
  });

  describe("Batches", () => {
    convention("Row i of predict(x) equals predict of row i alone, bit for bit.", () => {
      const model = new Sequential(
        ...[new Conv2d(2, 5, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
        ...[new Conv2d(5, 3, 2), new ReLU(), new AvgPool2d(2), new Flatten(), new Linear(12, 7), new Softmax()],
      );
      const x = randn([5, 2, 10, 10], { seed: 3 });
      const together = model.predict(x);
      const alone = Array.from({ length: 5 }, (_, i) => numbers(model.predict(x.take([i]))));
      expect(numbers(together)).toEqual(alone.flat());
    });

    convention("Training on a batch does not equal training on its halves.", () => {
      const x = new Tensor([[1], [2], [3], [4]]);
      const labels = [0, 1, 1, 0];
      const train = (parts: [Tensor, number[]][]): number[] => {
        manualSeed(7);
        const [model, loss] = [new Linear(1, 2), new CrossEntropy()];
        const sgd = new SGD(model.parameters(), { lr: 0.5 });
        for (const [input, target] of parts) {
          sgd.zeroGrad();
          loss.forward(model.forward(input), target);
          model.backward(loss.backward());
          sgd.step();
        }
        return numbers(model.weight.value);
      };
      const halves = train([
        [x.take([0, 1]), labels.slice(0, 2)],
        [x.take([2, 3]), labels.slice(2)],
      ]);
      expect(train([[x, labels]])).not.toEqual(halves);
    });

    convention("The last batch has what is left, unless dropLast leaves it out; each loop is one epoch.", () => {
      const sizes = (dropLast: boolean): number[] =>
        [...batches(zeros([7, 1]), new Int32Array(7), { size: 3, dropLast })].map(([x]) => x.shape[0]);
      expect(sizes(false)).toEqual([3, 3, 1]);
      expect(sizes(true)).toEqual([3, 3]);
    });

    convention("batches asks for its size; labels may be of any integer type, NumPy's int64 too.", () => {
      expect(() => batches(ones([2, 1]), [0, 1], {} as never)).toThrow("batches: expected a size, got none");
      for (const labels of [[0, 1], Uint8Array.of(0, 1), BigInt64Array.of(0n, 1n)]) {
        const [[x, y]] = [...batches(ones([2, 2]), labels, { size: 2 })];
        expect(y).toEqual(Int32Array.of(0, 1));
        expect(new CrossEntropy().forward(x, labels)).toBe(new CrossEntropy().forward(x, y));
      }
    });

    convention(
      "What is not of numbers does not cost the rest of a file: skipped says why, and so does asking for it.",
      () => {
        const entry = (dtype: string, begin: number, end: number): object => ({
          dtype,
          shape: [1],
          data_offsets: [begin, end],
        });
        const { tensors, skipped } = decodeSafetensors(
          safetensorsFile({ a: entry("F32", 0, 4), b: entry("F8_E4M3", 4, 5) }, [0, 0, 128, 63, 1]),
        );
        expect(Object.keys(tensors)).toEqual(["a"]);
        expect(Object.keys(skipped)).toEqual(["b"]);
        expect(() => tensors.b).toThrow(skipped.b);
      },
    );

    convention("Indices are Int32Array, never Tensor: labels, argmax, permutations, pool indices.", () => {
      const [[, labels]] = batches(zeros([2, 1]), [1, 0], { size: 2 });
      const pool = new MaxPool2d(1, { returnIndices: true });
      pool.predict(zeros([1, 1, 1, 1]));
      for (const indices of [labels, new Tensor([[1, 2]]).argmax(1), permutation(3), pool.indices]) {
        expect(indices).toBeInstanceOf(Int32Array);
      }
    });
  });

  describe("Seeds", () => {
    convention(
      "manualSeed fixes weights, shuffling, dropout and random tensors: the same program draws the same values.",
      () => {
        const program = (): unknown[] => {
          const model = new Sequential(new Linear(3, 3), new Dropout(0.5));
          const [[x]] = batches(randn([4, 3]), [0, 1, 2, 0], { size: 4, shuffle: true });
          return [model.parameters().map(({ value }) => numbers(value)), numbers(x), numbers(model.forward(x))];
        };
        const run = (seed: number): unknown[] => {
          manualSeed(seed);
          return program();
        };
        expect(run(5)).toEqual(run(5));
        expect(run(6)).not.toEqual(run(5));
      },
    );

    convention("Without manualSeed the seed comes from the platform, once, and getSeed tells it.", async () => {
      vi.resetModules();
      const fresh = await import("../src/numbers/random.js");
      const platform = vi.spyOn(Math, "random");
      const seed = fresh.getSeed();
      expect([fresh.getSeed(), new fresh.Generator("draw").state.seed]).toEqual([seed, seed]);
      expect(platform).toHaveBeenCalledTimes(1);
      platform.mockRestore();
      manualSeed(5);
      expect(getSeed()).toBe(5);
    });

    convention("A draw is a function of seed, kind, stream and counter alone; other streams do not matter.", () => {
      const state: GeneratorState = { seed: 9, kind: "draw", stream: 3, counter: 5 };
      const generator = new Generator("draw");
      generator.state = state;
      const value = generator.uint32();
      for (let i = 0; i < 100; i++) new Generator("draw").uint32();
      const other = new Generator("draw", { seed: 9, stream: 3 });
      for (let i = 0; i < 5; i++) other.uint32();
      expect(other.state).toEqual(state);
      expect(other.uint32()).toBe(value);
      for (const change of [{ seed: 8 }, { stream: 4 }, { counter: 6 }]) {
        generator.state = { ...state, ...change };
        expect(generator.uint32()).not.toBe(value);
      }
    });

    convention("A stream takes the next free number of its kind, in the order in which layers are made.", () => {
      const [first, second] = [new Dropout(), new Dropout()];
      new Linear(1, 1); // streams of kind init
      expect([first, second, new Dropout()].map(({ generator }) => generator.state.stream)).toEqual([0, 1, 2]);
    });

    convention(
      "Initial weights keep the seed that was in force when the layer was made, whenever they are read.",
      () => {
        const [early, late] = [new Linear(2, 2), new Linear(2, 2)];
        manualSeed(1);
        const [one, two] = [new Linear(2, 2), new Linear(2, 2)];
        const inOrder = [one, two].map(({ weight }) => numbers(weight.value));
        manualSeed(99);
        expect(numbers(late.weight.value)).toEqual(inOrder[1]);
        expect(numbers(early.weight.value)).toEqual(inOrder[0]);
      },
    );

    convention("initialize draws by another rule from the start of the parameter's stream.", () => {
      const draw = (read: boolean): number[] => {
        manualSeed(1);
        const { weight } = new Linear(3, 2);
        if (read) numbers(weight.value);
        return numbers(weight.initialize(kaimingNormal()).value);
      };
      expect(draw(true)).toEqual(draw(false));
    });

    convention(
      "Dropout, shuffles and random tensors follow a later manualSeed, from the start of their stream.",
      () => {
        const dropout = new Dropout(0.5);
        const shuffled = batches(new Tensor([[1], [2], [3], [4], [5], [6]]), new Int32Array(6), {
          size: 1,
          shuffle: true,
        });
        const draws = (seed: number): number[][] => {
          manualSeed(seed);
          const order = [...shuffled].map(([x]) => x.item());
          return [numbers(dropout.forward(ones([50]))), numbers(rand([5])), order];
        };
        const first = draws(3);
        draws(4).forEach((values, i) => expect(values).not.toEqual(first[i]));
        expect(draws(3)).toEqual(first);
      },
    );

    convention("A seed of its own makes a generator depend on nothing else.", () => {
      const values = numbers(randn([4], { seed: 2 }));
      const order = permutation(9, { seed: 2 });
      manualSeed(77);
      randn([10]);
      expect(numbers(randn([4], { seed: 2 }))).toEqual(values);
      expect(permutation(9, { seed: 2 })).toEqual(order);
    });

    convention("A generator's state can be read and set; the same draws follow.", () => {
      const dropout = new Dropout(0.5);
      dropout.forward(ones([7]));
      const state = JSON.parse(JSON.stringify(dropout.generator.state)) as GeneratorState;
      const y = numbers(dropout.forward(ones([100])));
      dropout.generator.state = state;
      expect(numbers(dropout.forward(ones([100])))).toEqual(y);
    });
  });

  describe("Tensors", () => {
    convention("new Tensor adopts a Float32Array of any realm without a copy, and copies everything else.", () => {
      const own = Float32Array.of(1, 2);
      const foreign = runInNewContext("Float32Array.of(1, 2)") as Float32Array;
      for (const data of [own, foreign]) expect(new Tensor(data, [2]).data).toBe(data);
      const list = [1, 2];
      const tensor = new Tensor(list);
      list[0] = 9;
      expect(numbers(tensor)).toEqual([1, 2]);
      expect(new Tensor(Float64Array.of(0.1)).data).toEqual(Float32Array.of(0.1));
    });

    convention("Tensor.isTensor knows a tensor by its brand, also one from another copy of the package.", async () => {
      vi.resetModules();
      const copy = await import("../src/base/tensor.js");
      const foreign = new copy.Tensor([[1, 2]]);
      expect(foreign).not.toBeInstanceOf(Tensor);
      expect(Tensor.isTensor(foreign)).toBe(true);
      expect(numbers(add(foreign, 1))).toEqual([2, 3]);
      expect(Tensor.isTensor({ data: Float32Array.of(1), shape: [1] })).toBe(false);
    });

    convention("A tensor gives access to its data; maths are functions.", () => {
      const names = Object.getOwnPropertyNames(Tensor.prototype);
      expect(names).toContain("reshape");
      for (const maths of ["add", "matmul", "multiply", "sum", "exp", "relu", "softmax", "conv2d"] as const) {
        expect(names).not.toContain(maths);
        expect(typeof handgrad[maths]).toBe("function");
      }
    });

    convention("argmax takes the first of equals, and a NaN before every number.", () => {
      expect(new Tensor([[3, 7, 7], [1, NaN, 9]]).argmax(1)).toEqual(Int32Array.of(1, 1)); // prettier-ignore
    });

    convention("allClose never finds a NaN close, not even to a NaN.", () => {
      expect(handgrad.allClose(new Tensor([NaN]), new Tensor([NaN]))).toBe(false);
    });

    convention(
      "JSON of a tensor, a state dict or an optimizer keeps every number, NaN and -0 too, and is read back.",
      () => {
        const x = new Tensor([[0.1, NaN, -0, -Infinity]]);
        const text = JSON.stringify(x);
        expect(text).toBe('{"dtype":"float32","shape":[1,4],"numbers":[0.10000000149011612,"NaN","-0","-Infinity"]}');
        expect(new Tensor(JSON.parse(text) as TensorJson).toArray()).toEqual(x.toArray());
        const [model, copy] = [new Sequential(new Linear(2, 1)), new Sequential(new Linear(2, 1))];
        copy.loadStateDict(JSON.parse(JSON.stringify(model.stateDict())) as StateDict);
        expect(copy.stateDict()).toEqual(model.stateDict());
        const optimizer = new Adam(model.parameters(), { lr: 0.5 });
        const other = new Adam(model.parameters());
        other.loadStateDict(JSON.parse(JSON.stringify(optimizer)) as OptimizerState);
        expect(other.lr).toBe(0.5);
      },
    );

    convention(
      "JSON of a model, a loss, batches, a loaded model or checkpoints is an error that says what to write instead.",
      () => {
        expect(() => JSON.stringify(new Sequential(new ReLU()))).toThrow("saveModel(model)");
        expect(() => JSON.stringify(new CrossEntropy())).toThrow(ArgumentError);
        expect(() => JSON.stringify(batches(ones([1, 1]), [0], { size: 1 }))).toThrow("batches.position");
      },
    );

    convention("structuredClone and postMessage take tensors and state dicts, and what arrives is read.", () => {
      const x = new Tensor([[0.1, NaN, -0]]);
      expect(new Tensor(structuredClone(x) as never)).toEqual(x);
      const [model, copy] = [new Linear(2, 1), new Linear(2, 1)];
      copy.loadStateDict(structuredClone(model.stateDict()));
      expect(copy.stateDict()).toEqual(model.stateDict());
    });

    convention("structuredClone and postMessage refuse our other objects and say what to send.", () => {
      for (const object of [new Parameter(ones([2])), new Sequential(new ReLU()), new Generator("draw")]) {
        expect(() => structuredClone(object)).toThrow("send data and shape of tensors, or the bytes of saveModel");
      }
    });

    convention(
      "A loop over a tensor gives numbers of rank 1, else rows; an operator between tensors is an error.",
      () => {
        expect([...new Tensor([1, 2])]).toEqual([1, 2]);
        const rows = [...new Tensor([[1, 2], [3, 4]])] as Tensor[]; // prettier-ignore
        expect(rows.map(numbers)).toEqual([[1, 2], [3, 4]]); // prettier-ignore
        const x = new Tensor([1, 2]) as unknown as number;
        expect(() => x * x).toThrow("expected a function such as add or multiply");
        expect(() => x < 1).toThrow(ArgumentError);
      },
    );

    convention("A tensor that no memory holds is an ArgumentError that names its size.", () => {
      throwsExactly(
        () => zeros([1e9, 1e9]),
        ArgumentError,
        "zeros: expected a tensor that fits into memory, got [1000000000, 1000000000], 4000000000 GB.",
      );
      const wide = new Conv2d(1, 1, 3, { padding: 1e9 });
      const size = "expected a tensor that fits into memory, got [1, 1, 2000000002, 2000000002], 16000000032 GB.";
      throwsExactly(() => wide.forward(ones([1, 1, 4, 4])), ArgumentError, `Conv2d: ${size}`);
      throwsExactly(() => new Sequential(wide).predict(ones([1, 1, 4, 4])), ArgumentError, `0 Conv2d: ${size}`);
    });

    convention(
      'Convolutions say algorithm: "direct", or the process setConvAlgorithm("direct"): whole numbers whose sums stay below ' +
        "2^24 are exact, and a NaN stays in its windows.",
      () => {
        const x = rand([1, 8, 12, 12], { seed: 1 });
        x.data.forEach((value, i) => (x.data[i] = Math.round(100 * value)));
        const w = ones([8, 8, 3, 3]);
        const whole = (y: Tensor): boolean => y.data.every((value) => Number.isInteger(value));
        expect(whole(conv2d(x, w, null, { algorithm: "direct" }))).toBe(true);
        expect(handgrad.setConvAlgorithm("direct")).toBe("auto");
        expect(whole(conv2d(x, w))).toBe(true);
        x.data[5 * 12 + 5] = NaN;
        expect(numbers(conv2d(x, w).slice(0, 0)).filter((value) => Number.isNaN(value)).length).toBe(9);
        handgrad.setConvAlgorithm("auto");
      },
    );

    convention(
      "Numbers are float32; float64 runs on the reference and the plain backend, on the default one it is a BackendError.",
      () => {
        const x = Tensor.float64([-1, 2]);
        const active = setBackend(reference);
        expect(handgrad.relu(x).data).toEqual(Float64Array.of(0, 2));
        setBackend(plain);
        expect(handgrad.relu(x).data).toEqual(Float64Array.of(0, 2));
        setBackend(wasm);
        expect(() => handgrad.relu(x)).toThrow(BackendError);
        setBackend(active);
        expect(zeros([1]).dtype).toBe("float32");
      },
    );
  });

  describe("Signals", () => {
    convention("correlate1d and correlate2d lay the kernel on as it is, convolve1d and convolve2d flip it.", () => {
      expect(numbers(correlate1d([1, 2, 3], [1, 10]))).toEqual([21, 32]);
      expect(numbers(convolve1d([1, 2, 3], [1, 10]))).toEqual([12, 23]);
      expect(numbers(correlate2d([[1, 2], [3, 4]], [[1, 10], [100, 1000]]))).toEqual([4321]); // prettier-ignore
      expect(numbers(convolve2d([[1, 2], [3, 4]], [[1, 10], [100, 1000]]))).toEqual([1234]); // prettier-ignore
    });

    convention(
      'Of the K - 1 zeros of mode "same", correlate1d puts floor(K / 2) before, correlate2d and Conv2d floor((K - 1) / 2).',
      () => {
        const first = [1, 0]; // the first of two taps shows where the windows start
        expect(numbers(correlate1d([7, 8, 9], first, { mode: "same" }))).toEqual([0, 7, 8]);
        expect(numbers(correlate2d([[7, 8, 9]], [first], { mode: "same" }))).toEqual([7, 8, 9]);
        expect(numbers(convWith([first], { padding: "same" }).forward(image([7, 8, 9])))).toEqual([7, 8, 9]);
      },
    );
  });

  describe("Calls and errors", () => {
    convention(
      "Positional arguments are those that PyTorch requires, and Dropout's p; all else is in an options object.",
      () => {
        const layers = [new Conv2d(1, 2, 3), new Linear(1, 2), new MaxPool2d(2), new AvgPool2d(2), new Dropout(0.3)];
        expect(layers.map((layer) => layer.constructor.length)).toEqual([3, 2, 1, 1, 0]);
        expect(layers.map((layer) => layer.describe())).toEqual([
          ...["Conv2d(1, 2, [3, 3])", "Linear(1, 2)", "MaxPool2d([2, 2])", "AvgPool2d([2, 2])", "Dropout(0.3)"],
        ]);
        expect(() => new Conv2d(1, 2, 3, 2 as never)).toThrow("expected an options object");
      },
    );

    convention("Class names are PyTorch's without the suffix Loss, options its names in camelCase.", () => {
      for (const name of ["Conv2d", "MaxPool2d", "CrossEntropy", "SGD", "Adam"]) expect(handgrad).toHaveProperty(name);
      expect(handgrad).not.toHaveProperty("CrossEntropyLoss");
      expect(() => new CrossEntropy({ label_smoothing: 0.1 } as never)).toThrow('did you mean "labelSmoothing"?');
    });

    convention("An unknown option is an ArgumentError that names the nearest known one.", () => {
      throwsExactly(
        () => new MaxPool2d(2, { strid: 1 } as never),
        ArgumentError,
        'MaxPool2d: unknown option "strid", did you mean "stride"? (options: stride, padding, dilation, ceilMode, ' +
          "returnIndices).",
      );
    });

    convention("An error says who, what was expected, what it got, and often the remedy.", () => {
      throwsExactly(
        () => new Conv2d(3, 4, 3).forward(zeros([8, 1, 28, 28])),
        ShapeError,
        "Conv2d: expected input [N, 3, H, W], got [8, 1, 28, 28] (channels are axis 1; for NHWC data use nhwcToNchw).",
      );
    });

    convention("In a model the path of the layer comes first in the message, and alone in error.path.", () => {
      const model = new Sequential(["features", new Sequential(new ReLU(), new Conv2d(3, 4, 3))]);
      let error: unknown;
      try {
        model.forward(zeros([8, 1, 28, 28]));
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(ShapeError);
      expect((error as ShapeError).message).toMatch(/^features\.1 Conv2d: expected input \[N, 3, H, W\]/);
      expect((error as ShapeError).path).toBe("features.1");
    });

    convention("Every error class of the library extends HandgradError.", () => {
      const classes = Object.entries(handgrad).filter(([name]) => name.endsWith("Error"));
      expect(classes.length).toBeGreaterThan(5);
      for (const [name, type] of classes) {
        const error = new (type as typeof HandgradError)("text");
        expect(error).toBeInstanceOf(HandgradError);
        expect(error.name).toBe(name);
      }
    });

    convention("Nothing is clamped or converted silently: a value out of range is an error.", () => {
      expect(() => new Conv2d(1, 1, 0)).toThrow(ArgumentError);
      expect(() => new Conv2d(1, 1, 3, { stride: 1.5 })).toThrow(ArgumentError);
      expect(() => new MaxPool2d(2, { ceilMode: 1 as never })).toThrow(ArgumentError);
      expect(() => new SGD(new Linear(1, 1).parameters(), { lr: -1 })).toThrow(ArgumentError);
      expect(() => conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2]), ones([2]))).toThrow(ShapeError);
    });

    convention("An option is left out or undefined for its default; null is a wrong value as any other.", () => {
      expect(new Conv2d(1, 1, 3, { stride: undefined } as never).describe()).toBe(new Conv2d(1, 1, 3).describe());
      throwsExactly(
        () => new Conv2d(1, 1, 3, { stride: null as never }),
        ArgumentError,
        "Conv2d: expected stride to be a number or [vertical, horizontal], got null.",
      );
      expect(() => rand([1], { seed: null as never })).toThrow(ArgumentError);
    });

    convention(
      "An object of options is one of any realm; a Map, a list, a Promise or one of our objects is none.",
      () => {
        expect(rand([1], runInNewContext("({ seed: 1 })") as object).item()).toBe(rand([1], { seed: 1 }).item());
        for (const options of [new Map([["seed", 1]]), [], Promise.resolve({ seed: 1 }), ones([1])]) {
          expect(() => rand([1], options as never)).toThrow("expected an options object such as { seed: ... }");
        }
      },
    );

    convention("An empty batch is an error for a layer with parameters and for a loss, never a NaN.", () => {
      expect(() => new Conv2d(1, 1, 1).forward(zeros([0, 1, 4, 4]))).toThrow(ShapeError);
      expect(() => new Linear(2, 1).forward(zeros([0, 2]))).toThrow(ShapeError);
      expect(() => new CrossEntropy().forward(zeros([0, 2]), [])).toThrow(ShapeError);
    });
  });
});

describe("docs/conventions.md", () => {
  it("has exactly the sentences of these tests", () => {
    const page = readFileSync(new URL("../docs/conventions.md", import.meta.url), "utf8");
    const tables = page.split("\n| Convention | Where |\n").slice(1);
    const lines = tables.flatMap((table) => table.split("\n\n")[0].split("\n").slice(1));
    const rows = lines.map((line) => line.split(" | ")[0].slice(2).replaceAll("`", ""));
    expect(new Set(rows).size, "each sentence stands once").toBe(rows.length);
    expect([...rows].sort()).toEqual([...titles].sort());
  });
});
