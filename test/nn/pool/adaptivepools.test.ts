// AdaptiveAvgPool2d and AdaptiveMaxPool2d: answers by hand. PyTorch's numbers are in ../torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import { AdaptiveAvgPool2d, AdaptiveMaxPool2d, AvgPool2d, MaxPool2d, Tensor, randn } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";

const ROW = new Tensor([[[[1, 5, 3, 8, 2]]]]);

describe("Adaptive pools", () => {
  onEachBackend(() => {
    it("have windows that overlap where the sizes do not divide: of 5 to 3 they are 0 1, 1 2 3, 3 4", () => {
      const mean = new AdaptiveAvgPool2d([1, 3]);
      const y = mean.forward(ROW).toArray() as number[][][][];
      [3, 16 / 3, 5].forEach((value, i) => expect(y[0][0][0][i]).toBeCloseTo(value, 5));
      const dx = mean.backward(new Tensor([[[[2, 6, 4]]]])).toArray() as number[][][][];
      [1, 3, 2, 4, 2].forEach((value, i) => expect(dx[0][0][0][i]).toBeCloseTo(value, 5));
      const largest = new AdaptiveMaxPool2d([1, 3], { returnIndices: true });
      expect(largest.forward(ROW).toArray()).toEqual([[[[5, 8, 8]]]]);
      expect(largest.indices).toEqual(Int32Array.of(1, 3, 3));
      expect(largest.backward(new Tensor([[[[1, 10, 100]]]])).toArray()).toEqual([[[[0, 1, 0, 110, 0]]]]);
    });

    it("are the plain pools where the sizes divide, bit for bit", () => {
      const x = randn([3, 2, 6, 8], { seed: 3 });
      expect(new AdaptiveAvgPool2d([2, 4]).forward(x)).toEqual(new AvgPool2d([3, 2]).forward(x));
      expect(new AdaptiveMaxPool2d(1).predict(x)).toEqual(new MaxPool2d([6, 8]).forward(x));
    });

    it("can make images larger, and keep a size by null", () => {
      expect(new AdaptiveAvgPool2d([1, 4]).forward(new Tensor([[[[1, 2]]]])).toArray()).toEqual([[[[1, 1, 2, 2]]]]);
      expect(new AdaptiveMaxPool2d([null, 2]).outputShape([1, 3, 7, 9])).toEqual([1, 3, 7, 2]);
    });
  });
});
