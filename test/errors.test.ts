// Bad calls: every row is a mistake that somebody makes, with the class and the full text of the error that answers it.
// None of them returns anything.
import { describe, expect, it } from "vitest";
import {
  Adam,
  ArgumentError,
  AvgPool2d,
  BackendError,
  Conv2d,
  CrossEntropy,
  Dropout,
  Dropout2d,
  Flatten,
  HandgradError,
  Linear,
  LogSoftmax,
  MaxPool2d,
  Parameter,
  ReLU,
  SGD,
  Sequential,
  ShapeError,
  Softmax,
  StateError,
  Tanh,
  Tensor,
  accuracy,
  add,
  conv2d,
  glorotUniform,
  linear,
  manualSeed,
  matmul,
  maxPool2dInputGrad,
  multiply,
  onesInit,
  relu,
  setBackend,
  zeros,
  type Layer,
  type Reduction,
  type StateDict,
} from "../src/index.js";
import { throwsExactly } from "./support/errors.js";

function lesson4(): Sequential {
  return new Sequential(
    ...[new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 })],
    ...[new Flatten(), new Linear(7 * 7 * 32, 32), new ReLU(), new Dropout(0.3), new Linear(32, 10)],
  );
}

function named(): Sequential {
  const features = new Sequential(["pool", new MaxPool2d(2)], ["conv1", new Conv2d(1, 2, 3)], ["relu1", new ReLU()]);
  return new Sequential(["features", features], ["flatten", new Flatten()], ["head", new Linear(8, 2)]);
}

function misfit(): Sequential {
  return new Sequential(new Conv2d(1, 2, 3), new Sequential(new Flatten(), new Linear(10, 2)));
}

function backwardOf(layer: Layer, x: Tensor, dy: Tensor, options?: object): unknown {
  layer.forward(x);
  return layer.backward(dy, options);
}

function predictedThenBackward(layer: Layer, x: Tensor): unknown {
  return layer.backward(layer.predict(x));
}

function twice(layer: Layer, x: Tensor): unknown {
  const y = layer.forward(x);
  layer.backward(y);
  return layer.backward(y);
}

function modelBackward(dy: Tensor): unknown {
  const model = lesson4();
  model.forward(zeros([2, 1, 28, 28]));
  return model.backward(dy);
}

function failedThenBackward(): unknown {
  const model = misfit();
  expect(() => model.forward(zeros([2, 1, 8, 8]))).toThrow("1.1 Linear");
  return model.backward(zeros([2, 2]));
}

function plainAfterPredict(): unknown {
  const double = { forward: (x: Tensor) => multiply(x, 2), backward: (dy: Tensor) => multiply(dy, 2) };
  const model = new Sequential(double);
  model.forward(zeros([1]));
  model.predict(zeros([1]));
  return model.backward(zeros([1]));
}

function sameLayerTwice(): unknown {
  const act = new ReLU();
  return new Sequential(new Linear(2, 2), act, new Linear(2, 2), act);
}

function sameLayerDeep(): unknown {
  const shared = new Linear(2, 2);
  return new Sequential(["encoder", new Sequential(shared)], ["decoder", new Sequential(new ReLU(), shared)]);
}

function samePlainTwice(): unknown {
  const plain = { forward: (x: Tensor) => x, backward: (dy: Tensor) => dy };
  return new Sequential(plain, plain);
}

function modelInItself(): unknown {
  const model = new Sequential(new ReLU());
  return model.add(model);
}

function without(name: string): StateDict {
  return Object.fromEntries(Object.entries(named().stateDict()).filter(([key]) => key !== name));
}

function renamed(): StateDict {
  return Object.fromEntries(Object.entries(named().stateDict()).map(([key, tensor]) => [`module.${key}`, tensor]));
}

function lossTwice(): unknown {
  const loss = new CrossEntropy();
  loss.forward(zeros([1, 2]), [0]);
  loss.backward();
  return loss.backward();
}

function lossBackward(reduction: Reduction, dy: Tensor | undefined): unknown {
  const loss = new CrossEntropy({ reduction });
  loss.forward(zeros([1, 2]), [0]);
  return loss.backward(dy);
}

function parameterTwice(): unknown {
  const { weight, bias } = new Linear(2, 2);
  return new SGD([weight, bias!, weight], { lr: 1 });
}

function liveLr(): unknown {
  const optimizer = new SGD(lesson4().parameters(), { lr: 0.1 });
  optimizer.lr = Infinity;
  return optimizer.lr;
}

function assignValue(): unknown {
  const { weight } = new Linear(2, 3);
  weight.value = zeros([2, 3]);
  return weight.value;
}

type Row = readonly [mistake: string, act: () => unknown, type: new (...args: never[]) => Error, message: string];

