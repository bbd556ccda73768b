// What importOnnx makes of single forms of other exporters, with answers known by hand, and what it refuses of them.
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { importOnnx, type ImportOnnxOptions, type OnnxImport } from "../../src/entries/onnx.js";
import { ZeroPad2d } from "../../src/nn/pad/zeropad2d.js";
import type { NodeDraft, TensorDraft } from "../../src/onnx/schema.js";
import { throwsExactly } from "../support/errors.js";
import { drawInput, open as openSession, run, type Runtime } from "../support/onnxRuntime.js";
import { floats, ints, node, onnxFile, type Attributes, type FileParts } from "../support/onnxFiles.js";

const open = (parts: FileParts, options?: ImportOnnxOptions): OnnxImport => importOnnx(onnxFile(parts), options);
const step = (
  op: string,
  from: string,
  to: string,
  more: readonly string[] = [],
  attributes: Attributes = {},
): NodeDraft => node(op, attributes, { name: `${op}_${to}`, input: [from, ...more], output: [to] });
const layers = ({ model }: OnnxImport): string => model.describe().replace(/^Sequential\(|\)$/g, "");
const refuses = (parts: FileParts, message: string, options?: ImportOnnxOptions): void => {
  throwsExactly(() => open(parts, options), FormatError, `importOnnx: ${message}`);
};

/** A Linear of [N, 2] to [N, 2]: y = (x0 + 2 x1, 3 x0 + 4 x1). */
const square: TensorDraft = floats("w", [2, 2], [1, 3, 2, 4]);
/** A 1x1 convolution of one channel to two: (x, 2 x). */
const double: TensorDraft = floats("k", [2, 1, 1, 1], [1, 2]);

describe("External data", () => {
  const bytes = new Uint8Array(Float32Array.of(9, 9, 1, 3, 2, 4, 9).buffer);
  const outside = (entries: Readonly<Record<string, string>>): FileParts => {
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    const weight = { name: "w", dims: [2, 2], dataType: 1, dataLocation: 1, externalData };
    return { nodes: [step("MatMul", "x", "y", ["w"])], weights: [weight], inputShape: [2] };
  };
  const place = { location: "net.onnx.data", offset: "8", length: "16" };
  const answer = (found: OnnxImport): number[] => [...found.model.predict(new Tensor([[1, 10]])).data];

  it.each<[string, ImportOnnxOptions["files"]]>([
    ["in an object", { "net.onnx.data": bytes }],
    ["in a Map", new Map([["net.onnx.data", bytes]])],
    ["as an ArrayBuffer, beside other files", { "net.onnx.data": bytes.buffer, "other.data": new Uint8Array(3) }],
    ["in another folder", { "models/net.onnx.data": bytes }],
  ])("is read from the bytes of the file %s", (_title, files) => {
    expect(answer(open(outside(place), { files: files ?? {} }))).toEqual([21, 43]);
  });

  it("has a folder in its name, or no offset and no length", () => {
    expect(
      answer(open(outside({ ...place, location: "./data/net.onnx.data" }), { files: { "net.onnx.data": bytes } })),
    ).toEqual([21, 43]);
    expect(answer(open(outside({ location: "w" }), { files: { w: bytes.subarray(8) } }))).toEqual([21, 43]);
  });

  const who = 'node "MatMul_y" (MatMul): "w": expected';
  it.each<[string, FileParts, Record<string, Uint8Array>, string]>([
    [
      "no file",
      outside(place),
      {},
      `${who} the file "net.onnx.data", which holds its numbers (external data), got none (give its bytes, too: ` +
        'importOnnx(bytes, { files: { "net.onnx.data": dataBytes } }), or save the model with the weights inside).',
    ],
    [
      "another file",
      outside(place),
      { "net.onnx.dat": bytes },
      `${who} the file "net.onnx.data", which holds its numbers (external data), got "net.onnx.dat", did you mean ` +
        '"net.onnx.dat" (give its bytes, too: importOnnx(bytes, { files: { "net.onnx.data": dataBytes } }), or save the model ' +
        "with the weights inside).",
    ],
    [
      "a file that is cut short",
      outside(place),
      { "net.onnx.data": bytes.subarray(0, 20) },
      `${who} bytes 8 to 24 of "net.onnx.data", got a file of 20 bytes (it is cut short, or of another model).`,
    ],
    [
      "a length that does not fit the shape",
      outside({ ...place, length: "12" }),
      { "net.onnx.data": bytes },
      `${who} 16 bytes for its shape and type, got 12 of "net.onnx.data".`,
    ],
    [
      "an offset below 0",
      outside({ ...place, offset: "-8" }),
      { "net.onnx.data": bytes },
      `${who} offset of its external data to be a whole number, got "-8".`,
    ],
    [
      "an offset that no file has",
      outside({ ...place, offset: "9007199254740991" }),
      { "net.onnx.data": bytes },
      `${who} bytes 9007199254740991 to 9007199254741008 of "net.onnx.data", got a file of 28 bytes (it is cut short, or of ` +
        "another model).",
    ],
  ])("is refused with %s", (_title, parts, files, message) => {
    refuses(parts, message, { files });
  });

  it("is refused where many tensors lie in one place", () => {
    const { weights } = outside(place);
    const many = Array.from({ length: 12 }, (_, i) => ({ ...weights![0], name: `w${i}` }));
    const nodes = many.map(({ name }, i) =>
      step("MatMul", i === 0 ? "x" : `a${i - 1}`, i === 11 ? "y" : `a${i}`, [name]),
    );
    expect(() => open({ nodes, weights: many, inputShape: [2] }, { files: { "net.onnx.data": bytes } })).toThrow(
      /expected at most 4 times the bytes of the files beside the model, got more \(tensors overlap\)\.$/,
    );
  });

  it.each<[unknown, string]>([
    [bytes, 'expected files as an object of bytes by name, such as { "model.onnx.data": bytes }, got Uint8Array(28).'],
    [
      { "a.data": [1, 2] },
      'files["a.data"]: expected bytes (Uint8Array or ArrayBuffer), got [1, 2] (read the file first).',
    ],
  ])("given as %o is an ArgumentError", (files, message) => {
    const separator = message.startsWith("files") ? ": " : ": ";
    throwsExactly(
      () => open(outside(place), { files: files as never }),
      ArgumentError,
      `importOnnx${separator}${message}`,
    );
  });
});

