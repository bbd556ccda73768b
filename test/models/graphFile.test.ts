// Model files of graphs: named inputs and outputs come back, and an app gives and gets them by name.
import { describe, expect, it } from "vitest";
import { loadModel, saveModel } from "../../src/entries/io.js";
import {
  Add, ArgumentError, Concat, Conv2d, Flatten, Graph, Linear, ReLU, Residual, Sequential, ShapeError, Softmax, Tensor, manualSeed,
  randn, type Layer,
} from "../../src/index.js"; // prettier-ignore
import { throwsExactly } from "../support/errors.js";

function twoEnds(): Graph<"picture" | "sound", "kind" | "size"> {
  manualSeed(3);
  return new Graph(
    [
      ["eye", new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten()), "picture"],
      ["both", new Concat(), "eye", "sound"],
      ["kind", new Linear(2 * 4 * 2 + 3, 4), "both"],
      ["size", new Linear(2 * 4 * 2 + 3, 1), "both"],
    ],
    { inputs: ["picture", "sound"], outputs: ["kind", "size"] },
  );
}

function oneEnd(last: Layer = new Softmax()): Graph {
  manualSeed(5);
  return new Graph([
    ["conv", new Conv2d(1, 1, 3, { padding: 1 })],
    ["sum", new Add(), "x", "conv"],
    ["flat", new Flatten()],
    ["head", new Sequential(new Linear(12, 3), last)],
  ]);
}

const inputs = { picture: randn([2, 1, 6, 4], { seed: 1 }), sound: randn([2, 3], { seed: 2 }) };

describe("A model file of a graph", () => {
  it("brings back inputs, outputs, names and bits, and predicts by name", () => {
    const net = twoEnds();
    const loaded = loadModel(saveModel(net, { metadata: { author: "Ada" } }));
    expect(loaded.model).toBeInstanceOf(Graph);
    expect((loaded.model as Graph).inputs).toEqual(["picture", "sound"]);
    expect((loaded.model as Graph).outputs).toEqual(["kind", "size"]);
    expect(loaded.model.describe()).toBe(net.describe());
    expect(Object.keys(loaded.model.stateDict())).toEqual(Object.keys(net.stateDict()));
    const [ours, theirs] = [net.predict(inputs), loaded.predict(inputs)];
    expect(Object.keys(theirs)).toEqual(["kind", "size"]);
    expect([theirs.kind.data, theirs.size.data]).toEqual([ours.kind.data, ours.size.data]);
    expect([...saveModel(loaded.model, { metadata: { author: "Ada" } })]).toEqual([
      ...saveModel(net, { metadata: { author: "Ada" } }),
    ]);
  });

  it("with one input and output is used as any other: tensors, pixels, classes", () => {
    const net = oneEnd();
    const loaded = loadModel(saveModel(net, { input: { shape: [1, 3, 4] }, classes: ["a", "b", "c"] }));
    const x = randn([1, 1, 3, 4], { seed: 4 });
    expect(loaded.predict(x).data).toEqual(net.predict(x).data);
    const sum = loaded.classify(x).reduce((total, { probability }) => total + probability, 0);
    expect(sum).toBeCloseTo(1, 6); // the Softmax inside is not applied twice
    expect(loaded.classify(x)[0].probability).toBe(Math.max(...net.predict(x).data));
    const image = { data: new Uint8ClampedArray(48).fill(255), width: 4, height: 3 };
    expect(loaded.predict({ x: image }).head.data).toEqual(loaded.predict(image).data);
  });

  it("trains on", () => {
    const { model } = loadModel(saveModel(oneEnd(new ReLU())));
    const x = randn([2, 1, 3, 4], { seed: 4 });
    const dx: Tensor = model.backward(model.forward(x));
    expect(dx.shape).toEqual(x.shape);
  });

  it("refuses a spec or classes that would be of several", () => {
    throwsExactly(
      () => saveModel(twoEnds(), { input: { shape: [1, 6, 4] } }),
      ArgumentError,
      "saveModel: expected no input spec for a graph with 2 inputs, got one (picture, sound: metadata can tell of each).",
    );
    throwsExactly(
      () => saveModel(twoEnds(), { classes: ["a", "b", "c", "d"] }),
      ArgumentError,
      "saveModel: expected no class names for a graph with 2 outputs, got one (kind, size: metadata can tell of each).",
    );
    throwsExactly(
      () => saveModel(new Residual(new ReLU()) as unknown as Graph),
      ArgumentError,
      'saveModel: expected a Sequential or a Graph, got an object (Residual) (wrap it: new Sequential(["net", model])).',
    );
    expect(() => saveModel(oneEnd(), { input: { shape: [1, 3, 5] } })).toThrow(ShapeError);
    expect(() => saveModel(oneEnd(), { input: { shape: [1, 3, 4] }, classes: ["a"] })).toThrow(ArgumentError);
  });

  it("says which input is wrong", () => {
    const loaded = loadModel(saveModel(twoEnds()));
    const image = { data: new Uint8ClampedArray(96), width: 4, height: 6 };
    throwsExactly(
      () => loaded.predict({ ...inputs, picture: image }),
      ArgumentError,
      "picture LoadedModel.predict: expected a Tensor, got an image for a model without an input spec (give one to saveModel: " +
        "{ input: { shape: [C, H, W] } }).",
    );
    expect(() => loaded.predict({ picture: inputs.picture })).toThrow(ArgumentError);
    expect(() => loaded.predict(inputs.sound)).toThrow(ArgumentError);
    expect(() => loaded.classify(inputs.sound.slice([0, 1]))).toThrow(ArgumentError);
  });
});