const CONVOLUTION: readonly Row[] = [
  [
    "a batch without its batch axis",
    () => new Conv2d(1, 16, 3).forward(zeros([1, 28, 28])),
    ShapeError,
    "Conv2d: expected input [N, 1, H, W], got [1, 28, 28] (the batch axis is required: x.reshape([1, " +
      "...x.shape])).",
  ],
  [
    "NHWC data",
    () => new Conv2d(3, 16, 3).forward(zeros([8, 32, 32, 3])),
    ShapeError,
    "Conv2d: expected input [N, 3, H, W], got [8, 32, 32, 3] (channels are axis 1; for NHWC data use " + "nhwcToNchw).",
  ],
  [
    "the wrong number of channels",
    () => new Conv2d(3, 16, 3).forward(zeros([8, 1, 28, 28])),
    ShapeError,
    "Conv2d: expected input [N, 3, H, W], got [8, 1, 28, 28] (channels are axis 1; for NHWC data use " + "nhwcToNchw).",
  ],
  [
    "five axes",
    () => new Conv2d(1, 16, 3).forward(zeros([1, 1, 1, 28, 28])),
    ShapeError,
    "Conv2d: expected input [N, 1, H, W], got [1, 1, 1, 28, 28] (one batch axis; summary adds it itself).",
  ],
  [
    "an empty batch of images",
    () => new Conv2d(1, 16, 3).forward(zeros([0, 1, 28, 28])),
    ShapeError,
    "Conv2d: expected at least one sample and one pixel, got input [0, 1, 28, 28].",
  ],
  [
    "plain arrays for an image",
    () => new Conv2d(1, 1, 1).forward([[[[1]]]] as never),
    ArgumentError,
    "Conv2d: expected input to be a Tensor, got [[[[1]]]] (wrap it: new Tensor(data, shape)).",
  ],
  [
    "a kernel larger than the padded image",
    () => new Conv2d(1, 1, 5, { padding: 1 }).forward(zeros([1, 1, 2, 8])),
    ShapeError,
    "Conv2d: expected a padded image of at least [5, 5] (the kernel's extent), got [4, 10] (add padding, " +
      "or use a smaller kernel).",
  ],
  [
    "a dilated kernel larger than the image",
    () => new Conv2d(1, 1, 3, { dilation: 4 }).forward(zeros([1, 1, 8, 9])),
    ShapeError,
    "Conv2d: expected a padded image of at least [9, 9] (the kernel's extent), got [8, 9] (add padding, " +
      "or use a smaller kernel).",
  ],
  [
    "reflect padding as large as the image",
    () => new Conv2d(1, 1, 3, { padding: 4, paddingMode: "reflect" }).forward(zeros([1, 1, 4, 9])),
    ShapeError,
    'Conv2d: expected an image of at least [5, 5] for padding mode "reflect", got [4, 9] (use less ' +
      'padding, or mode "replicate").',
  ],
  [
    "circular padding larger than the image",
    () => new Conv2d(1, 1, 3, { padding: [0, 4], paddingMode: "circular" }).forward(zeros([1, 1, 3, 3])),
    ShapeError,
    'Conv2d: expected an image of at least [1, 4] for padding mode "circular", got [3, 3] (use less ' +
      'padding, or mode "replicate").',
  ],
  [
    "stride 0",
    () => new Conv2d(1, 1, 3, { stride: 0 }),
    ArgumentError,
    "Conv2d: expected stride to be a whole number of at least 1, got 0.",
  ],
  [
    "a stride of three numbers",
    () => new Conv2d(1, 1, 3, { stride: [1, 2, 1] as never }),
    ArgumentError,
    "Conv2d: expected stride to be a number or [vertical, horizontal], got [1, 2, 1].",
  ],
  [
    "half a stride",
    () => new Conv2d(1, 1, 3, { stride: [1, 0.5] }),
    ArgumentError,
    "Conv2d: expected stride[1] to be a whole number of at least 1, got 0.5.",
  ],
  [
    "no kernel size",
    () => new Conv2d(1, 16, undefined as never),
    ArgumentError,
    "Conv2d: expected kernelSize to be a number or [vertical, horizontal], got undefined.",
  ],
  [
    "PyTorch's positional stride",
    () => new Conv2d(1, 16, 3, 2 as never),
    ArgumentError,
    "Conv2d: expected an options object such as { stride: ... }, got 2.",
  ],
  [
    "a negative padding",
    () => new Conv2d(1, 1, 3, { padding: [1, -1] }),
    ArgumentError,
    "Conv2d: expected padding[1] to be a whole number of at least 0, got -1.",
  ],
  [
    "a padding of three numbers",
    () => new Conv2d(1, 1, 3, { padding: [1, 2, 3] as never }),
    ArgumentError,
    'Conv2d: expected padding to be a number, [vertical, horizontal], [top, bottom, left, right], "valid" ' +
      'or "same", got [1, 2, 3].',
  ],
  [
    "a misspelled padding word",
    () => new Conv2d(1, 1, 3, { padding: "some" as never }),
    ArgumentError,
    'Conv2d: expected padding to be one of "valid", "same", got "some", did you mean "same"?',
  ],
  [
    "an unknown padding mode",
    () => new Conv2d(1, 1, 3, { paddingMode: "mirror" as never }),
    ArgumentError,
    'Conv2d: expected paddingMode to be one of "zeros", "reflect", "replicate", "circular", got "mirror".',
  ],
  [
    "a misspelled option",
    () => new Conv2d(1, 1, 3, { paddin: 1 } as never),
    ArgumentError,
    'Conv2d: unknown option "paddin", did you mean "padding"? (options: stride, padding, paddingMode, ' +
      "dilation, groups, algorithm, bias).",
  ],
  [
    "PyTorch's name of an option",
    () => new Conv2d(1, 1, 3, { padding_mode: "reflect" } as never),
    ArgumentError,
    'Conv2d: unknown option "padding_mode", did you mean "paddingMode"? (options: stride, padding, ' +
      "paddingMode, dilation, groups, algorithm, bias).",
  ],
  [
    "an option of another layer",
    () => new Conv2d(1, 1, 3, { countIncludePad: true } as never),
    ArgumentError,
    'Conv2d: unknown option "countIncludePad" (options: stride, padding, paddingMode, dilation, groups, algorithm, ' +
      "bias).",
  ],
  [
    "groups that do not divide the channels",
    () => new Conv2d(4, 6, 3, { groups: 4 }),
    ArgumentError,
    "Conv2d: expected groups to divide 4 input and 6 output channels, got 4.",
  ],
  [
    "no groups",
    () => new Conv2d(4, 6, 3, { groups: 0 }),
    ArgumentError,
    "Conv2d: expected groups to be a whole number of at least 1, got 0.",
  ],
  [
    "a bias that is a number",
    () => new Conv2d(1, 1, 3, { bias: 0 as never }),
    ArgumentError,
    "Conv2d: expected bias to be true or false, got 0.",
  ],
  [
    "no input channels",
    () => new Conv2d(0, 1, 3),
    ArgumentError,
    "Conv2d: expected inChannels to be a whole number of at least 1, got 0.",
  ],
  [
    "an output gradient of the wrong shape",
    () => backwardOf(new Conv2d(1, 2, 3), zeros([1, 1, 4, 4]), zeros([1, 2, 2, 3])),
    ShapeError,
    "Conv2d.backward: expected dy of the output's shape [1, 2, 2, 2], got [1, 2, 2, 3].",
  ],
  [
    "no output gradient",
    () => backwardOf(new Conv2d(1, 2, 3), zeros([1, 1, 4, 4]), undefined as never),
    ArgumentError,
    "Conv2d.backward: expected dy to be a Tensor, got undefined (loss.backward() gives it).",
  ],
  [
    "a misspelled backward option",
    () => backwardOf(new Conv2d(1, 2, 3), zeros([1, 1, 4, 4]), zeros([1, 2, 2, 2]), { inputgrad: false }),
    ArgumentError,
    'Conv2d.backward: unknown option "inputgrad", did you mean "inputGrad"? (options: inputGrad).',
  ],
  [
    "backward before forward",
    () => new Conv2d(1, 2, 3).backward(zeros([1, 2, 2, 2])),
    StateError,
    "Conv2d.backward: expected a forward before it, got none (call forward first; predict saves nothing).",
  ],
  [
    "backward after predict only",
    () => predictedThenBackward(new Conv2d(1, 2, 3), zeros([1, 1, 4, 4])),
    StateError,
    "Conv2d.backward: expected a forward before it, got none (call forward first; predict saves nothing).",
  ],
  [
    "a second backward",
    () => twice(new Conv2d(1, 2, 3), zeros([1, 1, 4, 4])),
    StateError,
    "Conv2d.backward: expected one backward for each forward, got a second one (call forward again " + "first).",
  ],
  [
    "a float64 image on the wasm backend",
    () => new Conv2d(1, 1, 1).forward(Tensor.float64([1], [1, 1, 1, 1]) as never),
    BackendError,
    "Conv2d: the wasm backend computes in float32, got a float64 tensor (convert it with toFloat32(), or " +
      'setBackend(reference) from "handgrad/reference").',
  ],
  [
    "a bias of the wrong length for the function",
    () => conv2d(zeros([1, 1, 2, 2]), zeros([4, 1, 1, 1]), zeros([3])),
    ShapeError,
    "conv2d: expected a bias [4], one number for each output channel, got [3].",
  ],
  [
    "a weight of the wrong rank for the function",
    () => conv2d(zeros([1, 1, 2, 2]), zeros([4, 1])),
    ShapeError,
    "conv2d: expected a weight [O, C / groups, KH, KW], got [4, 1].",
  ],
];

