import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { allClose } from "../../src/ops/allClose.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

// No kernel runs here, so one backend is enough; both number formats are read.
describe.each([
  ["float32", (data: number[]) => new Tensor(data)],
  ["float64", (data: number[]) => Tensor.float64(data)],
])("allClose in %s", (_, make: (data: number[]) => Tensor<Float32Array | Float64Array>) => {
  it("accepts equal numbers, also both zeros and equal infinities", () => {
    expect(allClose(make([1, -2, 0]), make([1, -2, -0]))).toBe(true);
    expect(allClose(make([Infinity, -Infinity]), make([Infinity, -Infinity]))).toBe(true);
    expect(allClose(make([]), make([]))).toBe(true);
  });

  it("never accepts NaN, not even beside NaN", () => {
    expect(allClose(make([NaN]), make([NaN]))).toBe(false);
    expect(allClose(make([NaN]), make([1]), { rtol: 1e9, atol: 1e9 })).toBe(false);
    expect(allClose(make([1]), make([NaN]), { rtol: 1e9, atol: 1e9 })).toBe(false);
  });

  it("never accepts an infinity beside anything else", () => {
    for (const [a, b] of [
      [Infinity, 1],
      [1, Infinity],
      [Infinity, -Infinity],
      [-Infinity, 1],
      [1, -Infinity],
    ]) {
      expect(allClose(make([a]), make([b]), { rtol: 1e9, atol: 1e9 })).toBe(false);
    }
  });

  it("measures rtol against b, and atol besides", () => {
    expect(allClose(make([100]), make([110]), { rtol: 0.095, atol: 0 })).toBe(true);
    expect(allClose(make([110]), make([100]), { rtol: 0.095, atol: 0 })).toBe(false);
    expect(allClose(make([0.25]), make([0]), { rtol: 1, atol: 0.25 })).toBe(true);
    expect(allClose(make([0.5]), make([0]), { rtol: 1, atol: 0.25 })).toBe(false);
    expect(allClose(make([5]), make([4]), { rtol: 0.125, atol: 0.5 })).toBe(true);
    expect(allClose(make([-1]), make([1]))).toBe(false);
    expect(allClose(make([2]), make([2]), { rtol: 0, atol: 0 })).toBe(true);
  });

  it("has PyTorch's tolerances unless told otherwise", () => {
    expect(allClose(make([1.000009]), make([1]))).toBe(true);
    expect(allClose(make([1.000011]), make([1]))).toBe(false);
    expect(allClose(make([0.9e-8]), make([0]))).toBe(true);
    expect(allClose(make([1.1e-8]), make([0]))).toBe(false);
  });

  it("finds one wrong number among many, wherever it stands", () => {
    const values = Array.from({ length: 37 }, (__, i) => i);
    for (let at = 0; at < values.length; at++) {
      const wrong = values.map((value, i) => (i === at ? value + 1 : value));
      expect(allClose(make(wrong), make(values))).toBe(false);
    }
  });
});

describe("allClose refuses", () => {
  const x = new Tensor([1, 2]);

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    [
      "shapes that differ",
      () => allClose(x, new Tensor([[1, 2]])),
      ShapeError,
      "allClose: expected equal shapes, got [2] and [1, 2] (reshape one).",
    ],
    [
      "an array",
      () => allClose(x, [1, 2] as never),
      ArgumentError,
      "allClose: expected b to be a Tensor, got [1, 2] (wrap it: new Tensor(data, shape)).",
    ],
    [
      "a negative tolerance",
      () => allClose(x, x, { atol: -1 }),
      ArgumentError,
      "allClose: expected atol to be a finite number of at least 0, got -1.",
    ],
    [
      "NaN as tolerance",
      () => allClose(x, x, { rtol: NaN }),
      ArgumentError,
      "allClose: expected rtol to be a finite number of at least 0, got NaN.",
    ],
    [
      "an unknown option",
      () => allClose(x, x, { tol: 1 } as never),
      ArgumentError,
      'allClose: unknown option "tol", did you mean "rtol"? (options: rtol, atol).',
    ],
    [
      "float32 beside float64",
      () => allClose(x, x.toFloat64() as never),
      ArgumentError,
      "allClose: expected operands of one number format, got float32 and float64 (convert one with toFloat64() or " +
        "toFloat32()).",
    ],
  ])("%s", (_, act, type, message) => throwsExactly(act, type, message));
});
