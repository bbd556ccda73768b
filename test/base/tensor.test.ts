import { runInNewContext } from "node:vm";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { checkTensor, isFloat64Array, stridesOf, Tensor, type TensorSource } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

const x = new Tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const cube = new Tensor(
  Float32Array.from({ length: 24 }, (_, i) => i),
  [2, 3, 4],
);

describe("Creation", () => {
  it("takes shape and values of nested arrays", () => {
    expect(x.shape).toEqual([2, 3]);
    expect([...x.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(
      new Tensor([
        [[1], [2]],
        [[3], [4]],
      ]).shape,
    ).toEqual([2, 2, 1]);
  });

  it("makes one axis of flat numbers, and reshapes them when a shape is given", () => {
    expect(new Tensor([1, 2, 3]).shape).toEqual([3]);
    expect(new Tensor([1, 2, 3, 4], [2, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(
      new Tensor(
        [
          [1, 2],
          [3, 4],
        ],
        [4],
      ).shape,
    ).toEqual([4]);
  });

  it("makes rank 0 of a number", () => {
    expect(new Tensor(7).shape).toEqual([]);
    expect(new Tensor(7).item()).toBe(7);
    expect(new Tensor([7], []).item()).toBe(7);
  });

  it("holds nothing in an empty tensor", () => {
    expect(new Tensor([]).shape).toEqual([0]);
    expect(new Tensor([[], []]).shape).toEqual([2, 0]);
    expect(new Tensor([], [3, 0]).size).toBe(0);
  });

  it("adopts a Float32Array without copying, also one from another realm", () => {
    const data = new Float32Array([1, 2]);
    expect(new Tensor(data).data).toBe(data);
    const foreign = runInNewContext("new Float32Array([1, 2])") as Float32Array;
    expect(foreign).not.toBeInstanceOf(Float32Array);
    expect(new Tensor(foreign).data).toBe(foreign);
  });

  it.each([
    [new Uint8Array([0, 255])],
    [new Uint8ClampedArray([0, 255])],
    [new Int8Array([0, -1])],
    [new Int16Array([0, -300])],
    [new Uint16Array([0, 60000])],
    [new Int32Array([0, -70000])],
    [new Uint32Array([0, 70000])],
    [new Float64Array([0, 0.1])],
    [new BigInt64Array([0n, -5n])],
    [new BigUint64Array([0n, 5n])],
  ])("copies %o into float32", (data) => {
    const tensor = new Tensor(data);
    expect(tensor.dtype).toBe("float32");
    expect([...tensor.data]).toEqual([...data].map((value) => Math.fround(Number(value))));
    expect(tensor.data.buffer).not.toBe(data.buffer);
  });

  it("copies plain arrays", () => {
    const numbers = [1, 2];
    const tensor = new Tensor(numbers);
    numbers[0] = 9;
    expect(tensor.at(0)).toBe(1);
  });

  it("keeps float64 in Tensor.float64, which adopts a Float64Array", () => {
    const data = new Float64Array([0.1, 0.2]);
    expect(Tensor.float64(data).data).toBe(data);
    expect(Tensor.float64([[0.1]]).dtype).toBe("float64");
    expect(Tensor.float64([[0.1]]).at(0, 0)).toBe(0.1);
    expect(Tensor.float64(new Float32Array([0.5, 1]), [2, 1]).shape).toEqual([2, 1]);
  });

  it("has a frozen shape of its own", () => {
    const shape = [2, 1];
    const tensor = new Tensor([1, 2], shape);
    shape[0] = 5;
    expect(tensor.shape).toEqual([2, 1]);
    expect(Object.isFrozen(tensor.shape)).toBe(true);
    expect(Object.isFrozen(Tensor.adopt(new Float32Array(2), [2]).shape)).toBe(true);
  });

  it.each<[string, () => unknown, typeof ShapeError, string]>([
    [
      "a length that is not the shape's",
      () => new Tensor([1, 2, 3], [2, 2]),
      ShapeError,
      "Tensor: expected 4 numbers for shape [2, 2], got 3 (check the shape, or cut the data to it).",
    ],
    [
      "a length that is not the shape's, in float64",
      () => Tensor.float64([1], [2]),
      ShapeError,
      "Tensor.float64: expected 2 numbers for shape [2], got 1 (check the shape, or cut the data to it).",
    ],
    [
      "a negative size",
      () => new Tensor([1, 2], [-1, 2]),
      ShapeError,
      "Tensor: expected a shape of whole numbers of at least 0, got [-1, 2].",
    ],
    [
      "a fraction as size",
      () => new Tensor([1], [0.5]),
      ShapeError,
      "Tensor: expected a shape of whole numbers of at least 0, got [0.5].",
    ],
    [
      "a number as shape",
      () => new Tensor([1, 2], 2 as never),
      ShapeError,
      "Tensor: expected a shape of whole numbers of at least 0, got 2 (in brackets, such as [2]).",
    ],
    [
      "ragged rows",
      () => new Tensor([[1, 2], [3]]),
      ShapeError,
      "Tensor: expected equal lengths on each level, got 1 entries instead of 2 entries at [1].",
    ],
    [
      "a number among rows",
      () => new Tensor([[1, 2], 3]),
      ShapeError,
      "Tensor: expected equal lengths on each level, got 3 instead of 2 entries at [1].",
    ],
    [
      "a row among numbers",
      () =>
        new Tensor([
          [1, 2],
          [3, [4]],
        ]),
      ShapeError,
      "Tensor: expected equal lengths on each level, got 1 entries instead of a number at [1, 1].",
    ],
    [
      "a string among flat numbers",
      () => new Tensor([1, "2"] as never),
      ArgumentError,
      'Tensor: expected numbers, got "2" at index 1.',
    ],
    [
      "a hole in nested arrays",
      () => new Tensor([[1, undefined]] as never),
      ArgumentError,
      "Tensor: expected numbers, got undefined at [0, 1].",
    ],
    [
      "null",
      () => new Tensor(null as never),
      ArgumentError,
      "Tensor: expected numbers (nested arrays or a typed array), got null.",
    ],
    [
      "a DataView",
      () => new Tensor(new DataView(new ArrayBuffer(4))),
      ArgumentError,
      "Tensor: expected numbers (nested arrays or a typed array), got an object (DataView).",
    ],
    [
      "a Tensor",
      () => new Tensor(x as unknown as TensorSource),
      ArgumentError,
      "Tensor: expected numbers (nested arrays or a typed array), got an object (Tensor).",
    ],
  ])("refuses %s", (_, act, type, message) => throwsExactly(act, type, message));
});

describe("Recognition", () => {
  it("tells tensors from everything else by their brand", () => {
    expect(Tensor.isTensor(x)).toBe(true);
    expect(Tensor.isTensor({ [Symbol.for("handgrad.Tensor")]: true })).toBe(true);
    for (const other of [null, undefined, 1, [], { data: [], shape: [] }]) expect(Tensor.isTensor(other)).toBe(false);
  });

  it("checkTensor returns the tensor, or says how to make one", () => {
    expect(checkTensor("relu", "x", x)).toBe(x);
    throwsExactly(
      () => checkTensor("relu", "x", [1, 2]),
      ArgumentError,
      "relu: expected x to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    );
  });

  it("knows its format, size and rank", () => {
    expect([x.dtype, x.size, x.rank]).toEqual(["float32", 6, 2]);
    expect(isFloat64Array(x.toFloat64().data)).toBe(true);
    expect(isFloat64Array([1])).toBe(false);
  });
});

describe("at and item", () => {
  it("at reads one number, counting from the end for negative indices", () => {
    expect(x.at(1, 0)).toBe(4);
    expect(x.at(-1, -1)).toBe(6);
    expect(cube.at(1, 2, 3)).toBe(23);
    expect(new Tensor(5).at()).toBe(5);
  });

  it("at refuses a wrong number of indices and indices out of range", () => {
    throwsExactly(() => x.at(1), ArgumentError, "Tensor.at: expected 2 indices for shape [2, 3], got 1.");
    throwsExactly(() => x.at(2, 0), ArgumentError, "Tensor.at: expected an index of axis 0 (-2 to 1), got 2.");
    throwsExactly(() => x.at(0, 0.5), ArgumentError, "Tensor.at: expected an index of axis 1 (-3 to 2), got 0.5.");
    throwsExactly(() => x.at(0, -4), ArgumentError, "Tensor.at: expected an index of axis 1 (-3 to 2), got -4.");
    throwsExactly(
      () => new Tensor([]).at(0),
      ArgumentError,
      "Tensor.at: expected an index of axis 0 (none, the axis is empty), got 0.",
    );
  });

  it("item reads the only number, and refuses more", () => {
    expect(new Tensor([[3]]).item()).toBe(3);
    throwsExactly(() => x.item(), ShapeError, "Tensor.item: expected a tensor of size 1, got [2, 3].");
  });
});

describe("toArray", () => {
  it("nests by the shape", () => {
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(new Tensor(5).toArray()).toBe(5);
    expect(new Tensor([], [2, 0]).toArray()).toEqual([[], []]);
    expect(new Tensor([[[1]], [[2]]]).toArray()).toEqual([[[1]], [[2]]]);
  });
});

describe("toString", () => {
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

  it.each<[string, Tensor, string]>([
    ["a number", new Tensor(5), "Tensor [] 5"],
    ["a vector on one line", new Tensor([1, -2, 30]), "Tensor [3] [ 1, -2, 30]"],
    [
      "a matrix in aligned columns",
      new Tensor([
        [1, 200],
        [-3, 4],
      ]),
      "Tensor [2, 2]\n[[  1, 200],\n [ -3,   4]]",
    ],
    ["fractions with four decimals", new Tensor([0.5, 1 / 3, 2]), "Tensor [3] [0.5000, 0.3333, 2.0000]"],
    ["very small numbers in powers of ten", new Tensor([0.0005, 0]), "Tensor [2] [5.0000e-4, 0.0000e+0]"],
    ["very large fractions in powers of ten", new Tensor([2.5e12, 0.5]), "Tensor [2] [2.5000e+12,  5.0000e-1]"],
    ["NaN and infinities", new Tensor([NaN, Infinity, -0.5]), "Tensor [3] [     NaN, Infinity,  -0.5000]"],
    ["nothing", new Tensor([]), "Tensor [0] []"],
    ["empty rows", new Tensor([], [2, 0]), "Tensor [2, 0]\n[[],\n []]"],
    ["eight entries whole", new Tensor(range(8)), "Tensor [8] [0, 1, 2, 3, 4, 5, 6, 7]"],
    ["nine entries cut in the middle", new Tensor(range(9)), "Tensor [9] [0, 1, 2, ..., 6, 7, 8]"],
    [
      "long rows and columns cut",
      new Tensor(range(90), [9, 10]),
      "Tensor [9, 10]\n[[ 0,  1,  2, ...,  7,  8,  9],\n [10, 11, 12, ..., 17, 18, 19],\n [20, 21, 22, ..., " +
        "27, 28, 29],\n ...,\n [60, 61, 62, ..., 67, 68, 69],\n " +
        "[70, 71, 72, ..., 77, 78, 79],\n [80, 81, 82, ..., 87, 88, 89]]",
    ],
    [
      "three axes",
      new Tensor([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ]),
      "Tensor [2, 2, 2]\n[[[1, 2],\n  [3, 4]],\n [[5, 6],\n  [7, 8]]]",
    ],
  ])("shows %s", (_, tensor, text) => {
    expect(tensor.toString()).toBe(text);
    expect(`${tensor}`).toBe(text);
    expect(inspect(tensor)).toBe(text);
  });
});

describe("like, clone and formats", () => {
  it("like makes zeros in the same format", () => {
    expect(x.like().toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(x.toFloat64().like([2]).dtype).toBe("float64");
    expect(x.like([0]).size).toBe(0);
    throwsExactly(
      () => x.like([-1]),
      ShapeError,
      "Tensor.like: expected a shape of whole numbers of at least 0, got [-1].",
    );
  });

  it("clone shares nothing", () => {
    const copy = x.clone();
    copy.data[0] = 9;
    expect(x.at(0, 0)).toBe(1);
    expect(copy.shape).toEqual([2, 3]);
    expect(x.toFloat64().clone().dtype).toBe("float64");
  });

  it("toFloat64 and toFloat32 copy and round", () => {
    const wide = Tensor.float64([0.1]);
    expect(wide.toFloat32().at(0)).toBe(Math.fround(0.1));
    expect(wide.toFloat64().data).not.toBe(wide.data);
    expect(x.toFloat32().data).not.toBe(x.data);
    expect(x.toFloat64().toArray()).toEqual(x.toArray());
  });
});

describe("reshape", () => {
  it("shares the data under another shape, and works out one size", () => {
    expect(x.reshape([3, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(x.reshape([3, 2]).data).toBe(x.data);
    expect(x.reshape([-1]).shape).toEqual([6]);
    expect(x.reshape([1, -1, 2]).shape).toEqual([1, 3, 2]);
    expect(new Tensor(5).reshape([1, 1]).shape).toEqual([1, 1]);
    expect(new Tensor([], [0, 3]).reshape([3, 0]).shape).toEqual([3, 0]);
  });

  it.each([[[4]], [[-1, 4]], [[-1, -1]], [[-2, -3]], [[6.5]], [[0, -1]], [[]]])(
    "refuses %j for six numbers",
    (shape) => {
      throwsExactly(
        () => x.reshape(shape),
        ShapeError,
        `Tensor.reshape: expected a shape for 6 numbers (from [2, 3]), got [${shape.join(", ")}].`,
      );
    },
  );
});

describe("permute", () => {
  it("copies with the axes in another order", () => {
    expect(x.permute([1, 0]).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const moved = cube.permute([2, 0, 1]);
    expect(moved.shape).toEqual([4, 2, 3]);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 2; j++) for (let k = 0; k < 3; k++) expect(moved.at(i, j, k)).toBe(cube.at(j, k, i));
    }
    expect(cube.permute([-1, 0, 1]).toArray()).toEqual(moved.toArray());
  });

  it("is a copy also when nothing moves, and takes rank 0 and empty tensors", () => {
    expect(x.permute([0, 1]).data).not.toBe(x.data);
    expect(x.permute([0, 1]).toArray()).toEqual(x.toArray());
    expect(new Tensor(5).permute([]).item()).toBe(5);
    expect(new Tensor([], [2, 0, 3]).permute([2, 1, 0]).shape).toEqual([3, 0, 2]);
  });

  it("refuses an axis twice, one too few, and one that is none", () => {
    throwsExactly(
      () => x.permute([0, 0]),
      ArgumentError,
      "Tensor.permute: expected each of the 2 axes once, got [0, 0].",
    );
    throwsExactly(() => x.permute([0]), ArgumentError, "Tensor.permute: expected each of the 2 axes once, got [0].");
    throwsExactly(
      () => x.permute([0, 2]),
      ArgumentError,
      "Tensor.permute: expected dim from -2 to 1 for rank 2, got 2.",
    );
  });
});

describe("slice", () => {
  it("keeps one entry, a range or all of each axis", () => {
    expect(x.slice(0).toArray()).toEqual([1, 2, 3]);
    expect(x.slice(-1).toArray()).toEqual([4, 5, 6]);
    expect(x.slice(null, [1, 3]).toArray()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(x.slice(null, 1).toArray()).toEqual([2, 5]);
    expect(x.slice(1, 2).item()).toBe(6);
    expect(x.slice().toArray()).toEqual(x.toArray());
    expect(cube.slice([1], null, [-2]).toArray()).toEqual([
      [
        [14, 15],
        [18, 19],
        [22, 23],
      ],
    ]);
    expect(cube.slice(null, [0, 3, 2], [1, null, 2]).toArray()).toEqual([
      [
        [1, 3],
        [9, 11],
      ],
      [
        [13, 15],
        [21, 23],
      ],
    ]);
    expect(cube.slice(null, [0, -1], 0).toArray()).toEqual([
      [0, 4],
      [12, 16],
    ]);
  });

  it("gives an empty axis where the range is empty", () => {
    expect(x.slice([1, 1]).shape).toEqual([0, 3]);
    expect(x.slice([2, 0]).shape).toEqual([0, 3]);
    expect(x.slice(null, [3]).shape).toEqual([2, 0]);
  });

  it("is a copy in the format of the tensor", () => {
    const part = x.slice(0);
    part.data[0] = 9;
    expect(x.at(0, 0)).toBe(1);
    expect(x.toFloat64().slice(0).dtype).toBe("float64");
  });

  it.each<[string, () => unknown, string]>([
    ["too many ranges", () => x.slice(0, 0, 0), "Tensor.slice: expected at most 2 ranges, got 3."],
    ["an index out of range", () => x.slice(2), "Tensor.slice: expected an index of axis 0 (-2 to 1), got 2."],
    ["a start out of range", () => x.slice([3]), "Tensor.slice: expected start of axis 0 from -2 to 2, got 3."],
    ["an end out of range", () => x.slice(null, [0, 4]), "Tensor.slice: expected end of axis 1 from -3 to 3, got 4."],
    ["a step of 0", () => x.slice([0, 2, 0]), "Tensor.slice: expected step to be a whole number of at least 1, got 0."],
    [
      "a range of four",
      () => x.slice([0, 1, 1, 1] as never),
      "Tensor.slice: expected an index, [start, end, step] or null, got [0, 1, 1, 1].",
    ],
    ["text", () => x.slice("0" as never), 'Tensor.slice: expected an index, [start, end, step] or null, got "0".'],
  ])("refuses %s", (_, act, message) => throwsExactly(act, ArgumentError, message));
});

describe("take", () => {
  it("copies the rows with these indices, in this order", () => {
    expect(x.take([1, 0, 1]).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.take(new Int32Array([-1])).toArray()).toEqual([[4, 5, 6]]);
    expect(new Tensor([7, 8, 9]).take([2]).toArray()).toEqual([9]);
    expect(x.take([]).shape).toEqual([0, 3]);
    expect(cube.take([1]).shape).toEqual([1, 3, 4]);
    expect(x.toFloat64().take([0]).dtype).toBe("float64");
  });

  it("refuses rows that are not there", () => {
    throwsExactly(() => x.take([0, 2]), ArgumentError, "Tensor.take: expected an index of axis 0 (-2 to 1), got 2.");
    throwsExactly(() => x.take([0.5]), ArgumentError, "Tensor.take: expected an index of axis 0 (-2 to 1), got 0.5.");
    throwsExactly(
      () => new Tensor(1).take([0]),
      ShapeError,
      "Tensor.take: expected at least one axis, got a tensor of rank 0.",
    );
  });
});

describe("argmax", () => {
  it("finds the largest of all, or along an axis", () => {
    const scores = new Tensor([
      [1, 9, 3],
      [7, 5, 8],
    ]);
    expect(scores.argmax()).toBe(1);
    expect(scores.argmax(1)).toEqual(new Int32Array([1, 2]));
    expect(scores.argmax(0)).toEqual(new Int32Array([1, 0, 1]));
    expect(scores.argmax(-1)).toEqual(new Int32Array([1, 2]));
    expect(cube.argmax(1)).toEqual(new Int32Array(8).fill(2));
    expect(new Tensor([-3, -1, -2]).argmax(0)).toEqual(new Int32Array([1]));
    expect(new Tensor([-Infinity, -Infinity]).argmax()).toBe(0);
    expect(new Tensor(4).argmax()).toBe(0);
  });

  it("takes the first of equals", () => {
    expect(new Tensor([2, 5, 5]).argmax()).toBe(1);
    expect(
      new Tensor([
        [1, 1],
        [1, 1],
      ]).argmax(0),
    ).toEqual(new Int32Array([0, 0]));
  });

  it("takes the first NaN, which counts as the largest", () => {
    expect(new Tensor([Infinity, NaN, NaN, 3]).argmax()).toBe(1);
    expect(
      new Tensor([
        [NaN, 2],
        [3, NaN],
      ]).argmax(0),
    ).toEqual(new Int32Array([0, 1]));
  });

  it("refuses an axis that is none, and an empty tensor", () => {
    throwsExactly(() => x.argmax(2), ArgumentError, "Tensor.argmax: expected dim from -2 to 1 for rank 2, got 2.");
    throwsExactly(
      () => new Tensor([], [0, 3]).argmax(1),
      ShapeError,
      "Tensor.argmax: expected at least one number, got [0, 3].",
    );
  });
});

describe("stridesOf", () => {
  it("counts the numbers between neighbors along each axis", () => {
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(stridesOf([])).toEqual([]);
  });
});
