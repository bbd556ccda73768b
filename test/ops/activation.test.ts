import { describe, expect, it } from "vitest";
import { randn } from "../../src/ops/create.js";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import {
  relu,
  reluDerivative,
  reluInputGrad,
  sigmoid,
  sigmoidDerivative,
  sigmoidInputGrad,
  tanh,
  tanhDerivative,
  tanhInputGrad,
} from "../../src/ops/activation.js";
import { Tensor, type FloatArray } from "../../src/base/tensor.js";
import { onEachBackend, onFloat64 } from "../support/backends.js";
import { expectClose, sumBound } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";

const LENGTHS = [0, 1, 3, 4, 5, 8, 15, 16, 17, 33];

onEachBackend(({ make, eps, dtype }) => {
  const relative = (expected: readonly number[]) => (i: number) => sumBound(4, Math.abs(expected[i]), eps);

  describe("relu", () => {
    it("keeps what is positive, and NaN", () => {
      expect(relu(make([-2, -0, 0, 3, NaN, Infinity, -Infinity])).toArray()).toEqual([0, 0, 0, 3, NaN, Infinity, 0]);
      expect(relu(make([[-1, 1]])).shape).toEqual([1, 2]);
      expect(relu(make([1])).dtype).toBe(dtype);
    });

    it("passes the gradient where it passed the value, and where that is NaN", () => {
      expect(reluInputGrad(make([0, 3, 0.5, NaN]), make([10, 20, -30, 40])).toArray()).toEqual([0, 20, -30, 40]);
    });

    it("has the derivative 0 up to the kink and 1 behind it", () => {
      expect(reluDerivative(make([-2, -1e-30, 0, 1e-30, 3])).toArray()).toEqual([0, 0, 0, 1, 1]);
    });
  });

  describe("sigmoid", () => {
    it("is a half at 0, and 0 or 1 at the ends", () => {
      expect(sigmoid(make([0, -0, 1000, -1000, NaN])).toArray()).toEqual([0.5, 0.5, 1, 0, NaN]);
      expect(sigmoid(make([Infinity, -Infinity])).toArray()).toEqual([1, 0]);
      expectClose(sigmoid(make([2, -2])).data, [0.8807970779778823, 0.11920292202211755], 4 * eps);
    });

    it("has the gradient dy * y * (1 - y)", () => {
      expect(sigmoidInputGrad(make([0.5, 0.25, 1, 0]), make([8, 16, 3, 3])).toArray()).toEqual([2, 3, 0, 0]);
    });

    it("has its steepest place at 0, and flat tails", () => {
      expect(sigmoidDerivative(make([0])).toArray()).toEqual([0.25]);
      const tails = sigmoidDerivative(make([-10, 10])).data;
      expectClose(tails, [4.5395807735951673e-5, 4.5395807735951673e-5], 4 * eps);
    });
  });

  describe("tanh", () => {
    it("is 0 at 0, and -1 or 1 at the ends", () => {
      expect(tanh(make([0, 1000, -1000, NaN])).toArray()).toEqual([0, 1, -1, NaN]);
      expect(tanh(make([Infinity, -Infinity])).toArray()).toEqual([1, -1]);
      expectClose(tanh(make([1, -1])).data, [0.7615941559557649, -0.7615941559557649], 4 * eps);
    });

    it("has the gradient dy * (1 - y^2)", () => {
      expect(tanhInputGrad(make([0.5, 0, -1]), make([8, 3, 3])).toArray()).toEqual([6, 3, 0]);
    });

    it("has its steepest place at 0, and flat tails", () => {
      expect(tanhDerivative(make([0])).toArray()).toEqual([1]);
      expectClose(tanhDerivative(make([-10, 10])).data, [8.244614e-9, 8.244614e-9], 4 * eps);
    });
  });

  it.each(LENGTHS)("The activations are right for %d numbers", (n) => {
    const x = [...randn([n], { seed: n + 1 }).data].map((value) => Math.fround(3 * value));
    const dy = [...randn([n], { seed: n + 2 }).data];
    expect([...relu(make(x)).data]).toEqual(x.map((value) => Math.max(value, 0)));
    const sigmoids = x.map((value) => 1 / (1 + Math.exp(-value)));
    expectClose(sigmoid(make(x)).data, sigmoids, relative(sigmoids));
    const tanhs = x.map(Math.tanh);
    expectClose(tanh(make(x)).data, tanhs, relative(tanhs));

    // The gradients are functions of y, here of the rounded y.
    const gradients = (
      gradient: (y: Tensor<FloatArray>, upstream: Tensor<FloatArray>) => Tensor<FloatArray>,
      formula: (y: number) => number,
    ): void => {
      const y = tanhs.map(Math.fround);
      const expected = y.map((value, i) => dy[i] * formula(value));
      expectClose(gradient(make(y), make(dy)).data, expected, (i) => sumBound(2, 2 * Math.abs(dy[i]), eps));
    };
    gradients(reluInputGrad, (y) => (y > 0 ? 1 : 0));
    gradients(sigmoidInputGrad, (y) => y * (1 - y));
    gradients(tanhInputGrad, (y) => 1 - y * y);
  });
});

// Central differences of the function itself in float64.
onFloat64(({ make }) => {
  describe("Derivatives", () => {
    const x = [-30, -4.5, -2, -0.7, -0.01, 0.02, 0.5, 1.9, 4, 30]; // no 0: relu has a kink there
    const h = 1e-5;
    const slopes = (f: (x: Tensor<FloatArray>) => Tensor<FloatArray>): number[] => {
      const [after, before] = [h, -h].map((step) => f(make(x.map((value) => value + step))).data);
      return x.map((_, i) => (after[i] - before[i]) / (2 * h));
    };

    it.each([
      ["relu", relu, reluDerivative],
      ["sigmoid", sigmoid, sigmoidDerivative],
      ["tanh", tanh, tanhDerivative],
    ])("of %s are its slopes", (_, f, derivative) => {
      // h^2 / 6 times the third derivative (at most 2), and the rounding of f over 2 h.
      const bound = (h * h) / 3 + 2e-16 / h;
      const expected = slopes(f);
      expectClose(derivative(make(x)).data, expected, bound);
      const wrong = expected.map((slope) => slope + 1e-6);
      expect(() => expectClose(derivative(make(x)).data, wrong, bound)).toThrow("expected");
    });
  });
});

describe("Activations refuse", () => {
  const y = new Tensor([0.5, 0.25]);
  const all = { relu, reluDerivative, sigmoid, sigmoidDerivative, tanh, tanhDerivative };

  it.each(Object.entries(all))("an array for %s", (name, f) => {
    throwsExactly(
      () => f([1] as never),
      ArgumentError,
      `${name}: expected x to be a Tensor, got [1] (wrap it: new Tensor(data, shape)).`,
    );
  });

  it.each(Object.entries({ reluInputGrad, sigmoidInputGrad, tanhInputGrad }))(
    "a dy that does not fit, for %s",
    (name, f) => {
      throwsExactly(
        () => f(y, new Tensor([1])),
        ShapeError,
        `${name}: expected dy of the output's shape [2], got [1].`,
      );
      throwsExactly(
        () => f(y, 1 as never),
        ArgumentError,
        `${name}: expected dy to be a Tensor, got 1 (wrap it: new Tensor(data, shape)).`,
      );
      throwsExactly(
        () => f(y, y.toFloat64() as never),
        ArgumentError,
        `${name}: expected operands of one number format, got float32 and float64 (convert one with toFloat64() or ` +
          "toFloat32()).",
      );
    },
  );
});
