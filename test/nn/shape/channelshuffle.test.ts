// ChannelShuffle: answers by hand, PyTorch's rule (a matrix of channels that is transposed), and errors.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ChannelShuffle, ShapeError, Tensor, arange, randn } from "../../../src/index.js";
import { throwsExactly } from "../../support/errors.js";
import { onEachBackend } from "../../support/backends.js";

onEachBackend(() => {
  describe("ChannelShuffle", () => {
    it("deals the channels of the groups out one after the other, and dx back", () => {
      const x = new Tensor([[[1, 10], [2, 20], [3, 30], [4, 40], [5, 50], [6, 60]]]); // prettier-ignore
      const layer = new ChannelShuffle(2);
      const shuffled = [[[1, 10], [4, 40], [2, 20], [5, 50], [3, 30], [6, 60]]]; // prettier-ignore
      expect(layer.forward(x).toArray()).toEqual(shuffled);
      expect(layer.backward(new Tensor(shuffled)).toArray()).toEqual(x.toArray());
    });

    it("is a transposition of [groups, channels of each]: PyTorch's view, transpose, view", () => {
      const shape = fc.record({
        n: fc.integer({ min: 1, max: 3 }),
        groups: fc.integer({ min: 1, max: 5 }),
        each: fc.integer({ min: 1, max: 5 }),
        plane: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }),
      });
      fc.assert(
        fc.property(shape, ({ n, groups, each, plane }) => {
          const x = randn([n, groups * each, ...plane], { seed: 1 });
          const layer = new ChannelShuffle(groups);
          const turned = [0, 2, 1, ...plane.map((_, i) => i + 3)];
          const expected = x
            .reshape([n, groups, each, ...plane])
            .permute(turned)
            .reshape(x.shape);
          const y = layer.forward(x);
          expect(y.data).toEqual(expected.data);
          expect(layer.backward(y).data).toEqual(x.data);
        }),
        { numRuns: 60 },
      );
    });
  });
});

describe("ChannelShuffle refuses", () => {
  it("channels that the groups do not divide, and inputs that are no images", () => {
    throwsExactly(
      () => new ChannelShuffle(4).forward(arange(12).reshape([1, 6, 2, 1])),
      ShapeError,
      "ChannelShuffle: expected channels that 4 groups divide, got input [1, 6, 2, 1].",
    );
    throwsExactly(
      () => new ChannelShuffle(2).outputShape([3, 6]),
      ShapeError,
      "ChannelShuffle: expected input [N, C, H, W] or [N, C, L], got [3, 6].",
    );
  });

  it("a number of groups that is none", () => {
    throwsExactly(
      () => new ChannelShuffle(0),
      ArgumentError,
      "ChannelShuffle: expected groups to be a whole number of at least 1, got 0.",
    );
  });
});
