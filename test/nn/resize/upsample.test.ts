// Upsample, PixelShuffle and PixelUnshuffle: answers by hand. PyTorch's numbers are in ../torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import { PixelShuffle, PixelUnshuffle, Tensor, Upsample, randn, type UpsampleOptions } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";

const row = (...numbers: number[]): Tensor => new Tensor([[[numbers]]]);

describe("Upsample", () => {
  onEachBackend(() => {
    it.each<[UpsampleOptions, number[], number[], number[]]>([
      [{ size: [1, 4] }, [1, 5], [1, 1, 5, 5], [1 + 10, 100 + 1000]],
      [{ scaleFactor: [1, 1.5] }, [1, 5], [1, 1, 5], [11, 100]],
      [{ size: [1, 2], mode: "nearest-exact" }, [1, 2, 3, 4], [2, 4], [0, 1, 0, 10]],
      [{ size: [1, 2] }, [1, 2, 3, 4], [1, 3], [1, 0, 10, 0]],
      // At -1/4, 1/4, 3/4, 5/4.
      [{ size: [1, 4], mode: "bilinear" }, [1, 5], [1, 2, 4, 5], [1 + 7.5 + 25, 2.5 + 75 + 1000]],
      // At 0, 1/3, 2/3, 1.
      [
        { size: [1, 4], mode: "bilinear", alignCorners: true },
        [0, 3],
        [0, 1, 2, 3],
        [1 + 20 / 3 + 100 / 3, 10 / 3 + 200 / 3 + 1000],
      ],
    ])("%j of %j is %j, and the gradient goes the same ways back", (options, x, y, dx) => {
      const layer = new Upsample(options);
      const result = layer.forward(row(...x));
      expectClose(result.data, y, 1e-5);
      expectClose(layer.backward(row(...y.map((_, i) => 10 ** i))).data, dx, 1e-3);
    });

    it("keeps a plane that is even, whatever the mode", () => {
      for (const mode of ["nearest", "nearest-exact", "bilinear", "bicubic"] as const) {
        const y = new Upsample({ scaleFactor: [1.7, 2.3], mode }).forward(
          new Tensor(new Float32Array(35).fill(3), [1, 1, 5, 7]),
        );
        expect(y.shape).toEqual([1, 1, 8, 16]);
        expectClose(y.data, new Float32Array(y.size).fill(3), 1e-5);
      }
    });
  });
});

describe("PixelShuffle", () => {
  onEachBackend(() => {
    it("makes squares of channels, and PixelUnshuffle channels of squares", () => {
      const x = new Tensor([[[[1]], [[2]], [[3]], [[4]]]]);
      expect(new PixelShuffle(2).forward(x).toArray()).toEqual([[[[1, 2], [3, 4]]]]); // prettier-ignore
      const many = randn([2, 18, 3, 5], { seed: 2 });
      const up = new PixelShuffle(3);
      const y = up.forward(many);
      expect(y.shape).toEqual([2, 2, 9, 15]);
      expect(new PixelUnshuffle(3).forward(y)).toEqual(many);
      expect(up.backward(y)).toEqual(many);
    });
  });
});
