// MaxUnpool2d: PyTorch's numbers with a Tanh inside, and answers by hand.
import { describe, expect, it } from "vitest";
import { gradCheck } from "../../../src/gradcheck/gradCheck.js";
import {
  Conv2d, Identity, MaxUnpool2d, ReLU, Scale, Sequential, Tanh, Tensor, randn, type MaxUnpool2dOptions, type PairOption,
} from "../../../src/index.js"; // prettier-ignore
import { onEachBackend } from "../../support/backends.js";
import { loadFixture } from "../../support/fixtures.js";
import { compare, tensorOf } from "../helpers.js";

const X = new Tensor([[[[1, 2, 9], [4, 3, 5], [7, 8, 6]]]]); // prettier-ignore

describe("MaxUnpool2d", () => {
  const { cases } = loadFixture("maxUnpool2d");

  onEachBackend((context) => {
    it.each(cases)("agrees with PyTorch: $name", ({ tensors, options }) => {
      const { kernelSize, ...others } = options as unknown as { kernelSize: PairOption } & MaxUnpool2dOptions;
      const layer = new MaxUnpool2d(kernelSize, new Tanh(), others);
      const y = layer.forward(tensorOf(context, tensors.x) as Tensor);
      const dx = layer.backward(tensorOf(context, tensors.dy) as Tensor);
      compare("y", y, tensors.y, 8 * context.eps);
      compare("dx", dx, tensors.dx, 16 * context.eps);
    });

    it("puts what the body makes of the largest back to where they stood, also where the stride left rows over", () => {
      const layer = new MaxUnpool2d(2, new Scale(10));
      expect(layer.forward(X).toArray()).toEqual([[[[0, 0, 0], [40, 0, 0], [0, 0, 0]]]]); // prettier-ignore
      const dx = layer.backward(new Tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]])); // prettier-ignore
      expect(dx.toArray()).toEqual([[[[0, 0, 0], [40, 0, 0], [0, 0, 0]]]]); // prettier-ignore
      expect(new MaxUnpool2d(1, new Identity()).forward(X).toArray()).toEqual(X.toArray());
    });

    it("lets the last of windows with one place count", () => {
      const layer = new MaxUnpool2d([1, 2], new Sequential(), { stride: 1 });
      expect(layer.forward(new Tensor([[[[1, 5, 2]]]])).toArray()).toEqual([[[[0, 5, 0]]]]);
      expect(layer.backward(new Tensor([[[[1, 2, 4]]]])).toArray()).toEqual([[[[0, 2, 0]]]]);
    });
  });

  it("nests, with gradients that agree with differences", () => {
    const conv = (inside: number, outside: number): Conv2d => new Conv2d(inside, outside, 3, { padding: 1 });
    const model = new Sequential(
      conv(1, 2),
      new MaxUnpool2d(2, new Sequential(conv(2, 3), new ReLU(), new MaxUnpool2d(2, conv(3, 3)), conv(3, 2))),
      conv(2, 1),
    );
    expect(model.outputShape([4, 1, 9, 6])).toEqual([4, 1, 9, 6]);
    expect(model.namedParameters().map(([name]) => name)).toContain("1.body.2.body.weight");
    expect(gradCheck(model, randn([2, 1, 9, 6], { seed: 4 })).ok).toBe(true);
  });

  it("says what it holds", () => {
    expect(new MaxUnpool2d(2, new Tanh(), { stride: 3 }).describe()).toBe(
      "MaxUnpool2d([2, 2], Tanh(), { stride: [3, 3] })",
    );
    expect(new MaxUnpool2d(2, new Tanh()).config()).toEqual({
      type: "MaxUnpool2d",
      args: [[2, 2], { type: "Tanh", args: [] }],
      options: { stride: [2, 2], padding: [0, 0] },
    });
  });
});
