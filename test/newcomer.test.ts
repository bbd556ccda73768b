// What newcomers do, from PyTorch, Keras and plain JavaScript: the class and the full text of the error that helps them on.
import { describe, expect, it } from "vitest";
import {
  Adam,
  ArgumentError,
  Conv2d,
  CrossEntropy,
  Dropout,
  Layer,
  Linear,
  MaxPool2d,
  ReLU,
  SGD,
  Sequential,
  ShapeError,
  Sigmoid,
  Softmax,
  Tanh,
  Tensor,
  accuracy,
  fromRgba,
  zeros,
} from "../src/index.js";
import { batches } from "../src/entries/data.js";
import { toNdarray } from "../src/scijs/ndarray.js";
import { throwsExactly } from "./support/errors.js";

const none = undefined as never;
const linear = (): Linear => new Linear(2, 3);

class Forgetful extends Layer<null> {
  forward(): Tensor {
    return none;
  }
  backward(): Tensor {
    return none;
  }
}

// In JavaScript nobody asks for backward.
const OneWay = class extends Layer<null> {
  forward(x: Tensor): Tensor {
    return x;
  }
  declare backward: Layer["backward"];
};

const CALLS: [string, () => unknown, new (...args: never[]) => Error, string][] = [
  [
    "Keras' way to give arguments",
    () => new Conv2d({ inChannels: 1, outChannels: 2 } as never, none, none),
    ArgumentError,
    "Conv2d: expected inChannels to be a whole number of at least 1, got an object (Object) (arguments stand one by one, options in an object behind them).",
  ],
  [
    "a kernel in an object",
    () => new MaxPool2d({ kernelSize: 2 } as never),
    ArgumentError,
    "MaxPool2d: expected kernelSize to be a number or [vertical, horizontal], got an object (Object) (arguments stand one by one, options in an object behind them).",
  ],
  [
    "p in an object",
    () => new Dropout({ p: 0.5 } as never),
    ArgumentError,
    "Dropout: expected p to be a finite number from 0 to 1, got an object (Object) (arguments stand one by one, options in an object behind them).",
  ],
  [
    "PyTorch's inplace",
    () => new ReLU({ inplace: true } as never),
    ArgumentError,
    "ReLU: expected no arguments, got an object (Object).",
  ],
  ["a size for a Sigmoid", () => new Sigmoid(3 as never), ArgumentError, "Sigmoid: expected no arguments, got 3."],
  ["a size for a Tanh", () => new Tanh(3 as never), ArgumentError, "Tanh: expected no arguments, got 3."],
  [
    "NumPy's axis",
    () => new Softmax({ axis: 1 } as never),
    ArgumentError,
    'Softmax: unknown option "axis", did you mean "dim"? (options: dim).',
  ],
  [
    "Keras' learningRate",
    () => new Adam(linear().parameters(), { learningRate: 1 } as never),
    ArgumentError,
    'Adam: unknown option "learningRate", did you mean "lr"? (options: lr, betas, eps, weightDecay, amsgrad).',
  ],
  [
    "PyTorch's spelling",
    () => new Adam(linear().parameters(), { weight_decay: 1 } as never),
    ArgumentError,
    'Adam: unknown option "weight_decay", did you mean "weightDecay"? (options: lr, betas, eps, weightDecay, amsgrad).',
  ],
  [
    "swapped letters",
    () => new Conv2d(1, 1, 3, { pading: 1 } as never),
    ArgumentError,
    'Conv2d: unknown option "pading", did you mean "padding"? (options: stride, padding, paddingMode, dilation, groups, algorithm, bias).',
  ],
  [
    "batchSize",
    () => batches(zeros([2, 1]), [0, 1], { batchSize: 1 } as never),
    ArgumentError,
    'batches: unknown option "batchSize", did you mean "size"? (options: size, shuffle, dropLast, seed).',
  ],
  [
    "a property of every object as an option",
    () => new Softmax({ constructor: 1 } as never),
    ArgumentError,
    'Softmax: unknown option "constructor" (options: dim).',
  ],
  [
    "SGD without lr",
    () => new SGD(linear().parameters(), {} as never),
    ArgumentError,
    "SGD: expected a learning rate, got none (it has no default: new SGD(parameters, { lr: 0.01 })).",
  ],
  [
    "a state dict for an optimizer",
    () => new Adam(linear().stateDict() as never),
    ArgumentError,
    "Adam: expected parameters such as model.parameters(), got an object (Object) (a list of Parameters).",
  ],
  [
    "layers in an object",
    () => new Sequential({ conv: new ReLU() } as never),
    ArgumentError,
    'Sequential: expected layer 0 to be a layer, or an object with forward and backward, got an object (Object) (named layers are pairs: ["name", layer]).',
  ],
  [
    "a layer by its name",
    () => new Sequential("relu" as never),
    ArgumentError,
    'Sequential: expected layer 0 to be a layer, or an object with forward and backward, got "relu" (the layer itself, as new ReLU()).',
  ],
  [
    "sizes without brackets",
    () => zeros([6]).reshape(2 as never),
    ShapeError,
    "Tensor.reshape: expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2]).",
  ],
  [
    "no shape",
    () => zeros([6]).reshape(none),
    ShapeError,
    "Tensor.reshape: expected a shape of whole numbers of at least 0, got undefined.",
  ],
  [
    "a Promise",
    () => linear().forward(Promise.resolve() as never),
    ArgumentError,
    "Linear: expected input to be a Tensor, got an object (Promise) (write await before it).",
  ],
  [
    "pixels",
    () => linear().forward({ data: new Uint8ClampedArray(4), width: 1, height: 1 } as never),
    ArgumentError,
    "Linear: expected input to be a Tensor, got an object (Object) (fromRgba(data, width, height) makes one of an image).",
  ],
  [
    "an ndarray",
    () => linear().forward(toNdarray(zeros([1, 2])) as never),
    ArgumentError,
    'Linear: expected input to be a Tensor, got an object (View2dfloat32) (fromNdarray of "handgrad/ndarray" makes one of it).',
  ],
  [
    "nothing",
    () => linear().forward(none),
    ArgumentError,
    "Linear: expected input to be a Tensor, got undefined (the argument is missing).",
  ],
  [
    "the loss for backward",
    () => new Sequential(linear()).backward(0.5 as never),
    ArgumentError,
    "Sequential.backward: expected dy to be a Tensor, got 0.5 (loss.backward() gives it).",
  ],
  [
    "nothing for backward",
    () => new Sequential(linear()).backward(none),
    ArgumentError,
    "Sequential.backward: expected dy to be a Tensor, got undefined (loss.backward() gives it).",
  ],
  [
    "a layer that forgets to return",
    () => new Sequential(new Forgetful()).forward(zeros([1])),
    ArgumentError,
    "0 Forgetful.forward: expected its result to be a Tensor, got undefined (does it return its result?).",
  ],
  [
    "a Map of tensors",
    () => linear().loadStateDict(new Map() as never),
    ArgumentError,
    "Linear.loadStateDict: expected an object of tensors by name, got a Map (use Object.fromEntries(map)).",
  ],
  [
    "labels first",
    () => new CrossEntropy().forward([0] as never, zeros([1, 2])),
    ArgumentError,
    "CrossEntropy: expected forward(logits, labels), got [0] and a Tensor (swap the two).",
  ],
  [
    "one-hot labels in a row",
    () => new CrossEntropy().forward(zeros([2, 3]), [1, 0, 0, 0, 1, 0]),
    ShapeError,
    "CrossEntropy: expected 2 labels for logits [2, 3], got 6 (for one-hot targets use a Tensor [2, 3]).",
  ],
  [
    "labels as texts",
    () => new CrossEntropy().forward(zeros([1, 3]), ["1"] as never),
    ArgumentError,
    'CrossEntropy: expected labels from 0 to 2, got "1" at index 0 (make it a number: Number(label)).',
  ],
  [
    "accuracy with the labels first",
    () => accuracy([0] as never, zeros([1, 2]) as never),
    ArgumentError,
    "accuracy: expected accuracy(logits, labels), got [0] and a Tensor (swap the two).",
  ],
  [
    "accuracy with labels in a Tensor",
    () => accuracy(zeros([1, 2]), zeros([1]) as never),
    ArgumentError,
    "accuracy: expected labels as an array of class indices, got an object (Tensor) (a plain array or an Int32Array, as argmax gives).",
  ],
];

describe("A newcomer's call gets an error that helps on", () => {
  it.each(CALLS)("%s", (_, act, type, message) => throwsExactly(act, type, message));

  it("a layer without backward, at the backward", () => {
    const model = new Sequential(["way", new OneWay()]);
    model.forward(zeros([1]));
    throwsExactly(
      () => model.backward(zeros([1])),
      ArgumentError,
      `way ${OneWay.name}: expected a layer with forward and backward, got one without backward.`,
    );
  });

  it("long texts and deep lists are cut", () => {
    const long = (value: unknown): number => {
      try {
        fromRgba(value as never, 1, 1);
      } catch (error) {
        return (error as Error).message.length;
      }
      return 0;
    };
    expect(long("x".repeat(1e6))).toBeLessThan(400);
    expect(long([[[[[[["deep"]]]]]]])).toBeLessThan(200);
    let deep: unknown = 1;
    for (let i = 0; i < 1e5; i++) deep = [deep];
    expect(long(deep)).toBeLessThan(200);
  });
});
