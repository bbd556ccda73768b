// Slice: answers by hand, Tensor.slice beside it, and errors.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, Concat, Graph, ShapeError, Slice, Tensor, randn } from "../../../src/index.js";
import { throwsExactly } from "../../support/errors.js";
import { onEachBackend } from "../../support/backends.js";

onEachBackend(() => {
  describe("Slice", () => {
    it("takes places of an axis, and its gradient is 0 elsewhere", () => {
      const x = new Tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]); // prettier-ignore
      const layer = new Slice(1, 3);
      expect(layer.forward(x).toArray()).toEqual([[2, 3], [7, 8]]); // prettier-ignore
      expect(layer.backward(new Tensor([[1, 2], [3, 4]])).toArray()).toEqual([[0, 1, 2, 0, 0], [0, 3, 4, 0, 0]]); // prettier-ignore
      // Also the second time, where the room was used before.
      layer.forward(x);
      expect(layer.backward(new Tensor([[5, 6], [7, 8]])).toArray()).toEqual([[0, 5, 6, 0, 0], [0, 7, 8, 0, 0]]); // prettier-ignore
    });

    it("counts from the end, to the end, and along other axes", () => {
      const x = randn([2, 4, 3, 5], { seed: 1 });
      expect(new Slice(-3, -1).forward(x).data).toEqual(x.slice(null, [1, 3]).data);
      expect(new Slice(2, null).forward(x).data).toEqual(x.slice(null, [2, 4]).data);
      expect(new Slice(1, null, { dim: 2 }).forward(x).data).toEqual(x.slice(null, null, [1, 3]).data);
      expect(new Slice(0, 2, { dim: -1 }).forward(x).data).toEqual(x.slice(null, null, null, [0, 2]).data);
    });

    it("in parts that make up the whole gives the input back through a Concat, and so do the gradients", () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 2, max: 9 }),
          fc.integer({ min: 1, max: 8 }),
          fc.integer({ min: 1, max: 3 }),
          (size, at, dim) => {
            const cut = Math.min(at, size - 1);
            const shape = [2, 3, 4, 2].map((length, axis) => (axis === dim ? size : length));
            const x = randn(shape, { seed: size });
            const net = new Graph([
              ["a", new Slice(0, cut, { dim }), "x"],
              ["b", new Slice(cut, null, { dim }), "x"],
              ["all", new Concat({ dim }), "a", "b"],
            ]);
            const dy = randn(shape, { seed: 3 });
            expect(net.forward(x).data).toEqual(x.data);
            expect(net.backward(dy).data).toEqual(dy.data);
          },
        ),
        { numRuns: 60 },
      );
    });
  });
});

describe("Slice refuses", () => {
  it("places that the axis does not have: nothing is cut short", () => {
    throwsExactly(
      () => new Slice(2, 5).forward(randn([2, 4])),
      ShapeError,
      "Slice: expected axis 1 to have the places 2 to 5, got 4 of them in input [2, 4].",
    );
    throwsExactly(
      () => new Slice(-5, null).outputShape([2, 4, 3]),
      ShapeError,
      "Slice: expected axis 1 to have the places -5 to null, got 4 of them in input [2, 4, 3].",
    );
    expect(() => new Slice(3, -1).outputShape([2, 4])).toThrow(ShapeError);
  });

  it("the batch, an axis that is not there, and bounds that hold nothing", () => {
    const batch = "Slice: expected dim to be an axis behind the batch, got 0 (1 are the channels).";
    throwsExactly(() => new Slice(0, 1, { dim: 0 }), ArgumentError, batch);
    throwsExactly(
      () => new Slice(0, 1, { dim: -2 }).outputShape([2, 4]),
      ArgumentError,
      "Slice: expected dim to be an axis behind the batch, got -2 for rank 2.",
    );
    throwsExactly(
      () => new Slice(0, 1, { dim: 3 }).outputShape([2, 4]),
      ArgumentError,
      "Slice: expected dim from -2 to 1 for rank 2, got 3.",
    );
    throwsExactly(() => new Slice(3, 3), ArgumentError, "Slice: expected start below end, got 3 and 3.");
    expect(() => new Slice(0.5, 2)).toThrow(ArgumentError);
    expect(() => new Slice(0, undefined as unknown as null)).toThrow(ArgumentError);
  });
});
