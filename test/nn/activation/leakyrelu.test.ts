// LeakyReLU by hand; what every layer owes is tested from the table of layers.
import { describe, expect, it } from "vitest";
import { ArgumentError, LeakyReLU, Tensor } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";
import { throwsExactly } from "../../support/errors.js";

describe("LeakyReLU", () => {
  onEachBackend(({ make, eps }) => {
    it("keeps positive numbers, takes its slope of the others, and hands NaN on", () => {
      const layer = new LeakyReLU({ negativeSlope: 0.3 });
      const x = make([-10, -0.5, 0, 2, Infinity, -Infinity, NaN], [7]) as Tensor;
      const y = layer.forward(x);
      expectClose(y.data, [-3, -0.15, 0, 2, Infinity, -Infinity, NaN], 3 * eps, { nan: true });
      const dx = layer.backward(make([1, 2, 3, 4, 5, 6, 7], [7]) as Tensor);
      expectClose(dx.data, [0.3, 0.6, 0.9, 4, 5, 1.8, 2.1], 3 * eps);
    });
  });

  it("has PyTorch's slope of 0.01 unless told otherwise, and takes negative slopes", () => {
    expectClose(new LeakyReLU().forward(new Tensor([-100, 100])).data, [-1, 100], 1e-6);
    expect(new LeakyReLU({ negativeSlope: -1 }).forward(new Tensor([-3, 3])).toArray()).toEqual([3, 3]);
    expect(String(new LeakyReLU({ negativeSlope: 0.2 }))).toBe("LeakyReLU({ negativeSlope: 0.2 })");
  });

  it("refuses other slopes", () => {
    throwsExactly(
      () => new LeakyReLU({ negativeSlope: NaN }),
      ArgumentError,
      "LeakyReLU: expected negativeSlope to be a finite number, got NaN.",
    );
  });
});
