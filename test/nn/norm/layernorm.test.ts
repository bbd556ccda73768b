// LayerNorm: answers by hand. PyTorch's numbers are in ../torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import { LayerNorm, Tensor, randn } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";

describe("LayerNorm", () => {
  onEachBackend(() => {
    it("makes [1, 3] of each row [-1, 1], then weighs and shifts each number by itself", () => {
      const layer = new LayerNorm(2, { eps: 0 });
      const x = new Tensor([[1, 3], [-5, 15]]); // prettier-ignore
      expect(layer.forward(x).toArray()).toEqual([[-1, 1], [-1, 1]]); // prettier-ignore
      layer.weight!.value = new Tensor([10, 20]);
      layer.bias!.value = new Tensor([1, 2]);
      expect(layer.forward(x).toArray()).toEqual([[-9, 22], [-9, 22]]); // prettier-ignore
      layer.backward(new Tensor([[1, 2], [3, 4]])); // prettier-ignore
      expect(layer.weight!.grad.toArray()).toEqual([-4, 6]);
      expect(layer.bias!.grad.toArray()).toEqual([4, 6]);
    });

    it("takes mean and variance over several axes together", () => {
      const layer = new LayerNorm([2, 2], { eps: 3, elementwiseAffine: false });
      const y = layer.forward(new Tensor([[[0, 0], [2, 2]], [[1, 1], [1, 1]]])); // prettier-ignore
      expect(y.toArray()).toEqual([[[-0.5, -0.5], [0.5, 0.5]], [[0, 0], [0, 0]]]); // prettier-ignore
    });

    it("gives a row the same whatever stands beside it", () => {
      const layer = new LayerNorm([3, 5]);
      const x = randn([7, 4, 3, 5], { seed: 2 });
      expect(layer.predict(x).slice([2, 3])).toEqual(layer.predict(x.slice([2, 3])));
    });
  });

  it("has parameters in the shape that is normalized, with the names weight and bias", () => {
    const names = (layer: LayerNorm): string[] =>
      layer.namedParameters().map(([name, { shape }]) => `${name} ${shape.join()}`);
    expect(names(new LayerNorm([3, 5]))).toEqual(["weight 3,5", "bias 3,5"]);
    expect(names(new LayerNorm(3, { bias: false }))).toEqual(["weight 3"]);
    expect(names(new LayerNorm(3, { elementwiseAffine: false }))).toEqual([]);
    expectClose(new LayerNorm(2).weight!.value.data, [1, 1], 0);
  });
});
