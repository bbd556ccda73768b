import { describe, expect, it } from "vitest";
import { ReLU } from "../../../src/nn/activation/relu.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { matchesPyTorch } from "../helpers.js";

describe("ReLU", () => {
  onEachBackend(({ make: tensor }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      const layer = new ReLU();
      expect(layer.forward(tensor([-2, -0.5, 0, 0.5, 3]) as Tensor).toArray()).toEqual([0, 0, 0, 0.5, 3]);
      expect(layer.backward(tensor([1, 2, 3, 4, 5]) as Tensor).toArray()).toEqual([0, 0, 0, 4, 5]);
    });

    it("has the derivative 0 at 0, and hands on NaN", () => {
      const layer = new ReLU();
      expect(layer.forward(tensor([0, -0, NaN, -Infinity, Infinity]) as Tensor).toArray()).toEqual([
        0,
        0,
        NaN,
        0,
        Infinity,
      ]);
      expect(layer.backward(tensor([7, 7, 7, 7, 7]) as Tensor).toArray()).toEqual([0, 0, 7, 0, 7]);
    });

    it("keeps its output for backward: what a caller does to the numbers it holds does not matter", () => {
      const layer = new ReLU();
      const x = tensor([0.5, 1, 2]) as Tensor;
      const first = layer.backward((layer.forward(x), tensor([1, 1, 1]) as Tensor));
      const y = layer.forward(x);
      y.data.fill(-7);
      x.data.fill(-7);
      expect(layer.backward(tensor([1, 1, 1]) as Tensor).toArray()).toEqual(first.toArray());
    });
  });

  it("describes itself, and has the shape of its input", () => {
    expect(new ReLU().describe()).toBe("ReLU()");
    expect(new ReLU().outputShape([2, 3, 4])).toEqual([2, 3, 4]);
  });

  matchesPyTorch({ op: "relu", atLeast: 10, make: () => new ReLU(), bounds: () => ({ y: 0, dx: 0 }) });
});
