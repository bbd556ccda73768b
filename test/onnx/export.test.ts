import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { MODEL } from "../../src/onnx/schema.js";
import { decode } from "../../src/onnx/wire.js";
import { VERSION } from "../../src/onnx/version.js";
import { AvgPool2d } from "../../src/nn/pool/avgpool2d.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Dropout } from "../../src/nn/dropout/dropout.js";
import { Flatten } from "../../src/nn/shape/flatten.js";
import { Layer } from "../../src/nn/layer.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { exportOnnx, importOnnx, type OnnxContext } from "../../src/entries/onnx.js";
import { multiply } from "../../src/ops/arithmetic.js";
import { Tensor } from "../../src/base/tensor.js";
import { throwsExactly } from "../support/errors.js";

/** The graph of a file, attributes as plain values. */
function graphOf(bytes: Uint8Array) {
  const model = decode("test", MODEL, bytes);
  const graph = model.graph!;
  const nodes = graph.node.map(({ name, opType, input, output, attribute }) => ({
    ...{ name, opType, input, output },
    attributes: Object.fromEntries(
      attribute.map(({ name: key, type, i, f, s, ints }) => [
        key,
        type === 2 ? i : type === 1 ? f : type === 3 ? new TextDecoder().decode(s) : ints,
      ]),
    ),
  }));
  const constants = new Map(
    graph.initializer.map(({ name, dataType, rawData }) => {
      const { buffer } = rawData!.slice();
      return [name, dataType === 7 ? Array.from(new BigInt64Array(buffer), Number) : [...new Float32Array(buffer)]];
    }),
  );
  return { model, graph, nodes, constants };
}

class Double extends Layer<number> {
  forward(x: Tensor): Tensor {
    return multiply(x, 2);
  }
  backward(dy: Tensor): Tensor {
    return multiply(dy, 2);
  }
}

