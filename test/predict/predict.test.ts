// handgrad/predict: every layer of the package, as loadModel of handgrad/io has it, with the same bits; and what it says of files
// that are none. The built entry, whose kernels are other modules, is tested in test/package/check.mjs.
import { describe, expect, it } from "vitest";
import { loadModel as loadWhole, saveModel } from "../../src/entries/io.js";
import { kit, loadModel } from "../../src/entries/predict.js";
import * as core from "../../src/index.js";
import { KIT_NAMES, commonMakers } from "../../src/predict/table.js";
import { LAYER_ROWS, titleOf } from "../support/layers.js";

const { Conv2d, Flatten, Graph, LAYERS, Linear, MaxPool2d, ReLU, Sequential, manualSeed, randn, zeros } = core;

/** A model with other numbers than those that it starts with, running statistics too. */
function disturbed(model: core.Sequential): core.Sequential {
  for (const { value } of model.parameters()) value.data.set(randn(value.shape, { seed: value.size }).data);
  for (const [name, { data }] of Object.entries(model.stateDict())) {
    if (name.endsWith("running_var")) data.forEach((_, i) => (data[i] = 0.5 + (i % 3)));
    if (name.endsWith("running_mean")) data.forEach((_, i) => (data[i] = (i % 5) - 2));
  }
  return model;
}

describe("The table", () => {
  it("has every layer of the package, and the kit those that it names", () => {
    expect(Object.keys({ ...commonMakers(), ...kit.makers }).sort()).toEqual(Object.keys(LAYERS).sort());
    expect(Object.keys(kit.makers)).toEqual(KIT_NAMES.split(" "));
  });
});

