import { describe, expect, it } from "vitest";
import { Tanh } from "../../../src/nn/activation/tanh.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose, sumBound } from "../../support/close.js";
import { matchesPyTorch } from "../helpers.js";

const TINY = 2 ** -148; // two steps of the subnormal numbers of float32

describe("Tanh", () => {
  onEachBackend(({ make: tensor, eps }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      const layer = new Tanh();
      // tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 3/5, and the derivative is 1 - 9/25 = 16/25.
      const y = layer.forward(tensor([0, 0.6931471805599453, -0.6931471805599453]) as Tensor);
      expectClose(y.data, [0, 0.6, -0.6], 2 * eps);
      const dx = layer.backward(tensor([4, 25, 50]) as Tensor);
      expectClose(dx.data, [4, 16, 32], 64 * eps);
    });

    it("ends in -1 and 1 without overflow, where its gradient vanishes", () => {
      const layer = new Tanh();
      expect(layer.forward(tensor([1000, -1000, Infinity, -Infinity, NaN]) as Tensor).toArray()).toEqual([
        1,
        -1,
        1,
        -1,
        NaN,
      ]);
      expect(layer.backward(tensor([1, 1, 1, 1, 1]) as Tensor).toArray()).toEqual([0, 0, 0, 0, NaN]);
    });

    it("keeps its output for backward: what a caller does to the numbers it holds does not matter", () => {
      const layer = new Tanh();
      const x = tensor([0.5, 1, 2]) as Tensor;
      const first = layer.backward((layer.forward(x), tensor([1, 1, 1]) as Tensor));
      const y = layer.forward(x);
      y.data.fill(-7);
      x.data.fill(-7);
      expect(layer.backward(tensor([1, 1, 1]) as Tensor).toArray()).toEqual(first.toArray());
    });
  });

  it("describes itself, and has the shape of its input", () => {
    expect(new Tanh().describe()).toBe("Tanh()");
    expect(new Tanh().outputShape([2, 3, 4])).toEqual([2, 3, 4]);
  });

  matchesPyTorch({
    op: "tanh",
    atLeast: 10,
    make: () => new Tanh(),
    // y is within 0.51 ulp (float32) or 1 ulp (float64); the terms of dx = dy (1 - y^2) are those of a difference.
    bounds: ({ tensors: { y, dy } }, eps) => ({
      y: (i) => eps * Math.abs(y.data[i]) + TINY,
      dx: (i) => sumBound(2, Math.abs(dy.data[i]) * (1 + y.data[i] ** 2), eps),
    }),
  });
});
