import { describe, expect, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { max, mean, min, sum, variance } from "../../src/ops/reduce.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

const REDUCTIONS = { sum, mean, max, min, variance };

onEachBackend(({ make, eps, dtype }) => {
  describe("Reductions", () => {
    const x = make([
      [1, 2, 6],
      [4, 5, 3],
    ]);
    const cube = make([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);

    it("reduce everything to rank 0 without dim", () => {
      expect(sum(x).toArray()).toBe(21);
      expect(mean(x).toArray()).toBe(3.5);
      expect(max(x).toArray()).toBe(6);
      expect(min(x).toArray()).toBe(1);
      expect(variance(x).toArray()).toBe(3.5);
      expect(sum(make(7)).toArray()).toBe(7);
      expect(sum(x).dtype).toBe(dtype);
    });

    it("reduce the last axis, the first, and one in the middle", () => {
      expect(sum(x, { dim: 1 }).toArray()).toEqual([9, 12]);
      expect(sum(x, { dim: 0 }).toArray()).toEqual([5, 7, 9]);
      expect(sum(x, { dim: -1 }).toArray()).toEqual([9, 12]);
      expect(sum(cube, { dim: 1 }).toArray()).toEqual([
        [4, 6],
        [12, 14],
      ]);
      expect(mean(x, { dim: 1 }).toArray()).toEqual([3, 4]);
      expect(max(x, { dim: 1 }).toArray()).toEqual([6, 5]);
      expect(max(x, { dim: 0 }).toArray()).toEqual([4, 5, 6]);
      expect(min(x, { dim: 0 }).toArray()).toEqual([1, 2, 3]);
      expect(variance(x, { dim: 1 }).toArray()).toEqual([7, 1]);
    });

    it("reduce several axes, in any order of their naming", () => {
      expect(sum(cube, { dim: [0, 2] }).toArray()).toEqual([14, 22]);
      expect(sum(cube, { dim: [2, 0] }).toArray()).toEqual([14, 22]);
      expect(sum(cube, { dim: [-1, -3] }).toArray()).toEqual([14, 22]);
      expect(sum(cube, { dim: [1, 2] }).toArray()).toEqual([10, 26]);
      expect(max(cube, { dim: [0, 1, 2] }).toArray()).toBe(8);
    });

    it("keep reduced axes with size 1 when asked to", () => {
      expect(sum(x, { dim: 0, keepdim: true }).toArray()).toEqual([[5, 7, 9]]);
      expect(sum(x, { dim: 1, keepdim: true }).shape).toEqual([2, 1]);
      expect(mean(cube, { dim: [0, 2], keepdim: true }).shape).toEqual([1, 2, 1]);
      expect(sum(x, { keepdim: true }).shape).toEqual([1, 1]);
      expect(sum(x, { keepdim: false }).shape).toEqual([]);
    });

    it("divide the variance by the count less the correction", () => {
      const values = make([1, 2, 3, 6]);
      expect(variance(values, { correction: 0 }).item()).toBe(3.5);
      expect(variance(values, { correction: 2 }).item()).toBe(7);
      expectClose(variance(values).data, [14 / 3], 14 * eps);
      expect(variance(make([[5], [7]]), { dim: 1, correction: 0 }).toArray()).toEqual([0, 0]);
    });

    it("keep the digits of a variance that is small beside the mean", () => {
      const far = make([10000, 10001, 10002, 10003]);
      expect(variance(far, { correction: 0 }).item()).toBe(1.25);
    });

    it("let a NaN through, and infinities count as the largest and the smallest", () => {
      const holes = make([
        [1, NaN, 3],
        [-Infinity, 2, Infinity],
      ]);
      expect(max(holes, { dim: 1 }).toArray()).toEqual([NaN, Infinity]);
      expect(min(holes, { dim: 1 }).toArray()).toEqual([NaN, -Infinity]);
      expect(max(make([NaN, 1])).item()).toBeNaN();
      expect(min(make([1, NaN])).item()).toBeNaN();
      expect(max(make([-Infinity, -Infinity])).item()).toBe(-Infinity);
      for (const reduce of [sum, mean, variance]) expect(reduce(holes, { dim: 1 }).toArray()).toEqual([NaN, NaN]);
    });

    it.each([1, 2, 3, 4, 5, 8, 9, 16, 17, 31, 64, 1000])("are right for rows of %d numbers", (n) => {
      const x32 = randn([3, n], { seed: n });
      const tensor = make([...x32.data], [3, n]);
      const rows = [0, 1, 2].map((row) => [...x32.data.subarray(row * n, (row + 1) * n)]);
      const add = (values: number[]): number => values.reduce((total, value) => total + value, 0);
      const absolute = rows.map((row) => add(row.map(Math.abs)));
      expectClose(sum(tensor, { dim: 1 }).data, rows.map(add), (i) => sumBound(n, absolute[i], eps));
      const means = rows.map((row) => add(row) / n);
      expectClose(mean(tensor, { dim: 1 }).data, means, (i) => sumBound(n, absolute[i], eps) / n);
      const squares = rows.map((row, i) => add(row.map((value) => (value - means[i]) * (value - means[i]))) / n);
      const variances = variance(tensor, { dim: 1, correction: 0 }).data;
      expectClose(variances, squares, (i) => sumBound(n, squares[i], eps));
      expect([...max(tensor, { dim: 1 }).data]).toEqual(rows.map((row) => Math.max(...row)));
      expect([...min(tensor, { dim: 1 }).data]).toEqual(rows.map((row) => Math.min(...row)));
      // Columns of the transposed matrix are the same rows.
      const turned = tensor.permute([1, 0]);
      expect(sum(turned, { dim: 0 }).toArray()).toEqual(sum(tensor, { dim: 1 }).toArray());
    });

    it("leave x alone", () => {
      for (const reduce of Object.values(REDUCTIONS)) reduce(x, { dim: 0 });
      expect(x.toArray()).toEqual([
        [1, 2, 6],
        [4, 5, 3],
      ]);
    });
  });
});

describe.each(Object.entries(REDUCTIONS))("%s refuses", (name, reduce) => {
  const x = new Tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const options = name === "variance" ? "dim, keepdim, correction" : "dim, keepdim";

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ["an empty tensor", () => reduce(new Tensor([])), ShapeError, "expected at least one number, got [0]."],
    [
      "an empty axis",
      () => reduce(new Tensor([], [2, 0]), { dim: 1 }),
      ShapeError,
      "expected at least one number, got [2, 0].",
    ],
    [
      "an axis that is none",
      () => reduce(x, { dim: 2 }),
      ArgumentError,
      "expected dim from -2 to 1 for rank 2, got 2.",
    ],
    [
      "an axis twice",
      () => reduce(x, { dim: [0, -2] }),
      ArgumentError,
      "expected dim to hold each axis once, got [0, -2].",
    ],
    [
      "no axes",
      () => reduce(x, { dim: [] }),
      ArgumentError,
      "expected dim to hold at least one axis (leave dim out for all), got [].",
    ],
    [
      "a dim in place of the options",
      () => reduce(x, 1 as never),
      ArgumentError,
      "expected an options object such as { dim: ... }, got 1.",
    ],
    [
      "an unknown option",
      () => reduce(x, { keepDim: 1 } as never),
      ArgumentError,
      `unknown option "keepDim", did you mean "keepdim"? (options: ${options}).`,
    ],
    [
      "a keepdim that is no boolean",
      () => reduce(x, { keepdim: 1 as never }),
      ArgumentError,
      "expected keepdim to be true or false, got 1.",
    ],
    [
      "an array",
      () => reduce([1, 2] as never),
      ArgumentError,
      "expected x to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    ],
  ])("%s", (_, act, type, message) => throwsExactly(act, type, `${name}: ${message}`));
});

describe("variance refuses", () => {
  it("fewer numbers than the correction takes away, in place of NaN", () => {
    throwsExactly(
      () => variance(new Tensor([1])),
      ArgumentError,
      "variance: expected more numbers than the correction, 1, got 1 (correction 0 takes any count).",
    );
    throwsExactly(
      () =>
        variance(
          new Tensor([
            [1, 2],
            [3, 4],
          ]),
          { dim: 0, correction: 3 },
        ),
      ArgumentError,
      "variance: expected more numbers than the correction, 3, got 2 (correction 0 takes any count).",
    );
  });

  it("a negative correction", () => {
    throwsExactly(
      () => variance(new Tensor([1, 2]), { correction: -1 }),
      ArgumentError,
      "variance: expected correction to be a finite number of at least 0, got -1.",
    );
  });
});
