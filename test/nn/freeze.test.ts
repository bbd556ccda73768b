// Frozen parameters: no gradient is computed or added for them, and a backward stops where nothing below learns.
import { describe, expect, it, vi } from "vitest";
import { wasm } from "../../src/backend/wasm/backend.js";
import { Adam, ArgumentError, Conv2d, Flatten, Layer, Linear, ReLU, SGD, Sequential, Tensor, manualSeed, multiply, ones, randn } from "../../src/index.js"; // prettier-ignore
import { throwsExactly } from "../support/errors.js";

function network(): Sequential {
  manualSeed(1);
  return new Sequential(
    ["backbone", new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Conv2d(2, 3, 3), new ReLU())],
    ["flat", new Flatten()],
    ["head", new Linear(12, 4)],
  );
}

const x = randn([5, 1, 6, 6], { seed: 3 });
const dy = randn([5, 4], { seed: 4 });

describe("A frozen part", () => {
  it("gets no gradients, and the others are those of the free model", () => {
    const [free, frozen] = [network(), network()];
    expect(frozen.get("backbone").freeze()).toBe(frozen.get("backbone"));
    for (const model of [free, frozen]) {
      model.forward(x);
      model.backward(dy, { inputGrad: false });
    }
    expect(frozen.namedParameters().map(([name, { requiresGrad, hasGrad }]) => [name, requiresGrad, hasGrad])).toEqual([
      ["backbone.0.weight", false, false],
      ["backbone.0.bias", false, false],
      ["backbone.2.weight", false, false],
      ["backbone.2.bias", false, false],
      ["head.weight", true, true],
      ["head.bias", true, true],
    ]);
    const gradOf = (model: Sequential): unknown => (model.get("head") as Linear).weight.grad.toArray();
    expect(gradOf(frozen)).toEqual(gradOf(free));
  });

  it("still hands the input's gradient through when that is wanted", () => {
    const [free, frozen] = [network(), network().freeze()];
    const gradients = [free, frozen].map((model) => {
      model.forward(x);
      return model.backward(dy).toArray();
    });
    expect(gradients[1]).toEqual(gradients[0]);
    expect(frozen.parameters().every(({ hasGrad }) => !hasGrad)).toBe(true);
  });

  it("ends the backward: no kernel runs below the lowest parameter that learns", () => {
    const weightGrads = vi.spyOn(wasm.kernels, "conv2dWeightGrad");
    const inputGrads = vi.spyOn(wasm.kernels, "conv2dInputGrad");
    const model = network();
    const pass = (): number[] => {
      weightGrads.mockClear();
      inputGrads.mockClear();
      model.forward(x);
      model.backward(dy, { inputGrad: false });
      return [weightGrads.mock.calls.length, inputGrads.mock.calls.length];
    };
    expect(pass()).toEqual([2, 1]);
    model.get("backbone").freeze();
    expect(pass()).toEqual([0, 0]);
    model.get("backbone").unfreeze();
    expect(pass()).toEqual([2, 1]);
    const [first] = model.parameters();
    first.requiresGrad = false; // its bias still learns
    expect(pass()).toEqual([1, 1]);
    vi.restoreAllMocks();
  });

  it("runs the layers of a user's own that have no parameters: they may have a use of their own", () => {
    const calls: string[] = [];
    const spy = {
      forward: (input: Tensor) => multiply(input, 1),
      backward: (gradient: Tensor) => (calls.push("backward"), gradient),
    };
    const model = new Sequential(new Linear(2, 2), spy, new Linear(2, 2)).freeze();
    model.forward(ones([1, 2]));
    model.backward(ones([1, 2]), { inputGrad: false });
    expect(calls).toEqual(["backward"]);
  });

  it("is left alone by optimizers, also with a gradient from before", () => {
    const model = network();
    model.forward(x);
    model.backward(dy);
    model.get("backbone").freeze();
    const before = model.parameters().map(({ value }) => value.toArray());
    new SGD(model.parameters(), { lr: 0.1, weightDecay: 0.1 }).step();
    new Adam(model.parameters(), { weightDecay: 0.1 }).step();
    const same = model
      .parameters()
      .map(({ value }, i) => JSON.stringify(value.toArray()) === JSON.stringify(before[i]));
    expect(same).toEqual([true, true, true, true, false, false]);
  });

  it("wants true or false", () => {
    const { weight } = new Linear(1, 1);
    throwsExactly(
      () => (weight.requiresGrad = 0 as never),
      ArgumentError,
      "Parameter: expected requiresGrad to be true or false, got 0.",
    );
    expect(weight.requiresGrad).toBe(true);
  });

  it("of a layer of the user's own is its own matter, but it may ask", () => {
    class Scale extends Layer<Tensor> {
      readonly inner = new Linear(2, 2);
      forward(input: Tensor): Tensor {
        return this.inner.forward(input);
      }
      backward(gradient: Tensor): Tensor {
        return this.inner.backward(gradient);
      }
    }
    const model = new Sequential(new Scale().freeze(), new Linear(2, 1));
    model.forward(ones([1, 2]));
    model.backward(ones([1, 1]), { inputGrad: false });
    expect(model.parameters().map(({ hasGrad }) => hasGrad)).toEqual([false, false, true, true]);
  });
});
