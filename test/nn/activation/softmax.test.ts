import { describe, expect, it } from "vitest";
import { Softmax, type SoftmaxOptions } from "../../../src/nn/activation/softmax.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose, sumBound } from "../../support/close.js";
import { alongLines, matchesPyTorch } from "../helpers.js";

const TINY = 2 ** -148; // two steps of the subnormal numbers of float32

describe("Softmax", () => {
  onEachBackend(({ make: tensor, eps }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      const layer = new Softmax();
      const ln3 = 1.0986122886681098;
      const y = layer.forward(
        tensor([
          [0, ln3, 0],
          [5, 5, 5],
        ]) as Tensor,
      );
      expectClose(y.data, [0.2, 0.6, 0.2, 1 / 3, 1 / 3, 1 / 3], 4 * eps);
      // dx = y (dy - sum of dy y): sum = 0.2 * 10 + 0.6 * 5 = 5 in the first row, 2 in the second.
      const dx = layer.backward(
        tensor([
          [10, 5, 0],
          [1, 2, 3],
        ]) as Tensor,
      );
      expectClose(dx.data, [1, 0, -1, -1 / 3, 0, 1 / 3], 64 * eps);
    });

    it("does not overflow, and gives a masked class (-Infinity) the probability 0", () => {
      const y = new Softmax().forward(
        tensor([
          [1000, 0],
          [-Infinity, 3],
        ]) as Tensor,
      );
      expect(y.toArray()).toEqual([
        [1, 0],
        [0, 1],
      ]);
    });
  });

  it("says its axis, where it is not 1", () => {
    expect(new Softmax().describe()).toBe("Softmax()");
    expect(new Softmax({ dim: -1 }).describe()).toBe("Softmax({ dim: -1 })");
    expect(new Softmax().outputShape([2, 3, 4])).toEqual([2, 3, 4]);
  });

  matchesPyTorch({
    op: "softmax",
    atLeast: 10,
    make: (options: SoftmaxOptions) => new Softmax(options),
    bounds: ({ options, tensors: { x, dy, y } }, eps) => {
      const dim = options.dim as number;
      const { size, reach, over } = alongLines(x, dim);
      // A probability p errs by eps |x - max| p besides its rounding: reach = 1 + |x - max|.
      const error = (i: number): number => (y.data[i] === 0 ? 0 : y.data[i] * reach(i));
      const terms = (i: number): number =>
        error(i) * (Math.abs(dy.data[i]) + over(i, (k) => Math.abs(dy.data[k]) * y.data[k])) +
        y.data[i] * over(i, (k) => Math.abs(dy.data[k]) * error(k));
      return { y: (i) => sumBound(size, error(i), eps) + TINY, dx: (i) => sumBound(size + 1, terms(i), eps) + TINY };
    },
  });
});
