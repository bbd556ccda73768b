import { describe, expect, it } from "vitest";
import { arange, randn } from "../../src/ops/create.js";
import { ArgumentError } from "../../src/base/errors.js";
import { clamp, exp, log, sqrt } from "../../src/ops/elementwise.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

const LENGTHS = [0, 1, 3, 4, 5, 8, 15, 16, 17, 33];

onEachBackend(({ make, eps, dtype }) => {
  const relative = (expected: readonly number[]) => (i: number) => sumBound(1, Math.abs(expected[i]), eps);

  describe("exp", () => {
    it("knows its exact and its special values", () => {
      expect(
        exp(
          make([
            [0, -Infinity],
            [Infinity, NaN],
          ]),
        ).toArray(),
      ).toEqual([
        [1, 0],
        [Infinity, NaN],
      ]);
      expect(exp(make([1000, -1000])).toArray()).toEqual([Infinity, 0]);
      expect(exp(make([0])).dtype).toBe(dtype);
    });

    it.each(LENGTHS)("is e^x for %d numbers", (n) => {
      const x = randn([n], { seed: n + 1 }).data.map((value) => value * 20);
      const expected = [...x].map(Math.exp);
      expectClose(exp(make([...x])).data, expected, relative(expected));
    });
  });

  describe("log", () => {
    it("knows its exact and its special values", () => {
      expect(log(make([1, 0, -0, Infinity, -1, NaN])).toArray()).toEqual([0, -Infinity, -Infinity, Infinity, NaN, NaN]);
    });

    it.each(LENGTHS)("is the natural logarithm of %d numbers", (n) => {
      const x = randn([n], { seed: n + 2 }).data.map((value) => Math.exp(value * 20));
      const expected = [...x].map(Math.log);
      expectClose(log(make([...x])).data, expected, relative(expected));
    });

    it("keeps its digits close to 1, where the result is close to 0", () => {
      const x = [...arange(-8, 9).data].map((i) => 1 + i * 2 * 1.1920928955078125e-7);
      const expected = x.map(Math.log);
      expectClose(log(make(x)).data, expected, relative(expected));
    });
  });

  describe("sqrt", () => {
    it("is exact for squares and keeps the sign of zero", () => {
      expect(sqrt(make([0, -0, 1, 4, 9, 0.25, Infinity])).toArray()).toEqual([0, -0, 1, 2, 3, 0.5, Infinity]);
      expect(sqrt(make([-1, NaN])).toArray()).toEqual([NaN, NaN]);
    });

    it.each(LENGTHS)("is the square root of %d numbers", (n) => {
      const x = randn([n], { seed: n + 3 }).data.map(Math.abs);
      const expected = [...x].map(Math.sqrt);
      expectClose(sqrt(make([...x])).data, expected, (i) => eps * expected[i]);
    });
  });

  describe("clamp", () => {
    it("cuts at both bounds and lets NaN through", () => {
      expect(clamp(make([-2, 0.5, 7, NaN, -Infinity, Infinity]), 0, 1).toArray()).toEqual([0, 0.5, 1, NaN, 0, 1]);
      expect(clamp(make([-2, 3, 7]), -Infinity, 5).toArray()).toEqual([-2, 3, 5]);
      expect(clamp(make([-2, 3, 7]), 2.5, Infinity).toArray()).toEqual([2.5, 3, 7]);
      expect(clamp(make([-2, 3]), 1, 1).toArray()).toEqual([1, 1]);
    });

    it.each(LENGTHS)("cuts %d numbers", (n) => {
      const x = [...randn([n], { seed: n + 4 }).data];
      expect([...clamp(make(x), -0.5, 0.25).data]).toEqual(x.map((value) => Math.min(Math.max(value, -0.5), 0.25)));
    });
  });

  it("keeps shapes, gives new data and takes rank 0", () => {
    const x = make([
      [1, 4],
      [9, 16],
    ]);
    for (const y of [exp(x), log(x), sqrt(x), clamp(x, 0, 1)]) {
      expect(y.shape).toEqual([2, 2]);
      expect(y.data).not.toBe(x.data);
    }
    expect(x.toArray()).toEqual([
      [1, 4],
      [9, 16],
    ]);
    expect(sqrt(make(16)).item()).toBe(4);
  });
});

describe("Elementwise functions refuse", () => {
  const x = new Tensor([1]);

  it.each<[string, () => unknown, string]>([
    [
      "an array",
      () => exp([1] as never),
      "exp: expected x to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).",
    ],
    ["a number", () => log(1 as never), "log: expected x to be a Tensor, got 1 (wrap it: new Tensor(data, shape))."],
    ["text", () => sqrt("4" as never), 'sqrt: expected x to be a Tensor, got "4" (wrap it: new Tensor(data, shape)).'],
    [
      "bounds in the wrong order",
      () => clamp(x, 2, 1),
      "clamp: expected min to be at most max, got 2 and 1 (swap them).",
    ],
    [
      "a missing lower bound",
      () => clamp(x, undefined as never, 1),
      "clamp: expected min to be a number, got undefined (-Infinity leaves it open).",
    ],
    [
      "NaN as a bound",
      () => clamp(x, 0, NaN),
      "clamp: expected max to be a number, got NaN (Infinity leaves it open).",
    ],
  ])("%s", (_, act, message) => throwsExactly(act, ArgumentError, message));
});
