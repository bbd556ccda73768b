// LocalResponseNorm: answers by hand. PyTorch's numbers are in ../torchLayers.test.ts.
import { describe, it } from "vitest";
import { LocalResponseNorm, Tensor } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";

const X = new Tensor([[[1], [2], [3], [-4]]]); // four channels of one pixel

describe("LocalResponseNorm", () => {
  onEachBackend(() => {
    it("divides by k plus alpha times the mean square of the channels around", () => {
      const three = new LocalResponseNorm(3, { alpha: 3, beta: 1, k: 1 });
      expectClose(three.forward(X).data, [1 / 6, 2 / 15, 3 / 30, -4 / 26], 1e-6);
      const two = new LocalResponseNorm(2, { alpha: 2, beta: 1, k: 0 }); // the channel before, and its own
      expectClose(two.forward(X).data, [1 / 1, 2 / 5, 3 / 13, -4 / 25], 1e-6);
      const half = new LocalResponseNorm(1, { alpha: 1, beta: 0.5, k: 0 });
      expectClose(half.forward(X).data, [1, 1, 1, -1], 1e-6);
    });

    it("has a gradient by hand: y = x / (x^2 + 1) has the slope (1 - x^2) / (x^2 + 1)^2", () => {
      const one = new LocalResponseNorm(1, { alpha: 1, beta: 1 });
      one.forward(X);
      const dx = one.backward(new Tensor([[[1], [1], [10], [1]]]));
      expectClose(dx.data, [0, -3 / 25, -80 / 100, -15 / 289], 1e-6);
    });
  });
});