const POOLING: readonly Row[] = [
  [
    "a window larger than the image",
    () => new MaxPool2d(3).forward(zeros([1, 1, 2, 5])),
    ShapeError,
    "MaxPool2d: expected a padded image of at least [3, 3] (the window), got [2, 5] (use a smaller " + "window).",
  ],
  [
    "more padding than half the window",
    () => new MaxPool2d(3, { padding: 2 }),
    ArgumentError,
    "MaxPool2d: expected padding of at most half the kernel [3, 3], got [2, 2].",
  ],
  [
    "a window of nothing but padding",
    () => new MaxPool2d(2, { padding: 1, dilation: 3 }).forward(zeros([1, 1, 2, 5])),
    ShapeError,
    "MaxPool2d: expected every window to hold a pixel of the image, got window 0 of the rows with nothing " +
      "but padding (input [1, 1, 2, 5]; use less dilation).",
  ],
  [
    "PyTorch's positional stride for a pool",
    () => new MaxPool2d(2, 2 as never),
    ArgumentError,
    "MaxPool2d: expected an options object such as { stride: ... }, got 2.",
  ],
  [
    "a window of size 0",
    () => new MaxPool2d([2, 0]),
    ArgumentError,
    "MaxPool2d: expected kernelSize[1] to be a whole number of at least 1, got 0.",
  ],
  [
    "a matrix in a max pool",
    () => new MaxPool2d(2).forward(zeros([8, 100])),
    ShapeError,
    "MaxPool2d: expected input [N, C, H, W], got [8, 100] (four axes: batch, channels, height, width).",
  ],
  [
    "ceilMode as a word",
    () => new MaxPool2d(2, { ceilMode: "yes" as never }),
    ArgumentError,
    'MaxPool2d: expected ceilMode to be true or false, got "yes".',
  ],
  [
    "a divisor of 0",
    () => new AvgPool2d(2, { divisorOverride: 0 }),
    ArgumentError,
    "AvgPool2d: expected divisorOverride to be a whole number of at least 1, got 0.",
  ],
  [
    "dilation in an average pool",
    () => new AvgPool2d(2, { dilation: 2 } as never),
    ArgumentError,
    'AvgPool2d: unknown option "dilation" (options: stride, padding, ceilMode, countIncludePad, ' + "divisorOverride).",
  ],
  [
    "a max pool's gradient of the wrong shape",
    () => backwardOf(new MaxPool2d(2), zeros([1, 1, 4, 4]), zeros([1, 1, 4, 4])),
    ShapeError,
    "MaxPool2d.backward: expected dy of the output's shape [1, 1, 2, 2], got [1, 1, 4, 4].",
  ],
  [
    "indices outside of the image for the function",
    () => maxPool2dInputGrad(zeros([1, 1, 1, 1]), Int32Array.of(4), [1, 1, 2, 2], 2),
    ArgumentError,
    "maxPool2dInputGrad: expected indices from 0 to 3, got 4 at place 0.",
  ],
  [
    "too few indices for the function",
    () => maxPool2dInputGrad(zeros([1, 1, 2, 2]), Int32Array.of(4), [1, 1, 4, 4], 2),
    ShapeError,
    "maxPool2dInputGrad: expected 4 indices, one for each number of dy, got Int32Array(1).",
  ],
];