describe("Gemm", () => {
  const gemm = (attributes: Attributes, c?: TensorDraft, more: FileParts = { nodes: [] }): number[] => {
    const inputs = c === undefined ? ["w"] : ["w", "c"];
    const weights = c === undefined ? [square] : [square, c];
    const found = open({ ...more, nodes: [step("Gemm", "x", "y", inputs, attributes)], weights, inputShape: [2] });
    expect(layers(found)).toMatch(/^0: Linear\(2, 2(, \{ bias: false \})?\)$/);
    return [...found.model.predict(new Tensor([[1, 10]])).data];
  };

  it("with alpha and beta: 2 (21, 43) + 0.5 (10, 20)", () => {
    expect(gemm({ alpha: { float: 2 }, beta: { float: 0.5 } }, floats("c", [2], [10, 20]))).toEqual([47, 96]);
  });

  it.each<[string, TensorDraft]>([
    ["a scalar", floats("c", [], [5])],
    ["one number", floats("c", [1], [5])],
    ["[1, 1]", floats("c", [1, 1], [5])],
    ["[1, 2]", floats("c", [1, 2], [5, 5])],
  ])("with %s as C", (_title, c) => {
    expect(gemm({}, c)).toEqual([26, 48]);
  });

  it("with a row of C for each sample of a fixed batch, if the rows are alike", () => {
    const fixed = { nodes: [], dims: [2, 2] };
    expect(gemm({}, floats("c", [2, 2], [5, 6, 5, 6]), fixed)).toEqual([26, 49]);
    expect(() => gemm({}, floats("c", [2, 2], [5, 6, 7, 8]), fixed)).toThrow(
      'node "Gemm_y" (Gemm): expected the same constant for each sample of a batch, got others.',
    );
  });

  it("with the weight on the left and everything transposed", () => {
    const nodes = [
      step("Transpose", "x", "t", [], { perm: [1, 0] }),
      step("MatMul", "w", "m", ["t"]),
      step("Transpose", "m", "y"),
    ];
    const found = open({ nodes, weights: [square], inputShape: [2] });
    expect(layers(found)).toBe("0: Linear(2, 2, { bias: false })");
    expect([...found.model.predict(new Tensor([[1, 10]])).data]).toEqual([31, 42]); // [[1, 3], [2, 4]] (1, 10)
  });
});

