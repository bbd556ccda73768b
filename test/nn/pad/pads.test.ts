// The padding layers: answers by hand. PyTorch's numbers are in ../torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import {
  CircularPad2d, ConstantPad2d, ReflectionPad2d, ReplicationPad2d, Tensor, ZeroPad2d, type Layer,
} from "../../../src/index.js"; // prettier-ignore
import { onEachBackend } from "../../support/backends.js";

const ROW = new Tensor([[[[1, 2, 3]]]]);
const sides = [0, 0, 2, 2] as const;

describe("Padding layers", () => {
  onEachBackend(() => {
    it.each<[string, Layer, number[], number[]]>([
      ["zeros", new ZeroPad2d(sides), [0, 0, 1, 2, 3, 0, 0], [3, 4, 5]],
      ["a number", new ConstantPad2d(sides, 9), [9, 9, 1, 2, 3, 9, 9], [3, 4, 5]],
      ["the mirrored image", new ReflectionPad2d(sides), [3, 2, 1, 2, 3, 2, 1], [3 + 7, 2 + 4 + 6, 1 + 5]],
      ["the edge", new ReplicationPad2d(sides), [1, 1, 1, 2, 3, 3, 3], [1 + 2 + 3, 4, 5 + 6 + 7]],
      ["the other side", new CircularPad2d(sides), [2, 3, 1, 2, 3, 1, 2], [3 + 6, 1 + 4 + 7, 2 + 5]],
    ])("add %s, and give the border's gradient back", (_, layer, padded, dx) => {
      expect(layer.forward(ROW).toArray()).toEqual([[[padded]]]);
      expect(layer.backward(new Tensor([[[[1, 2, 3, 4, 5, 6, 7]]]])).toArray()).toEqual([[[dx]]]);
    });

    it("take [top, bottom, left, right], and cut where that is negative", () => {
      const x = new Tensor([[[[1, 2], [3, 4]]]]); // prettier-ignore
      expect(new ZeroPad2d([1, 0, 0, 1]).forward(x).toArray()).toEqual([[[[0, 0, 0], [1, 2, 0], [3, 4, 0]]]]); // prettier-ignore
      const cut = new ZeroPad2d([-1, 0, 1, -1]);
      expect(cut.forward(x).toArray()).toEqual([[[[0, 3]]]]);
      expect(cut.backward(new Tensor([[[[5, 7]]]])).toArray()).toEqual([[[[0, 0], [7, 0]]]]); // prettier-ignore
      expect(new ConstantPad2d([1, 0], 8).outputShape([1, 1, 2, 2])).toEqual([1, 1, 4, 2]);
    });

    it("go on at the other side of what is left, where one is cut", () => {
      expect(new CircularPad2d([0, 0, -1, 2]).forward(ROW).toArray()).toEqual([[[[2, 3, 2, 3]]]]);
      expect(new ReflectionPad2d([0, 0, -1, 2]).forward(ROW).toArray()).toEqual([[[[2, 3, 2, 1]]]]);
    });
  });
});
