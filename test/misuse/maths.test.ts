// Misuse of the functions on tensors: maths, those of the layers, signals.
import { describe } from "vitest";
import { ArgumentError, ShapeError, Tensor, ones, zeros } from "../../src/index.js";
import { refuses } from "./calls.js";

describe("Maths", () => {
  refuses("add", "add: ", [
    [[ones([2])], ArgumentError, "expected b to be a Tensor, got undefined (the argument is missing)."],
    [
      [ones([2]), ones([3])],
      ShapeError,
      "expected shapes that broadcast (equal sizes or 1 from the last axis on), got [2] and [3].",
    ],
    [[ones([2]), [1, 2]], ArgumentError, "expected b to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape))."],
    [[ones([2]), "1"], ArgumentError, 'expected b to be a Tensor, got "1" (wrap it: new Tensor(data, shape)).'],
    [[null, ones([2])], ArgumentError, "expected a to be a Tensor, got null (the argument is missing)."],
    [[ones([2]), null], ArgumentError, "expected b to be a Tensor, got null (the argument is missing)."],
    [[ones([2]), 1n], ArgumentError, "expected b to be a Tensor, got 1n (wrap it: new Tensor(data, shape))."],
    [[ones([2]), true], ArgumentError, "expected b to be a Tensor, got true (wrap it: new Tensor(data, shape))."],
    [
      [ones([2]), ones([2]).toFloat64()],
      ArgumentError,
      "expected operands of one number format, got float32 and float64 (convert one with toFloat64() or toFloat32()).",
    ],
    [
      [ones([2]).data, 1],
      ArgumentError,
      "expected a to be a Tensor, got Float32Array(2) (wrap it: new Tensor(data, shape)).",
    ],
    [
      [{ ...ones([2]) }, 1],
      ArgumentError,
      "expected a to be a Tensor, got an object (Object) (new Tensor(value) makes one of this copy).",
    ],
  ]);

  refuses("subtract", "subtract: ", [
    [[undefined, 1], ArgumentError, "expected a to be a Tensor, got undefined (the argument is missing)."],
    [
      [ones([2]), new Map()],
      ArgumentError,
      "expected b to be a Tensor, got an object (Map) (wrap it: new Tensor(data, shape)).",
    ],
  ]);

  refuses("multiply", "multiply: ", [
    [
      [ones([2, 3]), ones([2])],
      ShapeError,
      "expected shapes that broadcast (equal sizes or 1 from the last axis on), got [2, 3] and [2].",
    ],
    [
      [Promise.resolve(ones([2])), 2],
      ArgumentError,
      "expected a to be a Tensor, got an object (Promise) (write await before it).",
    ],
  ]);

  refuses("divide", "divide: ", [
    [[ones([1]), undefined], ArgumentError, "expected b to be a Tensor, got undefined (the argument is missing)."],
    [[1, [1]], ArgumentError, "expected b to be a Tensor, got [1] (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("matmul", "matmul: ", [
    [[ones([2])], ArgumentError, "expected b to be a Tensor, got undefined (the argument is missing)."],
    [
      [ones([2, 3]), ones([2, 3])],
      ShapeError,
      "expected the last size of a to be the last but one size of b, got [2, 3] and [2, 3] (permute swaps axes).",
    ],
    [[ones([2, 2]), 2], ArgumentError, "expected b to be a Tensor, got 2 (wrap it: new Tensor(data, shape))."],
    [[[[1]], [[1]]], ArgumentError, "expected a to be a Tensor, got [[1]] (wrap it: new Tensor(data, shape))."],
    [[null, ones([2, 2])], ArgumentError, "expected a to be a Tensor, got null (the argument is missing)."],
  ]);

  refuses("exp", "exp: ", [
    [[undefined], ArgumentError, "expected x to be a Tensor, got undefined (the argument is missing)."],
    [[1], ArgumentError, "expected x to be a Tensor, got 1 (wrap it: new Tensor(data, shape))."],
    [[[1]], ArgumentError, "expected x to be a Tensor, got [1] (wrap it: new Tensor(data, shape))."],
    [[null], ArgumentError, "expected x to be a Tensor, got null (the argument is missing)."],
  ]);

  refuses("log", "log: ", [
    [["1"], ArgumentError, 'expected x to be a Tensor, got "1" (wrap it: new Tensor(data, shape)).'],
  ]);

  refuses("sqrt", "sqrt: ", [
    [
      [new Float32Array(1)],
      ArgumentError,
      "expected x to be a Tensor, got Float32Array(1) (wrap it: new Tensor(data, shape)).",
    ],
  ]);

  refuses("clamp", "clamp: ", [
    [[ones([1])], ArgumentError, "expected min to be a number, got undefined (-Infinity leaves it open)."],
    [[ones([1]), 1, 0], ArgumentError, "expected min to be at most max, got 1 and 0 (swap them)."],
    [[ones([1]), null, 1], ArgumentError, "expected min to be a number, got null (-Infinity leaves it open)."],
    [[ones([1]), "0", 1], ArgumentError, 'expected min to be a number, got "0" (-Infinity leaves it open).'],
    [[ones([1]), NaN, 1], ArgumentError, "expected min to be a number, got NaN (-Infinity leaves it open)."],
    [
      [ones([1]), { min: 0, max: 1 }],
      ArgumentError,
      "expected min to be a number, got an object (Object) (-Infinity leaves it open).",
    ],
    [[0, 1, ones([1])], ArgumentError, "expected x to be a Tensor, got 0 (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("sum", "sum: ", [
    [[undefined], ArgumentError, "expected x to be a Tensor, got undefined (the argument is missing)."],
    [[[1, 2]], ArgumentError, "expected x to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape))."],
    [[ones([2]), 0], ArgumentError, "expected an options object such as { dim: ... }, got 0."],
    [[ones([2]), { dim: 1 }], ArgumentError, "expected dim from -1 to 0 for rank 1, got 1."],
    [[ones([2]), { dim: null }], ArgumentError, "expected dim from -1 to 0 for rank 1, got null."],
    [[ones([2]), { dim: "0" }], ArgumentError, 'expected dim from -1 to 0 for rank 1, got "0".'],
    [[ones([2]), { dim: [0, 0] }], ArgumentError, "expected dim to hold each axis once, got [0, 0]."],
    [[ones([2]), { axis: 0 }], ArgumentError, 'unknown option "axis", did you mean "dim"? (options: dim, keepdim).'],
    [[ones([2]), { keepdim: 1 }], ArgumentError, "expected keepdim to be true or false, got 1."],
    [[ones([2]), { keepdim: null }], ArgumentError, "expected keepdim to be true or false, got null."],
    [[zeros([0])], ShapeError, "expected at least one number, got [0]."],
  ]);

  refuses("max", "max: ", [
    [[ones([2]), ones([2])], ArgumentError, "expected an options object such as { dim: ... }, got an object (Tensor)."],
    [[ones([2]), { dim: 0.5 }], ArgumentError, "expected dim from -1 to 0 for rank 1, got 0.5."],
  ]);

  refuses("min", "min: ", [
    [[1, 2], ArgumentError, "expected x to be a Tensor, got 1 (wrap it: new Tensor(data, shape))."],
    [[null], ArgumentError, "expected x to be a Tensor, got null (the argument is missing)."],
  ]);

  refuses("mean", "mean: ", [
    [[zeros([0])], ShapeError, "expected at least one number, got [0]."],
    [[ones([2]), null], ArgumentError, "expected an options object such as { dim: ... }, got null."],
  ]);

  refuses("variance", "variance: ", [
    [[ones([1])], ArgumentError, "expected more numbers than the correction, 1, got 1 (correction 0 takes any count)."],
    [
      [ones([3]), { correction: null }],
      ArgumentError,
      "expected correction to be a finite number of at least 0, got null.",
    ],
    [
      [ones([3]), { correction: -1 }],
      ArgumentError,
      "expected correction to be a finite number of at least 0, got -1.",
    ],
    [
      [ones([3]), { correction: "1" }],
      ArgumentError,
      'expected correction to be a finite number of at least 0, got "1".',
    ],
    [[ones([3]), { unbiased: true }], ArgumentError, 'unknown option "unbiased" (options: dim, keepdim, correction).'],
  ]);

  refuses("concat", "concat: ", [
    [[undefined], ArgumentError, "expected an array of at least one Tensor, got undefined."],
    [[ones([2])], ArgumentError, "expected an array of at least one Tensor, got an object (Tensor)."],
    [[ones([2]), ones([2])], ArgumentError, "expected an array of at least one Tensor, got an object (Tensor)."],
    [[[]], ArgumentError, "expected an array of at least one Tensor, got []."],
    [
      [[ones([2]), [1]]],
      ArgumentError,
      "expected tensors[1] to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).",
    ],
    [[[ones([2]), ones([2, 1])]], ShapeError, "expected tensors of shape [any], got [2, 1]."],
    [[[ones([2, 1]), ones([3, 2])]], ShapeError, "expected tensors of shape [any, 1], got [3, 2]."],
    [[[ones([2])], 1], ArgumentError, "expected dim from -1 to 0 for rank 1, got 1."],
    [[[ones([2])], null], ArgumentError, "expected dim from -1 to 0 for rank 1, got null."],
    [
      [[ones([2]), ones([2]).toFloat64()]],
      ArgumentError,
      "expected operands of one number format, got float32 and float64 (convert one with toFloat64() or toFloat32()).",
    ],
  ]);

  refuses("stack", "stack: ", [
    [[null], ArgumentError, "expected an array of at least one Tensor, got null."],
    [[[ones([2]), ones([3])]], ShapeError, "expected tensors of shape [2], got [3]."],
    [[[ones([2])], 2], ArgumentError, "expected dim from -2 to 1 for rank 2, got 2."],
    [[ones([2])], ArgumentError, "expected an array of at least one Tensor, got an object (Tensor)."],
  ]);

  refuses("nchwToNhwc", "nchwToNhwc: ", [
    [[ones([2, 3])], ShapeError, "expected images [N, C, H, W], got [2, 3]."],
    [[undefined], ArgumentError, "expected x to be a Tensor, got undefined (the argument is missing)."],
  ]);

  refuses("nhwcToNchw", "nhwcToNchw: ", [
    [[ones([2, 3, 4])], ShapeError, "expected images [N, H, W, C], got [2, 3, 4]."],
    [[[[[[1]]]]], ArgumentError, "expected x to be a Tensor, got [[[[1]]]] (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("pad", "pad: ", [
    [
      [ones([2])],
      ArgumentError,
      "expected amounts to be at most 1 pairs [before, after], one for each of the last axes, got undefined.",
    ],
    [
      [ones([2]), 1],
      ArgumentError,
      "expected amounts to be at most 1 pairs [before, after], one for each of the last axes, got 1.",
    ],
    [
      [ones([2]), [1, 1]],
      ArgumentError,
      "expected amounts to be at most 1 pairs [before, after], one for each of the last axes, got [1, 1].",
    ],
    [[ones([2]), [[1]]], ArgumentError, "expected amounts[0] to be [before, after], got [1]."],
    [[ones([2]), [[1, -1]]], ArgumentError, "expected amounts[0][1] to be a whole number of at least 0, got -1."],
    [
      [
        ones([2]),
        [
          [1, 1],
          [1, 1],
        ],
      ],
      ArgumentError,
      "expected amounts to be at most 1 pairs [before, after], one for each of the last axes, got [[1, 1], [1, 1]].",
    ],
    [[ones([2]), [[1, null]]], ArgumentError, "expected amounts[0][1] to be a whole number of at least 0, got null."],
    [
      [ones([2]), [[1, 1]], "reflect"],
      ArgumentError,
      'expected an options object such as { mode: ... }, got "reflect".',
    ],
    [
      [ones([2]), [[1, 1]], { mode: "edge" }],
      ArgumentError,
      'expected mode to be one of "constant", "reflect", "replicate", "circular", got "edge".',
    ],
    [
      [ones([2]), [[1, 1]], { mode: null }],
      ArgumentError,
      'expected mode to be one of "constant", "reflect", "replicate", "circular", got null.',
    ],
    [
      [ones([2]), [[2, 0]], { mode: "reflect" }],
      ShapeError,
      'expected at most 1 entries before and after axis 0 of [2] in mode "reflect", got 2.',
    ],
    [
      [ones([2]), [[1, 1]], { mode: "reflect", value: 1 }],
      ArgumentError,
      'expected value to be a number beside mode "constant", got 1 with mode "reflect".',
    ],
    [
      [ones([2]), [[1, 1]], { value: "0" }],
      ArgumentError,
      'expected value to be a number beside mode "constant", got "0" with mode "constant".',
    ],
    [
      [ones([2]), [[1, 1]], { value: null }],
      ArgumentError,
      'expected value to be a number beside mode "constant", got null with mode "constant".',
    ],
    [
      [ones([1, 1, 4, 4]), [[1e9, 1e9]]],
      ArgumentError,
      "expected a tensor that fits into memory, got [1, 1, 4, 2000000004], 33 GB.",
    ],
  ]);

  refuses("allClose", "allClose: ", [
    [[ones([2])], ArgumentError, "expected b to be a Tensor, got undefined (the argument is missing)."],
    [[ones([2]), [1, 1]], ArgumentError, "expected b to be a Tensor, got [1, 1] (wrap it: new Tensor(data, shape))."],
    [[ones([2]), ones([3])], ShapeError, "expected equal shapes, got [2] and [3] (reshape one)."],
    [[ones([2]), ones([2]), 0.1], ArgumentError, "expected an options object such as { rtol: ... }, got 0.1."],
    [
      [ones([2]), ones([2]), { rtol: null }],
      ArgumentError,
      "expected rtol to be a finite number of at least 0, got null.",
    ],
    [[ones([2]), ones([2]), { atol: -1 }], ArgumentError, "expected atol to be a finite number of at least 0, got -1."],
    [[ones([2]), ones([2]), { tolerance: 1 }], ArgumentError, 'unknown option "tolerance" (options: rtol, atol).'],
    [
      [ones([2]), ones([2]).toFloat64()],
      ArgumentError,
      "expected operands of one number format, got float32 and float64 (convert one with toFloat64() or toFloat32()).",
    ],
  ]);

  refuses("accuracy", "accuracy: ", [
    [[ones([2, 2])], ArgumentError, "expected labels as an array of class indices, got undefined."],
    [
      [[0, 1], ones([2, 2])],
      ArgumentError,
      "expected accuracy(logits, labels), got [0, 1] and a Tensor (swap the two).",
    ],
    [
      [ones([2, 2]), ones([2])],
      ArgumentError,
      "expected labels as an array of class indices, got an object (Tensor) (a plain array or an Int32Array, as argmax gives).",
    ],
    [[ones([2, 2]), [0]], ShapeError, "expected 2 labels for logits [2, 2], got 1."],
    [[ones([2]), [0, 1]], ShapeError, "expected logits [N, C], got [2] (the batch axis is first, then the classes)."],
    [[ones([2, 2]), null], ArgumentError, "expected labels as an array of class indices, got null."],
    [
      [
        ones([2, 2]),
        [
          [1, 0],
          [0, 1],
        ],
      ],
      ArgumentError,
      "expected labels from 0 to 1, got [1, 0] at index 0.",
    ],
  ]);
});

describe("Functions of the layers", () => {
  refuses("conv2d", "conv2d: ", [
    [[undefined], ArgumentError, "expected input to be a Tensor, got undefined (the argument is missing)."],
    [[ones([1, 1, 4, 4])], ArgumentError, "expected weight to be a Tensor, got undefined (the argument is missing)."],
    [
      [ones([1, 1, 4, 4]), 3],
      ArgumentError,
      "expected weight to be a Tensor, got 3 (wrap it: new Tensor(data, shape)).",
    ],
    [
      [ones([4, 4]), ones([1, 1, 3, 3])],
      ShapeError,
      "expected input [N, 1, H, W], got [4, 4] (four axes: batch, channels, height, width).",
    ],
    [
      [ones([1, 2, 4, 4]), ones([1, 1, 3, 3])],
      ShapeError,
      "expected input [N, 1, H, W], got [1, 2, 4, 4] (channels are axis 1; for NHWC data use nhwcToNchw).",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), ones([2])],
      ShapeError,
      "expected a bias [1], one number for each output channel, got [2].",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), true],
      ArgumentError,
      "expected bias to be a Tensor, got true (wrap it: new Tensor(data, shape)).",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, 1],
      ArgumentError,
      "expected an options object such as { stride: ... }, got 1.",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { stride: null }],
      ArgumentError,
      "expected stride to be a number or [vertical, horizontal], got null.",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { padding: null }],
      ArgumentError,
      'expected padding to be a number, [vertical, horizontal], [top, bottom, left, right], "valid" or "same", got null.',
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { dilation: null }],
      ArgumentError,
      "expected dilation to be a number or [vertical, horizontal], got null.",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { groups: null }],
      ArgumentError,
      "expected groups to be a whole number of at least 1, got null.",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { paddingMode: null }],
      ArgumentError,
      'expected paddingMode to be one of "zeros", "reflect", "replicate", "circular", got null.',
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { padding: 1e9 }],
      ArgumentError,
      "expected a tensor that fits into memory, got [1, 1, 2000000002, 2000000002], 16000000032 GB.",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { padding: -1 }],
      ArgumentError,
      "expected padding to be a whole number of at least 0, got -1.",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 3, 3]), null, { stride: "2" }],
      ArgumentError,
      'expected stride to be a number or [vertical, horizontal], got "2".',
    ],
  ]);

  refuses("conv2dInputGrad", "conv2dInputGrad: ", [
    [
      [ones([1, 1, 2, 2]), ones([1, 1, 3, 3])],
      ShapeError,
      "expected a shape of whole numbers of at least 0, got undefined.",
    ],
    [
      [ones([1, 1, 2, 2]), ones([1, 1, 3, 3]), ones([1, 1, 4, 4])],
      ShapeError,
      "expected a shape of whole numbers of at least 0, got an object (Tensor).",
    ],
    [
      [ones([1, 1, 3, 2]), ones([1, 1, 3, 3]), [1, 1, 4, 4]],
      ShapeError,
      "expected dy of the output's shape [1, 1, 2, 2], got [1, 1, 3, 2].",
    ],
  ]);

  refuses("conv2dWeightGrad", "conv2dWeightGrad: ", [
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 2, 2]), 3],
      ShapeError,
      "expected a shape of whole numbers of at least 0, got 3 (in brackets, such as [3]).",
    ],
    [
      [ones([1, 1, 4, 4]), ones([1, 1, 2, 2]), [1, 1, 2, 3]],
      ShapeError,
      "expected dy of the output's shape [1, 1, 3, 2], got [1, 1, 2, 2].",
    ],
  ]);

  refuses("conv2dBiasGrad", "conv2dBiasGrad: ", [
    [[ones([2, 2])], ShapeError, "expected dy [N, O, OH, OW], got [2, 2]."],
    [[null], ArgumentError, "expected dy to be a Tensor, got null (the argument is missing)."],
  ]);

  refuses("maxPool2d", "maxPool2d: ", [
    [
      [ones([1, 1, 4, 4])],
      ArgumentError,
      "expected kernelSize to be a number or [vertical, horizontal], got undefined.",
    ],
    [[ones([1, 1, 4, 4]), 0], ArgumentError, "expected kernelSize to be a whole number of at least 1, got 0."],
    [
      [ones([1, 1, 4, 4]), 2, { stride: null }],
      ArgumentError,
      "expected stride to be a number or [vertical, horizontal], got null.",
    ],
    [
      [ones([1, 1, 4, 4]), 2, { padding: 2 }],
      ArgumentError,
      "expected padding of at most half the kernel [2, 2], got [2, 2].",
    ],
    [[ones([1, 1, 4, 4]), 2, { ceilMode: null }], ArgumentError, "expected ceilMode to be true or false, got null."],
    [[ones([1, 1, 4, 4]), 2, 2], ArgumentError, "expected an options object such as { stride: ... }, got 2."],
    [
      [ones([1, 1, 4, 4]), 5],
      ShapeError,
      "expected a padded image of at least [5, 5] (the window), got [4, 4] (use a smaller window).",
    ],
    [
      [ones([4, 4]), 2],
      ShapeError,
      "expected input [N, C, H, W], got [4, 4] (four axes: batch, channels, height, width).",
    ],
  ]);

  refuses("maxPool2dInputGrad", "maxPool2dInputGrad: ", [
    [
      [ones([1, 1, 2, 2]), [0, 2, 8, 10], [1, 1, 4, 4], 2],
      ShapeError,
      "expected 4 indices, one for each number of dy, got [0, 2, 8, 10].",
    ],
    [
      [ones([1, 1, 2, 2]), Int32Array.of(0, 2, 8, 99), [1, 1, 4, 4], 2],
      ArgumentError,
      "expected indices from 0 to 15, got 99 at place 3.",
    ],
    [
      [ones([1, 1, 2, 2]), Int32Array.of(0), [1, 1, 4, 4], 2],
      ShapeError,
      "expected 4 indices, one for each number of dy, got Int32Array(1).",
    ],
  ]);

  refuses("avgPool2d", "avgPool2d: ", [
    [
      [ones([1, 1, 4, 4]), null],
      ArgumentError,
      "expected kernelSize to be a number or [vertical, horizontal], got null.",
    ],
    [
      [ones([1, 1, 4, 4]), 2, { countIncludePad: null }],
      ArgumentError,
      "expected countIncludePad to be true or false, got null.",
    ],
    [
      [ones([1, 1, 4, 4]), 2, { divisorOverride: 0 }],
      ArgumentError,
      "expected divisorOverride to be a whole number of at least 1, got 0.",
    ],
    [
      [ones([1, 1, 4, 4]), "2"],
      ArgumentError,
      'expected kernelSize to be a number or [vertical, horizontal], got "2".',
    ],
  ]);

  refuses("avgPool2dInputGrad", "avgPool2dInputGrad: ", [
    [
      [ones([1, 1, 2, 2]), [1, 1, 4], 2],
      ShapeError,
      "expected input [N, C, H, W], got [1, 1, 4] (the batch axis is required: x.reshape([1, ...x.shape])).",
    ],
    [
      [ones([1, 1, 3, 3]), [1, 1, 4, 4], 2],
      ShapeError,
      "expected dy of the output's shape [1, 1, 2, 2], got [1, 1, 3, 3].",
    ],
  ]);

  refuses("linear", "linear: ", [
    [[ones([1, 2])], ArgumentError, "expected weight to be a Tensor, got undefined (the argument is missing)."],
    [[ones([1, 2]), ones([3, 3])], ShapeError, "expected input [N, 3], got [1, 2] (the weight is [3, 3])."],
    [[ones([1, 2]), ones([3, 2]), ones([2])], ShapeError, "expected a bias [3], one number for each output, got [2]."],
    [[ones([1, 2]), 3], ArgumentError, "expected weight to be a Tensor, got 3 (wrap it: new Tensor(data, shape))."],
    [
      [[[1, 2]], ones([3, 2])],
      ArgumentError,
      "expected input to be a Tensor, got [[1, 2]] (wrap it: new Tensor(data, shape)).",
    ],
    [
      [ones([1, 2]), ones([3, 2]).toFloat64()],
      ArgumentError,
      "expected operands of one number format, got float32 and float64 (convert one with toFloat64() or toFloat32()).",
    ],
  ]);

  refuses("linearInputGrad", "linearInputGrad: ", [
    [[ones([1, 2]), ones([3, 2])], ShapeError, "expected dy of the output's shape [1, 3], got [1, 2]."],
  ]);

  refuses("linearWeightGrad", "linearWeightGrad: ", [
    [[ones([1, 3])], ArgumentError, "expected dy to be a Tensor, got undefined (the argument is missing)."],
  ]);

  refuses("linearBiasGrad", "linearBiasGrad: ", [
    [[undefined], ArgumentError, "expected dy to be a Tensor, got undefined (the argument is missing)."],
    [[new Tensor(1)], ShapeError, "expected dy [N, O], got []."],
  ]);

  refuses("relu", "relu: ", [
    [[null], ArgumentError, "expected x to be a Tensor, got null (the argument is missing)."],
    [[1], ArgumentError, "expected x to be a Tensor, got 1 (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("reluInputGrad", "reluInputGrad: ", [
    [[ones([2])], ArgumentError, "expected dy to be a Tensor, got undefined (the argument is missing)."],
    [[ones([2]), ones([3])], ShapeError, "expected dy of the output's shape [2], got [3]."],
  ]);

  refuses("sigmoid", "sigmoid: ", [
    [[[0]], ArgumentError, "expected x to be a Tensor, got [0] (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("tanh", "tanh: ", [
    [
      [Promise.resolve(ones([1]))],
      ArgumentError,
      "expected x to be a Tensor, got an object (Promise) (write await before it).",
    ],
  ]);

  refuses("softmax", "softmax: ", [
    [[ones([2, 2])], ArgumentError, "expected dim from -2 to 1 for rank 2, got undefined."],
    [[ones([2, 2]), null], ArgumentError, "expected dim from -2 to 1 for rank 2, got null."],
    [[ones([2, 2]), "1"], ArgumentError, 'expected dim from -2 to 1 for rank 2, got "1".'],
    [[ones([2, 2]), 2], ArgumentError, "expected dim from -2 to 1 for rank 2, got 2."],
    [[ones([2, 2]), { dim: 1 }], ArgumentError, "expected dim from -2 to 1 for rank 2, got an object (Object)."],
    [[1, ones([2, 2])], ArgumentError, "expected x to be a Tensor, got 1 (wrap it: new Tensor(data, shape))."],
  ]);

  refuses("logSoftmax", "logSoftmax: ", [
    [[ones([2]), 1.5], ArgumentError, "expected dim from -1 to 0 for rank 1, got 1.5."],
  ]);

  refuses("softmaxInputGrad", "softmaxInputGrad: ", [
    [[ones([2]), ones([3]), 0], ShapeError, "expected dy of the output's shape [2], got [3]."],
  ]);
});

