// DropBlock2d: torchvision's numbers, with its own draws, an answer by hand, and how much is dropped.
import { describe, expect, it } from "vitest";
import { DropBlock2d, Tensor, manualSeed, ones } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { loadFixture } from "../../support/fixtures.js";
import { compare, tensorOf } from "../helpers.js";

/** Squares begin where `begins` is not 0, in place of draws. */
function beginning(layer: DropBlock2d, begins: ArrayLike<number>): DropBlock2d {
  let at = 0;
  return Object.defineProperty(layer, "generator", { value: { uniform: () => (begins[at++] === 0 ? 1 : 0) } });
}

describe("DropBlock2d", () => {
  const { cases } = loadFixture("dropBlock2d");

  onEachBackend((context) => {
    it.each(cases)("agrees with torchvision: $name", ({ tensors, options }) => {
      const { p, blockSize } = options as { p: number; blockSize: number };
      // A draw is below the share of squares, which is 0 for p = 0.
      const layer = beginning(new DropBlock2d(p, blockSize), tensors.begins.data);
      const y = layer.forward(tensorOf(context, tensors.x) as Tensor);
      const dx = layer.backward(tensorOf(context, tensors.dy) as Tensor);
      compare("y", y, tensors.y, 64 * context.eps);
      compare("dx", dx, tensors.dx, 64 * context.eps);
    });

    it("drops squares of 2 from where they begin, and scales what is left", () => {
      const layer = beginning(new DropBlock2d(0.5, 2), [0, 0, 0, 1]);
      const x = new Tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]); // prettier-ignore
      const s = Math.fround(9 / 5);
      expect(layer.forward(x).toArray()).toEqual(
        new Tensor([[[[1 * s, 2 * s, 3 * s], [4 * s, 0, 0], [7 * s, 0, 0]]]]).toArray(), // prettier-ignore
      );
      const all = beginning(new DropBlock2d(1, 3), [1]);
      expect(all.forward(x).data).toEqual(new Float32Array(9)); // nothing is left, and nothing is NaN
    });
  });

  it("drops about a share p, in squares, in each channel by itself", () => {
    manualSeed(8);
    const y = new DropBlock2d(0.1, 3).forward(ones([20, 10, 16, 16]));
    const share = y.data.filter((value) => value === 0).length / y.size;
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.11);
    const planes = new Set(Array.from({ length: 10 }, (_, c) => String(y.data.subarray(256 * c, 256 * (c + 1)))));
    expect(planes.size).toBeGreaterThan(5);
  });
});
