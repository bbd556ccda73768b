// ConvTranspose2d: answers by hand, and that it is the gradient of the convolution with the same weight. PyTorch's numbers are in
// ../torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import { Conv2d, ConvTranspose2d, Tensor, conv2d, multiply, randn, sum } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";

const image = (rows: readonly (readonly number[])[]): Tensor => new Tensor([[rows.map((row) => [...row])]]);

function layer(kernel: number[][], options = {}): ConvTranspose2d {
  const made = new ConvTranspose2d(1, 1, [kernel.length, kernel[0].length], { bias: false, ...options });
  made.weight.value = image(kernel);
  return made;
}

describe("ConvTranspose2d", () => {
  onEachBackend(() => {
    it("lays the kernel, times each pixel, into the output, a stride apart, and adds where kernels meet", () => {
      const apart = layer([[1, 2], [3, 4]], { stride: 2 }); // prettier-ignore
      expect(apart.forward(image([[1, 10]])).toArray()).toEqual([[[[1, 2, 10, 20], [3, 4, 30, 40]]]]); // prettier-ignore
      expect(
        layer([[1, 2, 3]])
          .forward(image([[1, 10, 100]]))
          .toArray(),
      ).toEqual([[[[1, 12, 123, 230, 300]]]]);
    });

    it("cuts padding off, adds output padding at the end, and spreads the kernel by dilation", () => {
      const x = image([[1, 10, 100]]);
      expect(
        layer([[1, 2, 3]], { padding: [0, 1] })
          .forward(x)
          .toArray(),
      ).toEqual([[[[12, 123, 230]]]]);
      const more = layer([[1, 2]], { stride: [1, 3], outputPadding: [0, 2] });
      expect(more.forward(image([[1, 10]])).toArray()).toEqual([[[[1, 2, 0, 10, 20, 0, 0]]]]);
      expect(
        layer([[1, 2]], { dilation: [1, 2] })
          .forward(x)
          .toArray(),
      ).toEqual([[[[1, 10, 102, 20, 200]]]]);
      const beyond = new ConvTranspose2d(1, 1, [1, 2], { dilation: [1, 3], outputPadding: [0, 2] });
      beyond.weight.value = image([[1, 2]]);
      beyond.bias!.value = new Tensor([7]);
      expect(beyond.forward(image([[1]])).toArray()).toEqual([[[[8, 7, 7, 9, 7, 7]]]]);
    });

    it("has gradients by hand", () => {
      const made = new ConvTranspose2d(1, 1, [1, 2], { stride: [1, 2] });
      made.weight.value = image([[1, 2]]);
      made.forward(image([[3, 5]]));
      expect(made.backward(image([[1, 10, 100, 1000]])).toArray()).toEqual([[[[21, 2100]]]]); // dy0 + 2 dy1, dy2 + 2 dy3
      expect(made.weight.grad.toArray()).toEqual([[[[3 + 500, 30 + 5000]]]]);
      expect(made.bias!.grad.toArray()).toEqual([1111]);
    });

    it("is the adjoint of Conv2d with the same weight: <conv(y), x> = <y, transposed(x)>", () => {
      const options = { stride: [2, 3], padding: [1, 2], dilation: [2, 1], groups: 2, bias: false } as const;
      const up = new ConvTranspose2d(4, 6, [3, 2], options); // Conv2d(6, 4): the same weight [4, 3, 3, 2]
      const conv = new Conv2d(6, 4, [3, 2], options);
      conv.weight = up.weight;
      const y = randn([2, 6, 9, 11], { seed: 1 });
      const x = randn(conv.outputShape(y.shape), { seed: 2 });
      const back = new ConvTranspose2d(4, 6, [3, 2], { ...options, outputSize: [9, 11] });
      back.weight = up.weight;
      const [left, right] = [sum(multiply(conv.forward(y), x)), sum(multiply(y, back.forward(x)))].map(Number);
      expectClose([left], [right], 1e-3);
      expect(Math.abs(left)).toBeGreaterThan(0.1);
    });
  });

  it("gives each of the outputs that a convolution takes to the same input, by outputSize", () => {
    const down = (size: number): number =>
      conv2d(randn([1, 1, size, size]), randn([1, 1, 3, 3]), null, { stride: 2 }).shape[2];
    expect([7, 8].map(down)).toEqual([3, 3]);
    for (const size of [7, 8]) {
      const up = new ConvTranspose2d(1, 2, 3, { stride: 2, outputSize: size });
      expect(up.outputShape([5, 1, 3, 3])).toEqual([5, 2, size, size]);
    }
  });
});
