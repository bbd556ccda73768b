// Weights are kept in the kernels' form between predictions: whoever writes into them in whatever way, the next pass sees it.
import { describe, expect, it } from "vitest";
import { Conv2d, Sequential, Tensor, conv2d, manualSeed, randn, zeros } from "../../src/index.js";

const x = randn([2, 16, 12, 12], { seed: 1 });

function build(): { model: Sequential; layer: Conv2d } {
  manualSeed(5);
  const layer = new Conv2d(16, 20, 3, { padding: 1 });
  return { model: new Sequential(layer), layer };
}

/** What a convolution with these weights gives when nothing is kept: the weights are a copy outside kernel memory. */
const expected = (layer: Conv2d, input: Tensor): Float32Array =>
  conv2d(input, layer.weight.value.clone(), layer.bias?.value.clone() ?? null, { padding: 1 }).data;

describe("a prediction", () => {
  it("sees a weight that was written through its data", () => {
    const { model, layer } = build();
    model.predict(x);
    const { data } = layer.weight.value;
    for (const place of [0, 1, 63, data.length - 1]) {
      data[place] += 1;
      expect(model.predict(x).data).toEqual(expected(layer, x));
    }
  });

  it("sees weights that were assigned, loaded, or drawn anew", () => {
    const { model, layer } = build();
    model.predict(x);
    layer.weight.value = randn(layer.weight.shape, { seed: 2 });
    expect(model.predict(x).data).toEqual(expected(layer, x));
    model.loadStateDict({ "0.weight": randn(layer.weight.shape, { seed: 3 }), "0.bias": zeros([20]) });
    expect(model.predict(x).data).toEqual(expected(layer, x));
    layer.weight.initialize((value) => void value.data.fill(0.25));
    expect(model.predict(x).data).toEqual(expected(layer, x));
  });

  it("tells -0 from 0 and one NaN from another only by their bits, and stays right", () => {
    const { model, layer } = build();
    const { data } = layer.weight.value;
    data.fill(0);
    expect(model.predict(x).data).toEqual(expected(layer, x));
    data.fill(-0);
    expect(model.predict(x).data).toEqual(expected(layer, x));
    data[7] = NaN;
    expect(model.predict(x).data).toEqual(expected(layer, x));
    data[7] = 1;
    expect(model.predict(x).data).toEqual(expected(layer, x));
  });

  it("is right for images of two sizes in turn", () => {
    const { model, layer } = build();
    const other = randn([1, 16, 7, 9], { seed: 4 });
    for (let i = 0; i < 3; i++) {
      expect(model.predict(x).data).toEqual(expected(layer, x));
      expect(model.predict(other).data).toEqual(expected(layer, other));
    }
  });

  it("is right after many models have come and gone", () => {
    for (let i = 0; i < 60; i++) {
      manualSeed(i);
      const layer = new Conv2d(16, 20, 3, { padding: 1 });
      expect(new Sequential(layer).predict(x).data).toEqual(expected(layer, x));
    }
  });
});
