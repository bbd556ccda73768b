import { describe, expect, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { matmul } from "../../src/ops/matmul.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

onEachBackend(({ make, eps, dtype }) => {
  describe("matmul", () => {
    const a = make([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const b = make([
      [1, 0],
      [10, 1],
      [100, 0],
    ]);

    it("multiplies rows by columns", () => {
      expect(matmul(a, b).toArray()).toEqual([
        [321, 2],
        [654, 5],
      ]);
      expect(matmul(b, a).toArray()).toEqual([
        [1, 2, 3],
        [14, 25, 36],
        [100, 200, 300],
      ]);
      expect(matmul(a, b).dtype).toBe(dtype);
    });

    it("takes vectors on either side", () => {
      expect(matmul(make([1, 2, 3]), make([1, 10, 100])).toArray()).toBe(321);
      expect(matmul(a, make([1, 10, 100])).toArray()).toEqual([321, 654]);
      expect(matmul(make([1, 10]), a).toArray()).toEqual([41, 52, 63]);
    });

    it("multiplies stacks of matrices by one matrix, and one matrix by stacks", () => {
      const stack = make([
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [
          [7, 8, 9],
          [0, 1, 0],
        ],
      ]);
      expect(matmul(stack, b).toArray()).toEqual([
        [
          [321, 2],
          [654, 5],
        ],
        [
          [987, 8],
          [10, 1],
        ],
      ]);
      expect(matmul(stack, make([1, 10, 100])).toArray()).toEqual([
        [321, 654],
        [987, 10],
      ]);
      expect(matmul(make([[1, 1]]), stack).toArray()).toEqual([[[5, 7, 9]], [[7, 9, 9]]]);
      expect(matmul(make([1, 1]), stack).toArray()).toEqual([
        [5, 7, 9],
        [7, 9, 9],
      ]);
      expect(matmul(stack, make([1, 10, 100]).reshape([1, 3, 1])).shape).toEqual([2, 2, 1]);
    });

    it("broadcasts batch axes on both sides", () => {
      const [left, right] = [randn([2, 1, 3, 4], { seed: 1 }), randn([5, 4, 2], { seed: 2 })];
      const y = matmul(make([...left.data], left.shape), make([...right.data], right.shape));
      expect(y.shape).toEqual([2, 5, 3, 2]);
      for (let i = 0; i < 2; i++) {
        for (let j = 0; j < 5; j++) {
          const [p, q] = [left.slice(i, 0), right.slice(j)].map((part) => make([...part.data], part.shape));
          expectClose(y.slice(i, j).reshape([-1]).data, matmul(p, q).data, sumBound(4, 8, eps));
        }
      }
    });

    // Sizes around blocks of 4 and 8, and K that leaves a rest.
    it.each([
      [1, 1, 1],
      [1, 5, 1],
      [4, 4, 4],
      [5, 3, 7],
      [8, 8, 8],
      [9, 17, 10],
      [16, 33, 12],
      [3, 64, 1],
      [1, 7, 33],
      [13, 1, 13],
    ])("is right for [%d, %d] times [%d] columns", (M, K, N) => {
      const [left, right] = [randn([M, K], { seed: M }), randn([K, N], { seed: N + 50 })];
      const y = matmul(make([...left.data], [M, K]), make([...right.data], [K, N]));
      expect(y.shape).toEqual([M, N]);
      const terms = (i: number): number[] =>
        Array.from({ length: K }, (_, k) => left.at(Math.floor(i / N), k) * right.at(k, i % N));
      const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
      const expected = Array.from({ length: M * N }, (_, i) => total(terms(i)));
      expectClose(y.data, expected, (i) => sumBound(K, total(terms(i).map(Math.abs)), eps));
    });

    it("gives zeros for an inner size of 0, and nothing for an outer size of 0", () => {
      expect(matmul(make([], [2, 0]), make([], [0, 3])).toArray()).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(
        matmul(
          make([], [0, 2]),
          make([
            [1, 2],
            [3, 4],
          ]),
        ).shape,
      ).toEqual([0, 2]);
      expect(matmul(make([], [0, 2, 3]), make([], [0, 3, 4])).shape).toEqual([0, 2, 4]);
    });

    it("carries NaN and infinities, also against zeros", () => {
      expect(
        matmul(
          make([
            [NaN, 0],
            [0, 1],
          ]),
          make([[0], [1]]),
        ).toArray(),
      ).toEqual([[NaN], [1]]);
      expect(matmul(make([[0, 1]]), make([[Infinity], [1]])).toArray()).toEqual([[NaN]]);
    });
  });
});

describe("matmul refuses", () => {
  const a = new Tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "inner sizes that differ",
      () => matmul(a, a),
      ShapeError,
      "matmul: expected the last size of a to be the last but one size of b, got [2, 3] and [2, 3] " +
        "(permute swaps axes).",
    ],
    [
      "a vector of another length",
      () => matmul(a, new Tensor([1, 2])),
      ShapeError,
      "matmul: expected the last size of a to be the size of b, got [2, 3] and [2] (permute swaps axes).",
    ],
    [
      "rank 0",
      () => matmul(new Tensor(2), a),
      ShapeError,
      "matmul: expected operands with at least one axis, got [] and [2, 3] (use multiply for a number).",
    ],
    [
      "batch axes that do not broadcast",
      () => matmul(a.reshape([2, 1, 3]), new Tensor(new Float32Array(9), [3, 3, 1])),
      ShapeError,
      "matmul (batch axes): expected shapes that broadcast (equal sizes or 1 from the last axis on), got [2] and [3].",
    ],
    [
      "an array",
      () => matmul(a, [[1], [2], [3]] as never),
      ArgumentError,
      "matmul: expected b to be a Tensor, got [[1], [2], [3]] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "float32 beside float64",
      () => matmul(a, a.toFloat64() as never),
      ArgumentError,
      "matmul: expected operands of one number format, got float32 and float64 (convert one with toFloat64() or " +
        "toFloat32()).",
    ],
  ])("%s", (_, act, type, message) => throwsExactly(act, type, message));
});
