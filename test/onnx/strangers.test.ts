// Files in the forms of other exporters (test/fixtures/make_onnx_strangers.py): the same outputs as ONNX Runtime, or a refusal that
// names its cause.
import { readFileSync, readdirSync } from "node:fs";
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/base/errors.js";
import { importOnnx, type ImportOnnxOptions, type OnnxImport } from "../../src/entries/onnx.js";
import { expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { ALLOWED, drawInput, importedAnswer } from "../support/onnxRuntime.js";

ort.env.wasm.numThreads = 1;
const FOLDER = new URL("../fixtures/onnx/strangers/", import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const DATA = "torch_dynamo.onnx.data";
const optionsOf = (name: string): ImportOnnxOptions =>
  name === "torch_dynamo" ? { files: { [DATA]: read(DATA) } } : {};
const open = (name: string): OnnxImport => importOnnx(read(`${name}.onnx`), optionsOf(name));

interface Stranger {
  readonly name: string;
  /** The file's own input, batch included. */
  readonly dims: readonly number[];
  readonly described: string;
  readonly notes: readonly string[];
  /** The same network in another file, for what no runtime of today reads. */
  readonly twin?: string;
}

const joined = (node: string, layer: string): string => `Node ${node} became part of node ${layer}.`;

const STRANGERS: readonly Stranger[] = [
  {
    name: "torch_dynamo",
    dims: [3, 1, 10, 10],
    described:
      "Sequential(features: Sequential(0: Conv2d(1, 4, [3, 3], { padding: 1 })), relu: ReLU(), maxpool: MaxPool2d([2, 2]), " +
      "reshape: Flatten(), classifier: Sequential(0: Linear(100, 8), relu: ReLU(), 3: Linear(8, 5)))",
    notes: [
      joined('"node__native_batch_norm_legit_no_training__0" (BatchNormalization)', '"node_conv2d" (Conv)'),
      joined('"node_BatchNormalization_10" (BatchNormalization)', '"node_linear" (Gemm)'),
    ],
  },
  {
    name: "torch_mean",
    dims: [3, 2, 9, 9],
    described:
      "Sequential(conv: Conv2d(2, 6, [3, 3], { stride: [2, 2] }), reducemean: AvgPool2d([4, 4]), reducemean_1: Flatten(), " +
      "fc: Linear(6, 3))",
    notes: [],
  },
  {
    name: "torch_view",
    dims: [3, 2, 9, 9],
    described: "Sequential(conv: Conv2d(2, 6, [3, 3], { stride: [2, 2] }), reshape: Flatten(), fc: Linear(96, 3))",
    notes: [],
  },
  {
    name: "tf2onnx_keras",
    dims: [3, 14, 13, 3],
    described:
      "Sequential(0: Conv2d(3, 4, [3, 3]), 1: ReLU(), 2: MaxPool2d([2, 2], { ceilMode: true }), 3: Conv2d(4, 5, [3, 3], " +
      "{ stride: [2, 2], padding: [0, 1, 0, 1] }), 4: ReLU(), 5: Flatten(), 6: Linear(45, 6), 7: Softmax({ dim: -1 }))",
    notes: [
      "The file's input is channels-last, [N, 14, 13, 3]; the model takes [N, 3, 14, 13].",
      joined(
        '"StatefulPartitionedCall/sequential/rescaling/mul" (Mul)',
        '"StatefulPartitionedCall/sequential/conv2d/BiasAdd" (Conv)',
      ),
      joined(
        '"StatefulPartitionedCall/sequential/rescaling/add" (Add)',
        '"StatefulPartitionedCall/sequential/conv2d/BiasAdd" (Conv)',
      ),
    ],
  },
  {
    name: "keras2onnx",
    dims: [3, 14, 14, 1],
    described:
      'Sequential(0: Conv2d(1, 4, [3, 3], { stride: [2, 2], padding: "same" }), 1: ReLU(), 2: Flatten(), 3: Linear(196, 3), ' +
      "4: Softmax({ dim: -1 }))",
    notes: [
      "The file's input is channels-last, [N, 14, 14, 1]; the model takes [N, 1, 14, 14].",
      joined('"batch_normalization" (BatchNormalization)', '"dense" (MatMul)'),
      joined('"dense_bias" (Add)', '"dense" (MatMul)'),
    ],
  },
  {
    name: "cntk_mnist",
    dims: [1, 1, 14, 14],
    described:
      'Sequential(0: Conv2d(1, 4, [5, 5], { padding: "same" }), 1: ReLU(), 2: MaxPool2d([2, 2]), 3: Conv2d(4, 6, [5, 5], ' +
      '{ padding: "same" }), 4: ReLU(), 5: MaxPool2d([3, 3]), 6: Flatten(), 7: Linear(24, 10))',
    notes: [],
  },
  {
    name: "caffe2",
    dims: [2, 2, 8, 8],
    described:
      "Sequential(0: Conv2d(2, 3, [3, 3], { stride: [2, 2], padding: 1 }), 1: ReLU(), 2: MaxPool2d([2, 2]), 3: Flatten(), " +
      "4: Dropout(0.5), 5: Linear(12, 4), 6: Softmax())",
    notes: [joined('"bn1" (BatchNormalization)', '"conv1" (Conv)'), joined('"scale1" (Add)', '"conv1" (Conv)')],
    twin: "twin_set9",
  },
  {
    name: "first_set",
    dims: [2, 2, 8, 8],
    described:
      "Sequential(0: Conv2d(2, 3, [3, 3], { stride: [2, 2], padding: 1 }), 1: ReLU(), 2: MaxPool2d([2, 2]), 3: Flatten(), " +
      "4: Dropout(0.5), 5: Linear(12, 4), 6: Softmax())",
    notes: [joined('"bn1" (BatchNormalization)', '"conv1" (Conv)'), joined('"scale1" (Add)', '"conv1" (Conv)')],
    twin: "twin_set9",
  },
  {
    name: "signal",
    dims: [3, 2, 40],
    described:
      "Sequential(conv: Conv2d(2, 4, [1, 5], { stride: [1, 2], padding: [0, 2] }), relu: ReLU(), pool: MaxPool2d([1, 3], " +
      "{ stride: [1, 2], padding: [0, 1] }), globalaveragepool: AvgPool2d([1, 10]), flatten: Flatten(), fc: Linear(4, 3))",
    notes: [
      "The file's input is [N, 2, 40]; the model takes [N, 2, 1, 40], the same numbers in the same order.",
      joined('"/bn/BatchNormalization" (BatchNormalization)', '"/conv/Conv" (Conv)'),
    ],
  },
  {
    name: "signal_last",
    dims: [3, 40, 2],
    described:
      "Sequential(conv: Conv2d(2, 4, [1, 5], { stride: [1, 2], padding: [0, 2] }), relu: ReLU(), pool: MaxPool2d([1, 3], " +
      "{ stride: [1, 2], padding: [0, 1] }), reducemean: AvgPool2d([1, 10]), reducemean_1: Flatten(), fc: Linear(4, 3))",
    notes: [
      "The file's input is channels-last, [N, 40, 2]; the model takes [N, 2, 1, 40].",
      joined('"/bn/BatchNormalization" (BatchNormalization)', '"/conv/Conv" (Conv)'),
    ],
  },
  {
    name: "torch_residual",
    dims: [3, 2, 6, 6],
    described:
      "Sequential(conv1: Conv2d(2, 2, [3, 3], { padding: 1, bias: false }), residual: Residual(Sequential(relu: ReLU(), conv2: " +
      "Conv2d(2, 2, [3, 3], { padding: 1, bias: false }))), relu_1: ReLU())",
    notes: [],
  },
  {
    name: "torch_concat",
    dims: [3, 2, 6, 6],
    described:
      "Sequential(conv1: Conv2d(2, 2, [3, 3], { padding: 1, bias: false }), parallel: Parallel([0: Sequential(relu: ReLU(), conv2: " +
      "Conv2d(2, 2, [3, 3], { padding: 1, bias: false })), 1: Identity()]))",
    notes: [],
  },
];

describe("Files in the forms of other exporters", () => {
  it.each(STRANGERS)("$name: the layers and what became of the rest", ({ name, described, notes }) => {
    const { model, notes: got } = open(name);
    expect(model.describe()).toBe(described);
    expect(got).toEqual(notes);
  });

  it.each(STRANGERS)("$name: what ONNX Runtime computes", async ({ name, dims, twin = name }) => {
    const x = drawInput(dims, 3);
    const externalData = name === "torch_dynamo" ? [{ path: DATA, data: read(DATA) }] : [];
    const session = await ort.InferenceSession.create(read(`${twin}.onnx`), { externalData, logSeverityLevel: 4 });
    const input = new ort.Tensor("float32", Float32Array.from(x.data), dims);
    const results = await session.run({ [session.inputNames[0]]: input });
    const expected = results[session.outputNames[0]];
    await session.release();
    const { y, most } = importedAnswer(open(name), x);
    expect(y.shape).toEqual(expected.dims);
    expectClose(y.data, expected.data as Float32Array, ALLOWED * most);
  });

  it("are all in the table", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".onnx") && !/^(refused|twin)/.test(name));
    expect(files.sort()).toEqual(STRANGERS.map(({ name }) => `${name}.onnx`).sort());
  });
});

describe("Files that are no network of ours are refused by their cause", () => {
  it.each([
    [
      "refused_tree",
      "expected a network, got a model of ai.onnx.ml (TreeEnsembleClassifier): trees, support vector machines and their kin " +
        "are no layers.",
    ],
  ])("%s", (name, message) => {
    throwsExactly(() => open(name), FormatError, `importOnnx: ${message}`);
  });

  it("refused_quantized", () => {
    expect(() => open("refused_quantized")).toThrow(
      /^importOnnx: node "x_QuantizeLinear" .* got QuantizeLinear \(the file is quantized: export the network in float32\)\.$/,
    );
  });
});
