import { describe, expect, it } from "vitest";
import { ones } from "../../../src/ops/create.js";
import { ShapeError } from "../../../src/base/errors.js";
import { Dropout2d } from "../../../src/nn/dropout/dropout2d.js";
import { manualSeed } from "../../../src/numbers/random.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { throwsExactly } from "../../support/errors.js";
import { matchesPyTorch, withMask } from "../helpers.js";

describe("Dropout2d", () => {
  onEachBackend(({ make: tensor }) => {
    it("drops whole channels of single samples and scales the rest by 1 / (1 - p)", () => {
      const layer = withMask(new Dropout2d(0.75), [1, 0, 0, 1]);
      const x = tensor([
        [[[1, 2]], [[3, 4]]],
        [[[5, 6]], [[7, 8]]],
      ]) as Tensor;
      expect(layer.forward(x).toArray()).toEqual([
        [[[4, 8]], [[0, 0]]],
        [[[0, 0]], [[28, 32]]],
      ]);
      expect(layer.backward(x).toArray()).toEqual([
        [[[4, 8]], [[0, 0]]],
        [[[0, 0]], [[28, 32]]],
      ]);
    });
  });

  it("with p = 0.3 drops that share of the channels, each as a whole", () => {
    manualSeed(11);
    const [n, c] = [200, 250];
    const y = new Dropout2d(0.3).forward(ones([n, c, 2, 2]));
    let dropped = 0;
    for (let channel = 0; channel < n * c; channel++) {
      const pixels = new Set(y.data.subarray(channel * 4, channel * 4 + 4));
      expect(pixels.size).toBe(1);
      if (pixels.has(0)) dropped++;
      else expect([...pixels]).toEqual([Math.fround(1 / 0.7)]);
    }
    expect(Math.abs(dropped - n * c * 0.3)).toBeLessThan(5 * Math.sqrt(n * c * 0.3 * 0.7));
  });

  it("is the identity in eval mode, and draws the same again after the same seed", () => {
    const run = (): [unknown, unknown] => {
      manualSeed(12);
      const layer = new Dropout2d();
      return [
        layer.forward(ones([3, 9, 1, 2])).toArray(),
        layer
          .eval()
          .forward(ones([3, 9, 1, 2]))
          .toArray(),
      ];
    };
    const [trained, evaluated] = run();
    expect(evaluated).toEqual(ones([3, 9, 1, 2]).toArray());
    expect(trained).not.toEqual(evaluated);
    expect(run()).toEqual([trained, evaluated]);
  });

  it("wants images, in eval mode too", () => {
    for (const layer of [new Dropout2d(), new Dropout2d().eval()]) {
      throwsExactly(
        () => layer.forward(ones([8, 10])),
        ShapeError,
        "Dropout2d: expected input [N, C, H, W], got [8, 10] (four axes: batch, channels, height, width).",
      );
    }
  });

  it("describes itself with p", () => {
    expect(new Dropout2d(0.25).describe()).toBe("Dropout2d(0.25)");
  });

  // The layer with PyTorch's own mask in the place of its draws.
  matchesPyTorch({
    op: "dropout2d",
    atLeast: 10,
    make: ({ p }: { p: number }, { tensors }) => withMask(new Dropout2d(p), tensors.mask?.data ?? []),
    bounds: ({ tensors: { y, dx } }, eps) => ({
      y: (i) => 2 * eps * Math.abs(y.data[i]),
      dx: (i) => 2 * eps * Math.abs(dx.data[i]),
    }),
  });
});
