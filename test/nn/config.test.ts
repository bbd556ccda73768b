// config(): every layer as plain JSON from which the same layer is built.
import { describe, expect, it } from "vitest";
import * as handgrad from "../../src/index.js";
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  Dropout2d,
  Flatten,
  Layer,
  Linear,
  LogSoftmax,
  MaxPool2d,
} from "../../src/index.js";
import { ReLU, Sequential, Sigmoid, Softmax, Tanh, Tensor, type LayerConfig } from "../../src/index.js";

const rebuild = ({ type, args, options }: LayerConfig): Layer => {
  const Class = (handgrad as unknown as Record<string, new (...args: unknown[]) => Layer>)[type];
  return options === undefined ? new Class(...args) : new Class(...args, options);
};

describe("config", () => {
  const layers: Layer[] = [
    new Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 0, 2, 1], dilation: 2, groups: 2, bias: false }),
    new Conv2d(1, 2, 3, { padding: "same", paddingMode: "reflect" }),
    new Linear(3, 5, { bias: false }),
    new MaxPool2d([3, 2], { stride: 1, padding: 1, dilation: 2, ceilMode: true, returnIndices: true }),
    new AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false, divisorOverride: 5 }),
    new AvgPool2d(2),
    new Dropout(0.3),
    new Dropout2d(0.25),
    new Flatten({ startDim: 2, endDim: 3 }),
    new ReLU(),
    new Sigmoid(),
    new Tanh(),
    new Softmax({ dim: -1 }),
    new LogSoftmax(),
  ];

  it.each(layers.map((layer) => [layer.describe(), layer] as const))("%s is built again from JSON", (_, layer) => {
    const json = JSON.parse(JSON.stringify(layer.config())) as LayerConfig;
    const again = rebuild(json);
    expect(again.config()).toEqual(layer.config());
    expect(again.describe()).toBe(layer.describe());
    expect(again.parameters().map(({ shape }) => shape)).toEqual(layer.parameters().map(({ shape }) => shape));
  });

  it("of a Sequential holds its layers by name", () => {
    const model = new Sequential(["first", new Linear(3, 2)], new ReLU());
    expect(model.config()).toEqual({
      type: "Sequential",
      args: [
        ["first", { type: "Linear", args: [3, 2], options: { bias: true } }],
        ["1", { type: "ReLU", args: [] }],
      ],
    });
  });

  it("is asked for, with the place, where a layer does not say it", () => {
    class Twice extends Layer {
      forward(x: Tensor): Tensor {
        return x;
      }
      backward(dy: Tensor): Tensor {
        return dy;
      }
    }
    expect(() => new Sequential(new ReLU(), new Twice()).config()).toThrow(
      "1 Twice: expected a layer that can be written down, got a class without a config() of its own " +
        "(give it one that returns { type, args, options }).",
    );
  });
});