const LINEAR_AND_ACTIVATIONS: readonly Row[] = [
  [
    "images without a Flatten before",
    () => new Linear(784, 10).forward(zeros([8, 1, 28, 28])),
    ShapeError,
    "Linear: expected input [N, 784], got [8, 1, 28, 28] (put a Flatten before it).",
  ],
  [
    "the wrong number of features",
    () => new Linear(784, 10).forward(zeros([8, 100])),
    ShapeError,
    "Linear: expected input [N, 784], got [8, 100] (the weight is [10, 784]).",
  ],
  [
    "one sample without its batch axis",
    () => new Linear(784, 10).forward(zeros([784])),
    ShapeError,
    "Linear: expected input [N, 784], got [784] (the batch axis is required: x.reshape([1, ...x.shape])).",
  ],
  [
    "an empty batch",
    () => new Linear(4, 10).forward(zeros([0, 4])),
    ShapeError,
    "Linear: expected input [N, 4], got [0, 4] (an empty batch has no mean and no gradient).",
  ],
  [
    "features that are no whole number",
    () => new Linear(7.5, 10),
    ArgumentError,
    "Linear: expected inFeatures to be a whole number of at least 1, got 7.5.",
  ],
  [
    "sizes as one array",
    () => new Linear([784, 10] as never, undefined as never),
    ArgumentError,
    "Linear: expected inFeatures to be a whole number of at least 1, got [784, 10].",
  ],
  [
    "a bias of the wrong length for linear",
    () => linear(zeros([1, 2]), zeros([3, 2]), zeros([2])),
    ShapeError,
    "linear: expected a bias [3], one number for each output, got [2].",
  ],
  [
    "Flatten without anything to flatten",
    () => new Flatten().forward(zeros([5])),
    ShapeError,
    "Flatten: expected an input that has the axes 1 to -1, got [5] (the batch axis is required: " +
      "x.reshape([1, ...x.shape])).",
  ],
  [
    "Flatten over axes in the wrong order",
    () => new Flatten({ startDim: 2, endDim: 1 }),
    ArgumentError,
    "Flatten: expected startDim of at most endDim, got 2 and 1 (swap them).",
  ],
  [
    "Flatten over an axis that is not there",
    () => new Flatten({ startDim: 1, endDim: 3 }).forward(zeros([2, 3, 4])),
    ShapeError,
    "Flatten: expected an input that has the axes 1 to 3, got [2, 3, 4] (3 axes).",
  ],
  [
    "ReLU of an array",
    () => new ReLU().forward([1, -1] as never),
    ArgumentError,
    "ReLU: expected input to be a Tensor, got [1, -1] (wrap it: new Tensor(data, shape)).",
  ],
  [
    "ReLU with an output gradient of another shape",
    () => backwardOf(new ReLU(), zeros([2, 3]), zeros([3, 2])),
    ShapeError,
    "ReLU.backward: expected dy of the output's shape [2, 3], got [3, 2].",
  ],
  [
    "Softmax along an axis that is not there",
    () => new Softmax({ dim: 2 }).forward(zeros([4, 10])),
    ArgumentError,
    "Softmax: expected dim from -2 to 1 for rank 2, got 2.",
  ],
  [
    "Softmax with a positional axis",
    () => new Softmax(1 as never),
    ArgumentError,
    "Softmax: expected an options object such as { dim: ... }, got 1.",
  ],
  [
    "LogSoftmax along half an axis",
    () => new LogSoftmax({ dim: 0.5 }),
    ArgumentError,
    "LogSoftmax: expected dim to be a whole number, got 0.5.",
  ],
];

const DROPOUT: readonly Row[] = [
  ["p = 1.5", () => new Dropout(1.5), ArgumentError, "Dropout: expected p to be a finite number from 0 to 1, got 1.5."],
  [
    "a negative p",
    () => new Dropout2d(-0.1),
    ArgumentError,
    "Dropout2d: expected p to be a finite number from 0 to 1, got -0.1.",
  ],
  ["p = NaN", () => new Dropout(NaN), ArgumentError, "Dropout: expected p to be a finite number from 0 to 1, got NaN."],
  [
    "p in an object",
    () => new Dropout({ p: 0.3 } as never),
    ArgumentError,
    "Dropout: expected p to be a finite number from 0 to 1, got an object (Object) (arguments stand one by one, options in " +
      "an object behind them).",
  ],
  [
    "Dropout2d of a matrix",
    () => new Dropout2d().forward(zeros([8, 10])),
    ShapeError,
    "Dropout2d: expected input [N, C, H, W], got [8, 10] (four axes: batch, channels, height, width).",
  ],
];