describe("Signals", () => {
  refuses("correlate1d", "correlate1d: ", [
    [[undefined], ArgumentError, "expected x to be a Tensor, got undefined (the argument is missing)."],
    [[[1, 2, 3]], ArgumentError, "expected w to be a Tensor, got undefined (the argument is missing)."],
    [
      [
        [1, 2],
        [1, 2, 3],
      ],
      ShapeError,
      'expected x of at least [3] (the extent of w) in mode "valid", got [2] (use mode "full" or "same", or swap x and w).',
    ],
    [
      [[[1, 2]], [1]],
      ShapeError,
      "expected x of shape [L], got [1, 2] (for images there are correlate2d and convolve2d).",
    ],
    [[[], [1]], ShapeError, "expected x of shape [L], got [0] (for images there are correlate2d and convolve2d)."],
    [[[1, 2], [1], "same"], ArgumentError, 'expected an options object such as { mode: ... }, got "same".'],
    [[[1, 2], [1], { mode: "all" }], ArgumentError, 'expected mode to be one of "valid", "full", "same", got "all".'],
    [[[1, 2], [1], { mode: null }], ArgumentError, 'expected mode to be one of "valid", "full", "same", got null.'],
    [[[1, 2], [1], { stride: null }], ArgumentError, "expected stride to be a whole number of at least 1, got null."],
    [[[1, 2], [1], { stride: 0 }], ArgumentError, "expected stride to be a whole number of at least 1, got 0."],
    [
      [[1, 2], [1], { dilation: [1, 1] }],
      ArgumentError,
      "expected dilation to be a whole number of at least 1, got [1, 1].",
    ],
    [[[1, 2], [1], { trace: null }], ArgumentError, "expected trace to be true or false, got null."],
    [["12", [1]], ArgumentError, 'expected x to be a Tensor, got "12" (wrap it: new Tensor(data, shape)).'],
    [
      [[1, 2], [1], { padding: 1 }],
      ArgumentError,
      'unknown option "padding" (options: mode, stride, dilation, trace).',
    ],
  ]);

  refuses("convolve1d", "", [
    [[[1, 2], null], ArgumentError, "convolve1d: expected w to be a Tensor, got null (the argument is missing)."],
    [[[1, null], [1]], ArgumentError, "Tensor: expected numbers, got null at index 1."],
  ]);

  refuses("correlate2d", "", [
    [
      [[1, 2], [[1]]],
      ShapeError,
      "correlate2d: expected x of shape [H, W], got [2] (take one channel of one image with slice, or use conv2d).",
    ],
    [
      [[[1, 2], [3]], [[1]]],
      ShapeError,
      "Tensor: expected equal lengths on each level, got 1 entries instead of 2 entries at [1].",
    ],
    [
      [ones([1, 1, 2, 2]), [[1]]],
      ShapeError,
      "correlate2d: expected x of shape [H, W], got [1, 1, 2, 2] (take one channel of one image with slice, or use conv2d).",
    ],
  ]);

  refuses("convolve2d", "convolve2d: ", [
    [
      [[[1]], [[1]], { stride: [1] }],
      ArgumentError,
      "expected stride to be a number or [vertical, horizontal], got [1].",
    ],
  ]);

  refuses("autocorrelate", "", [
    [[undefined], ArgumentError, "Tensor: expected numbers (nested arrays or a typed array), got undefined."],
    [[[]], ShapeError, "autocorrelate: expected x of shape [L] or [H, W], got [0]."],
    [[ones([1, 1, 1])], ShapeError, "autocorrelate: expected x of shape [L] or [H, W], got [1, 1, 1]."],
    [
      [[1], { mode: null }],
      ArgumentError,
      'autocorrelate: expected mode to be one of "valid", "full", "same", got null.',
    ],
  ]);

  refuses("maxPool2dTrace", "maxPool2dTrace: ", [
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      ArgumentError,
      "expected an options object such as { kernelSize: ... }, got undefined.",
    ],
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
        2,
      ],
      ArgumentError,
      "expected an options object such as { kernelSize: ... }, got 2.",
    ],
    [
      [[1, 2], { kernelSize: 2 }],
      ShapeError,
      "expected image of shape [H, W], got [2] (take one channel of one image with slice, or use conv2d).",
    ],
  ]);
});
