import { describe, expect, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { ArgumentError, BackendError, ShapeError } from "../../src/base/errors.js";
import { add, divide, multiply, subtract } from "../../src/ops/arithmetic.js";
import { broadcastStrides } from "../../src/ops/operands.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

describe("broadcastStrides", () => {
  it("repeats missing axes and axes of size 1", () => {
    expect(broadcastStrides([3], [2, 3])).toEqual([0, 1]);
    expect(broadcastStrides([2, 1, 4], [5, 2, 3, 4])).toEqual([0, 4, 0, 1]);
    expect(broadcastStrides([], [2, 2])).toEqual([0, 0]);
  });
});

onEachBackend(({ make, eps, dtype }) => {
  describe("add, subtract, multiply, divide", () => {
    const a = make([
      [1, 2],
      [3, 4],
    ]);

    it("work entry by entry", () => {
      const b = make([
        [10, 20],
        [30, 40],
      ]);
      expect(add(a, b).toArray()).toEqual([
        [11, 22],
        [33, 44],
      ]);
      expect(subtract(a, b).toArray()).toEqual([
        [-9, -18],
        [-27, -36],
      ]);
      expect(multiply(a, b).toArray()).toEqual([
        [10, 40],
        [90, 160],
      ]);
      expect(divide(b, a).toArray()).toEqual([
        [10, 10],
        [10, 10],
      ]);
      expect(add(a, b).dtype).toBe(dtype);
    });

    it("take a number on either side", () => {
      expect(add(a, 1).toArray()).toEqual([
        [2, 3],
        [4, 5],
      ]);
      expect(add(1, a).toArray()).toEqual([
        [2, 3],
        [4, 5],
      ]);
      expect(subtract(a, 1).toArray()).toEqual([
        [0, 1],
        [2, 3],
      ]);
      expect(subtract(1, a).toArray()).toEqual([
        [0, -1],
        [-2, -3],
      ]);
      expect(multiply(a, 2).toArray()).toEqual([
        [2, 4],
        [6, 8],
      ]);
      expect(divide(a, 2).toArray()).toEqual([
        [0.5, 1],
        [1.5, 2],
      ]);
      expect(divide(12, a).toArray()).toEqual([
        [12, 6],
        [4, 3],
      ]);
      expect(add(make(3), 4).item()).toBe(7);
      expect(add(make(3), 4).shape).toEqual([]);
    });

    it("broadcast rows, columns, both at once and rank 0", () => {
      expect(subtract(a, make([10, 20])).toArray()).toEqual([
        [-9, -18],
        [-7, -16],
      ]);
      expect(subtract(make([10, 20]), a).toArray()).toEqual([
        [9, 18],
        [7, 16],
      ]);
      expect(subtract(a, make([[10], [20]])).toArray()).toEqual([
        [-9, -8],
        [-17, -16],
      ]);
      expect(subtract(make([[1], [2]]), make([[10, 20, 30]])).toArray()).toEqual([
        [-9, -19, -29],
        [-8, -18, -28],
      ]);
      expect(subtract(a, make(1)).toArray()).toEqual([
        [0, 1],
        [2, 3],
      ]);
      expect(add(make([[[1]], [[2]]]), a).toArray()).toEqual([
        [
          [2, 3],
          [4, 5],
        ],
        [
          [3, 4],
          [5, 6],
        ],
      ]);
    });

    it("divide by zero as IEEE 754 says, and let NaN through", () => {
      expect(divide(make([1, -1, 0, 2]), make([0, 0, 0, -0])).toArray()).toEqual([Infinity, -Infinity, NaN, -Infinity]);
      expect(add(make([NaN, 1]), make([1, NaN])).toArray()).toEqual([NaN, NaN]);
      expect(subtract(make([Infinity]), make([Infinity])).toArray()).toEqual([NaN]);
      expect(multiply(make([0, -0]), make([-5, -5])).toArray()).toEqual([-0, 0]);
    });

    it("leave the operands alone and return data of their own", () => {
      const left = make([1, 2]);
      const sum = add(left, 0);
      sum.data[0] = 9;
      expect(left.toArray()).toEqual([1, 2]);
    });

    it.each([0, 1, 3, 4, 5, 8, 16, 17, 33, 1000])("are right for %d numbers in a row", (n) => {
      const [left, right] = [randn([2, n], { seed: n }), randn([n], { seed: n + 1 })];
      const [x, y] = [make([...left.data], [2, n]), make([...right.data], [n])];
      const expected = (f: (p: number, q: number) => number): number[] =>
        [...left.data].map((value, i) => f(value, right.data[i % n]));
      const check = (got: Tensor<Float32Array | Float64Array>, f: (p: number, q: number) => number): void => {
        expect(got.shape).toEqual([2, n]);
        const values = expected(f);
        expectClose(got.data, values, (i) => eps * Math.abs(values[i]));
      };
      check(add(x, y), (p, q) => p + q);
      check(subtract(x, y), (p, q) => p - q);
      check(subtract(y, x), (p, q) => q - p);
      check(multiply(x, y), (p, q) => p * q);
      check(divide(x, y), (p, q) => p / q);
      check(divide(2, x), (p) => 2 / p);
    });

    it("walk several broadcast axes between whole ones", () => {
      const left = make(
        Array.from({ length: 2 * 3 * 5 }, (_, i) => i),
        [2, 1, 3, 5],
      );
      const right = make(
        Array.from({ length: 4 * 5 }, (_, i) => 100 * i),
        [4, 1, 5],
      );
      const y = add(left, right);
      expect(y.shape).toEqual([2, 4, 3, 5]);
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 4; j++) {
          for (let k = 0; k < 3; k++) {
            for (let l = 0; l < 5; l++) expect(y.at(i, j, k, l)).toBe(left.at(i, 0, k, l) + right.at(j, 0, l));
          }
        }
      }
    });
  });
});

describe("Arithmetic refuses", () => {
  const x = new Tensor([[1, 2, 3]]);

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "shapes that do not broadcast",
      () => add(x, new Tensor([1, 2])),
      ShapeError,
      "add: expected shapes that broadcast (equal sizes or 1 from the last axis on), got [1, 3] and [2].",
    ],
    ["two numbers", () => multiply(2, 3), ArgumentError, "multiply: expected at least one Tensor, got 2 and 3."],
    [
      "an array",
      () => subtract(x, [1] as never),
      ArgumentError,
      "subtract: expected b to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "nothing",
      () => divide(undefined as never, x),
      ArgumentError,
      "divide: expected a to be a Tensor, got undefined (the argument is missing).",
    ],
    [
      "float32 beside float64",
      () => add(x, x.toFloat64() as never),
      ArgumentError,
      "add: expected operands of one number format, got float32 and float64 (convert one with toFloat64() or " +
        "toFloat32()).",
    ],
    [
      "float64 on a backend without it",
      () => add(x.toFloat64(), 1),
      BackendError,
      "add: the wasm backend computes in float32, got a float64 tensor (convert it with toFloat32(), or " +
        'setBackend(reference) from "handgrad/reference").',
    ],
  ])("%s", (_, act, type, message) => throwsExactly(act, type, message));
});