describe("Constants beside layers", () => {
  const image = { inputShape: [1, 1, 2] };
  const x = new Tensor([3, 4], [1, 1, 1, 2]);

  it("a BatchNormalization is part of the convolution before it: ((3, 4), (6, 8)) to (x - 1) / 2 * 4 + 10 and x - 2", () => {
    const bn = [
      floats("g", [2], [4, 1]),
      floats("b", [2], [10, 0]),
      floats("m", [2], [1, 2]),
      floats("v", [2], [4, 1]),
    ];
    const nodes = [
      step("Conv", "x", "c", ["k"]),
      step("BatchNormalization", "c", "y", ["g", "b", "m", "v"], { epsilon: { float: 0 } }),
    ];
    const found = open({ nodes, weights: [double, ...bn], ...image });
    expect(layers(found)).toBe("0: Conv2d(1, 2, [1, 1])");
    expect(found.notes).toEqual([
      'Node "BatchNormalization_y" (BatchNormalization) became part of node "Conv_c" (Conv).',
    ]);
    expect([...found.model.predict(x).data]).toEqual([14, 16, 4, 6]);
  });

  it("a Sub and Div before a convolution without padding are part of it: 2 (x - 1) / 4", () => {
    const nodes = [step("Sub", "x", "a", ["one"]), step("Div", "a", "b", ["four"]), step("Conv", "b", "y", ["k"])];
    const weights = [double, floats("one", [], [1]), floats("four", [1], [4])];
    const found = open({ nodes, weights, ...image });
    expect(layers(found)).toBe("0: Conv2d(1, 2, [1, 1])");
    expect([...found.model.predict(x).data]).toEqual([0.5, 0.75, 1, 1.5]);
  });

  it("an Add before a convolution with padding is a layer of its own, a Mul is part of the convolution", () => {
    const padded = step("Conv", "a", "y", ["k"], { pads: [0, 1, 0, 0] });
    const weights = [double, floats("c", [], [10])];
    const added = open({ nodes: [step("Add", "x", "a", ["c"]), padded], weights, ...image });
    expect(layers(added)).toBe(
      "0: Conv2d(1, 1, [1, 1]), 1: Conv2d(1, 2, [1, 1], { padding: [0, 0, 1, 0], bias: false })",
    );
    expect(added.notes).toEqual(['Node "Add_a" (Add) became a 1x1 convolution of each channel.']);
    expect([...added.model.predict(x).data]).toEqual([0, 13, 14, 0, 26, 28]);
    const scaled = open({ nodes: [step("Mul", "x", "a", ["c"]), padded], weights, ...image });
    expect(layers(scaled)).toBe("0: Conv2d(1, 2, [1, 1], { padding: [0, 0, 1, 0], bias: false })");
    expect([...scaled.model.predict(x).data]).toEqual([0, 30, 40, 0, 60, 80]);
  });

  it("a mean image is part of the Linear behind the flatten: (1 - 0.5) + 2 (10 - 5) and 3 (1 - 0.5) + 4 (10 - 5)", () => {
    const nodes = [step("Sub", "x", "a", ["mean"]), step("Flatten", "a", "f"), step("MatMul", "f", "y", ["w"])];
    const found = open({ nodes, weights: [square, floats("mean", [1, 1, 2], [0.5, 5])], ...image });
    expect(layers(found)).toBe("0: Flatten(), 1: Linear(2, 2)");
    expect([...found.model.predict(new Tensor([1, 10], [1, 1, 1, 2])).data]).toEqual([10.5, 21.5]);
  });

  it("between activations on features they are a Linear with a diagonal weight", () => {
    const nodes = [step("Relu", "x", "a"), step("Mul", "a", "b", ["c"]), step("Relu", "b", "y")];
    const found = open({ nodes, weights: [floats("c", [2], [2, -3])], inputShape: [2] });
    expect(layers(found)).toBe("0: ReLU(), 1: Linear(2, 2, { bias: false }), 2: ReLU()");
    expect(found.notes).toEqual(['Node "Mul_b" (Mul) became a Linear with a diagonal weight.']);
    expect([...found.model.predict(new Tensor([[5, 7]])).data]).toEqual([10, 0]);
  });

  it("numbers for each place of an image are refused where no Linear can take them", () => {
    refuses(
      {
        nodes: [
          step("MaxPool", "x", "m", [], { kernel_shape: [1, 1] }),
          step("Mul", "m", "a", ["c"]),
          step("Relu", "a", "y"),
        ],
        weights: [floats("c", [1, 1, 2], [2, 3])],
        ...image,
      },
      'node "Mul_a" (Mul): expected one number for all, or one for each channel or feature, got others (we have no layer for it ' +
        "where no convolution or Linear beside it can take it in).",
    );
  });

  it("that would stretch their input are refused, whatever their numbers", () => {
    for (const numbers of [
      [2, 2, 2],
      [2, 3, 4],
    ]) {
      refuses(
        { nodes: [step("Add", "x", "y", ["c"])], weights: [floats("c", [1, 3], numbers)], inputShape: [1] },
        'node "Add_y" (Add): expected a constant that broadcasts to its input, got [1, 3] for [1, 1].',
      );
    }
  });

  it("leave a weight alone that another layer shares", () => {
    const nodes = [step("MatMul", "x", "a", ["w"]), step("Mul", "a", "b", ["ten"]), step("MatMul", "b", "y", ["w"])];
    const { model } = open({ nodes, weights: [square, floats("ten", [], [10])], inputShape: [2] });
    expect(model.parameters().map(({ value }) => [...value.data])).toEqual([
      [10, 20, 30, 40],
      [1, 2, 3, 4],
    ]);
  });

  it("a weight is what its nodes compute: the transpose of (1, 2, 3, 4) + 1 as [2, 2]", () => {
    const nodes = [
      step("Add", "flat", "s", ["one"]),
      step("Reshape", "s", "r", ["shape"]),
      step("Transpose", "r", "w"),
      step("MatMul", "x", "y", ["w"]),
    ];
    const weights = [floats("flat", [4], [1, 2, 3, 4]), floats("one", [], [1]), ints("shape", [2, -1])];
    const { model } = open({ nodes, weights, inputShape: [2] });
    expect([...model.parameters()[0].value.data]).toEqual([2, 3, 4, 5]);
  });
});