const MODELS: readonly Row[] = [
  [
    "the same layer twice",
    () => sameLayerTwice(),
    ArgumentError,
    "Sequential: expected each layer once, layers 1 and 3 are the same ReLU object; write new ReLU() for " +
      "each (weights are shared by sharing Parameters).",
  ],
  [
    "the same layer twice, at different depths",
    () => sameLayerDeep(),
    ArgumentError,
    "Sequential: expected each layer once, layers encoder.0 and decoder.1 are the same Linear object; " +
      "write new Linear() for each (weights are shared by sharing Parameters).",
  ],
  [
    "the same plain object twice",
    () => samePlainTwice(),
    ArgumentError,
    "Sequential: expected each layer once, layers 0 and 1 are the same Layer object; make one for each " +
      "(weights are shared by sharing Parameters).",
  ],
  [
    "a class in the place of a layer",
    () => new Sequential(new Linear(2, 2), ReLU as never),
    ArgumentError,
    "Sequential: expected layer 1 to be a layer, or an object with forward and backward, got the class " +
      "ReLU (write new before it).",
  ],
  [
    "a function in the place of a layer",
    () => new Sequential(relu as never),
    ArgumentError,
    "Sequential: expected layer 0 to be a layer, or an object with forward and backward, got the function " +
      "relu (the layer of it, as new ReLU() for relu).",
  ],
  [
    "layers in brackets",
    () => new Sequential([new Linear(2, 2), new ReLU()] as never),
    ArgumentError,
    'Sequential: expected a named layer as ["name", layer], got [an object (Linear), an object (ReLU)] ' +
      "(layers without names stand one by one, without brackets).",
  ],
  [
    "nothing in the place of a layer",
    () => new Sequential(undefined as never),
    ArgumentError,
    "Sequential: expected layer 0 to be a layer, or an object with forward and backward, got undefined " +
      "(is its import right?).",
  ],
  [
    "one name for two layers",
    () => new Sequential(["a", new ReLU()], ["a", new Tanh()]),
    ArgumentError,
    'Sequential: expected each name once, got "a" twice.',
  ],
  [
    "a name with a dot",
    () => new Sequential(["block.0", new ReLU()]),
    ArgumentError,
    'Sequential: expected a name without dots, got "block.0" (a dot leads into a layer: ' + '"features.0.weight").',
  ],
  [
    "a model in itself",
    () => modelInItself(),
    ArgumentError,
    "Sequential: expected layers, got the model itself among them.",
  ],
  [
    "a place that is not there",
    () => lesson4().get(11),
    ArgumentError,
    "Sequential.get: expected a place from -11 to 10, got 11.",
  ],
  [
    "a place in an empty model",
    () => new Sequential().get(0),
    ArgumentError,
    "Sequential.get: expected a model with layers, got an empty one.",
  ],
  [
    "a misspelled name",
    () => named().get("flaten"),
    ArgumentError,
    'Sequential.get: expected a place from -3 to 2 or a name (features, flatten, head), got "flaten", did ' +
      'you mean "flatten"?',
  ],
  [
    "the batch axis in summary",
    () => lesson4().summary([8, 1, 28, 28]),
    ShapeError,
    "0 Conv2d: expected input [N, 1, H, W], got [1, 8, 1, 28, 28] (one batch axis; summary adds it itself).",
  ],
  [
    "no batch axis in outputShape",
    () => lesson4().outputShape([1, 28, 28]),
    ShapeError,
    "0 Conv2d: expected input [N, 1, H, W], got [1, 28, 28] (the batch axis is required: x.reshape([1, ...x.shape])).",
  ],
  [
    "a number in the place of a shape",
    () => lesson4().outputShape(28 as never),
    ShapeError,
    "Sequential.outputShape: expected a shape of whole numbers of at least 0, got 28 (in brackets, such as [28]).",
  ],
  [
    "a negative size in summary",
    () => lesson4().summary([1, -28, 28]),
    ShapeError,
    "Sequential.summary: expected a shape of whole numbers of at least 0, got [1, -28, 28].",
  ],
  [
    "images too small for the model",
    () => lesson4().outputShape([1, 1, 5, 5]),
    ShapeError,
    "3 Conv2d: expected a padded image of at least [3, 3] (the kernel's extent), got [2, 2] (add padding, " +
      "or use a smaller kernel).",
  ],
  [
    "channels that do not fit, found before any data",
    () => named().outputShape([1, 3, 8, 8]),
    ShapeError,
    "features.conv1 Conv2d: expected input [N, 1, H, W], got [1, 3, 4, 4] (channels are axis 1; for NHWC " +
      "data use nhwcToNchw).",
  ],
  [
    "channels that do not fit, found in forward",
    () => named().forward(zeros([2, 3, 8, 8])),
    ShapeError,
    "features.conv1 Conv2d: expected input [N, 1, H, W], got [2, 3, 4, 4] (channels are axis 1; for NHWC " +
      "data use nhwcToNchw).",
  ],
  [
    "a Linear that does not fit what comes before it",
    () => misfit().forward(zeros([2, 1, 8, 8])),
    ShapeError,
    "1.1 Linear: expected input [N, 10], got [2, 72] (the weight is [2, 10]).",
  ],
  [
    "a Softmax axis that a model does not have",
    () => new Sequential(new Linear(4, 2), new Softmax({ dim: 2 })).outputShape([1, 4]),
    ArgumentError,
    "1 Softmax: expected dim from -2 to 1 for rank 2, got 2.",
  ],
  [
    "a model's output gradient of the wrong shape",
    () => modelBackward(zeros([2, 9])),
    ShapeError,
    "10 Linear.backward: expected dy of the output's shape [2, 10], got [2, 9].",
  ],
  [
    "a model's output gradient that is none",
    () => modelBackward([1, 2] as never),
    ArgumentError,
    "Sequential.backward: expected dy to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
  ],
  [
    "a model's backward before its forward",
    () => lesson4().backward(zeros([1, 10])),
    StateError,
    "Sequential.backward: expected a forward before it, got none (call forward first; predict saves " + "nothing).",
  ],
  [
    "a model's backward after a failed forward",
    () => failedThenBackward(),
    StateError,
    "Sequential.backward: expected a forward before it, got none (call forward first; predict saves " + "nothing).",
  ],
  [
    "a plain object's backward after a predict",
    () => plainAfterPredict(),
    StateError,
    "0 Layer.backward: expected no predict between forward and backward, got one that ran the object's " +
      "forward (give it a predict function, or extend Layer).",
  ],
  [
    "a user's layer that returns an array",
    () => new Sequential(["mine", { forward: () => [1] as never, backward: (dy: Tensor) => dy }]).forward(zeros([1])),
    ArgumentError,
    "mine Layer.forward: expected its result to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).",
  ],
  [
    "train with a word",
    () => lesson4().train("eval" as never),
    ArgumentError,
    'Sequential.train: expected mode to be true or false, got "eval".',
  ],
];

