import { READS } from "../../src/onnx/operators/list.js";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError } from "../../src/base/errors.js";
import type { NodeDraft } from "../../src/onnx/schema.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Linear } from "../../src/nn/linear/linear.js";
import type { Sequential } from "../../src/nn/container/sequential.js";
import { exportOnnx, importOnnx } from "../../src/entries/onnx.js";
import { manualSeed } from "../../src/numbers/random.js";
import { Tensor } from "../../src/base/tensor.js";
import { EPS32, expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { loadFixture } from "../support/fixtures.js";
import { floats, ints, node, onnxFile, type FileParts } from "../support/onnxFiles.js";
import { drawModel, randomOf } from "../support/onnxModels.js";
import { drawInput, largest } from "../support/onnxRuntime.js";

const FIXTURES = new URL("../fixtures/onnx/", import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FIXTURES)));
const RUNS = Number(process.env.FUZZ_RUNS ?? 200);

describe("Networks that PyTorch exported", () => {
  const { cases } = loadFixture("models", "onnx");
  const right = cases.filter(({ name }) => !name.includes("wrongly"));

  it("are there: the lessons', functions, paddings, pools, several opsets and number formats", () => {
    expect(right.length).toBe(18);
  });

  it.each(right)("give PyTorch's outputs under PyTorch's names: $name", ({ options, tensors: { x, y } }) => {
    const { model, inputShape } = importOnnx(read(String(options.file)));
    expect(inputShape).toEqual(options.inputShape);
    expect(Object.keys(model.stateDict())).toEqual(options.names);
    const got = model.predict(new Tensor(x.data as Float32Array, x.shape));
    expect(got.shape).toEqual(y.shape);
    // PyTorch's numbers are float64, so this is our rounding: some hundred terms in the longest sum.
    expectClose(got.data, y.data, 32 * EPS32 * largest(y.data));
  });

  it("work for other batch sizes than the one that a file fixes", () => {
    const { options, tensors } = cases.find(({ name }) => name === "lesson 3, batch size 1")!;
    const { model } = importOnnx(read(String(options.file)));
    const [one, three] = [1, 3].map((count) => model.predict(drawInput([count, 1, 28, 28], 5)));
    expect([...three.data.subarray(0, 10)]).toEqual([...one.data]);
    expect(tensors.x.shape[0]).toBe(1);
  });

  // The Slice of the wrap takes rows -3 to -1 where -2 to the end is meant.
  it("with circular padding, which PyTorch 1.13 exports wrongly, are refused", () => {
    expect(() => importOnnx(read("circular-exported_wrongly.onnx"))).toThrow(
      /^importOnnx: node "\/0\/Concat" \(Concat\): expected a Concat only of an image with its own last and first rows/,
    );
  });
});

