import { describe, expect, it } from "vitest";
import { Sigmoid } from "../../../src/nn/activation/sigmoid.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose, sumBound } from "../../support/close.js";
import { matchesPyTorch } from "../helpers.js";

const TINY = 2 ** -148; // two steps of the subnormal numbers of float32

describe("Sigmoid", () => {
  onEachBackend(({ make: tensor, eps }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      const layer = new Sigmoid();
      // e^(ln 3) = 3, so s(ln 3) = 3 / 4 and s(-ln 3) = 1 / 4.
      const y = layer.forward(tensor([0, 1.0986122886681098, -1.0986122886681098]) as Tensor);
      expectClose(y.data, [0.5, 0.75, 0.25], 4 * eps);
      const dx = layer.backward(tensor([4, 16, 32]) as Tensor);
      expectClose(dx.data, [1, 3, 6], 16 * eps);
    });

    it("ends in 0 and 1 without overflow, where its gradient vanishes", () => {
      const layer = new Sigmoid();
      expect(layer.forward(tensor([1000, -1000, Infinity, -Infinity, NaN]) as Tensor).toArray()).toEqual([
        1,
        0,
        1,
        0,
        NaN,
      ]);
      expect(layer.backward(tensor([1, 1, 1, 1, 1]) as Tensor).toArray()).toEqual([0, 0, 0, 0, NaN]);
    });

    it("keeps its output for backward: what a caller does to the numbers it holds does not matter", () => {
      const layer = new Sigmoid();
      const x = tensor([0.5, 1, 2]) as Tensor;
      const first = layer.backward((layer.forward(x), tensor([1, 1, 1]) as Tensor));
      const y = layer.forward(x);
      y.data.fill(-7);
      x.data.fill(-7);
      expect(layer.backward(tensor([1, 1, 1]) as Tensor).toArray()).toEqual(first.toArray());
    });
  });

  it("describes itself, and has the shape of its input", () => {
    expect(new Sigmoid().describe()).toBe("Sigmoid()");
    expect(new Sigmoid().outputShape([2, 3, 4])).toEqual([2, 3, 4]);
  });

  matchesPyTorch({
    op: "sigmoid",
    atLeast: 10,
    make: () => new Sigmoid(),
    // y is within 2.41 ulp (float32) or 1 ulp (float64); the terms of dx = dy y (1 - y) are those of a difference, 1
    // and y.
    bounds: ({ tensors: { y, dy } }, eps) => ({
      y: (i) => 3 * eps * y.data[i] + TINY,
      dx: (i) => sumBound(2, Math.abs(dy.data[i]) * y.data[i] * (1 + y.data[i]), eps) + TINY,
    }),
  });
});
