// Misuse of tensors and of what makes them: every wrong type, order and size.
import { describe } from "vitest";
import { ArgumentError, ShapeError, ones } from "../../src/index.js";
import { refuses } from "./calls.js";

describe("Tensors", () => {
  refuses("new Tensor", "Tensor: ", [
    [
      [new Array(3)],
      ArgumentError,
      "expected numbers, got undefined at [0] (a list made by its length holds nothing: zeros([3])).",
    ],
    [[[[1, 2], [3]]], ShapeError, "expected equal lengths on each level, got 1 entries instead of 2 entries at [1]."],
    [[[[1, 2], 3]], ShapeError, "expected equal lengths on each level, got 3 instead of 2 entries at [1]."],
    [[[1, "2"]], ArgumentError, 'expected numbers, got "2" at index 1.'],
    [[null], ArgumentError, "expected numbers (nested arrays or a typed array), got null."],
    [[undefined], ArgumentError, "expected numbers (nested arrays or a typed array), got undefined."],
    [["1, 2"], ArgumentError, 'expected numbers (nested arrays or a typed array), got "1, 2".'],
    [[{ data: [1, 2] }], ArgumentError, "expected numbers (nested arrays or a typed array), got an object (Object)."],
    [[new Map([[0, 1]])], ArgumentError, "expected numbers (nested arrays or a typed array), got an object (Map)."],
    [
      [new DataView(new ArrayBuffer(8))],
      ArgumentError,
      "expected numbers (nested arrays or a typed array), got an object (DataView).",
    ],
    [
      [new ArrayBuffer(8)],
      ArgumentError,
      "expected numbers (nested arrays or a typed array), got an object (ArrayBuffer).",
    ],
    [
      [Promise.resolve([1])],
      ArgumentError,
      "expected numbers (nested arrays or a typed array), got an object (Promise).",
    ],
    [[[1, 2], [3]], ShapeError, "expected 3 numbers for shape [3], got 2 (check the shape, or cut the data to it)."],
    [[[1, 2], null], ShapeError, "expected a shape of whole numbers of at least 0, got null."],
    [[[1, 2], 2], ShapeError, "expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2])."],
    [[[1, 2], "2"], ShapeError, 'expected a shape of whole numbers of at least 0, got "2".'],
    [[[1, 2], [-2]], ShapeError, "expected a shape of whole numbers of at least 0, got [-2]."],
    [
      [
        [1, 2],
        [2, 0.5],
      ],
      ShapeError,
      "expected a shape of whole numbers of at least 0, got [2, 0.5].",
    ],
    [
      [[new Float32Array(2), new Float32Array(3)]],
      ShapeError,
      "expected equal lengths on each level, got 3 entries instead of 2 entries at [1].",
    ],
    [
      [
        [
          [1, 2],
          [NaN, undefined],
        ],
      ],
      ArgumentError,
      "expected numbers, got undefined at [1, 1].",
    ],
    [[{ dtype: "float32", shape: [2], numbers: [1, "2"] }], ArgumentError, 'expected numbers, got "2" at index 1.'],
    [
      [{ dtype: "float32", shape: [3], numbers: [1, 2] }],
      ShapeError,
      "expected 3 numbers for shape [3], got 2 (check the shape, or cut the data to it).",
    ],
    [
      [{ shape: [1], numbers: 5 }],
      ArgumentError,
      "expected numbers (nested arrays or a typed array), got an object (Object).",
    ],
    [[ones([2])], ArgumentError, "expected numbers (nested arrays or a typed array), got an object (Tensor)."],
    [[[true, false]], ArgumentError, "expected numbers, got true at [0]."],
    [[[new Date(0)]], ArgumentError, "expected numbers, got an object (Date) at [0]."],
    [
      [Symbol.iterator],
      ArgumentError,
      "expected numbers (nested arrays or a typed array), got Symbol(Symbol.iterator).",
    ],
  ]);

  refuses("Tensor.float64", "Tensor.float64: ", [
    [[undefined], ArgumentError, "expected numbers (nested arrays or a typed array), got undefined."],
    [[[1], [2]], ShapeError, "expected 2 numbers for shape [2], got 1 (check the shape, or cut the data to it)."],
    [[[[1], [null]]], ArgumentError, "expected numbers, got null at [1, 0]."],
  ]);

  refuses("tensor.at", "Tensor.at: ", [
    [[0], ArgumentError, "expected 2 indices for shape [2, 2], got 1."],
    [[0, 2], ArgumentError, "expected an index of axis 1 (-2 to 1), got 2."],
    [[0, 0.5], ArgumentError, "expected an index of axis 1 (-2 to 1), got 0.5."],
    [[0, "1"], ArgumentError, 'expected an index of axis 1 (-2 to 1), got "1".'],
    [[0, null], ArgumentError, "expected an index of axis 1 (-2 to 1), got null."],
    [[[0, 1]], ArgumentError, "expected 2 indices for shape [2, 2], got 1."],
    [[-3, 0], ArgumentError, "expected an index of axis 0 (-2 to 1), got -3."],
  ]);

  refuses("tensor.item", "Tensor.item: ", [[[], ShapeError, "expected a tensor of size 1, got [2, 2]."]]);

  refuses("tensor.like", "", [
    [
      [2],
      ShapeError,
      "Tensor.like: expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2]).",
    ],
    [[null], ShapeError, "Tensor.like: expected a shape of whole numbers of at least 0, got null."],
    [["2"], ShapeError, 'Tensor.like: expected a shape of whole numbers of at least 0, got "2".'],
    [[[-1]], ShapeError, "Tensor.like: expected a shape of whole numbers of at least 0, got [-1]."],
    [[ones([2])], ShapeError, "Tensor.like: expected a shape of whole numbers of at least 0, got an object (Tensor)."],
    [
      [[1e9, 1e9]],
      ArgumentError,
      "Tensor: expected a tensor that fits into memory, got [1000000000, 1000000000], 4000000000 GB.",
    ],
  ]);

  refuses("tensor.reshape", "Tensor.reshape: ", [
    [[4], ShapeError, "expected a shape of whole numbers of at least 0, got 4 (in brackets, such as [4])."],
    [[[3]], ShapeError, "expected a shape for 4 numbers (from [2, 2]), got [3]."],
    [[[-1, -1]], ShapeError, "expected a shape for 4 numbers (from [2, 2]), got [-1, -1]."],
    [[[-1, 3]], ShapeError, "expected a shape for 4 numbers (from [2, 2]), got [-1, 3]."],
    [[null], ShapeError, "expected a shape of whole numbers of at least 0, got null."],
    [["4"], ShapeError, 'expected a shape of whole numbers of at least 0, got "4".'],
    [[[2, undefined]], ShapeError, "expected a shape for 4 numbers (from [2, 2]), got [2, undefined]."],
  ]);

  refuses("tensor.permute", "Tensor.permute: ", [
    [[undefined], ArgumentError, "expected each of the 2 axes once, got undefined."],
    [[null], ArgumentError, "expected each of the 2 axes once, got null."],
    [[1, 0], ArgumentError, "expected each of the 2 axes once, got 1."],
    [[[0]], ArgumentError, "expected each of the 2 axes once, got [0]."],
    [[[0, 0]], ArgumentError, "expected each of the 2 axes once, got [0, 0]."],
    [[[0, 2]], ArgumentError, "expected dim from -2 to 1 for rank 2, got 2."],
    [[["0", "1"]], ArgumentError, 'expected dim from -2 to 1 for rank 2, got "0".'],
    [[new Set([0, 1])], ArgumentError, "expected each of the 2 axes once, got an object (Set)."],
    [[Int32Array.of(1, 0)], ArgumentError, "expected each of the 2 axes once, got Int32Array(2)."],
  ]);

  refuses("tensor.slice", "Tensor.slice: ", [
    [[2], ArgumentError, "expected an index of axis 0 (-2 to 1), got 2."],
    [[[0, 3]], ArgumentError, "expected end of axis 0 from -2 to 2, got 3."],
    [[[0, 1, 0]], ArgumentError, "expected step to be a whole number of at least 1, got 0."],
    [[[0, 1, null]], ArgumentError, "expected step to be a whole number of at least 1, got null."],
    [["0"], ArgumentError, 'expected an index, [start, end, step] or null, got "0".'],
    [[0, 0, 0], ArgumentError, "expected at most 2 ranges, got 3."],
    [[[]], ArgumentError, "expected an index, [start, end, step] or null, got []."],
    [[{ start: 0 }], ArgumentError, "expected an index, [start, end, step] or null, got an object (Object)."],
  ]);

  refuses("tensor.take", "Tensor.take: ", [
    [[undefined], ArgumentError, "expected a list of row indices, got undefined."],
    [[null], ArgumentError, "expected a list of row indices, got null."],
    [[0], ArgumentError, "expected a list of row indices, got 0."],
    [[[2]], ArgumentError, "expected an index of axis 0 (-2 to 1), got 2."],
    [[[0.5]], ArgumentError, "expected an index of axis 0 (-2 to 1), got 0.5."],
    [[["0"]], ArgumentError, 'expected an index of axis 0 (-2 to 1), got "0".'],
    [["01"], ArgumentError, 'expected a list of row indices, got "01".'],
    [[new Set([0])], ArgumentError, "expected a list of row indices, got an object (Set)."],
    [[ones([1])], ArgumentError, "expected a list of row indices, got an object (Tensor)."],
  ]);

  refuses("tensor.argmax", "Tensor.argmax: ", [
    [[2], ArgumentError, "expected dim from -2 to 1 for rank 2, got 2."],
    [[null], ArgumentError, "expected dim from -2 to 1 for rank 2, got null."],
    [["1"], ArgumentError, 'expected dim from -2 to 1 for rank 2, got "1".'],
    [[[1]], ArgumentError, "expected dim from -2 to 1 for rank 2, got [1]."],
    [[0.5], ArgumentError, "expected dim from -2 to 1 for rank 2, got 0.5."],
    [[{ dim: 1 }], ArgumentError, "expected dim from -2 to 1 for rank 2, got an object (Object)."],
  ]);
});