describe("What exportOnnx writes", () => {
  it("comes back as the same layers, names and bits, for drawn models", () => {
    const property = fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      manualSeed(seed);
      const { model, inputShape } = drawModel(randomOf(seed));
      const { model: found } = importOnnx(exportOnnx(model, inputShape));
      expect(Object.keys(found.stateDict())).toEqual(Object.keys(model.stateDict()));
      const x = drawInput([2, ...inputShape], seed);
      const [y, expected] = [found.predict(x), model.predict(x)];
      expect(y.shape).toEqual(expected.shape);
      expect(Buffer.compare(Buffer.from(y.data.buffer), Buffer.from(expected.data.buffer))).toBe(0);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

/** The layers of a file of these nodes. */
function layersOf(parts: FileParts): string {
  return importOnnx(onnxFile(parts)).model.describe();
}

const matMul = node("MatMul", {}, { input: ["x", "w"], output: ["m"] });
const weight = floats("w", [3, 2], [1, 2, 3, 4, 5, 6]);

describe("Forms of other exporters", () => {
  it("MatMul and Add are one Linear: [1, 10, 100] times [[1, 2], [3, 4], [5, 6]] plus [0.5, -1] is [531.5, 641]", () => {
    const add = node("Add", {}, { input: ["b", "m"] });
    const file = onnxFile({ nodes: [matMul, add], weights: [weight, floats("b", [1, 2], [0.5, -1])], inputShape: [3] });
    const { model } = importOnnx(file);
    expect(model.describe()).toBe("Sequential(0: Linear(3, 2))");
    expect([...(model.get(0) as Linear).weight.value.data]).toEqual([1, 3, 5, 2, 4, 6]);
    expect([...model.predict(new Tensor([[1, 10, 100]])).data]).toEqual([531.5, 641]);
  });

  it("an Add of [O, 1, 1] behind Conv is its bias", () => {
    const conv = node("Conv", {}, { input: ["x", "w"], output: ["c"] });
    const weights = [floats("w", [2, 1, 1, 1], [1, 2]), floats("b", [2, 1, 1], [10, 20])];
    const { model } = importOnnx(
      onnxFile({ nodes: [conv, node("Add", {}, { input: ["c", "b"] })], weights, inputShape: [1, 1, 2] }),
    );
    expect((model.get(0) as Conv2d).bias).not.toBeNull();
    expect([...model.predict(new Tensor([3, 4], [1, 1, 1, 2])).data]).toEqual([13, 14, 26, 28]);
  });

  it.each<[string, FileParts, string]>([
    [
      "Conv, auto_pad SAME_UPPER",
      conv({ auto_pad: "SAME_UPPER" }),
      'Conv2d(1, 1, [2, 2], { padding: "same", bias: false })',
    ],
    [
      "Conv, auto_pad SAME_LOWER",
      conv({ auto_pad: "SAME_LOWER" }),
      "Conv2d(1, 1, [2, 2], { padding: [1, 0, 1, 0], bias: false })",
    ],
    [
      "ConvTranspose, output_shape with more cut at the beginning",
      {
        nodes: [node("ConvTranspose", { strides: [2, 2], output_shape: [8, 7] }, { input: ["x", "w"] })],
        weights: [
          floats(
            "w",
            [1, 1, 3, 3],
            Array.from({ length: 9 }, () => 1),
          ),
        ],
      },
      "ConvTranspose2d(1, 1, [3, 3], { stride: [2, 2], padding: [1, 1], outputPadding: [1, 0], bias: false })",
    ],
    [
      "InstanceNormalization",
      {
        nodes: [node("InstanceNormalization", { epsilon: { float: 0.01 } }, { input: ["x", "g", "b"] })],
        weights: [floats("g", [1], [2]), floats("b", [1], [3])],
      },
      "InstanceNorm2d(1, { eps: 0.01, affine: true })",
    ],
    [
      "LayerNormalization without a shift",
      {
        nodes: [node("LayerNormalization", { axis: 2 }, { input: ["x", "g"] })],
        weights: [
          floats(
            "g",
            [4, 4],
            Array.from({ length: 16 }, () => 2),
          ),
        ],
      },
      "LayerNorm([4, 4], { bias: false })",
    ],
    ["Conv, pads", conv({ pads: [1, 2, 1, 2] }), "Conv2d(1, 1, [2, 2], { padding: [1, 2], bias: false })"],
    ["Gather, Unsqueeze, Concat, Reshape", viewOf(-1), "Flatten()"],
    ["Reshape to [0, -1]", reshape([0, -1]), "Flatten()"],
    ["Reshape to [-1, 16]", reshape([-1, 16]), "Flatten()"],
    ["Reshape to [0, 0, -1]", reshape([0, 0, -1]), "Flatten({ startDim: 2, endDim: 3 })"],
    ["Reshape to [-1, 4, 4]", reshape([-1, 4, 4]), "Flatten({ endDim: 2 })"],
    ["GlobalAveragePool", { nodes: [node("GlobalAveragePool")] }, "AvgPool2d([4, 4])"],
    ["GlobalMaxPool", { nodes: [node("GlobalMaxPool")] }, "MaxPool2d([4, 4])"],
    ["Dropout with an attribute", { nodes: [node("Dropout", { ratio: { float: 0.25 } })], opset: 10 }, "Dropout(0.25)"],
    [
      "Dropout with an input",
      {
        nodes: [node("Dropout", {}, { input: ["x", "r"], output: ["y", "mask"] })],
        weights: [floats("r", [], [0.75])],
      },
      "Dropout(0.75)",
    ],
    [
      "Softmax of opset 11, last axis",
      { nodes: [node("Softmax", { axis: 1 })], inputShape: [5], opset: 11 },
      "Softmax()",
    ],
    ["Softmax of opset 13", { nodes: [node("Softmax")] }, "Softmax({ dim: -1 })"],
    [
      "MaxPool, strides default to 1",
      { nodes: [node("MaxPool", { kernel_shape: [2, 2] })] },
      "MaxPool2d([2, 2], { stride: [1, 1] })",
    ],
    [
      "Cast and Identity",
      { nodes: [node("Cast", { to: 1 }, { output: ["c"] }), node("Identity", {}, { input: ["c"] })] },
      "",
    ],
  ])("%s", (_title, parts, described) => {
    expect(layersOf(parts).replace(/^Sequential\((0: )?|\)$/g, "")).toBe(described);
  });

  it("leave sizes open: the caller says them", () => {
    const bytes = readFileSync(new URL("average_head.onnx", FIXTURES));
    const open = onnxFile({
      nodes: [node("GlobalAveragePool")],
      inputShape: [2, undefined as never, undefined as never],
    });
    throwsExactly(
      () => importOnnx(open),
      FormatError,
      'importOnnx: input "x": expected a known shape of a sample, got [2, ?, ?] (say it: importOnnx(bytes, { inputShape: [C, H, W] })).',
    );
    expect(importOnnx(open, { inputShape: [2, 5, 6] }).model.describe()).toBe("Sequential(0: AvgPool2d([5, 6]))");
    throwsExactly(
      () => importOnnx(bytes, { inputShape: [1, 6, 6] }),
      ArgumentError,
      'importOnnx: input "x": expected inputShape to fit [1, 6, 5], got [1, 6, 6].',
    );
  });
});

function conv(attributes: Record<string, string | number | number[]>): FileParts {
  return {
    nodes: [node("Conv", attributes, { input: ["x", "w"] })],
    weights: [floats("w", [1, 1, 2, 2], [1, 2, 3, 4])],
  };
}

function reshape(shape: number[]): FileParts {
  return { nodes: [node("Reshape", {}, { input: ["x", "t"] })], weights: [ints("t", shape)] };
}

// x.view(x.size(0), rest)
function viewOf(rest: number): FileParts {
  const nodes = [
    node("Shape", {}, { output: ["s"] }),
    node("Gather", {}, { input: ["s", "zero"], output: ["n"] }),
    node("Unsqueeze", {}, { input: ["n", "zeros"], output: ["u"] }),
    node("Concat", { axis: 0 }, { input: ["u", "rest"], output: ["t"] }),
    node("Reshape", {}, { input: ["x", "t"] }),
  ];
  return { nodes, weights: [ints("zero", [0], []), ints("zeros", [0]), ints("rest", [rest])] };
}

describe("Layers are named", () => {
  const names = (model: Sequential): string[] => [...model.namedChildren()].map(([name]) => name);
  const linear = (name: string, w: string, input: string, output: string): NodeDraft => {
    return node("MatMul", {}, { name, input: [input, w], output: [output] });
  };
  const square = (name: string) => floats(name, [2, 2], [1, 0, 0, 1]);

  it("after their weights, others after their operator in the container of their neighbors", () => {
    const nodes = [
      linear("MatMul_0", "features.0.weight", "x", "a"),
      node("Relu", {}, { name: "Relu_1", input: ["a"], output: ["b"] }),
      linear("MatMul_2", "features.2.weight", "b", "c"),
      node("Relu", {}, { name: "", input: ["c"], output: ["d"] }),
      linear("MatMul_4", "head.weight", "d", "y"),
    ];
    const weights = ["features.0.weight", "features.2.weight", "head.weight"].map(square);
    const { model } = importOnnx(onnxFile({ nodes, weights, inputShape: [2] }));
    expect(names(model)).toEqual(["features", "relu", "head"]);
    expect(names(model.get("features") as Sequential)).toEqual(["0", "relu", "2"]);
    expect(Object.keys(model.stateDict())).toEqual(weights.map(({ name }) => name));
  });

  it("after the scopes of PyTorch's nodes", () => {
    const nodes = [
      linear("/block/block.1/fc/MatMul", "onnx::MatMul_7", "x", "a"),
      node("Relu", {}, { name: "/block/block.2/Relu", input: ["a"], output: ["b"] }),
      node("Tanh", {}, { name: "/Tanh", input: ["b"], output: ["y"] }),
    ];
    const { model } = importOnnx(onnxFile({ nodes, weights: [square("onnx::MatMul_7")], inputShape: [2] }));
    expect(Object.keys(model.stateDict())).toEqual(["block.1.fc.weight"]);
    expect(names(model)).toEqual(["block", "tanh"]);
  });

  it("by their places where names contradict each other", () => {
    const nodes = [
      linear("", "a.0.weight", "x", "p"),
      linear("", "b.weight", "p", "q"),
      linear("", "a.1.weight", "q", "y"),
    ];
    const weights = ["a.0.weight", "b.weight", "a.1.weight"].map(square);
    expect(names(importOnnx(onnxFile({ nodes, weights, inputShape: [2] })).model)).toEqual(["0", "1", "2"]);
  });
});

describe("importOnnx refuses", () => {
  const relu = (input: string, output: string, name = `relu_${output}`) =>
    node("Relu", {}, { name, input: [input], output: [output] });
  const operators = [...READS.keys()].join(", ");
  const gemm = (attributes: Record<string, number | { float: number }>): FileParts => {
    return { nodes: [node("Gemm", attributes, { input: ["x", "w"] })], weights: [weight], inputShape: [3] };
  };
  const pool = (op: string, attributes: Record<string, number | string | number[]>): FileParts => {
    return { nodes: [node(op, { kernel_shape: [2, 2], strides: [2, 2], ...attributes })] };
  };

  it.each<[string, FileParts, string]>([
    [
      "an unknown operator",
      { nodes: [node("LSTM")] },
      `node "the_LSTM" (LSTM): expected one of the operators ${operators}, got LSTM (a recurrent layer: a chain of layers has none).`,
    ],
    [
      "an operator of another domain",
      { nodes: [node("Relu", {}, { name: "", domain: "com.microsoft" })] },
      `node 0 (com.microsoft.Relu): expected one of the operators ${operators}, got com.microsoft.Relu (an operator of ONNX Runtime alone: export the network without optimizing or quantizing it).`,
    ],
    [
      "an unknown attribute",
      pool("MaxPool", { paddings: [1, 1] }),
      'node "the_MaxPool" (MaxPool): expected attributes that MaxPool is read with (auto_pad, ceil_mode, dilations, ' +
        'kernel_shape, pads, storage_order, strides), got "paddings".',
    ],
    [
      "a transposed input",
      gemm({ transA: 1 }),
      'node "the_Gemm" (Gemm): expected the batch as the first axis, got [3, N].',
    ],
    [
      "an attribute of another type",
      gemm({ transB: { float: 1 } }),
      'node "the_Gemm" (Gemm): expected transB of attribute type 2, got 1.',
    ],
    [
      "a convolution in one direction",
      { nodes: [node("Conv", {}, { input: ["x", "w"] })], weights: [floats("w", [1, 1, 3], [1, 2, 3])] },
      'node "the_Conv" (Conv): expected an input of as many directions as the weight [1, 1, 3], got [1, 1, 4, 4].',
    ],
    [
      "dilated pools with SAME, where runtimes disagree",
      pool("MaxPool", { auto_pad: "SAME_UPPER", dilations: [2, 2] }),
      'node "the_MaxPool" (MaxPool): expected dilations to be 1 with auto_pad SAME_UPPER (runtimes disagree on others), got [2, 2].',
    ],
    [
      "padding with 1",
      {
        nodes: [node("Pad", {}, { input: ["x", "p", "v"] })],
        weights: [ints("p", [0, 0, 1, 1, 0, 0, 1, 1]), floats("v", [], [1])],
      },
      'node "the_Pad" (Pad): expected a padding of 0 (or -Infinity before MaxPool), got 1.',
    ],
    [
      "Softmax over several axes",
      { nodes: [node("Softmax")], opset: 11 },
      'node "the_Softmax" (Softmax): expected axis to be the last one with opset 11, got 1 for [N, 1, 4, 4].',
    ],
    [
      "a reshape that moves numbers between axes",
      {
        nodes: [
          node("MaxPool", { kernel_shape: [1, 1] }, { output: ["a"] }),
          node("Reshape", {}, { input: ["a", "t"] }),
        ],
        weights: [ints("t", [0, 2, 2, 4])],
      },
      'node "the_Reshape" (Reshape): expected axes that the output can read as layers give them, got [N, 2, 2, 4] where the layers ' +
        "before it give [N, 1, 4, 4].",
    ],
    [
      "a reshape that takes the batch apart",
      reshape([1, -1]),
      'node "the_Reshape" (Reshape): expected a shape that keeps the batch axis, from [N, 1, 4, 4], got [1, -1].',
    ],
    [
      "a sum of two branches",
      { nodes: [relu("x", "a"), node("Add", {}, { input: ["x", "a"] })] },
      'node "the_Add" (Add): expected a chain of layers, got branches: it joins the input with the output of node "relu_a" (Relu) ' +
        "(they part behind the input).",
    ],
    [
      "an output that nobody makes",
      { nodes: [relu("x", "z")] },
      'expected output "y" from a layer, got no node that makes it.',
    ],
    [
      "a circle",
      { nodes: [relu("b", "a"), relu("a", "b"), relu("a", "y")] },
      'node "relu_b" (Relu): expected inputs that do not depend on its own output, got "a" (a circle).',
    ],
    [
      "a name that is there twice",
      { nodes: [relu("x", "a"), relu("a", "a")] },
      'node "relu_a" (Relu): expected a new name for what it makes, got "a" again.',
    ],
    [
      "two weights of one name",
      { nodes: [matMul], weights: [weight, weight], output: "m", inputShape: [3] },
      'weight "w": expected a new name for what it makes, got "w" again.',
    ],
    [
      "a weight that is computed",
      { nodes: [relu("x", "a"), node("Conv", {}, { input: ["x", "a"] })] },
      'node "the_Conv" (Conv): expected the weight (input 1) to be a constant of the file, got "a", which is computed.',
    ],
    [
      "a weight with too few numbers",
      { nodes: [matMul], weights: [floats("w", [3, 2], [1, 2, 3])], inputShape: [3], output: "m" },
      'node "the_MatMul" (MatMul): "w": expected 6 numbers for [3, 2], got 3.',
    ],
    [
      "an image that does not fit",
      { nodes: [matMul], weights: [weight], inputShape: [4], output: "m" },
      'node "the_MatMul" (MatMul): expected a layer that can be built, got: Linear: expected input [N, 3], got [1, 4] (the weight is [2, 3]).',
    ],
    [
      "training in Dropout",
      {
        nodes: [node("Dropout", {}, { input: ["x", "", "t"] })],
        weights: [{ name: "t", dims: [], dataType: 9, rawData: Uint8Array.of(1) }],
      },
      'node "the_Dropout" (Dropout): expected training_mode to be false, got true.',
    ],
    [
      "the mask of Dropout",
      { nodes: [node("Dropout", {}, { output: ["a", "mask"] }), relu("mask", "y")] },
      'node "relu_y" (Relu): expected no use of output 1 of node "the_Dropout" (Dropout), got one.',
    ],
    [
      "an opset that is too new",
      { nodes: [relu("x", "y")], opset: 26 },
      "expected one ONNX operator set of version 1 to 25, got 26.",
    ],
    [
      "another output shape than it says",
      { nodes: [relu("x", "y")], outputRank: 2 },
      'expected output "y" of shape [N, 1, 4, 4], got [?, ?].',
    ],
  ])("%s", (_title, parts, message) => {
    throwsExactly(() => importOnnx(onnxFile(parts)), FormatError, `importOnnx: ${message}`);
  });

  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    [
      "no bytes",
      () => importOnnx("digits.onnx" as never),
      ArgumentError,
      'importOnnx: expected bytes (Uint8Array or ArrayBuffer), got "digits.onnx" (read the file first: readFileSync(path), or await ' +
        "(await fetch(url)).arrayBuffer()).",
    ],
    [
      "an empty file",
      () => importOnnx(new Uint8Array(0)),
      FormatError,
      "importOnnx: expected an ONNX file, got 0 bytes (the file is empty).",
    ],
    [
      "a zip file, such as PyTorch's own",
      () => importOnnx(Uint8Array.of(0x50, 0x4b, 3, 4, 9)),
      FormatError,
      "importOnnx: expected an ONNX file with a graph, got other bytes (50 4b 03 04; this looks like a zip archive (or a NumPy .npz)).",
    ],
    [
      "half a file",
      () => importOnnx(read("pools.onnx").subarray(0, 600)),
      FormatError,
      "importOnnx: expected a whole ONNX file, got one that breaks in graph: premature EOF.",
    ],
    [
      "an unknown option",
      () => importOnnx(read("pools.onnx"), { shape: [1] } as object),
      ArgumentError,
      'importOnnx: unknown option "shape" (options: inputShape, output, files, round).',
    ],
  ])("%s", (_title, act, type, message) => {
    throwsExactly(act, type, message);
  });

  it("more nodes than a chain of layers has", () => {
    const nodes = Array.from({ length: 10_001 }, (_, i) => node("Relu", {}, { input: [`${i}`], output: [`${i + 1}`] }));
    expect(() => importOnnx(onnxFile({ nodes }))).toThrow("breaks in graph.node[10000]: there are more than 10000.");
  });
});