describe("exportOnnx", () => {
  const model = new Sequential(
    ["features", new Sequential(new Conv2d(1, 2, 3, { padding: [1, 0, 2, 1] }), new ReLU(), new MaxPool2d(2))],
    ["drop", new Dropout(0.3)],
    ["flatten", new Flatten()],
    ["head", new Linear(2 * 3 * 3, 3)],
  );

  it("names nodes as layers, weights as in the state dict, and leaves dropout out", () => {
    const { graph, nodes } = graphOf(exportOnnx(model, [1, 7, 5]));
    expect(nodes.map(({ name, opType }) => [name, opType])).toEqual([
      ["features.0", "Conv"],
      ["features.1", "Relu"],
      ["features.2", "MaxPool"],
      ["flatten", "Flatten"],
      ["head", "Gemm"],
    ]);
    expect(graph.initializer.map(({ name }) => name)).toEqual(Object.keys(model.stateDict()));
    expect(graph.initializer.map(({ dims }) => dims)).toEqual([[2, 1, 3, 3], [2], [3, 18], [3]]);
    expect(nodes[0].attributes).toEqual({
      ...{ kernel_shape: [3, 3], strides: [1, 1], dilations: [1, 1], group: 1 },
      pads: [1, 2, 0, 1], // [top, left, bottom, right] of our [top, bottom, left, right]
    });
    expect(nodes[4].attributes).toEqual({ transB: 1 });
    expect(nodes.at(-1)!.output).toEqual(["output"]);
  });

  it("writes opset 17, version 8 of the format, this package's version, and a free batch size", () => {
    const { model: file, graph } = graphOf(exportOnnx(model, [1, 7, 5]));
    expect(file.irVersion).toBe(8);
    expect(file.opsetImport).toEqual([{ domain: "", version: 17 }]);
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect([file.producerName, file.producerVersion, VERSION]).toEqual([
      "handgrad",
      manifest.version,
      manifest.version,
    ]);
    const dims = (info: (typeof graph.input)[0]) =>
      info.type!.tensorType!.shape!.dim.map((d) => d.dimParam ?? d.dimValue);
    expect(graph.input.map(dims)).toEqual([["N", 1, 7, 5]]);
    expect(graph.output.map(dims)).toEqual([["N", 3]]);
  });

  it("holds the weights' numbers as they are, and does not change the model", () => {
    const before = structuredClone(Object.values(model.stateDict()).map(({ data }) => [...data]));
    const { constants } = graphOf(exportOnnx(model, [1, 7, 5]));
    expect([...constants.values()]).toEqual(before);
    expect(Object.values(model.stateDict()).map(({ data }) => [...data])).toEqual(before);
    expect(model.training).toBe(true);
  });

  it("writes a shared parameter once", () => {
    const [first, second] = [new Linear(3, 3), new Linear(3, 3)];
    second.weight = first.weight;
    const bytes = exportOnnx(new Sequential(first, second), [3]);
    const { constants, nodes } = graphOf(bytes);
    expect([...constants.keys()]).toEqual(["0.weight", "0.bias", "1.bias"]);
    expect(nodes[1].input).toEqual(["0:y", "0.weight", "1.bias"]);
    const [a, b] = [...importOnnx(bytes).model] as Linear[];
    expect(a.weight).toBe(b.weight);
    expect(a.bias).not.toBe(b.bias);
  });

  it("writes the overhang of ceilMode as padding: 5 columns in steps of 2 need one more", () => {
    const pool = new MaxPool2d(2, { ceilMode: true });
    const { nodes } = graphOf(exportOnnx(pool, [1, 4, 5]));
    expect(nodes).toHaveLength(1);
    expect(nodes[0].attributes).toEqual({
      kernel_shape: [2, 2],
      strides: [2, 2],
      dilations: [1, 1],
      pads: [0, 0, 0, 1],
    });
  });

  it("writes divisorOverride as a mean over the kernel times KH KW / divisor", () => {
    const { nodes, constants } = graphOf(exportOnnx(new AvgPool2d([2, 3], { divisorOverride: 4 }), [1, 4, 6]));
    expect(nodes.map(({ name, opType }) => [name, opType])).toEqual([
      ["AvgPool2d.mean", "AveragePool"],
      ["AvgPool2d", "Mul"],
    ]);
    expect(nodes[0].attributes.count_include_pad).toBe(1);
    expect(constants.get("AvgPool2d.scale")).toEqual([1.5]);
  });

  it("writes circular padding as slices and a concat, which opset 17 has no pad for", () => {
    const conv = new Conv2d(1, 1, 3, { padding: [0, 1], paddingMode: "circular" });
    const { nodes, constants } = graphOf(exportOnnx(conv, [1, 3, 5]));
    expect(nodes.map(({ opType }) => opType)).toEqual(["Slice", "Slice", "Concat", "Conv"]);
    const bounds = nodes.slice(0, 2).map(({ input }) => input.slice(1).map((name) => constants.get(name)));
    expect(bounds).toEqual([
      [[4], [5], [3]],
      [[0], [1], [3]],
    ]);
    expect(nodes[2].attributes).toEqual({ axis: 3 });
  });

  it("hands the input on where there is nothing to compute", () => {
    const { nodes } = graphOf(exportOnnx(new Sequential(new Dropout()), [4]));
    expect(nodes).toMatchObject([{ opType: "Identity", input: ["input"], output: ["output"] }]);
  });

  it("takes other names and texts to carry along", () => {
    const options = { inputName: "image", outputName: "logits", metadata: { classes: "cat,dog" } };
    const bytes = exportOnnx(new Sequential(new ReLU()), [2, 3, 3], options);
    const { model: found, ...rest } = importOnnx(bytes);
    expect(found.describe()).toBe("Sequential(0: ReLU())");
    expect(rest).toEqual({
      ...{ inputShape: [2, 3, 3], inputName: "image", outputName: "logits", opset: 17 },
      ...{ producer: `handgrad ${VERSION}`, metadata: { classes: "cat,dog" } },
      ...{ layout: "NCHW", outputLayout: "NCHW", notes: [] },
    });
  });

  it("keeps names apart that layers, weights and the input would share", () => {
    const bytes = exportOnnx(new Sequential(["a", new Linear(2, 2)]), [2], {
      inputName: "a.weight",
      outputName: "a:y",
    });
    const { graph, nodes } = graphOf(bytes);
    expect(graph.initializer.map(({ name }) => name)).toEqual(["a.weight_1", "a.bias"]);
    expect(nodes[0]).toMatchObject({ input: ["a.weight", "a.weight_1", "a.bias"], output: ["a:y"] });
  });

  it("exports layers of your own by a function", () => {
    const layers = {
      Double: (_layer: Double, onnx: OnnxContext) => {
        return onnx.node("Mul", [onnx.input, onnx.constant("two", new Tensor([2]))], {});
      },
    };
    const { nodes, constants } = graphOf(exportOnnx(new Sequential(new ReLU(), new Double()), [2], { layers }));
    expect(nodes[1]).toMatchObject({ name: "1", opType: "Mul", input: ["0:y", "1.two"], output: ["output"] });
    expect(constants.get("1.two")).toEqual([2]);
  });
});