describe("Axes", () => {
  const turned = (perm: number[]): NodeDraft[] => [
    step("Conv", "x", "c", ["k"]),
    step("Transpose", "c", "t", [], { perm }),
    step("Relu", "t", "y"),
  ];

  it("an output that is channels-last is given channels-first, and told", () => {
    const found = open({ nodes: turned([0, 2, 3, 1]), weights: [double], inputShape: [1, 2, 3] });
    expect([found.layout, found.outputLayout]).toEqual(["NCHW", "NHWC"]);
    expect(found.notes).toEqual(["The file's output is channels-last, [N, 2, 3, 2]; the model gives [N, 2, 2, 3]."]);
  });

  it("another order at the end is refused", () => {
    refuses(
      { nodes: turned([0, 1, 3, 2]), weights: [double], inputShape: [1, 2, 3] },
      'node "Transpose_t" (Transpose): expected axes that the output can read as layers give them, got [N, 2, 3, 2] where the ' +
        "layers before it give [N, 2, 2, 3].",
    );
  });

  it("a channels-last flatten is told apart: the weights of the Linear behind it are put in order", () => {
    const flat = [step("Flatten", "t", "f"), step("MatMul", "f", "y", ["v"])];
    const nodes = [...turned([0, 2, 3, 1]).slice(0, 2), ...flat];
    // The file's features are (x, 2 x) of the first place, then of the second: 1 x0 + 2 (2 x0) + 3 x1 + 4 (2 x1).
    const found = open({ nodes, weights: [double, floats("v", [4, 1], [1, 2, 3, 4])], inputShape: [1, 1, 2] });
    expect([...found.model.parameters()[1].value.data]).toEqual([1, 3, 2, 4]);
    expect([...found.model.predict(new Tensor([10, 100], [1, 1, 1, 2])).data]).toEqual([1150]);
  });

  it("a channels-last flatten at the end is refused by its cause", () => {
    refuses(
      {
        nodes: [...turned([0, 2, 3, 1]).slice(0, 2), step("Flatten", "t", "y")],
        weights: [double],
        inputShape: [1, 1, 2],
      },
      'node "Flatten_y" (Flatten): expected axes that the output can read as layers give them, got [N, 4] where the layers before ' +
        "it give [N, 4] in another order (channels last, for instance).",
    );
  });

  it("a batch that moves to another axis is refused", () => {
    refuses(
      {
        nodes: [step("Transpose", "x", "t", [], { perm: [1, 0] }), step("MatMul", "t", "y", ["w"])],
        weights: [square],
        inputShape: [2],
      },
      'node "MatMul_y" (MatMul): expected the batch as the first axis, got [2, N].',
    );
  });

  it("a file without a batch axis becomes a model of batches", () => {
    const nodes = [step("MatMul", "x", "y", ["w"])];
    const found = open({ nodes, weights: [square], dims: [2] });
    expect(found.inputShape).toEqual([2]);
    expect(found.notes).toEqual(["The file takes one sample without a batch axis; the model takes batches of them."]);
    expect(
      found.model
        .predict(
          new Tensor([
            [1, 10],
            [1, 0],
          ]),
        )
        .toArray(),
    ).toEqual([
      [21, 43],
      [1, 3],
    ]);
  });
});

