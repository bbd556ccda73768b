import { describe, expect, it } from "vitest";
import { Dropout } from "../../../src/nn/dropout/dropout.js";
import { ones } from "../../../src/ops/create.js";
import { manualSeed } from "../../../src/numbers/random.js";
import { Tensor } from "../../../src/base/tensor.js";
import { onEachBackend } from "../../support/backends.js";
import { matchesPyTorch, withMask } from "../helpers.js";

describe("Dropout", () => {
  onEachBackend(({ make: tensor, dtype }) => {
    it("drops with p = 0.3 and scales the rest by 1 / 0.7, not by 0.7 or 1 / 0.3", () => {
      const layer = withMask(new Dropout(0.3), [1, 0, 1, 0]);
      const scale = dtype === "float32" ? Math.fround(1 / 0.7) : 1 / 0.7;
      const y = layer.forward(tensor([1, 1, -2, 4]) as Tensor);
      expect(y.toArray()).toEqual([scale, 0, -2 * scale, 0]);
      expect(layer.backward(tensor([8, 8, 1, 8]) as Tensor).toArray()).toEqual([8 * scale, 0, scale, 0]);
    });

    it("with p = 0 keeps everything as it is, with p = 1 gives zeros and a zero gradient", () => {
      const x = tensor([1, -2, 3]) as Tensor;
      const none = new Dropout(0);
      expect(none.forward(x).toArray()).toEqual([1, -2, 3]);
      expect(none.backward(x).toArray()).toEqual([1, -2, 3]);
      const all = new Dropout(1);
      expect(Array.from(all.forward(x).data, Math.abs)).toEqual([0, 0, 0]);
      expect(Array.from(all.backward(x).data, Math.abs)).toEqual([0, 0, 0]);
    });

    it("is the identity in eval mode and in predict, forward and backward, without a shared array", () => {
      const layer = new Dropout(0.9).eval();
      const x = tensor([1, -2, 3]) as Tensor;
      const y = layer.forward(x);
      expect(y.toArray()).toEqual([1, -2, 3]);
      expect(layer.backward(x).toArray()).toEqual([1, -2, 3]);
      expect(y.data.buffer).not.toBe(x.data.buffer);
      expect(layer.train().predict(x).toArray()).toEqual([1, -2, 3]);
      expect(layer.training).toBe(true);
    });
  });

  it.each([0.1, 0.3, 0.5, 0.8])("p = %d drops that share of a million numbers and keeps their mean", (p) => {
    manualSeed(7);
    const n = 1_000_000;
    const y = new Dropout(p).forward(ones([n]));
    const dropped = y.data.reduce((count, value) => count + Number(value === 0), 0);
    // Five standard deviations of a binomial count.
    expect(Math.abs(dropped - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)));
    const mean = y.data.reduce((sum, value) => sum + value, 0) / n;
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(p / (1 - p) / n));
    expect(new Set(y.data)).toEqual(new Set([0, Math.fround(1 / (1 - p))]));
  });

  it("draws independently from one number to the next", () => {
    manualSeed(8);
    const n = 100_000;
    const { data } = new Dropout(0.5).forward(ones([n]));
    for (const lag of [1, 2, 3, 4, 64]) {
      const same = data.reduce((count, value, i) => count + Number(i >= lag && value === data[i - lag]), 0);
      expect(Math.abs(same - (n - lag) / 2)).toBeLessThan(2.5 * Math.sqrt(n));
    }
  });

  it("draws anew for each forward, differently from another layer, and the same again after the same seed", () => {
    const run = (): unknown[] => {
      manualSeed(9);
      const [a, b] = [new Dropout(0.4), new Dropout(0.4)];
      return [a.forward(ones([64])), a.forward(ones([64])), b.forward(ones([64]))].map((y) => y.toArray());
    };
    const [first, second, other] = run();
    expect(second).not.toEqual(first);
    expect(other).not.toEqual(first);
    expect(run()).toEqual([first, second, other]);
  });

  it("does not use up draws in predict or eval mode", () => {
    const run = (between: (layer: Dropout) => void): unknown => {
      manualSeed(10);
      const layer = new Dropout(0.4);
      between(layer);
      return layer.forward(ones([64])).toArray();
    };
    const alone = run(() => undefined);
    expect(run((layer) => layer.predict(ones([64])))).toEqual(alone);
    expect(run((layer) => (layer.eval().forward(ones([64])), layer.train()))).toEqual(alone);
  });

  it("keeps the mask for backward: what a caller does to the output does not matter", () => {
    const layer = withMask(new Dropout(0.5), [1, 0]);
    layer.forward(new Tensor([3, 4])).data.fill(9);
    expect(layer.backward(new Tensor([1, 1])).toArray()).toEqual([2, 0]);
  });

  it("describes itself with p, and has the shape of its input", () => {
    expect(new Dropout().describe()).toBe("Dropout(0.5)");
    expect(new Dropout(0.3).describe()).toBe("Dropout(0.3)");
    expect(new Dropout(0.3).outputShape([2, 3])).toEqual([2, 3]);
  });

  // The layer with PyTorch's own mask in the place of its draws.
  matchesPyTorch({
    op: "dropout",
    atLeast: 10,
    make: ({ p }: { p: number }, { tensors }) => withMask(new Dropout(p), tensors.mask?.data ?? []),
    bounds: ({ tensors: { y, dx } }, eps) => ({
      y: (i) => 2 * eps * Math.abs(y.data[i]),
      dx: (i) => 2 * eps * Math.abs(dx.data[i]),
    }),
  });
});
