// Misuse of what trains: parameters, initial weights, generators, models, losses, optimizers.
import { describe } from "vitest";
import {
  ArgumentError,
  Generator,
  Linear,
  Parameter,
  Sequential,
  ShapeError,
  StateError,
  ones,
  onesInit,
} from "../../src/index.js";
import { refuses } from "./calls.js";

describe("Initial weights and randomness", () => {
  refuses("new Parameter", "Parameter: ", [
    [[undefined], ShapeError, "expected a shape of whole numbers of at least 0, got undefined."],
    [[null], ShapeError, "expected a shape of whole numbers of at least 0, got null."],
    [[[2]], ArgumentError, "expected an initializer with the shape, such as zerosInit(), got none."],
    [[[2], 1], ArgumentError, "expected an initializer with the shape, such as zerosInit(), got none."],
    [[2, onesInit()], ShapeError, "expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2])."],
    [[[1, "2"], onesInit()], ShapeError, 'expected a shape of whole numbers of at least 0, got [1, "2"].'],
    [[[-1], onesInit()], ShapeError, "expected a shape of whole numbers of at least 0, got [-1]."],
  ]);

  refuses("parameter.value =", "Parameter.value: ", [
    [[null], ArgumentError, "expected the new value to be a Tensor, got null (the argument is missing)."],
    [[[1, 2]], ArgumentError, "expected the new value to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape))."],
    [[ones([3])], ShapeError, "expected shape [2], got [3]."],
    [
      [new Float32Array(2)],
      ArgumentError,
      "expected the new value to be a Tensor, got Float32Array(2) (wrap it: new Tensor(data, shape)).",
    ],
  ]);

  refuses("parameter.accumulate", "Parameter.accumulate: ", [
    [[undefined], ArgumentError, "expected the gradient to be a Tensor, got undefined (the argument is missing)."],
    [[ones([3])], ShapeError, "expected a gradient of shape [2], got [3]."],
    [[1], ArgumentError, "expected the gradient to be a Tensor, got 1 (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("parameter.initialize", "Parameter.initialize: ", [
    [[undefined], ArgumentError, "expected an initializer such as kaimingNormal(), got none."],
    [[1], ArgumentError, "expected an initializer such as kaimingNormal(), got none."],
    [["ones"], ArgumentError, "expected an initializer such as kaimingNormal(), got none."],
  ]);

  refuses("constantInit", "constantInit: ", [
    [[undefined], ArgumentError, "expected value to be a finite number, got undefined."],
    [[null], ArgumentError, "expected value to be a finite number, got null."],
    [["1"], ArgumentError, 'expected value to be a finite number, got "1".'],
    [[NaN], ArgumentError, "expected value to be a finite number, got NaN."],
  ]);

  refuses("normalInit", "normalInit: ", [
    [[null], ArgumentError, "expected mean to be a finite number, got null."],
    [[0, -1], ArgumentError, "expected std to be a finite number of at least 0, got -1."],
    [[0, "1"], ArgumentError, 'expected std to be a finite number of at least 0, got "1".'],
  ]);

  refuses("uniformInit", "uniformInit: ", [
    [[1, 0], ArgumentError, "expected low of at most high 0, got 1."],
    [[null, 1], ArgumentError, "expected low to be a finite number, got null."],
    [[0, Infinity], ArgumentError, "expected high to be a finite number, got Infinity."],
  ]);

  refuses("glorotUniform", "glorotUniform: ", [
    [[null], ArgumentError, "expected gain to be a finite number of at least 0, got null."],
    [[-1], ArgumentError, "expected gain to be a finite number of at least 0, got -1."],
    [
      [{ gain: 1 }],
      ArgumentError,
      "expected gain to be a finite number of at least 0, got an object (Object) (arguments stand one by one, options in an object behind them).",
    ],
  ]);

  refuses("kaimingNormal", "kaimingNormal: ", [
    [[null], ArgumentError, "expected an options object such as { mode: ... }, got null."],
    [
      [{ mode: "fan_in" }],
      ArgumentError,
      'expected mode to be one of "fanIn", "fanOut", got "fan_in", did you mean "fanIn"?',
    ],
    [[{ mode: null }], ArgumentError, 'expected mode to be one of "fanIn", "fanOut", got null.'],
    [[{ gain: null }], ArgumentError, "expected gain to be a finite number of at least 0, got null."],
    [["fanIn"], ArgumentError, 'expected an options object such as { mode: ... }, got "fanIn".'],
  ]);

  refuses("torchDefault", "torchDefault: ", [
    [[undefined], ShapeError, "expected a shape of whole numbers of at least 0, got undefined."],
    [[9], ShapeError, "expected a shape of whole numbers of at least 0, got 9 (in brackets, such as [9])."],
  ]);

  refuses("manualSeed", "manualSeed: ", [
    [[undefined], ArgumentError, "expected the seed to be a whole number from 0 to 9007199254740991, got undefined."],
    [[null], ArgumentError, "expected the seed to be a whole number from 0 to 9007199254740991, got null."],
    [[-1], ArgumentError, "expected the seed to be a whole number from 0 to 9007199254740991, got -1."],
    [[1.5], ArgumentError, "expected the seed to be a whole number from 0 to 9007199254740991, got 1.5."],
    [["1"], ArgumentError, 'expected the seed to be a whole number from 0 to 9007199254740991, got "1".'],
    [
      [2 ** 53],
      ArgumentError,
      "expected the seed to be a whole number from 0 to 9007199254740991, got 9007199254740992.",
    ],
    [[1n], ArgumentError, "expected the seed to be a whole number from 0 to 9007199254740991, got 1n."],
  ]);

  refuses("new Generator", "Generator: ", [
    [
      [undefined],
      ArgumentError,
      'expected kind to be one of "init", "dropout", "shuffle", "draw", "augment", got undefined.',
    ],
    [
      ["noise"],
      ArgumentError,
      'expected kind to be one of "init", "dropout", "shuffle", "draw", "augment", got "noise".',
    ],
    [[1], ArgumentError, 'expected kind to be one of "init", "dropout", "shuffle", "draw", "augment", got 1.'],
    [["draw", 1], ArgumentError, "expected an options object such as { seed: ... }, got 1."],
    [
      ["draw", { seed: null }],
      ArgumentError,
      "expected seed to be a whole number from 0 to 9007199254740991, got null.",
    ],
    [["draw", { stream: -1 }], ArgumentError, "expected stream to be a whole number from 0 to 4294967295, got -1."],
    [
      ["draw", { stream: 2 ** 32 }],
      ArgumentError,
      "expected stream to be a whole number from 0 to 4294967295, got 4294967296.",
    ],
    [["draw", { sead: 1 }], ArgumentError, 'unknown option "sead", did you mean "seed"? (options: seed, stream).'],
  ]);

  refuses("generator.integer", "Generator.integer: ", [
    [[undefined], ArgumentError, "expected n to be a whole number from 1 to 4294967296, got undefined."],
    [[0], ArgumentError, "expected n to be a whole number from 1 to 4294967296, got 0."],
    [[1.5], ArgumentError, "expected n to be a whole number from 1 to 4294967296, got 1.5."],
    [["6"], ArgumentError, 'expected n to be a whole number from 1 to 4294967296, got "6".'],
    [[2 ** 33], ArgumentError, "expected n to be a whole number from 1 to 4294967296, got 8589934592."],
  ]);

  refuses("generator.permutation", "Generator.permutation: ", [
    [[0], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got 0."],
    [[null], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got null."],
    [[2 ** 31], ArgumentError, "expected n to be a whole number from 1 to 2147483647, got 2147483648."],
  ]);

  refuses("generator.fillUniform", "Generator.fillUniform: ", [
    [[undefined, 0, 1], ArgumentError, "expected array to be a Float32Array or a Float64Array, got undefined."],
    [[[0, 0], 0, 1], ArgumentError, "expected array to be a Float32Array or a Float64Array, got [0, 0]."],
    [
      [new Int32Array(2), 0, 1],
      ArgumentError,
      "expected array to be a Float32Array or a Float64Array, got Int32Array(2).",
    ],
    [[new Float32Array(2), 1, 0], ArgumentError, "expected low <= high, got 1 and 0 (swap them)."],
    [[new Float32Array(2), 0], ArgumentError, "expected high to be a finite number, got undefined."],
    [[new Float32Array(2), 0, null], ArgumentError, "expected high to be a finite number, got null."],
  ]);

  refuses("generator.state =", "Generator.state: ", [
    [[undefined], ArgumentError, "expected an options object such as { seed: ... }, got undefined."],
    [[null], ArgumentError, "expected an options object such as { seed: ... }, got null."],
    [[{}], ArgumentError, "expected seed to be a whole number from 0 to 9007199254740991, got undefined."],
    [
      [{ seed: 1, kind: "init", stream: 0, counter: 0 }],
      ArgumentError,
      'expected kind to be one of "draw", got "init".',
    ],
    [
      [{ seed: 1, kind: "draw", stream: 0, counter: -1 }],
      ArgumentError,
      "expected counter to be a whole number from 0 to 9007199254740991, got -1.",
    ],
    [["state"], ArgumentError, 'expected an options object such as { seed: ... }, got "state".'],
  ]);

  refuses("normal", "normal: ", [
    [[undefined], ArgumentError, 'expected a Generator, got undefined (new Generator("draw") makes one).'],
    [[1], ArgumentError, 'expected a Generator, got 1 (new Generator("draw") makes one).'],
    [[Math.random], ArgumentError, 'expected a Generator, got the function random (new Generator("draw") makes one).'],
  ]);

  refuses("fillNormal", "fillNormal: ", [
    [
      [new Float32Array(2), 0, 1],
      ArgumentError,
      'expected a Generator, got Float32Array(2) (new Generator("draw") makes one).',
    ],
    [
      [new Generator("draw", { seed: 1 }), [0], 0, 1],
      ArgumentError,
      "expected array to be a Float32Array or a Float64Array, got [0].",
    ],
    [
      [new Generator("draw", { seed: 1 }), new Float32Array(2), 0, -1],
      ArgumentError,
      "expected std to be a finite number of at least 0, got -1.",
    ],
    [
      [new Generator("draw", { seed: 1 }), new Float32Array(2), null, 1],
      ArgumentError,
      "expected mean to be a finite number, got null.",
    ],
  ]);
});

describe("Models, losses, optimizers", () => {
  refuses("model.forward", "", [
    [[undefined], ArgumentError, "Sequential: expected input to be a Tensor, got undefined (the argument is missing)."],
    [[null], ArgumentError, "Sequential: expected input to be a Tensor, got null (the argument is missing)."],
    [
      [[[1, 2]]],
      ArgumentError,
      "Sequential: expected input to be a Tensor, got [[1, 2]] (wrap it: new Tensor(data, shape)).",
    ],
    [
      [new Float32Array(2)],
      ArgumentError,
      "Sequential: expected input to be a Tensor, got Float32Array(2) (wrap it: new Tensor(data, shape)).",
    ],
    [
      [ones([2])],
      ShapeError,
      "0 Linear: expected input [N, 2], got [2] (the batch axis is required: x.reshape([1, ...x.shape])).",
    ],
    [[ones([1, 3])], ShapeError, "0 Linear: expected input [N, 2], got [1, 3] (the weight is [2, 2])."],
    [
      [Promise.resolve(ones([1, 2]))],
      ArgumentError,
      "Sequential: expected input to be a Tensor, got an object (Promise) (write await before it).",
    ],
    [
      [{ data: [1, 2], shape: [1, 2], stride: [2, 1] }],
      ArgumentError,
      'Sequential: expected input to be a Tensor, got an object (Object) (fromNdarray of "handgrad/ndarray" makes one of it).',
    ],
  ]);

  refuses("model.predict", "Sequential: ", [
    [[undefined], ArgumentError, "expected input to be a Tensor, got undefined (the argument is missing)."],
    [[5], ArgumentError, "expected input to be a Tensor, got 5 (wrap it: new Tensor(data, shape))."],
    [
      [{ data: new Uint8Array(4), width: 1, height: 1 }],
      ArgumentError,
      "expected input to be a Tensor, got an object (Object) (fromRgba(data, width, height) makes one of an image).",
    ],
  ]);

  refuses("model.backward", "Sequential.backward: ", [
    [[ones([1, 2])], StateError, "expected a forward before it, got none (call forward first; predict saves nothing)."],
    [[undefined], ArgumentError, "expected dy to be a Tensor, got undefined (loss.backward() gives it)."],
    [[1], ArgumentError, "expected dy to be a Tensor, got 1 (loss.backward() gives it)."],
  ]);

  refuses("model.summary", "Sequential.summary: ", [
    [[undefined], ShapeError, "expected a shape of whole numbers of at least 0, got undefined."],
    [[2], ShapeError, "expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2])."],
    [["2"], ShapeError, 'expected a shape of whole numbers of at least 0, got "2".'],
    [[[2, null]], ShapeError, "expected a shape of whole numbers of at least 0, got [2, null]."],
  ]);

  refuses("model.train", "Sequential.train: ", [
    [[null], ArgumentError, "expected mode to be true or false, got null."],
    [[1], ArgumentError, "expected mode to be true or false, got 1."],
    [["eval"], ArgumentError, 'expected mode to be true or false, got "eval".'],
  ]);

  refuses("model.loadStateDict", "Sequential.loadStateDict: ", [
    [[undefined], ArgumentError, "expected an object of tensors by name, got undefined."],
    [[null], ArgumentError, "expected an object of tensors by name, got null."],
    [
      [[]],
      ArgumentError,
      "expected the model's 2 names, got 2 missing (0.weight, 0.bias) (load with { strict: false } to take what fits).",
    ],
    [[ones([2])], ArgumentError, "expected an object of tensors by name, got an object (Tensor)."],
    [[new Map()], ArgumentError, "expected an object of tensors by name, got a Map (use Object.fromEntries(map))."],
    [
      [{}],
      ArgumentError,
      "expected the model's 2 names, got 2 missing (0.weight, 0.bias) (load with { strict: false } to take what fits).",
    ],
    [
      [
        {
          "0.weight": [
            [1, 2],
            [3, 4],
          ],
          "0.bias": ones([2]),
        },
      ],
      ArgumentError,
      'expected "0.weight" to be a Tensor, got [[1, 2], [3, 4]].',
    ],
    [
      [{ "module.0.weight": ones([2, 2]), "module.0.bias": ones([2]) }],
      ArgumentError,
      'expected the model\'s 2 names, got 2 missing (0.weight, 0.bias) and 2 unexpected (module.0.weight, module.0.bias) (rename each: name.replace("module.", "")).',
    ],
    [
      [{ "0.weight": ones([2, 2]), "0.bias": ones([2]) }, true],
      ArgumentError,
      "expected an options object such as { strict: ... }, got true.",
    ],
    [
      [{ "0.weight": ones([2, 2]), "0.bias": ones([2]) }, { strict: null }],
      ArgumentError,
      "expected strict to be true or false, got null.",
    ],
    [
      [{ "0.weight": ones([2, 3]), "0.bias": ones([2]) }],
      ShapeError,
      'expected "0.weight" of shape [2, 2], got [2, 3] (load with { strict: false } to take what fits).',
    ],
  ]);

  refuses("convolution.loadStateDict", "Conv2d.loadStateDict: ", [
    [
      [{ weight: ones([3, 3, 1, 2]), bias: ones([2]) }],
      ShapeError,
      'expected "weight" of shape [2, 1, 3, 3], got [3, 3, 1, 2] (from TensorFlow: permute([3, 2, 0, 1])).',
    ],
  ]);

  refuses("dense.loadStateDict", "Linear.loadStateDict: ", [
    [
      [{ weight: ones([3, 2]), bias: ones([2]) }],
      ShapeError,
      'expected "weight" of shape [2, 3], got [3, 2] (from TensorFlow: permute([1, 0])).',
    ],
  ]);

  refuses("new CrossEntropy", "CrossEntropy: ", [
    [[null], ArgumentError, "expected an options object such as { weight: ... }, got null."],
    [["mean"], ArgumentError, 'expected an options object such as { weight: ... }, got "mean".'],
    [[[1, 1]], ArgumentError, "expected an options object such as { weight: ... }, got [1, 1]."],
    [[{ reduction: "avg" }], ArgumentError, 'expected reduction to be one of "mean", "sum", "none", got "avg".'],
    [[{ reduction: null }], ArgumentError, 'expected reduction to be one of "mean", "sum", "none", got null.'],
    [[{ labelSmoothing: 1.5 }], ArgumentError, "expected labelSmoothing to be a finite number from 0 to 1, got 1.5."],
    [[{ labelSmoothing: null }], ArgumentError, "expected labelSmoothing to be a finite number from 0 to 1, got null."],
    [[{ weight: "1" }], ArgumentError, 'expected weight as an array of one factor for each class, got "1".'],
    [[{ weight: [1, -1] }], ArgumentError, "expected weight[1] to be a finite number of at least 0, got -1."],
    [[{ ignoreIndex: 0.5 }], ArgumentError, "expected ignoreIndex to be a whole number, got 0.5."],
    [
      [{ ignore_index: 0 }],
      ArgumentError,
      'unknown option "ignore_index", did you mean "ignoreIndex"? (options: weight, labelSmoothing, ignoreIndex, reduction).',
    ],
    [[new Map()], ArgumentError, "expected an options object such as { weight: ... }, got an object (Map)."],
  ]);

  refuses("loss.forward", "CrossEntropy: ", [
    [[undefined], ArgumentError, "expected logits to be a Tensor, got undefined (the argument is missing)."],
    [[ones([2, 2])], ArgumentError, "expected labels as an array of class indices, got undefined."],
    [
      [[0, 1], ones([2, 2])],
      ArgumentError,
      "expected forward(logits, labels), got [0, 1] and a Tensor (swap the two).",
    ],
    [[ones([2, 2]), [0, 2]], ArgumentError, "expected labels from 0 to 1, got 2 at index 1 (labels count from 0)."],
    [[ones([2, 2]), [0]], ShapeError, "expected 2 labels for logits [2, 2], got 1."],
    [
      [
        ones([2, 2]),
        [
          [1, 0],
          [0, 1],
        ],
      ],
      ArgumentError,
      "expected labels from 0 to 1, got [1, 0] at index 0 (for one-hot targets use a Tensor of probabilities).",
    ],
    [
      [ones([2, 2]), ["0", "1"]],
      ArgumentError,
      'expected labels from 0 to 1, got "0" at index 0 (make it a number: Number(label)).',
    ],
    [
      [ones([2, 2]), ones([2])],
      ShapeError,
      "expected probabilities of the logits' shape [2, 2], got [2] (class indices are a plain array or Int32Array, not a Tensor).",
    ],
    [[ones([2, 2]), 0], ArgumentError, "expected labels as an array of class indices, got 0."],
    [[ones([2]), [0, 1]], ShapeError, "expected logits [N, C] or [N, C, ...], got [2] (the batch axis is required)."],
    [
      [ones([2, 2]), [0, null]],
      ArgumentError,
      "expected labels from 0 to 1, got null at index 1 (labels count from 0).",
    ],
  ]);

  refuses("loss.backward", "CrossEntropy.backward: ", [
    [[], StateError, "expected a forward before each backward, got none."],
    [[ones([2])], ArgumentError, 'expected no dy with reduction "mean", got one.'],
  ]);

  refuses("losses.backward", "CrossEntropy", [
    [[], ArgumentError, '.backward: expected dy, the gradient of each loss, with reduction "none", got undefined.'],
    [[ones([3])], ShapeError, ".backward: expected dy of the output's shape [2], got [3]."],
    [[[1, 1]], ArgumentError, ": expected dy to be a Tensor, got [1, 1] (wrap it: new Tensor(data, shape))."],
    [
      [ones([2]).toFloat64()],
      ArgumentError,
      ".backward: expected operands of one number format, got float32 and float64 (convert one with toFloat64() or " +
        "toFloat32()).",
    ],
  ]);

  refuses("new SGD", "SGD: ", [
    [
      [undefined],
      ArgumentError,
      "expected parameters such as model.parameters(), got undefined (a list of Parameters).",
    ],
    [
      [[new Parameter(ones([1]))]],
      ArgumentError,
      "expected a learning rate, got none (it has no default: new SGD(parameters, { lr: 0.01 })).",
    ],
    [[[new Parameter(ones([1]))], 0.1], ArgumentError, "expected an options object such as { lr: ... }, got 0.1."],
    [
      [[new Parameter(ones([1]))], { lr: null }],
      ArgumentError,
      "expected lr to be a finite number of at least 0, got null.",
    ],
    [
      [[new Parameter(ones([1]))], { lr: "0.1" }],
      ArgumentError,
      'expected lr to be a finite number of at least 0, got "0.1".',
    ],
    [
      [[new Parameter(ones([1]))], { lr: -1 }],
      ArgumentError,
      "expected lr to be a finite number of at least 0, got -1.",
    ],
    [
      [[new Parameter(ones([1]))], { lr: 1, momentum: null }],
      ArgumentError,
      "expected momentum to be a finite number of at least 0, got null.",
    ],
    [
      [[new Parameter(ones([1]))], { lr: 1, nesterov: true }],
      ArgumentError,
      "expected momentum above 0 and dampening 0 with nesterov, got momentum 0 and dampening 0.",
    ],
    [
      [[new Parameter(ones([1]))], { learningRate: 1 }],
      ArgumentError,
      'unknown option "learningRate", did you mean "lr"? (options: lr, momentum, dampening, nesterov, weightDecay).',
    ],
    [[[], { lr: 1 }], ArgumentError, "expected at least one parameter, got none."],
    [
      [[ones([1])], { lr: 1 }],
      ArgumentError,
      "expected parameter 0 to be a Parameter, got an object (Tensor) (give it model.parameters()).",
    ],
    [
      [{ lr: 1 }],
      ArgumentError,
      "expected parameters such as model.parameters(), got an object (Object) (a list of Parameters).",
    ],
    [
      [new Parameter(ones([1])), { lr: 1 }],
      ArgumentError,
      "expected parameters such as model.parameters(), got an object (Parameter) (a list of Parameters).",
    ],
  ]);

  refuses("new Adam", "Adam: ", [
    [[null], ArgumentError, "expected parameters such as model.parameters(), got null (a list of Parameters)."],
    [[[new Parameter(ones([1]))], 1e-3], ArgumentError, "expected an options object such as { lr: ... }, got 0.001."],
    [
      [[new Parameter(ones([1]))], { betas: 0.9 }],
      ArgumentError,
      "expected betas to be two numbers of at least 0 and below 1, got 0.9.",
    ],
    [
      [[new Parameter(ones([1]))], { betas: null }],
      ArgumentError,
      "expected betas to be two numbers of at least 0 and below 1, got null.",
    ],
    [
      [[new Parameter(ones([1]))], { betas: [0.9, 1] }],
      ArgumentError,
      "expected betas to be two numbers of at least 0 and below 1, got [0.9, 1].",
    ],
    [
      [[new Parameter(ones([1]))], { eps: null }],
      ArgumentError,
      "expected eps to be a finite number of at least 0, got null.",
    ],
    [[[new Parameter(ones([1]))], { amsgrad: 1 }], ArgumentError, "expected amsgrad to be true or false, got 1."],
    [
      [[new Parameter(ones([1]))], Promise.resolve({ lr: 1 })],
      ArgumentError,
      "expected an options object such as { lr: ... }, got an object (Promise).",
    ],
    [
      [[new Parameter(ones([1]))], new Map([["lr", 1]])],
      ArgumentError,
      "expected an options object such as { lr: ... }, got an object (Map).",
    ],
  ]);

  refuses("optimizer.loadStateDict", "SGD.loadStateDict: ", [
    [[undefined], ArgumentError, "expected an options object such as { type: ... }, got undefined."],
    [[null], ArgumentError, "expected an options object such as { type: ... }, got null."],
    [[{}], ArgumentError, "expected the state of SGD, got that of undefined."],
    [[{ type: "Adam", options: {}, state: [] }], ArgumentError, 'expected the state of SGD, got that of "Adam".'],
    [[{ type: "SGD", options: {}, state: {} }], ArgumentError, "expected state to be a list, got an object (Object)."],
    [
      [{ type: "SGD", options: {}, state: [null, null] }],
      ArgumentError,
      "expected the state of 1 parameters, got that of 2 (it belongs to another model).",
    ],
    [
      [{ type: "SGD", options: {}, state: [null] }],
      ArgumentError,
      "expected all of the options lr, momentum, dampening, nesterov, weightDecay, got none of lr, momentum, dampening, nesterov, weightDecay.",
    ],
    [[JSON.stringify({})], ArgumentError, 'expected an options object such as { type: ... }, got "{}".'],
  ]);

  refuses("setBackend", "setBackend: ", [
    [
      [undefined],
      ArgumentError,
      'expected a backend object, got undefined (import { wasm } from "handgrad", or { reference } from "handgrad/reference").',
    ],
    [
      [null],
      ArgumentError,
      'expected a backend object, got null (import { wasm } from "handgrad", or { reference } from "handgrad/reference").',
    ],
    [
      ["wasm"],
      ArgumentError,
      'expected a backend object, got "wasm" (import { wasm } from "handgrad", or { reference } from "handgrad/reference").',
    ],
    [
      [{}],
      ArgumentError,
      'expected a backend object, got an object (Object) (import { wasm } from "handgrad", or { reference } from "handgrad/reference").',
    ],
    [
      [{ name: "wasm" }],
      ArgumentError,
      'expected a backend object, got an object (Object) (import { wasm } from "handgrad", or { reference } from "handgrad/reference").',
    ],
  ]);

  refuses("detectAnomaly", "detectAnomaly: ", [
    [
      [undefined],
      ArgumentError,
      "expected a model, got undefined (detectAnomaly(model, () => { ... }) watches it meanwhile).",
    ],
    [[new Sequential(new Linear(1, 1))], ArgumentError, "expected a function that runs the model, got undefined."],
    [
      [() => 1],
      ArgumentError,
      "expected a model, got the function (anonymous) (detectAnomaly(model, () => { ... }) watches it meanwhile).",
    ],
    [[new Sequential(new Linear(1, 1)), 1], ArgumentError, "expected a function that runs the model, got 1."],
  ]);
});