describe("Softmax", () => {
  it.each([
    [11, 3, "3"],
    [13, 1, "1"],
    [13, -2, "-2"],
    [17, 2, "2"],
  ])("of opset %i along axis %i", (opset, axis, dim) => {
    const found = open({ nodes: [step("Softmax", "x", "y", [], { axis })], inputShape: [2, 3, 4], opset });
    expect(layers(found)).toBe(dim === "1" ? "0: Softmax()" : `0: Softmax({ dim: ${dim} })`);
  });

  it("and a Log behind it are a LogSoftmax", () => {
    const found = open({ nodes: [step("Softmax", "x", "s"), step("Log", "s", "y")], inputShape: [3] });
    expect(layers(found)).toBe("0: LogSoftmax({ dim: -1 })");
    refuses(
      { nodes: [step("Relu", "x", "s"), step("Log", "s", "y")] },
      'node "Log_y" (Log): expected a Log only behind a Softmax (a LogSoftmax), got one behind another node.',
    );
  });
});

describe("A choice of outputs", () => {
  const nodes = [step("Relu", "x", "a"), step("Tanh", "a", "y"), step("LSTM", "a", "z")];
  const parts = { nodes, outputs: ["a", "z"] };

  it("is asked for where there are several", () => {
    refuses(
      parts,
      'expected a graph with one output, got 3: "y", "a", "z" (choose one: importOnnx(bytes, { output: "y" })).',
    );
  });

  it("leaves out what does not lead to it, also of a single output", () => {
    expect(layers(open(parts, { output: "y" }))).toBe("0: ReLU(), 1: Tanh()");
    expect(layers(open(parts, { output: "a" }))).toBe("0: ReLU()");
    expect(layers(open({ nodes }, { output: "a" }))).toBe("0: ReLU()");
  });

  it("of another name is refused", () => {
    refuses(parts, 'expected output to be one of 3: "y", "a", "z", or of a node, got "zz", did you mean "z".', {
      output: "zz",
    });
    throwsExactly(
      () => open(parts, { output: 1 as never }),
      ArgumentError,
      "importOnnx: expected output to be the name of an output, got 1.",
    );
  });

  it("an output of two inputs is refused, an input that it does not need is not", () => {
    expect(layers(open({ nodes: [step("Relu", "x", "y")], inputs: ["mask"] }))).toBe("0: ReLU()");
    refuses(
      { nodes: [step("Mul", "x", "y", ["mask"])], inputs: ["mask"] },
      'expected output "y" to be computed from one input, got 2: "mask", "x".',
    );
  });
});