const STATE_DICTS: readonly Row[] = [
  [
    "a missing name",
    () => named().loadStateDict(without("features.conv1.bias")),
    ArgumentError,
    "Sequential.loadStateDict: expected the model's 4 names, got 1 missing (features.conv1.bias) (load " +
      "with { strict: false } to take what fits).",
  ],
  [
    "a misspelled name in a state dict",
    () => named().loadStateDict({ ...named().stateDict(), "head.weigth": zeros([2, 8]) }),
    ArgumentError,
    "Sequential.loadStateDict: expected the model's 4 names, got 1 unexpected (head.weigth, did you mean " +
      '"head.weight"?) (load with { strict: false } to take what fits).',
  ],
  [
    "names with another prefix",
    () => named().loadStateDict(renamed()),
    ArgumentError,
    "Sequential.loadStateDict: expected the model's 4 names, got 4 missing (features.conv1.weight, " +
      "features.conv1.bias, head.weight, head.bias) and 4 unexpected (module.features.conv1.weight, " +
      "module.features.conv1.bias, module.head.weight, module.head.bias) (rename each: " +
      'name.replace("module.", "")).',
  ],
  [
    "a tensor of another shape",
    () => named().loadStateDict({ ...named().stateDict(), "head.bias": zeros([3]) }),
    ShapeError,
    'Sequential.loadStateDict: expected "head.bias" of shape [2], got [3] (load with { strict: false } to ' +
      "take what fits).",
  ],
  [
    "an array in a state dict",
    () => named().loadStateDict({ ...named().stateDict(), "head.bias": [1, 2] as never }),
    ArgumentError,
    'Sequential.loadStateDict: expected "head.bias" to be a Tensor, got [1, 2].',
  ],
  [
    "a tensor in the place of a state dict",
    () => named().loadStateDict(zeros([2]) as never),
    ArgumentError,
    "Sequential.loadStateDict: expected an object of tensors by name, got an object (Tensor).",
  ],
  [
    "strict as a second argument",
    () => named().loadStateDict({}, false as never),
    ArgumentError,
    "Sequential.loadStateDict: expected an options object such as { strict: ... }, got false.",
  ],
];

const LOSS: readonly Row[] = [
  [
    "too few labels",
    () => new CrossEntropy().forward(zeros([3, 10]), [1, 2]),
    ShapeError,
    "CrossEntropy: expected 3 labels for logits [3, 10], got 2.",
  ],
  [
    "a label as large as the number of classes",
    () => new CrossEntropy().forward(zeros([2, 10]), [9, 10]),
    ArgumentError,
    "CrossEntropy: expected labels from 0 to 9, got 10 at index 1 (labels count from 0).",
  ],
  [
    "a label that is NaN",
    () => new CrossEntropy().forward(zeros([1, 10]), [NaN]),
    ArgumentError,
    "CrossEntropy: expected labels from 0 to 9, got NaN at index 0 (labels count from 0).",
  ],
  [
    "labels in a Tensor",
    () => new CrossEntropy().forward(zeros([2, 10]), new Tensor([1, 2])),
    ShapeError,
    "CrossEntropy: expected probabilities of the logits' shape [2, 10], got [2] (class indices are a " +
      "plain array or Int32Array, not a Tensor).",
  ],
  [
    "one-hot labels in arrays",
    () =>
      new CrossEntropy().forward(zeros([2, 2]), [
        [1, 0],
        [0, 1],
      ] as never),
    ArgumentError,
    "CrossEntropy: expected labels from 0 to 1, got [1, 0] at index 0 (for one-hot targets use a Tensor " +
      "of probabilities).",
  ],
  [
    "one label as a number",
    () => new CrossEntropy().forward(zeros([1, 10]), 3 as never),
    ArgumentError,
    "CrossEntropy: expected labels as an array of class indices, got 3.",
  ],
  [
    "logits without a batch axis",
    () => new CrossEntropy().forward(zeros([10]), [3]),
    ShapeError,
    "CrossEntropy: expected logits [N, C] or [N, C, ...], got [10] (the batch axis is required).",
  ],
  [
    "logits of an empty batch",
    () => new CrossEntropy().forward(zeros([0, 10]), []),
    ShapeError,
    "CrossEntropy: expected logits [N, C] or [N, C, ...], got [0, 10] (an empty batch has no loss).",
  ],
  [
    "nothing but ignored labels",
    () => new CrossEntropy({ ignoreIndex: 0 }).forward(zeros([2, 10]), [0, 0]),
    ArgumentError,
    "CrossEntropy: expected at least one target that counts, got none (all are ignored or have weight 0).",
  ],
  [
    "ignoreIndex with probabilities",
    () => new CrossEntropy({ ignoreIndex: 0 }).forward(zeros([1, 2]), new Tensor([[0, 1]])),
    ArgumentError,
    "CrossEntropy: expected no ignoreIndex with probabilities as target, got one.",
  ],
  [
    "weights for another number of classes",
    () => new CrossEntropy({ weight: [1, 2] }).forward(zeros([1, 3]), [0]),
    ShapeError,
    "CrossEntropy: expected a weight of 3 numbers, one for each class, got 2.",
  ],
  [
    "a negative weight",
    () => new CrossEntropy({ weight: [1, -2] }),
    ArgumentError,
    "CrossEntropy: expected weight[1] to be a finite number of at least 0, got -2.",
  ],
  [
    "one weight for all classes",
    () => new CrossEntropy({ weight: 0.5 as never }),
    ArgumentError,
    "CrossEntropy: expected weight as an array of one factor for each class, got 0.5.",
  ],
  [
    "labelSmoothing of 2",
    () => new CrossEntropy({ labelSmoothing: 2 }),
    ArgumentError,
    "CrossEntropy: expected labelSmoothing to be a finite number from 0 to 1, got 2.",
  ],
  [
    "half an ignoreIndex",
    () => new CrossEntropy({ ignoreIndex: 0.5 }),
    ArgumentError,
    "CrossEntropy: expected ignoreIndex to be a whole number, got 0.5.",
  ],
  [
    "an unknown reduction",
    () => new CrossEntropy({ reduction: "average" as never }),
    ArgumentError,
    'CrossEntropy: expected reduction to be one of "mean", "sum", "none", got "average".',
  ],
  [
    "PyTorch's name of a loss option",
    () => new CrossEntropy({ label_smoothing: 0.1 } as never),
    ArgumentError,
    'CrossEntropy: unknown option "label_smoothing", did you mean "labelSmoothing"? (options: weight, ' +
      "labelSmoothing, ignoreIndex, reduction).",
  ],
  [
    "a loss's backward before its forward",
    () => new CrossEntropy().backward(),
    StateError,
    "CrossEntropy.backward: expected a forward before each backward, got none.",
  ],
  [
    "a loss's second backward",
    () => lossTwice(),
    StateError,
    "CrossEntropy.backward: expected a forward before each backward, got none.",
  ],
  [
    "an upstream gradient for a mean",
    () => lossBackward("mean", zeros([1])),
    ArgumentError,
    'CrossEntropy.backward: expected no dy with reduction "mean", got one.',
  ],
  [
    "no upstream gradient for reduction none",
    () => lossBackward("none", undefined),
    ArgumentError,
    'CrossEntropy.backward: expected dy, the gradient of each loss, with reduction "none", got undefined.',
  ],
];

