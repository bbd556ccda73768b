// A ReLU and a max pooling behind it trade places: the same bits as the layers one by one in the order in which they stand.
import { describe, expect, it } from "vitest";
import { MaxPool2d, type MaxPool2dLayerOptions } from "../../src/nn/pool/maxpool2d.js";
import type { Layer } from "../../src/nn/layer.js";
import { detectAnomaly } from "../../src/nn/anomaly.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { runOrder, type NamedLayer } from "../../src/nn/runOrder.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { Tanh } from "../../src/nn/activation/tanh.js";
import { Generator } from "../../src/numbers/random.js";
import { Tensor } from "../../src/base/tensor.js";
import { onEachBackend } from "../support/backends.js";

const bits = (x: Tensor): string[] =>
  Array.from(x.data, (value) => (Number.isNaN(value) ? "NaN" : Object.is(value, -0) ? "-0" : String(value)));

// Few different numbers, so that windows tie, are all negative, or hold zeros of both signs, infinities and NaN.
const FINITE = [-2, -1, -1, -0.5, -0, 0, 0, 0.5, 1, 1, 3];
const ANY = [...FINITE, Infinity, -Infinity, NaN];

function draw(generator: Generator, shape: readonly number[], from: readonly number[]): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = Array.from({ length: size }, () => from[Math.floor(generator.uniform() * from.length)]);
  return new Tensor(new Float32Array(values), shape);
}

const POOLS: readonly [number | [number, number], MaxPool2dLayerOptions][] = [
  [2, {}],
  [2, { stride: 2, padding: 1 }],
  [2, { stride: 1 }],
  [3, { stride: 2, padding: 1 }],
  [3, { stride: 1, padding: 1 }],
  [[3, 2], { stride: [1, 2], dilation: [2, 1] }],
  [2, { stride: 2, ceilMode: true }],
];

describe("the order in which layers are run", () => {
  onEachBackend(() => {
    it("gives the bits of the layers one by one, forth, back and in a prediction", () => {
      const generator = new Generator("draw", { seed: 5 });
      for (const [kernelSize, options] of POOLS) {
        for (const from of [FINITE, ANY, [-3, -2, -1], [0, -0], [NaN, -1]]) {
          const x = draw(generator, [3, 2, 7, 9], from);
          const [relu, pool] = [new ReLU(), new MaxPool2d(kernelSize, options)];
          const y = pool.forward(relu.forward(x));
          const dy = draw(generator, y.shape, ANY);
          const dx = relu.backward(pool.backward(dy));

          const model = new Sequential(new ReLU(), new MaxPool2d(kernelSize, options));
          expect(bits(model.forward(x))).toEqual(bits(y));
          expect(bits(model.backward(dy))).toEqual(bits(dx));
          expect(bits(model.predict(x))).toEqual(bits(y));
        }
      }
    });
  });

  const orderOf = (...layers: Layer[]): string[] => {
    const named = layers.map((layer, i): NamedLayer => [String(i), layer]);
    return runOrder(named).map(([name]) => name);
  };

  it("trades a ReLU and the max pooling right behind it, wherever they stand", () => {
    expect(orderOf(new Tanh(), new ReLU(), new MaxPool2d(2), new ReLU(), new MaxPool2d(2))).toEqual([
      ...["0", "2", "1", "4", "3"],
    ]);
    expect(orderOf(new ReLU(), new ReLU(), new MaxPool2d(2))).toEqual(["0", "2", "1"]);
    expect(orderOf(new MaxPool2d(2), new ReLU())).toEqual(["0", "1"]);
    expect(orderOf(new Tanh(), new MaxPool2d(2))).toEqual(["0", "1"]);
  });

  it("leaves a pooling whose places are read where it stands: of a window of zeros it tells another one", () => {
    expect(orderOf(new ReLU(), new MaxPool2d(2, { returnIndices: true }))).toEqual(["0", "1"]);
    const pool = new MaxPool2d(2, { returnIndices: true });
    new Sequential(new ReLU(), pool).forward(new Tensor([[[[-2, -1], [-4, -3]]]])); // prettier-ignore
    expect(pool.indices).toEqual(new Int32Array([0]));
  });

  it("leaves layers from elsewhere, and layers whose functions were replaced, where they stand", () => {
    const seen: (readonly number[])[] = [];
    class Watched extends ReLU {
      override forward(x: Tensor): Tensor {
        seen.push(x.shape);
        return super.forward(x);
      }
    }
    const x = new Tensor(new Float32Array(16).fill(1), [1, 1, 4, 4]);
    new Sequential(new Watched(), new MaxPool2d(2)).forward(x);
    const relu = new ReLU();
    const forward = relu.forward.bind(relu);
    relu.forward = (input) => (seen.push(input.shape), forward(input));
    new Sequential(relu, new MaxPool2d(2)).forward(x);
    expect(seen).toEqual([x.shape, x.shape]);
  });

  it("lets a forward be watched whose backward is not", () => {
    const model = new Sequential(new ReLU(), new MaxPool2d(2));
    const x = new Tensor([[[[-2, 1], [4, 3]]]]); // prettier-ignore
    detectAnomaly(model, () => model.forward(x));
    expect(model.backward(new Tensor([[[[5]]]])).toArray()).toEqual([[[[0, 0], [5, 0]]]]); // prettier-ignore
    model.forward(x);
    const dx = detectAnomaly(model, () => model.backward(new Tensor([[[[5]]]])));
    expect(dx.toArray()).toEqual([[[[0, 0], [5, 0]]]]); // prettier-ignore
  });
});
