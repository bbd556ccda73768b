// The networks of handgrad/models to ONNX and back, and what PyTorch's exporter makes of channels that are split and shuffled.
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { exportOnnx, importOnnx } from "../../src/entries/onnx.js";
import { FormatError, ReLU, Slice, Tanh, add, concat, type Shape } from "../../src/index.js";
import type { NodeDraft, TensorDraft } from "../../src/onnx/schema.js";
import { expectClose } from "../support/close.js";
import { ints, node, onnxFile } from "../support/onnxFiles.js";
import { open, run, type Runtime } from "../support/onnxRuntime.js";
import { drawn, fillByFormula } from "./zooFormula.js";
import { buildNetwork } from "./zooNetworks.js";

ort.env.wasm.numThreads = 1;
const runtime: Runtime = ort;

const cases: readonly (readonly [name: string, options: Readonly<Record<string, unknown>>, shape: Shape])[] = [
  ["lenet5", {}, [2, 1, 28, 28]],
  ["autoencoder", { imageSize: 12, codeSize: 3 }, [2, 1, 12, 12]],
  ["unet", { width: 4, depth: 2 }, [2, 1, 16, 8]],
  ["resnet20", {}, [2, 3, 16, 16]],
  ["squeezenet1_1", { numClasses: 10 }, [2, 3, 33, 33]],
  ["mobilenetV2", { numClasses: 10, widthMult: 0.35 }, [2, 3, 32, 32]],
  ["shufflenetV2x0_5", { numClasses: 10 }, [2, 3, 32, 32]],
  ["densenet121", { numClasses: 10 }, [2, 3, 32, 32]],
];

describe("A network of handgrad/models", () => {
  it.each(cases)("%s computes the same in ONNX Runtime, and comes back", async (name, options, shape) => {
    const model = buildNetwork(name, options);
    fillByFormula(model);
    const x = drawn("input", shape);
    const y = model.predict(x);
    const bound = 3e-5 * y.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const bytes = exportOnnx(model, shape.slice(1));
    const session = await open(runtime, bytes);
    const theirs = await run(runtime, session, x);
    await session.release();
    expect(theirs.shape).toEqual(y.shape);
    expectClose(theirs.data, y.data, bound, { name: "ONNX Runtime" });
    const back = importOnnx(bytes).model;
    expectClose(back.predict(x).data, y.data, bound, { name: "imported" });
    expect(back.outputShape(shape)).toEqual(y.shape);
  });
});

describe("Split", () => {
  const file = (attributes: object, weights: readonly TensorDraft[], opset: number, outputs = ["a", "b"]): Uint8Array =>
    onnxFile({
      nodes: [
        node(
          "Split",
          { axis: 1, ...attributes },
          { input: ["x", ...weights.map(({ name = "" }) => name)], output: outputs },
        ),
        node("Relu", {}, { name: "bent", input: ["a"], output: ["bent"] }),
        node("Concat", { axis: 1 }, { input: ["b", "bent"] }),
      ],
      ...{ weights, opset, inputShape: [5, 2, 2], outputRank: 4 },
    });

  it.each<[string, object, readonly TensorDraft[], number, number]>([
    ["sizes as an attribute", { split: [2, 3] }, [], 11, 2],
    ["sizes as an input", {}, [ints("sizes", [4, 1])], 13, 4],
    ["a number of parts of one size but for the last", { num_outputs: 2 }, [], 18, 3],
  ])("with %s becomes Slice layers", (_, attributes, weights, opset, first) => {
    const { model } = importOnnx(file(attributes, weights, opset));
    const x = drawn("input", [2, 5, 2, 2]);
    const [a, b] = [x.slice(null, [0, first]), x.slice(null, [first, 5])];
    expect(model.predict(x).data).toEqual(concat([b, new ReLU().predict(a)], 1).data);
  });

  it("that cannot be is refused", () => {
    expect(() => importOnnx(file({}, [ints("sizes", [4, 2])], 13))).toThrow(
      'importOnnx: node "the_Split" (Split): expected 2 parts that make up 5, got [4, 2].',
    );
    expect(() => importOnnx(file({ axis: 0 }, [ints("sizes", [1, 1])], 13))).toThrow(FormatError);
  });
});

describe("A Slice of channels", () => {
  it("that reads another one, and one that is the output, are layers; steps other than 1 are refused", () => {
    const bounds = [ints("one", [1]), ints("four", [4]), ints("last", [-1]), ints("axis", [1]), ints("two", [2])];
    const cut = (input: readonly string[], output: string): NodeDraft =>
      node("Slice", {}, { name: output, input, output: [output] });
    const nodes = [cut(["x", "one", "four", "axis"], "a"), cut(["a", "one", "last", "axis"], "y")];
    const { model } = importOnnx(onnxFile({ nodes, weights: bounds, inputShape: [5, 2, 2], outputRank: 4 }));
    const x = drawn("input", [2, 5, 2, 2]);
    expect(model.predict(x).data).toEqual(x.slice(null, [2, 3]).data);
    const stepped = [cut(["x", "one", "four", "axis", "two"], "y")];
    expect(() =>
      importOnnx(onnxFile({ nodes: stepped, weights: bounds, inputShape: [5, 2, 2], outputRank: 4 })),
    ).toThrow(/expected a slice of step 1 of channels, rows or columns, got axis 1, step 2/);
  });

  it("that several nodes read stays one layer", () => {
    const bounds = [ints("one", [1]), ints("three", [3]), ints("axis", [1])];
    const nodes = [
      node("Slice", {}, { input: ["x", "one", "three", "axis"], output: ["a"] }),
      node("Tanh", {}, { input: ["a"], output: ["b"] }),
      node("Add", {}, { input: ["a", "b"] }),
    ];
    const { model } = importOnnx(onnxFile({ nodes, weights: bounds, inputShape: [4, 2, 2], outputRank: 4 }));
    const x = drawn("input", [2, 4, 2, 2]);
    const a = x.slice(null, [1, 3]);
    expectClose(model.predict(x).data, add(a, new Tanh().predict(a)).data, 0);
    expect([...model.layers()].filter((layer) => layer instanceof Slice).length).toBe(1);
  });
});

describe("Channels that PyTorch splits and shuffles", () => {
  const folder = new URL("../fixtures/onnx/", import.meta.url);
  const { y } = JSON.parse(readFileSync(new URL("torch-shuffle.json", folder), "utf8")) as { y: number[] };

  it.each([11, 13, 16])("are read from a file of opset %i: Slice, Concat and ChannelShuffle", (opset) => {
    const { model } = importOnnx(readFileSync(new URL(`torch-shuffle-opset_${opset}.onnx`, folder)));
    const types = [...model.layers()].map((layer) => layer.config().type);
    expect(types.filter((type) => type === "ChannelShuffle").length).toBe(3);
    expect(types.filter((type) => type === "Slice").length).toBe(4);
    const got = model.predict(drawn("input", [2, 3, 9, 8]));
    expect(got.shape).toEqual([2, 6, 4, 3]);
    expectClose(got.data, Float64Array.from(y), 2e-6 * Math.max(...y.map(Math.abs)), { name: `opset ${opset}` });
  });
});
