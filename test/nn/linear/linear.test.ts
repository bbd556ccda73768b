import { describe, expect, it } from "vitest";
import { Linear } from "../../../src/nn/linear/linear.js";
import { linear, linearBiasGrad, linearInputGrad, linearWeightGrad } from "../../../src/ops/linear.js";
import { formatShape } from "../../../src/base/shape.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { give, matchesPyTorch, sumBounds } from "../helpers.js";

interface Options {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
}

describe("Linear", () => {
  onEachBackend(({ make: tensor }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      const layer = new Linear(3, 2);
      give(
        layer.weight,
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      );
      give(layer.bias!, tensor([10, 20]));
      expect(
        layer
          .forward(
            tensor([
              [1, 0, -1],
              [2, 1, 0],
            ]) as Tensor,
          )
          .toArray(),
      ).toEqual([
        [8, 18],
        [14, 33],
      ]);
      expect(
        layer
          .backward(
            tensor([
              [1, 10],
              [100, 1000],
            ]) as Tensor,
          )
          .toArray(),
      ).toEqual([
        [41, 52, 63],
        [4100, 5200, 6300],
      ]);
      expect(layer.weight.grad.toArray()).toEqual([
        [201, 100, -1],
        [2010, 1000, -10],
      ]);
      expect(layer.bias!.grad.toArray()).toEqual([101, 1010]);
    });

    it("has no bias with bias: false", () => {
      const layer = new Linear(1, 1, { bias: false });
      give(layer.weight, tensor([[3]]));
      expect(layer.bias).toBeNull();
      expect(layer.forward(tensor([[2]]) as Tensor).toArray()).toEqual([[6]]);
      expect(layer.backward(tensor([[5]]) as Tensor, { inputGrad: false })).toBeUndefined();
      expect(layer.weight.grad.toArray()).toEqual([[10]]);
    });
  });

  it("says its options, where they are not the defaults", () => {
    expect(new Linear(1568, 32).describe()).toBe("Linear(1568, 32)");
    expect(new Linear(1568, 32, { bias: false }).describe()).toBe("Linear(1568, 32, { bias: false })");
  });

  it("knows its output shape without data", () => {
    expect(new Linear(1568, 32).outputShape([8, 1568])).toEqual([8, 32]);
  });

  matchesPyTorch({
    op: "linear",
    atLeast: 10,
    make: ({ inFeatures, outFeatures, bias }: Options) => new Linear(inFeatures, outFeatures, { bias }),
    bounds: ({ tensors: { x, weight, bias, dy } }, eps) => ({
      y: sumBounds(eps, (x, w, b) => linear(x, w, b ?? null), bias === undefined ? [x, weight] : [x, weight, bias]),
      dx: sumBounds(eps, (dy, w) => linearInputGrad(dy, w), [dy, weight]),
      dweight: sumBounds(eps, (x, dy) => linearWeightGrad(x, dy), [x, dy]),
      ...(bias === undefined ? {} : { dbias: sumBounds(eps, (dy) => linearBiasGrad(dy), [dy]) }),
    }),
    // PyTorch takes any number of leading axes; here a Flatten belongs before.
    refuses: ({ flags, options, tensors: { x } }) =>
      flags.includes("leadingAxes")
        ? `Linear: expected input [N, ${String(options.inFeatures)}], got ${formatShape(x.shape)} (put a Flatten ` +
          `before it).`
        : undefined,
  });
});
