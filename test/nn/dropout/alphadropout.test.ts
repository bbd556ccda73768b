// AlphaDropout: PyTorch's numbers, with its own masks in place of draws, and what it is for: mean and variance stay.
import { describe, expect, it } from "vitest";
import { AlphaDropout, Tensor, manualSeed, mean, randn, variance } from "../../../src/index.js";
import { onEachBackend } from "../../support/backends.js";
import { loadFixture } from "../../support/fixtures.js";
import { compare, tensorOf, withMask } from "../helpers.js";

describe("AlphaDropout", () => {
  const { cases } = loadFixture("alphaDropout");

  onEachBackend((context) => {
    it.each(cases)("agrees with PyTorch: $name", ({ tensors, options }) => {
      const layer = withMask(new AlphaDropout(options.p as number), tensors.mask.data);
      const y = layer.forward(tensorOf(context, tensors.x) as Tensor);
      const dx = layer.backward(tensorOf(context, tensors.dy) as Tensor);
      compare("y", y, tensors.y, 32 * context.eps);
      compare("dx", dx, tensors.dx, 32 * context.eps);
    });
  });

  it("keeps mean and variance of normal numbers, where Dropout would not", () => {
    manualSeed(4);
    const y = new AlphaDropout(0.3).forward(randn([1000, 100], { seed: 5 }));
    expect(Math.abs(Number(mean(y)))).toBeLessThan(0.01);
    expect(Math.abs(Number(variance(y)) - 1)).toBeLessThan(0.02);
  });

  it("sets about a share p to one number, and is the identity in eval mode", () => {
    manualSeed(4);
    const layer = new AlphaDropout(0.25);
    const x = randn([100, 100], { seed: 1 });
    const y = layer.forward(x);
    const a = 1 / Math.sqrt(0.75 * (1 + 0.25 * 1.7580993408473766 ** 2));
    const dropped = y.data.filter((value) => Math.abs(value + a * 1.7580993408473766 * 0.75) < 1e-6).length;
    expect(Math.abs(dropped / y.size - 0.25)).toBeLessThan(0.02);
    expect(layer.eval().forward(x)).toEqual(x);
  });
});
