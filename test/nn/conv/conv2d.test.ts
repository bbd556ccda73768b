import { describe, expect, it } from "vitest";
import { Conv2d, type Conv2dLayerOptions } from "../../../src/nn/conv/conv2d.js";
import {
  conv2d,
  conv2dBiasGrad,
  conv2dInputGrad,
  conv2dWeightGrad,
  type Conv2dOptions,
} from "../../../src/ops/conv2d.js";
import { manualSeed } from "../../../src/numbers/random.js";
import { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { give, matchesPyTorch, sumBounds } from "../helpers.js";

interface Options extends Conv2dLayerOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: [number, number];
}

function make({ inChannels, outChannels, kernelSize, ...options }: Options): Conv2d {
  return new Conv2d(inChannels, outChannels, kernelSize, options);
}

describe("Conv2d", () => {
  onEachBackend(({ make: tensor }) => {
    it("gives the numbers worked out by hand, forward and backward", () => {
      // One 3x3 image, one 2x2 filter, stride 1: four windows.
      const conv = new Conv2d(1, 1, 2);
      give(
        conv.weight,
        tensor([
          [
            [
              [1, 0],
              [1, 1],
            ],
          ],
        ]),
      );
      give(conv.bias!, tensor([0.5]));
      const y = conv.forward(
        tensor([
          [
            [
              [1, 2, 3],
              [4, 5, 6],
              [7, 8, 9],
            ],
          ],
        ]) as Tensor,
      );
      // 1*1 + 2*0 + 4*1 + 5*1 + 0.5 = 10.5, ...
      expect(y.toArray()).toEqual([
        [
          [
            [10.5, 13.5],
            [19.5, 22.5],
          ],
        ],
      ]);
      const dx = conv.backward(
        tensor([
          [
            [
              [1, 10],
              [100, 1000],
            ],
          ],
        ]) as Tensor,
      );
      expect(dx.toArray()).toEqual([
        [
          [
            [1, 10, 0],
            [101, 1011, 10],
            [100, 1100, 1000],
          ],
        ],
      ]);
      // dw[k, l] = sum of dy[i, j] * x[i + k, j + l]
      expect(conv.weight.grad.toArray()).toEqual([
        [
          [
            [5421, 6532],
            [8754, 9865],
          ],
        ],
      ]);
      expect(conv.bias!.grad.toArray()).toEqual([1111]);
    });

    it("takes pairs as [vertical, horizontal]: stride [2, 1] goes 2 down and 1 to the right", () => {
      const conv = new Conv2d(1, 1, 1, { stride: [2, 1], bias: false });
      give(conv.weight, tensor([[[[1]]]]));
      expect(
        conv
          .forward(
            tensor([
              [
                [
                  [1, 2, 3],
                  [4, 5, 6],
                  [7, 8, 9],
                ],
              ],
            ]) as Tensor,
          )
          .toArray(),
      ).toEqual([
        [
          [
            [1, 2, 3],
            [7, 8, 9],
          ],
        ],
      ]);
    });

    it("puts the smaller half of 'same' padding before the image", () => {
      const conv = new Conv2d(1, 1, [1, 4], { padding: "same", bias: false });
      give(conv.weight, tensor([[[[1, 2, 3, 4]]]]));
      // One zero before, two behind.
      expect(conv.forward(tensor([[[[1, 10, 100, 1000, 10000]]]]) as Tensor).toArray()).toEqual([
        [[[432, 4321, 43210, 32100, 21000]]],
      ]);
    });

    it("adds to the gradients of its parameters, until zeroGrad", () => {
      const conv = new Conv2d(1, 1, 1);
      give(conv.weight, tensor([[[[3]]]]));
      give(conv.bias!, tensor([0]));
      for (let pass = 0; pass < 2; pass++) {
        conv.forward(tensor([[[[2]]]]) as Tensor);
        conv.backward(tensor([[[[5]]]]) as Tensor);
      }
      expect(conv.weight.grad.toArray()).toEqual([[[[20]]]]);
      expect(conv.bias!.grad.toArray()).toEqual([10]);
      conv.zeroGrad();
      expect(conv.weight.grad.toArray()).toEqual([[[[0]]]]);
    });

    it("computes the same gradients of its parameters without the input gradient", () => {
      const conv = new Conv2d(2, 3, 2);
      give(
        conv.weight,
        tensor(
          Float64Array.from({ length: 24 }, (_, i) => i - 9),
          [3, 2, 2, 2],
        ),
      );
      give(conv.bias!, tensor([1, 2, 3]));
      const x = tensor(
        Float64Array.from({ length: 24 }, (_, i) => i),
        [1, 2, 3, 4],
      ) as Tensor;
      const dy = conv.forward(x);
      conv.backward(dy);
      const [dw, db] = [conv.weight.grad.clone(), conv.bias!.grad.clone()];
      conv.zeroGrad();
      conv.forward(x);
      expect(conv.backward(dy, { inputGrad: false })).toBeUndefined();
      expect(conv.weight.grad.toArray()).toEqual(dw.toArray());
      expect(conv.bias!.grad.toArray()).toEqual(db.toArray());
    });
  });

  it("starts uniform within 1 / sqrt(C / groups * KH * KW), weight and bias, from the seed", () => {
    const draw = (): [Tensor, Tensor] => {
      manualSeed(3);
      const conv = new Conv2d(8, 64, [3, 5], { groups: 4 });
      return [conv.weight.value, conv.bias!.value];
    };
    const [weight, bias] = draw();
    const bound = 1 / Math.sqrt(2 * 3 * 5);
    for (const { data } of [weight, bias]) {
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(bound);
      expect(largest).toBeGreaterThan(0.95 * bound);
    }
    expect(draw().map((tensor) => tensor.toArray())).toEqual([weight.toArray(), bias.toArray()]);
  });

  it("says its options, where they are not the defaults", () => {
    expect(new Conv2d(3, 16, 3).describe()).toBe("Conv2d(3, 16, [3, 3])");
    const conv = new Conv2d(4, 8, [3, 1], {
      ...{ stride: [2, 1], padding: "same", paddingMode: "circular", dilation: 2, groups: 2, bias: false },
    });
    expect(conv.describe()).toBe(
      'Conv2d(4, 8, [3, 1], { stride: [2, 1], padding: "same", paddingMode: "circular", dilation: [2, 2], groups: 2, ' +
        "bias: false })",
    );
  });

  it("knows its output shape without data", () => {
    const conv = new Conv2d(3, 5, [3, 2], { stride: 2, padding: [1, 2, 0, 1], dilation: [1, 2] });
    const shape = [2, 3, 7, 9];
    expect(conv.outputShape(shape)).toEqual([2, 5, 4, 4]);
    expect(conv.forward(new Tensor(new Float32Array(378), shape)).shape).toEqual([2, 5, 4, 4]);
  });

  matchesPyTorch({
    op: "conv2d",
    atLeast: 60,
    make,
    bounds: ({ options, tensors: { x, weight, bias, dy } }, eps) => {
      const { stride, padding, paddingMode, dilation, groups } = options as Conv2dOptions;
      const rest = { stride, padding, paddingMode, dilation, groups } as Conv2dOptions;
      return {
        y: sumBounds(
          eps,
          (x, w, b) => conv2d(x, w, b ?? null, rest),
          bias === undefined ? [x, weight] : [x, weight, bias],
        ),
        dx: sumBounds(eps, (dy, w) => conv2dInputGrad(dy, w, x.shape, rest), [dy, weight]),
        dweight: sumBounds(eps, (x, dy) => conv2dWeightGrad(x, dy, weight.shape, rest), [x, dy]),
        ...(bias === undefined ? {} : { dbias: sumBounds(eps, (dy) => conv2dBiasGrad(dy), [dy]) }),
      };
    },
  });
});
