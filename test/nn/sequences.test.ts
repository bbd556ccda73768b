// Conv1d, MaxPool1d and AvgPool1d: answers by hand. PyTorch's numbers are in torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import { AvgPool1d, Conv1d, MaxPool1d, ReLU, Sequential, Tensor } from "../../src/index.js";
import { onEachBackend } from "../support/backends.js";

const row = (...numbers: number[]): Tensor => new Tensor([[numbers]]);

describe("Layers of sequences", () => {
  onEachBackend(() => {
    it("Conv1d slides the kernel along, with stride, dilation and padding before and after", () => {
      const conv = new Conv1d(1, 1, 2);
      conv.weight.value = row(1, 10);
      conv.bias!.value = new Tensor([0.5]);
      expect(conv.forward(row(1, 2, 3)).toArray()).toEqual([[[21.5, 32.5]]]);
      expect(conv.backward(row(1, 100)).toArray()).toEqual([[[1, 110, 1000]]]);
      expect(conv.weight.grad.toArray()).toEqual([[[201, 302]]]);
      expect(conv.bias!.grad.toArray()).toEqual([101]);
      const wide = new Conv1d(1, 1, 2, { stride: 2, dilation: 2, padding: [1, 2], bias: false });
      wide.weight.value = row(1, 10);
      expect(wide.forward(row(1, 2, 3)).toArray()).toEqual([[[20, 2]]]); // of 0 1 2 3 0 0
      const same = new Conv1d(1, 1, 3, { padding: "same", paddingMode: "replicate", bias: false });
      same.weight.value = row(1, 10, 100);
      expect(same.forward(row(1, 2, 3)).toArray()).toEqual([[[211, 321, 332]]]);
    });

    it("MaxPool1d finds the largest, and where", () => {
      const pool = new MaxPool1d(2, { returnIndices: true });
      expect(pool.forward(row(1, 5, 7, 7, 2)).toArray()).toEqual([[[5, 7]]]);
      expect(pool.indices).toEqual(Int32Array.of(1, 2));
      expect(pool.backward(row(10, 20)).toArray()).toEqual([[[0, 10, 20, 0, 0]]]);
      expect(
        new MaxPool1d(3, { stride: 2, padding: 1, ceilMode: true }).predict(row(-1, -5, -7, -8)).toArray(),
      ).toEqual([[[-1, -5, -8]]]);
    });

    it("AvgPool1d takes the mean, with padding in the divisor or without", () => {
      expect(new AvgPool1d(3, { stride: 2, padding: 1, ceilMode: true }).forward(row(1, 2, 3, 4)).toArray()).toEqual([
        [[1, 3, 2]],
      ]);
      const own = new AvgPool1d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false });
      expect(own.forward(row(1, 2, 3, 4)).toArray()).toEqual([[[1.5, 3, 4]]]);
      expect(own.backward(row(2, 3, 8)).toArray()).toEqual([[[1, 2, 1, 9]]]);
    });
  });

  it("go through a model together", () => {
    const model = new Sequential(new Conv1d(2, 3, 3, { padding: 1 }), new ReLU(), new MaxPool1d(2), new AvgPool1d(2));
    expect(model.outputShape([5, 2, 12])).toEqual([5, 3, 3]);
    expect(model.namedParameters().map(([name, { shape }]) => `${name} ${shape.join()}`)).toEqual([
      "0.weight 3,2,3",
      "0.bias 3",
    ]);
  });
});
