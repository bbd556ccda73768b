import { describe, expect, it } from "vitest";
import { AvgPool2d } from "../../../src/nn/pool/avgpool2d.js";
import { avgPool2d, avgPool2dInputGrad, type AvgPool2dOptions } from "../../../src/ops/avgPool2d.js";
import type { PairOption } from "../../../src/base/shape.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { matchesPyTorch, sumBounds } from "../helpers.js";

interface Options extends AvgPool2dOptions {
  readonly kernelSize: PairOption;
}

function make({ kernelSize, ...options }: Options): AvgPool2d {
  return new AvgPool2d(kernelSize, options);
}

describe("AvgPool2d", () => {
  onEachBackend((context) => {
    const tensor = (data: number[][]): Tensor => context.make([[data]]) as Tensor;
    const image = [
      [4, 8, 12],
      [16, 20, 24],
      [28, 32, 36],
    ];

    it("takes the mean of each window and spreads its gradient over all of it", () => {
      const pool = new AvgPool2d(2, { stride: 1 });
      expect(pool.forward(tensor(image)).toArray()).toEqual([
        [
          [
            [12, 16],
            [24, 28],
          ],
        ],
      ]);
      expect(
        pool
          .backward(
            tensor([
              [4, 40],
              [400, 4000],
            ]),
          )
          .toArray(),
      ).toEqual([
        [
          [
            [1, 11, 10],
            [101, 1111, 1010],
            [100, 1100, 1000],
          ],
        ],
      ]);
    });

    it("counts padding, unless countIncludePad is false", () => {
      // Top left: 4 + 8 + 16 + 20 = 48 over nine pixels, or over the four inside.
      const counting = new AvgPool2d(3, { stride: 2, padding: 1 });
      expect((counting.forward(tensor(image)) as Tensor).at(0, 0, 0, 0)).toBeCloseTo(48 / 9, 5);
      const inside = new AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false });
      expect(inside.forward(tensor(image)).toArray()).toEqual([
        [
          [
            [12, 16],
            [24, 28],
          ],
        ],
      ]);
    });

    it("never counts the part that ceilMode hangs over the padded edge", () => {
      const row = tensor([[1, 2, 3, 4, 5]]);
      // The last of [1, 2] [3, 4] [5] has one pixel.
      expect(new AvgPool2d([1, 2], { ceilMode: true }).forward(row).toArray()).toEqual([[[[1.5, 3.5, 5]]]]);
      // With padding 1: [0, 1, 2] [3, 4, 5] and no more, because the next window would start in the right padding.
      const padded = new AvgPool2d([1, 3], { ceilMode: true, padding: [0, 1] });
      expect(padded.forward(row).toArray()).toEqual([[[[1, 4]]]]);
      // Stride 4: [0, 1, 2] and [4, 5, 0], where the padding counts.
      const wide = new AvgPool2d([1, 3], { ceilMode: true, padding: [0, 1], stride: [1, 4] });
      expect(wide.forward(row).toArray()).toEqual([[[[1, 3]]]]);
    });

    it("divides by divisorOverride instead", () => {
      expect(
        new AvgPool2d(2, { divisorOverride: 3 })
          .forward(
            tensor([
              [1, 2],
              [3, 6],
            ]),
          )
          .toArray(),
      ).toEqual([[[[4]]]]);
    });

    it("over the whole plane gives one mean a channel", () => {
      expect(new AvgPool2d(3).forward(tensor(image)).toArray()).toEqual([[[[20]]]]);
    });
  });

  it("says its options, where they are not the defaults", () => {
    expect(new AvgPool2d([3, 2]).describe()).toBe("AvgPool2d([3, 2])");
    const options = { stride: 1, padding: 1, ceilMode: true, countIncludePad: false, divisorOverride: 5 };
    expect(new AvgPool2d(3, options).describe()).toBe(
      "AvgPool2d([3, 3], { stride: [1, 1], padding: [1, 1], ceilMode: true, countIncludePad: false, " +
        "divisorOverride: 5 })",
    );
  });

  it("knows its output shape without data", () => {
    expect(new AvgPool2d(7).outputShape([8, 512, 7, 7])).toEqual([8, 512, 1, 1]);
  });

  matchesPyTorch({
    op: "avgPool2d",
    atLeast: 40,
    make,
    bounds: ({ options, tensors: { x, dy } }, eps) => {
      const { kernelSize, ...rest } = options as unknown as Options;
      const counting = { ...rest, divisorOverride: 1 };
      return {
        y: sumBounds(
          eps,
          (x) => avgPool2d(x, kernelSize, rest),
          [x],
          (x) => avgPool2d(x, kernelSize, counting),
        ),
        dx: sumBounds(
          eps,
          (dy) => avgPool2dInputGrad(dy, x.shape, kernelSize, rest),
          [dy],
          (dy) => avgPool2dInputGrad(dy, x.shape, kernelSize, counting),
        ),
      };
    },
  });
});