describe("Reshape", () => {
  const shaped = (shape: number[], attributes: Attributes = {}): FileParts => {
    return { nodes: [step("Reshape", "x", "y", ["t"], attributes)], weights: [ints("t", shape)] };
  };

  it("with allowzero is as any other while no 0 is in the shape", () => {
    expect(layers(open(shaped([-1, 16], { allowzero: 1 })))).toBe("0: Flatten()");
    refuses(
      shaped([0, 16], { allowzero: 1 }),
      'node "Reshape_y" (Reshape): expected no 0 in the shape with allowzero 1 (it would be an empty tensor), got one.',
    );
  });

  it("takes apart what the input joins: [N, 16] to [N, 1, 4, 4] before a convolution", () => {
    const nodes = [step("Reshape", "x", "r", ["t"]), step("Conv", "r", "y", ["k"])];
    const found = open({ nodes, weights: [ints("t", [-1, 1, 4, 4]), double], inputShape: [16] });
    expect(found.inputShape).toEqual([1, 4, 4]);
    expect(found.notes).toEqual([
      "The file's input is [N, 16]; the model takes [N, 1, 4, 4], the same numbers in the same order.",
    ]);
  });

  it("behind a layer that joins features is an Unflatten", () => {
    const nodes = [step("MatMul", "x", "m", ["w"]), step("Reshape", "m", "r", ["t"]), step("Conv", "r", "y", ["k"])];
    const found = open({ nodes, weights: [square, ints("t", [-1, 1, 1, 2]), double], inputShape: [2] });
    expect(layers(found)).toBe(
      "0: Linear(2, 2, { bias: false }), 1: Unflatten(1, [1, 1, 2]), 2: Conv2d(1, 2, [1, 1], { bias: false })",
    );
  });
});

describe("Pads", () => {
  it("before a layer that has none are a padding layer", () => {
    const nodes = [step("Pad", "x", "p", ["pads"], { mode: "edge" }), step("Relu", "p", "y")];
    const found = open({ nodes, weights: [ints("pads", [0, 0, 0, 1, 0, 0, 0, 2])], inputShape: [1, 1, 2] });
    expect(layers(found)).toBe("0: ReplicationPad2d([0, 0, 1, 2]), 1: ReLU()");
    expect([...found.model.predict(new Tensor([3, 4], [1, 1, 1, 2])).data]).toEqual([3, 3, 4, 4, 4]);
    expect(found.notes).toEqual([]);
  });

  it("of 0 behind a ReLU are those of a MaxPool, and without a ReLU they count", () => {
    const pad = step("Pad", "r", "p", ["pads"]);
    const pool = step("MaxPool", "p", "y", [], { kernel_shape: [1, 2] });
    const weights = [ints("pads", [0, 0, 0, 1, 0, 0, 0, 1])];
    const x = new Tensor([-3, -4], [1, 1, 1, 2]);
    const behind = open({ nodes: [step("Relu", "x", "r"), pad, pool], weights, inputShape: [1, 1, 2] });
    expect(layers(behind)).toBe("0: ReLU(), 1: MaxPool2d([1, 2], { stride: [1, 1], padding: [0, 1] })");
    const counts = open({ nodes: [step("Tanh", "x", "r"), pad, pool], weights, inputShape: [1, 1, 2] });
    expect(counts.model.get(1)).toBeInstanceOf(ZeroPad2d);
    expect(counts.model.predict(x).data[0]).toBe(0);
  });

  it("of another number, or that cut, are a layer of their own also before a convolution", () => {
    const pads = ints("pads", [0, 0, 0, 1, 0, 0, 0, -1]);
    const nodes = [step("Pad", "x", "p", ["pads", "v"]), step("Conv", "p", "y", ["k"])];
    const found = open({ nodes, weights: [pads, floats("v", [], [0.1]), double], inputShape: [1, 1, 3] });
    expect(layers(found)).toBe("0: ConstantPad2d([0, 0, 1, -1], 0.1), 1: Conv2d(1, 2, [1, 1], { bias: false })");
    const zeros = open({ nodes: [step("Pad", "x", "y", ["pads"])], weights: [pads], inputShape: [1, 1, 3] });
    expect(zeros.model.predict(new Tensor([3, 4, 5], [1, 1, 1, 3])).toArray()).toEqual([[[[0, 3, 4]]]]);
    refuses(
      { nodes: [step("Pad", "x", "y", ["pads"], { mode: "reflect" })], weights: [pads], inputShape: [1, 1, 3] },
      'node "Pad_y" (Pad): expected pads of at least 0 with mode reflect, got [0, 0, 0, 1, 0, 0, 0, -1].',
    );
  });

  it("of two axes that images do not have are refused", () => {
    const nodes = [step("Pad", "x", "p", ["pads"]), step("Conv", "p", "y", ["k"])];
    refuses(
      {
        nodes,
        weights: [ints("pads", [0, 1, 0, 0, 0, 0, 0, 0]), floats("k", [1, 2, 1, 1], [1, 2])],
        inputShape: [1, 1, 2],
      },
      'node "Pad_p" (Pad): expected a padding of rows and columns of [N, C, H, W] only, got other axes padded, too.',
    );
  });
});