describe("Tensors from shapes, draws and pixels", () => {
  refuses("zeros", "zeros: ", [
    [[undefined], ShapeError, "expected a shape of whole numbers of at least 0, got undefined."],
    [[null], ShapeError, "expected a shape of whole numbers of at least 0, got null."],
    [[2, 3], ShapeError, "expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2])."],
    [["2"], ShapeError, 'expected a shape of whole numbers of at least 0, got "2".'],
    [[[2, null]], ShapeError, "expected a shape of whole numbers of at least 0, got [2, null]."],
    [[[1.5]], ShapeError, "expected a shape of whole numbers of at least 0, got [1.5]."],
    [[[NaN]], ShapeError, "expected a shape of whole numbers of at least 0, got [NaN]."],
    [[new Int32Array([2])], ShapeError, "expected a shape of whole numbers of at least 0, got Int32Array(1)."],
    [[{ shape: [2] }], ShapeError, "expected a shape of whole numbers of at least 0, got an object (Object)."],
    [
      [[1e9, 1e9]],
      ArgumentError,
      "expected a tensor that fits into memory, got [1000000000, 1000000000], 4000000000 GB.",
    ],
    [[[65536, 65537]], ArgumentError, "expected a tensor that fits into memory, got [65536, 65537], 18 GB."],
  ]);

  refuses("ones", "ones: ", [
    [[[-1]], ShapeError, "expected a shape of whole numbers of at least 0, got [-1]."],
    [
      [[1e5, 1e5, 1e5]],
      ArgumentError,
      "expected a tensor that fits into memory, got [100000, 100000, 100000], 4000000 GB.",
    ],
  ]);

  refuses("full", "full: ", [
    [[[2]], ArgumentError, "expected value to be a number, got undefined."],
    [[[2], "1"], ArgumentError, 'expected value to be a number, got "1".'],
    [[[2], null], ArgumentError, "expected value to be a number, got null."],
    [[1, [2]], ArgumentError, "expected value to be a number, got [2]."],
    [
      [[1e9, 1e9], 1],
      ArgumentError,
      "expected a tensor that fits into memory, got [1000000000, 1000000000], 4000000000 GB.",
    ],
  ]);

  refuses("eye", "eye: ", [
    [[undefined], ArgumentError, "expected n to be a whole number of at least 0, got undefined."],
    [[null], ArgumentError, "expected n to be a whole number of at least 0, got null."],
    [[-1], ArgumentError, "expected n to be a whole number of at least 0, got -1."],
    [[2.5], ArgumentError, "expected n to be a whole number of at least 0, got 2.5."],
    [["2"], ArgumentError, 'expected n to be a whole number of at least 0, got "2".'],
    [[[2, 2]], ArgumentError, "expected n to be a whole number of at least 0, got [2, 2]."],
    [[2, null], ArgumentError, "expected columns to be a whole number of at least 0, got null."],
    [[1e6], ArgumentError, "expected a tensor that fits into memory, got [1000000, 1000000], 4000 GB."],
  ]);

  refuses("arange", "arange: ", [
    [[undefined], ArgumentError, "expected end to be a finite number, got undefined."],
    [[null], ArgumentError, "expected end to be a finite number, got null."],
    [["3"], ArgumentError, 'expected end to be a finite number, got "3".'],
    [[0, NaN], ArgumentError, "expected end to be a finite number, got NaN."],
    [
      [0, 3, 0],
      ArgumentError,
      "expected a step that leads from start 0 to end 3, got 0 (swap the two, or change its sign).",
    ],
    [
      [3, 0],
      ArgumentError,
      "expected a step that leads from start 3 to end 0, got 1 (swap the two, or change its sign).",
    ],
    [[0, 3, null], ArgumentError, "expected step to be a finite number, got null."],
    [[Infinity], ArgumentError, "expected end to be a finite number, got Infinity."],
    [[1e12], ArgumentError, "expected a tensor that fits into memory, got [1000000000000], 4000 GB."],
  ]);

  refuses("rand", "rand: ", [
    [[2], ShapeError, "expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2])."],
    [[[2], 1], ArgumentError, "expected an options object such as { seed: ... }, got 1."],
    [[[2], null], ArgumentError, "expected an options object such as { seed: ... }, got null."],
    [[[2], { seed: null }], ArgumentError, "expected seed to be a whole number from 0 to 9007199254740991, got null."],
    [[[2], { seed: -1 }], ArgumentError, "expected seed to be a whole number from 0 to 9007199254740991, got -1."],
    [[[2], { seed: "1" }], ArgumentError, 'expected seed to be a whole number from 0 to 9007199254740991, got "1".'],
    [[[2], { sed: 1 }], ArgumentError, 'unknown option "sed", did you mean "seed"? (options: seed).'],
    [
      [[2], new Map([["seed", 1]])],
      ArgumentError,
      "expected an options object such as { seed: ... }, got an object (Map).",
    ],
    [
      [[2], Promise.resolve({ seed: 1 })],
      ArgumentError,
      "expected an options object such as { seed: ... }, got an object (Promise).",
    ],
    [
      [[1e9, 1e9]],
      ArgumentError,
      "expected a tensor that fits into memory, got [1000000000, 1000000000], 4000000000 GB.",
    ],
  ]);

  refuses("randn", "randn: ", [
    [[null], ShapeError, "expected a shape of whole numbers of at least 0, got null."],
    [[[2], { seed: 1.5 }], ArgumentError, "expected seed to be a whole number from 0 to 9007199254740991, got 1.5."],
    [[[2], [1]], ArgumentError, "expected an options object such as { seed: ... }, got [1]."],
  ]);

  refuses("fromRgba", "fromRgba: ", [
    [
      [undefined],
      ArgumentError,
      'expected bytes (Uint8ClampedArray or Uint8Array), got undefined (a canvas gives them with pixelFormat "rgba-unorm8").',
    ],
    [
      [[0, 0, 0, 255], 1, 1],
      ArgumentError,
      'expected bytes (Uint8ClampedArray or Uint8Array), got [0, 0, 0, 255] (a canvas gives them with pixelFormat "rgba-unorm8").',
    ],
    [[new Uint8Array(4), 1], ArgumentError, "expected height to be a whole number of at least 1, got undefined."],
    [[new Uint8Array(4), null, 1], ArgumentError, "expected width to be a whole number of at least 1, got null."],
    [
      ["1", 1, 1],
      ArgumentError,
      'expected bytes (Uint8ClampedArray or Uint8Array), got "1" (a canvas gives them with pixelFormat "rgba-unorm8").',
    ],
    [
      [new Uint8Array(3), 1, 1],
      ShapeError,
      "expected 4 bytes for 1 x 1 pixels of R, G, B, A, got 3 (add an alpha byte to each pixel).",
    ],
    [
      [new Uint8Array(4), 1, 1, { channels: null }],
      ArgumentError,
      "expected channels to be 3 (RGB) or 1 (gray), got null.",
    ],
    [[new Uint8Array(4), 1, 1, { channels: 2 }], ArgumentError, "expected channels to be 3 (RGB) or 1 (gray), got 2."],
    [[new Uint8Array(4), 1, 1, 1], ArgumentError, "expected an options object such as { channels: ... }, got 1."],
    [
      [{ data: new Uint8Array(4), width: 1, height: 1 }],
      ArgumentError,
      'expected bytes (Uint8ClampedArray or Uint8Array), got an object (Object) (a canvas gives them with pixelFormat "rgba-unorm8").',
    ],
  ]);
});