const OPTIMIZERS: readonly Row[] = [
  [
    "lr = NaN",
    () => new SGD(lesson4().parameters(), { lr: NaN }),
    ArgumentError,
    "SGD: expected lr to be a finite number of at least 0, got NaN.",
  ],
  [
    "no lr",
    () => new SGD(lesson4().parameters(), {} as never),
    ArgumentError,
    "SGD: expected a learning rate, got none (it has no default: new SGD(parameters, { lr: 0.01 })).",
  ],
  [
    "no options",
    () => new SGD(lesson4().parameters(), undefined as never),
    ArgumentError,
    "SGD: expected a learning rate, got none (it has no default: new SGD(parameters, { lr: 0.01 })).",
  ],
  [
    "a negative lr",
    () => new Adam(lesson4().parameters(), { lr: -0.001 }),
    ArgumentError,
    "Adam: expected lr to be a finite number of at least 0, got -0.001.",
  ],
  [
    "lr as a positional number",
    () => new Adam(lesson4().parameters(), 0.001 as never),
    ArgumentError,
    "Adam: expected an options object such as { lr: ... }, got 0.001.",
  ],
  [
    "the method parameters, not called",
    () => new Adam(lesson4().parameters as never),
    ArgumentError,
    "Adam: expected parameters such as model.parameters(), got the function parameters (call it, with " +
      "parentheses).",
  ],
  [
    "the model in the place of its parameters",
    () => new Adam(lesson4() as never),
    ArgumentError,
    "Adam: expected parameter 0 to be a Parameter, got an object (Conv2d) (give it model.parameters()).",
  ],
  [
    "tensors in the place of parameters",
    () => new SGD([zeros([2])] as never, { lr: 1 }),
    ArgumentError,
    "SGD: expected parameter 0 to be a Parameter, got an object (Tensor) (give it model.parameters()).",
  ],
  [
    "no parameters",
    () => new SGD(new ReLU().parameters(), { lr: 1 }),
    ArgumentError,
    "SGD: expected at least one parameter, got none.",
  ],
  [
    "one parameter twice",
    () => parameterTwice(),
    ArgumentError,
    "SGD: expected each parameter once, got parameter 2 a second time.",
  ],
  [
    "a beta of 1",
    () => new Adam(lesson4().parameters(), { betas: [0.9, 1] }),
    ArgumentError,
    "Adam: expected betas to be two numbers of at least 0 and below 1, got [0.9, 1].",
  ],
  [
    "nesterov without momentum",
    () => new SGD(lesson4().parameters(), { lr: 1, nesterov: true }),
    ArgumentError,
    "SGD: expected momentum above 0 and dampening 0 with nesterov, got momentum 0 and dampening 0.",
  ],
  [
    "PyTorch's weight_decay",
    () => new SGD(lesson4().parameters(), { lr: 1, weight_decay: 0.1 } as never),
    ArgumentError,
    'SGD: unknown option "weight_decay", did you mean "weightDecay"? (options: lr, momentum, dampening, ' +
      "nesterov, weightDecay).",
  ],
  [
    "a live lr of Infinity",
    () => liveLr(),
    ArgumentError,
    "SGD: expected lr to be a finite number of at least 0, got Infinity.",
  ],
  [
    "a label out of range in accuracy",
    () => accuracy(zeros([2, 10]), [3, 10]),
    ArgumentError,
    "accuracy: expected labels from 0 to 9, got 10 at index 1.",
  ],
];