describe("Resize", () => {
  const resize = (attributes: Attributes, more: readonly string[], weights: readonly TensorDraft[]): FileParts => {
    return { nodes: [step("Resize", "x", "y", more, attributes)], weights, inputShape: [2, 3, 4] };
  };
  const factors = floats("s", [4], [1, 1, 2, 1.5]);

  it.each<[string, FileParts, string]>([
    [
      "nearest pixels",
      resize(
        { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
        ["", "s"],
        [factors],
      ),
      "0: Upsample({ scaleFactor: [2, 1.5] })",
    ],
    [
      "linear ones of sizes, as PyTorch writes them",
      resize(
        { mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel" },
        ["", "", "n"],
        [ints("n", [1, 2, 6, 5])],
      ),
      '0: Upsample({ size: [6, 5], mode: "bilinear" })',
    ],
    [
      "cubic ones with aligned corners",
      resize(
        { mode: "cubic", coordinate_transformation_mode: "align_corners", cubic_coeff_a: { float: -0.75 } },
        ["", "s"],
        [factors],
      ),
      '0: Upsample({ scaleFactor: [2, 1.5], mode: "bicubic", alignCorners: true })',
    ],
    [
      "Upsample of opset 9",
      { nodes: [step("Upsample", "x", "y", ["s"])], weights: [factors], inputShape: [2, 3, 4], opset: 9 },
      "0: Upsample({ scaleFactor: [2, 1.5] })",
    ],
    [
      "DepthToSpace",
      { nodes: [step("DepthToSpace", "x", "y", [], { blocksize: 2, mode: "CRD" })], inputShape: [8, 3, 4] },
      "0: PixelShuffle(2)",
    ],
    [
      "LRN",
      {
        nodes: [step("LRN", "x", "y", [], { size: 3, alpha: { float: 0.1 }, bias: { float: 2 } })],
        inputShape: [5, 3, 4],
      },
      "0: LocalResponseNorm(3, { alpha: 0.1, k: 2 })",
    ],
  ])("is read: %s", (_title, parts, described) => {
    expect(layers(open(parts))).toBe(described);
  });

  it.each<[string, FileParts, string]>([
    [
      "pixels by another rule",
      resize({ mode: "nearest" }, ["", "s"], [factors]),
      'node "Resize_y" (Resize): expected nearest pixels by floor of asymmetric places, or linear or cubic ones by half_pixel or ' +
        'align_corners, got ["nearest", "half_pixel", "round_prefer_floor"].',
    ],
    [
      "channels that are resized",
      resize({ mode: "linear" }, ["", "s"], [floats("s", [4], [1, 2, 2, 2])]),
      'node "Resize_y" (Resize): expected rows and columns of [N, C, H, W] to be resized, got [1, 2, 2, 2].',
    ],
    [
      "another order of channels",
      { nodes: [step("DepthToSpace", "x", "y", [], { blocksize: 2 })], inputShape: [8, 3, 4] },
      'node "DepthToSpace_y" (DepthToSpace): expected mode CRD (channels in the order of PixelShuffle), got DCR.',
    ],
    [
      "an even window of channels",
      { nodes: [step("LRN", "x", "y", [], { size: 4 })], inputShape: [8, 3, 4] },
      'node "LRN_y" (LRN): expected an odd size (an even one lies otherwise in our layer), got 4.',
    ],
  ])("is refused with %s", (_title, parts, message) => {
    refuses(parts, message);
  });
});

describe("A file cannot ask for much more than it holds", () => {
  const room =
    "expected nodes that compute about as many numbers from weights as the file holds, got many times as many";

  it("by folding constants into a shared weight again and again", () => {
    const count = 2000;
    const nodes = Array.from({ length: count }, (_, i) => [
      step("MatMul", i === 0 ? "x" : `b${i - 1}`, `a${i}`, ["w"]),
      step("Mul", `a${i}`, i === count - 1 ? "y" : `b${i}`, ["two"]),
    ]).flat();
    const weights = [floats("w", [256, 256], new Float32Array(65_536)), floats("two", [], [2])];
    expect(() => open({ nodes, weights, inputShape: [256] })).toThrow(room);
  });

  it("by transposing a weight again and again", () => {
    const nodes = Array.from({ length: 9000 }, (_, i) => step("Transpose", i === 0 ? "w" : `w${i}`, `w${i + 1}`));
    const weights = [floats("w", [512, 512], new Float32Array(262_144))];
    expect(() => open({ nodes: [...nodes, step("MatMul", "x", "y", ["w9000"])], weights, inputShape: [512] })).toThrow(
      room,
    );
  });

  it("by a constant for a million channels", () => {
    const nodes = [step("Mul", "x", "a", ["two"]), step("MaxPool", "a", "y", [], { kernel_shape: [1, 1] })];
    expect(() => open({ nodes, weights: [floats("two", [], [2])], inputShape: [1_000_000, 1, 1] })).toThrow(room);
  });

  it("by a broadcast", () => {
    const nodes = [step("Add", "a", "w", ["b"]), step("MatMul", "x", "y", ["w"])];
    const weights = [floats("a", [4096, 1], new Float32Array(4096)), floats("b", [1, 4096], new Float32Array(4096))];
    expect(() => open({ nodes, weights, inputShape: [4096] })).toThrow(room);
  });

  it("by axes without end", () => {
    const nodes = Array.from({ length: 70 }, (_, i) =>
      step("Unsqueeze", i === 0 ? "x" : `a${i}`, `a${i + 1}`, ["zero"]),
    );
    expect(() => open({ nodes: [...nodes, step("Relu", "a70", "y")], weights: [ints("zero", [1])] })).toThrow(
      /expected a size that a tensor can have/,
    );
  });

  it("and 10,000 nodes are read in a moment", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => (i === 9999 ? "y" : `a${i}`));
    const kinds = ["Relu", "Transpose", "Identity", "Transpose", "Mul"];
    const nodes = names.map((name, i) => {
      const kind = kinds[i % kinds.length];
      return step(
        kind,
        i === 0 ? "x" : names[i - 1],
        name,
        kind === "Mul" ? ["two"] : [],
        kind === "Transpose" ? { perm: [0, 3, 2, 1] } : {},
      );
    });
    const begun = process.cpuUsage(); // not the clock, which runs on while others work
    open({ nodes, weights: [floats("two", [], [2])] });
    expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(5);
  });
});