describe("exportOnnx refuses", () => {
  it("a layer of your own, with its path", () => {
    throwsExactly(
      () => exportOnnx(new Sequential(["features", new Sequential(new ReLU(), new Double())]), [2]),
      ArgumentError,
      `features.1 Double: expected a layer that can be exported to ONNX, got a Double from elsewhere ` +
        `(say what it becomes: exportOnnx(model, shape, { layers: { Double: ... } })).`,
    );
  });

  it("a subclass of one of ours, which may compute something else", () => {
    class ReLU6 extends ReLU {}
    expect(() => exportOnnx(new Sequential(new ReLU6()), [2])).toThrow(
      /^0 ReLU6: expected a layer that can be exported/,
    );
  });

  it("an input that does not fit, with the layer's path", () => {
    throwsExactly(
      () => exportOnnx(new Sequential(new ReLU(), new Linear(3, 2)), [4]),
      ShapeError,
      "1 Linear: expected input [N, 3], got [1, 4] (the weight is [2, 3]).",
    );
  });

  it.each<[string, () => unknown, string]>([
    [
      "no model",
      () => exportOnnx({} as Layer, [1]),
      "exportOnnx: expected a model or a layer, got an object (Object).",
    ],
    [
      "an unknown option",
      () => exportOnnx(new ReLU(), [1], { inputNames: "x" } as object),
      'exportOnnx: unknown option "inputNames", did you mean "inputName"? (options: inputName, outputName, layers, foldBatchNorm, metadata).',
    ],
    [
      "an empty name",
      () => exportOnnx(new ReLU(), [1], { inputName: "" }),
      'exportOnnx: expected inputName to be a text of at least one character, got "".',
    ],
    [
      "one name for both ends",
      () => exportOnnx(new ReLU(), [1], { inputName: "x", outputName: "x" }),
      'exportOnnx: expected different names for input and output, got "x" for both.',
    ],
    [
      "metadata that is no text",
      () => exportOnnx(new ReLU(), [1], { metadata: { a: 1 as never } }),
      "exportOnnx: expected metadata.a to be a string, got 1.",
    ],
    [
      "a fraction as a whole number",
      () =>
        exportOnnx(new Double(), [1], {
          layers: { Double: (_, onnx) => onnx.node("LeakyRelu", [onnx.input], { alpha: 0.1 }) },
        }),
      'Double: expected attribute "alpha" of whole numbers, got 0.1 (write { float: ... } for others).',
    ],
    [
      "an export function that returns nothing",
      () => exportOnnx(new Double(), [1], { layers: { Double: (() => undefined) as never } }),
      "Double: expected its export to return the name of its output, got undefined.",
    ],
  ])("%s", (_title, act, message) => {
    throwsExactly(act, ArgumentError, message);
  });

  it("a shape without axes or with a size of 0", () => {
    throwsExactly(
      () => exportOnnx(new ReLU(), [1, 0]),
      ShapeError,
      "exportOnnx: expected the shape of one sample, such as [C, H, W], got [1, 0] (sizes of at least 1).",
    );
  });
});