describe("A prediction has the bits of the whole model's", () => {
  it.each(LAYER_ROWS.map((row) => [titleOf(row), row] as const))("with %s", (_, row) => {
    manualSeed(7);
    const model = disturbed(new Sequential(["a", row.make()]));
    const bytes = saveModel(model);
    const [whole, lean] = [loadWhole(bytes), loadModel(bytes, { layers: kit })];
    for (const rows of [row.input[0], 1, 3]) {
      const x = randn([rows, ...row.input.slice(1)], { seed: rows });
      const [wanted, got] = [whole.predict(x), lean.predict(x)];
      expect(got.shape).toEqual(wanted.shape);
      expect(got.data).toEqual(wanted.data);
    }
  });

  it("with a model of several, whatever came before, and its result stays what it is", () => {
    manualSeed(3);
    const model = disturbed(
      new Sequential(
        ...[new Conv2d(3, 8, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new core.Dropout(0.5)],
        new core.Residual(new Sequential(new Conv2d(8, 8, 3, { padding: 1 }), new ReLU()), new Conv2d(8, 8, 1)),
        new core.Parallel([new Conv2d(8, 2, 1), ["pool", new core.AvgPool2d(3, { stride: 1, padding: 1 })]]),
        ...[new Flatten(), new Linear(10 * 36, 5), new core.Softmax()],
      ),
    );
    const lean = loadModel(saveModel(model));
    const first = lean.predict(randn([2, 3, 12, 12], { seed: 1 }));
    const kept = first.data.slice();
    for (const n of [1, 5, 2]) {
      const x = randn([n, 3, 12, 12], { seed: n });
      expect(lean.predict({ data: x.data, shape: x.shape }).data).toEqual(model.predict(x).data);
    }
    expect(first.data).toEqual(kept);
  });

  it("with shared parameters and graphs inside graphs", () => {
    const tied = new Sequential(new Linear(4, 4), new core.Tanh(), new Linear(4, 4));
    (tied.get(2) as core.Linear).weight = (tied.get(0) as core.Linear).weight;
    const inner = new Graph([["l", new Linear(4, 4), "x"], ["r", new ReLU(), "x"]], { outputs: ["l", "r"] }); // prettier-ignore
    const outer = new Graph([["two", inner, "x"], ["sum", new core.Subtract(), "two.l", "two.r"]]); // prettier-ignore
    const model = disturbed(new Sequential(tied, outer));
    const x = randn([3, 4], { seed: 5 });
    expect(loadModel(saveModel(model)).predict(x).data).toEqual(model.predict(x).data);
  });
});

describe("What a file says", () => {
  const model = new Sequential(new Flatten(), new Linear(4, 2));
  const bytes = saveModel(model, {
    input: { shape: [1, 2, 2], mean: 0.5 },
    classes: ["a", "b"],
    metadata: { by: "me" },
  });

  it("is there to read", () => {
    const { input, classes, metadata } = loadModel(bytes);
    const whole = loadWhole(bytes);
    expect({ input, classes, metadata }).toEqual({
      input: whole.input,
      classes: whole.classes,
      metadata: { by: "me" },
    });
  });

  it("is held against the input", () => {
    const lean = loadModel(bytes);
    expect(() => lean.predict(zeros([1, 1, 2, 3]))).toThrow("predict: expected input [N, 1, 2, 2], got [1, 1, 2, 3]");
    expect(() => lean.predict({ data: new Float32Array(3), shape: [1, 1, 2, 2] })).toThrow(
      "predict: expected a shape of 3 numbers, got [1, 1, 2, 2].",
    );
    expect(() => lean.predict([1, 2] as never)).toThrow(
      "predict: expected a Tensor, or { data, shape } with a Float32Array",
    );
  });
});

/** The same file with other numbers, texts or architecture, and a checksum that fits nothing. */
function changed(bytes: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = change(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const header = new TextEncoder().encode(text.padEnd(length));
  const file = new Uint8Array(8 + header.length + bytes.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(bytes.subarray(8 + length), 8 + header.length);
  return file;
}

describe("Errors", () => {
  const bytes = saveModel(new Sequential(["conv", new Conv2d(3, 4, 3)], new core.BatchNorm2d(4)));

  it("name the kit where it is missing", () => {
    expect(() => loadModel(bytes)).toThrow(
      'loadModel: expected the kit for layer 1, a BatchNorm2d, got no kit (import { kit } from "handgrad/predict" and give { layers: kit }).',
    );
    expect(() => loadModel(bytes, { layers: {} } as never)).toThrow("expected layers to be kit of handgrad/predict");
    expect(() => loadModel(bytes, { layer: kit } as never)).toThrow(core.ArgumentError);
  });

  it("say which layer does not take its input", () => {
    const lean = loadModel(bytes, { layers: kit });
    expect(() => lean.predict(zeros([1, 1, 8, 8]))).toThrow(
      "conv Conv2d: expected input [N, 3, H, W], got [1, 1, 8, 8]",
    );
    expect(() => lean.predict(zeros([1, 3, 2, 2]))).toThrow(core.ShapeError);
    expect(lean.predict(zeros([1, 3, 4, 4])).shape).toEqual([1, 4, 2, 2]);
  });

  it("find every flipped byte, and bytes that are no model file", () => {
    for (let i = 0; i < bytes.length; i += 7) {
      const file = bytes.slice();
      file[i] ^= 1 << (i % 8);
      if (file.every((byte, k) => byte === bytes[k])) continue;
      expect(() => loadModel(file, { layers: kit }), `byte ${i}`).toThrow(core.FormatError);
    }
    for (const other of [new Uint8Array(0), new Uint8Array(9), new TextEncoder().encode("<!doctype html>")]) {
      expect(() => loadModel(other)).toThrow("loadModel: expected a model file of saveModel, got");
    }
    for (let end = 0; end < bytes.length; end += 41)
      expect(() => loadModel(bytes.slice(0, end))).toThrow(core.FormatError);
    expect(() => loadModel("file" as never)).toThrow("loadModel: expected bytes");
  });

  it("refuse tensors that lie outside of the file, before the checksum is asked", () => {
    const outside = changed(bytes, (text) => text.replace(/"data_offsets":\[0,\d+\]/, '"data_offsets":[0,9999999]'));
    expect(() => loadModel(outside, { layers: kit })).toThrow("whole, got bytes [0, 9999999]");
  });
});