describe("ConvTranspose", () => {
  it("computes what ONNX Runtime computes, whatever is cut and added on each side", async () => {
    ort.env.wasm.numThreads = 1;
    const weight = Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) - 5);
    for (const attributes of [
      { strides: [2, 2], auto_pad: "SAME_UPPER" },
      { strides: [2, 2], auto_pad: "SAME_LOWER" },
      { strides: [2, 2], pads: [0, 1, 2, 0] },
      { strides: [3, 2], pads: [1, 1, 0, 1], output_padding: [1, 0] },
      { strides: [2, 2], output_shape: [6, 7] },
      { dilations: [2, 1], group: 2 },
    ] as Attributes[]) {
      const groups = attributes.group === 2 ? 2 : 1;
      const dims = [2, 2 / groups, 3, 2];
      const nodes = [step("ConvTranspose", "x", "y", ["w"], attributes)];
      const parts = { nodes, weights: [floats("w", dims, weight.slice(0, 24 / groups))], inputShape: [2, 3, 4] };
      const bytes = onnxFile({ ...parts, outputRank: 4 });
      const session = await openSession(ort as unknown as Runtime, bytes);
      const x = drawInput([2, 2, 3, 4], 5);
      const expected = await run(ort as unknown as Runtime, session, x);
      const got = importOnnx(bytes).model.predict(x);
      expect(got.shape, JSON.stringify(attributes)).toEqual(expected.shape);
      got.data.forEach((value, i) => expect(Math.abs(value - expected.data[i])).toBeLessThan(1e-4));
      await session.release();
    }
  });
});
