// Unflatten: answers by hand.
import { describe, expect, it } from "vitest";
import { Flatten, Tensor, Unflatten } from "../../../src/index.js";

describe("Unflatten", () => {
  it("splits an axis and leaves the numbers where they are", () => {
    const x = new Tensor([[1, 2, 3, 4, 5, 6]]);
    const layer = new Unflatten(1, [2, 3]);
    expect(layer.forward(x).toArray()).toEqual([[[1, 2, 3], [4, 5, 6]]]); // prettier-ignore
    expect(layer.backward(new Tensor([[[6, 5, 4], [3, 2, 1]]])).toArray()).toEqual([[6, 5, 4, 3, 2, 1]]); // prettier-ignore
  });

  it("works out one size, counts axes from the end, and undoes Flatten", () => {
    expect(new Unflatten(-1, [2, -1]).outputShape([7, 3, 8])).toEqual([7, 3, 2, 4]);
    expect(new Unflatten(0, [-1, 2]).outputShape([6, 5])).toEqual([3, 2, 5]);
    expect(new Unflatten(1, [3, 4, 5]).outputShape(new Flatten().outputShape([2, 3, 4, 5]))).toEqual([2, 3, 4, 5]);
  });
});
