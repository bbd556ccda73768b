// InstanceNorm2d: answers by hand. PyTorch's numbers are in ../torchLayers.test.ts.
import { describe, expect, it } from "vitest";
import { InstanceNorm2d, Tensor, randn } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { expectClose } from "../../support/close.js";

const X = new Tensor([[[[1, 3]], [[10, 30]]], [[[5, 9]], [[0, 0]]]]); // prettier-ignore

describe("InstanceNorm2d", () => {
  onEachBackend(({ dtype }) => {
    it("makes two pixels of each channel of each sample -1 and 1", () => {
      const layer = new InstanceNorm2d(2, { eps: 0, affine: true });
      layer.bias!.value = new Tensor([0, 5]);
      const y = new InstanceNorm2d(2, { eps: 1e-12 }).forward(X);
      expect(y.toArray()).toEqual([[[[-1, 1]], [[-1, 1]]], [[[-1, 1]], [[0, 0]]]]); // prettier-ignore
      expect(layer.forward(X.slice([0, 1])).toArray()).toEqual([[[[-1, 1]], [[4, 6]]]]);
    });

    if (dtype === "float64") return;

    it("takes the mean over the samples of their means and unbiased variances into the running statistics", () => {
      const layer = new InstanceNorm2d(2, { momentum: 0.5, trackRunningStats: true });
      layer.forward(X);
      expectClose(layer.runningMean!.value.data, [0.5 * 4.5, 0.5 * 10], 1e-6); // means 2, 7 and 20, 0
      expectClose(layer.runningVar!.value.data, [0.5 + 0.5 * 5, 0.5 + 0.5 * 100], 1e-5); // variances 2, 8 and 200, 0
      expect(layer.numBatchesTracked!.value.toArray()).toBe(1);
      layer.predict(X);
      layer.eval().forward(X);
      expect(layer.numBatchesTracked!.value.toArray()).toBe(1);
    });

    it("predicts with the running statistics if it tracks them, else with the sample's own", () => {
      const tracks = new InstanceNorm2d(2, { eps: 0, trackRunningStats: true });
      expect(tracks.predict(X)).toEqual(X); // mean 0, variance 1
      const own = new InstanceNorm2d(2);
      const x = randn([2, 2, 3, 4], { seed: 1 });
      expect(own.predict(x)).toEqual(own.forward(x));
      expect(Object.keys(own.stateDict())).toEqual([]);
      expect(Object.keys(tracks.stateDict())).toEqual(["running_mean", "running_var", "num_batches_tracked"]);
    });
  });
});
