import { describe, expect, it } from "vitest";
import { EPS32, expectClose, sumBound } from "./close.js";

describe("expectClose", () => {
  it("accepts values within the bound, and equal infinities", () => {
    expect(() => expectClose([1.05, -Infinity, 0], [1, -Infinity, 0], 0.1)).not.toThrow();
  });

  it("rejects a wrong value and says where", () => {
    expect(() => expectClose([1, 2.2], [1, 2], 0.1)).toThrow("value[1]: expected 2 within 0.1, got 2.2");
    expect(() => expectClose([1, 2.2], [1, 2], (i) => [0, 0.1][i], { name: "dx" })).toThrow("dx[1]: expected 2");
  });

  it.each([
    [NaN, 1],
    [1, NaN],
    [NaN, NaN],
    [Infinity, 1],
    [1, Infinity],
    [-Infinity, Infinity],
    [NaN, Infinity],
  ])("rejects %d where %d is expected", (actual, expected) => {
    expect(() => expectClose([actual], [expected], 1e9)).toThrow("expected");
  });

  it("accepts NaN for NaN only when asked to", () => {
    expect(() => expectClose([NaN], [NaN], 0, { nan: true })).not.toThrow();
    expect(() => expectClose([NaN], [1], 1e9, { nan: true })).toThrow("got NaN");
    expect(() => expectClose([1], [NaN], 1e9, { nan: true })).toThrow("expected NaN");
  });

  it.each([NaN, Infinity])("rejects %d as a bound, also for equal values", (bound) => {
    expect(() => expectClose([1], [1], bound)).toThrow("expected a finite bound");
  });

  it("rejects another number of values", () => {
    expect(() => expectClose([1], [1, 2], 1)).toThrow("expected 2 numbers, got 1");
  });
});

describe("sumBound", () => {
  it("is 4 eps sqrt(n) times the sum of the absolute terms", () => {
    expect(sumBound(9, 10)).toBe(4 * EPS32 * 3 * 10);
    expect(sumBound(0, 10, 0.5)).toBe(20);
  });
});