const TENSORS: readonly Row[] = [
  [
    "data that do not fill the shape",
    () => new Tensor(new Float32Array(783), [1, 1, 28, 28]),
    ShapeError,
    "Tensor: expected 784 numbers for shape [1, 1, 28, 28], got 783 (check the shape, or cut the data to " + "it).",
  ],
  [
    "ragged rows",
    () => new Tensor([[1, 2], [3]]),
    ShapeError,
    "Tensor: expected equal lengths on each level, got 1 entries instead of 2 entries at [1].",
  ],
  [
    "words in a tensor",
    () => new Tensor(["1", "2"] as never),
    ArgumentError,
    'Tensor: expected numbers, got "1" at [0].',
  ],
  [
    "a negative size",
    () => zeros([2, -1]),
    ShapeError,
    "zeros: expected a shape of whole numbers of at least 0, got [2, -1].",
  ],
  [
    "shapes that do not broadcast",
    () => add(zeros([2, 3]), zeros([2])),
    ShapeError,
    "add: expected shapes that broadcast (equal sizes or 1 from the last axis on), got [2, 3] and [2].",
  ],
  [
    "a matrix product of sizes that differ",
    () => matmul(zeros([2, 3]), zeros([2, 3])),
    ShapeError,
    "matmul: expected the last size of a to be the last but one size of b, got [2, 3] and [2, 3] (permute " +
      "swaps axes).",
  ],
  [
    "a value of another shape for a parameter",
    () => assignValue(),
    ShapeError,
    "Parameter.value: expected shape [3, 2], got [2, 3].",
  ],
  [
    "a parameter without an initializer",
    () => new Parameter([2, 3]),
    ArgumentError,
    "Parameter: expected an initializer with the shape, such as zerosInit(), got none.",
  ],
  [
    "an initializer that was not called",
    () => new Parameter([2], onesInit as never).value,
    ArgumentError,
    "Parameter: expected an initializer such as onesInit(), got a function that makes one (call it, with " +
      "parentheses).",
  ],
  [
    "Glorot for a bias",
    () => new Linear(2, 3).bias!.initialize(glorotUniform()).value,
    ShapeError,
    "glorotUniform: expected a weight [O, I] or [O, I, KH, KW], got [3] (a bias has no fans: use zeros).",
  ],
  [
    "a backend by its name",
    () => setBackend("reference" as never),
    ArgumentError,
    'setBackend: expected a backend object, got "reference" (import { wasm } from "handgrad", or { ' +
      'reference } from "handgrad/reference").',
  ],
  [
    "a seed that is no whole number",
    () => manualSeed(0.5),
    ArgumentError,
    "manualSeed: expected the seed to be a whole number from 0 to 9007199254740991, got 0.5.",
  ],
];

const TABLE = {
  Convolution: CONVOLUTION,
  Pooling: POOLING,
  "Linear, Flatten, activations": LINEAR_AND_ACTIVATIONS,
  Dropout: DROPOUT,
  Models: MODELS,
  "State dicts": STATE_DICTS,
  Loss: LOSS,
  "Optimizers and metrics": OPTIMIZERS,
  "Tensors, parameters, backends": TENSORS,
};

describe("A bad call gets a typed error that says who, what was expected, what it got, and the remedy", () => {
  describe.each(Object.entries(TABLE))("%s", (_, rows) => {
    it.each(rows)("%s", (_, act, type, message) => {
      throwsExactly(act, type, message);
    });
  });

  it("for at least 70 mistakes, each told once, in this package's own classes", () => {
    const rows = Object.values(TABLE).flat();
    expect(rows.length).toBeGreaterThanOrEqual(70);
    expect(new Set(rows.map(([mistake]) => mistake)).size).toBe(rows.length);
    for (const [mistake, , type] of rows) expect(Object.create(type.prototype), mistake).toBeInstanceOf(HandgradError);
  });
});

describe("The path of a layer in its model", () => {
  it("comes first in the message, and alone in the error's path; the stack shows the whole message", () => {
    let caught: unknown;
    try {
      named().forward(zeros([2, 3, 8, 8]));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ShapeError);
    const { path, message, stack, name } = caught as ShapeError;
    expect(path).toBe("features.conv1");
    expect(name).toBe("ShapeError");
    expect(message.startsWith("features.conv1 Conv2d: expected input [N, 1, H, W]")).toBe(true);
    expect(stack).toContain(message);
  });

  it("is empty outside of a model", () => {
    const path = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return (error as HandgradError).path;
      }
      return "nothing was thrown";
    };
    expect(path(() => new ReLU().forward([1] as never))).toBe("");
    expect(path(() => lesson4().backward(zeros([1, 10])))).toBe("");
  });

  it.each([true, false])("stands in the stack once, also if somebody has read the stack before (%s)", (early) => {
    const error = new ShapeError("ReLU: expected a, got b.");
    if (early) expect(error.stack).toContain("ReLU: expected a");
    error.at("2").at("features");
    expect(error.stack?.split("\n")[0]).toMatch(/Error: features\.2 ReLU: expected a, got b\.$/);
  });

  it("is not put before an error of another kind, which passes through as it is", () => {
    const error = new RangeError("mine");
    const model = new Sequential([
      "mine",
      {
        forward: () => {
          throw error;
        },
        backward: (dy: Tensor) => dy,
      },
    ]);
    expect(() => model.forward(zeros([1]))).toThrow(error);
    expect(error.message).toBe("mine");
  });
});

describe("throwsExactly", () => {
  const act = (): never => {
    throw new ShapeError("a: expected b, got c.");
  };

  it("rejects a call that returns, another text, and another class, also one above", () => {
    expect(() => throwsExactly(() => 1, ShapeError, "")).toThrow("nothing was thrown");
    expect(() => throwsExactly(act, ShapeError, "a: expected b, got d.")).toThrow();
    expect(() => throwsExactly(act, ArgumentError, "a: expected b, got c.")).toThrow();
    expect(() => throwsExactly(act, HandgradError, "a: expected b, got c.")).toThrow();
    throwsExactly(act, ShapeError, "a: expected b, got c.");
  });
});
