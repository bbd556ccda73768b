// Branches in ONNX files: what graphs, blocks and parallel branches become and what comes back; the forms in which other exporters
// write skip connections, gates and channels-last joins; what is refused. All held against ONNX Runtime.
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { loadModel, saveModel } from "../../src/entries/io.js";
import { exportOnnx, importOnnx, type OnnxImport } from "../../src/entries/onnx.js";
import {
  ArgumentError, AvgPool2d, BatchNorm2d, Concat, Conv2d, FormatError, Flatten, Graph, Linear, MaxPool2d, Multiply, Parallel, ReLU, Residual,
  Sequential, Sigmoid, Subtract, Tanh, manualSeed, multiply, randn, type Layer,
} from "../../src/index.js"; // prettier-ignore
import type { NodeDraft } from "../../src/onnx/schema.js";
import { expectClose } from "../support/close.js";
import { throwsExactly } from "../support/errors.js";
import { SHAPE, buildGraph } from "../support/graphs.js";
import { floats, node, onnxFile, type Attributes, type FileParts } from "../support/onnxFiles.js";
import { ALLOWED, drawInput, importedAnswer, largest, open, run, type Runtime } from "../support/onnxRuntime.js";

ort.env.wasm.numThreads = 1;
const runtime: Runtime = ort;
const RUNS = Number(process.env.FUZZ_RUNS ?? 60);

/** Throws unless the file gives what the model gives, up to the roundings of its largest number. */
async function agrees(bytes: Uint8Array, model: Layer, shape: readonly number[], most: number): Promise<void> {
  const session = await open(runtime, bytes, true);
  try {
    for (const batch of [1, 3]) {
      const x = multiply(drawInput([batch, ...shape], batch), 0.5);
      const expected = model.predict(x);
      const got = await run(runtime, session, x);
      expect(got.shape).toEqual(expected.shape);
      expectClose(got.data, expected.data, ALLOWED * Math.max(most, largest(expected.data)), {
        name: model.describe(),
      });
    }
  } finally {
    await session.release();
  }
}

describe("Drawn graphs", () => {
  it("are computed by ONNX Runtime alike, come back to the bit, and go there again", async () => {
    let graphs = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const net = buildGraph(seed, { smooth: false, fixed: false, own: true });
      const bytes = exportOnnx(net, SHAPE.slice(1));
      await agrees(bytes, net, SHAPE.slice(1), 8);
      const { model } = importOnnx(bytes);
      const x = randn([3, ...SHAPE.slice(1)], { seed });
      const y = net.predict(x);
      expect(model.predict(x), `seed ${seed}: ${net.describe()}`).toEqual(y);
      expect(model.parameters().length).toBe(net.parameters().length);
      if ([...model.layers()].some((layer) => layer instanceof Graph)) graphs++;
      const again = importOnnx(exportOnnx(model, SHAPE.slice(1))).model;
      expect(again.predict(x)).toEqual(y);
      expect(loadModel(saveModel(model)).model.predict(x)).toEqual(y);
    }
    expect(graphs).toBeGreaterThan(RUNS / 3);
  });
});

describe("What we export comes back", () => {
  const conv = (from: number, to: number): Conv2d => new Conv2d(from, to, 3, { padding: 1 });
  const MODELS: readonly [string, () => Sequential][] = [
    ["blocks", () =>
      new Sequential(
        conv(2, 4),
        new ReLU(),
        ["block", new Residual(new Sequential(conv(4, 4), new ReLU(), ["last", conv(4, 4)]))],
        new Residual(new Conv2d(4, 6, 3, { stride: 2, padding: 1 }), new Conv2d(4, 6, 1, { stride: 2 })),
        new Residual(new Sequential(new Tanh(), new Residual(new Sequential(["deep", conv(6, 6)]), new Conv2d(6, 6, 1))), new Conv2d(6, 6, 1)),
        new Flatten(),
        new Linear(96, 3),
      )],
    ["parallel branches", () =>
      new Sequential(
        new Parallel([
          ["1x1", new Conv2d(2, 3, 1)],
          ["3x3", new Sequential(new Conv2d(2, 2, 1), new ReLU(), conv(2, 4))],
          ["pool", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), new Conv2d(2, 1, 1))],
        ]),
        ["sum", new Parallel([conv(8, 2), new Conv2d(8, 2, 1), ["c", new Sequential(new Tanh(), conv(8, 2))]], { mode: "add" })],
        new Sigmoid(),
      )],
    ["a graph with the names of the nodes", () =>
      new Sequential([
        "net",
        new Graph([
          ["enc", conv(2, 3)],
          ["act", new ReLU()],
          ["low", new AvgPool2d(3, { stride: 1, padding: 1 })],
          ["cat", new Concat(), "low", "act", "x"],
          ["gate", new Tanh()],
          ["seen", new Multiply(), "gate", "cat"],
          ["left", new Subtract(), "seen", "cat"],
          ["dec", conv(8, 1)],
        ]),
      ])],
  ]; // prettier-ignore

  it.each(MODELS)("%s: with the same names and config", async (_, make) => {
    manualSeed(3);
    const model = make();
    const bytes = exportOnnx(model, [2, 8, 8]);
    await agrees(bytes, model, [2, 8, 8], 4);
    const back = importOnnx(bytes).model;
    expect(back.config()).toEqual(model.config());
    expect(Object.keys(back.stateDict())).toEqual(Object.keys(model.stateDict()));
    const x = randn([4, 2, 8, 8], { seed: 5 });
    expect(back.predict(x)).toEqual(model.predict(x));
  });

  it("a graph that stands between layers of its name takes them in", () => {
    const model = new Sequential([
      "net",
      new Sequential(["a", conv(2, 2)], ["b", new Graph([["c", new Tanh()], ["d", new Multiply(), "c", "c"]])], ["e", conv(2, 1)]), // prettier-ignore
    ]);
    const back = importOnnx(exportOnnx(model, [2, 4, 4])).model;
    expect(Object.keys(back.stateDict())).toEqual(["net.a.weight", "net.a.bias", "net.e.weight", "net.e.bias"]);
    const x = randn([2, 2, 4, 4], { seed: 1 });
    expect(back.predict(x)).toEqual(model.predict(x));
  });
});

const step = (op: string, inputs: string, output: string, attributes: Attributes = {}): NodeDraft =>
  node(op, attributes, { input: inputs.split(" "), output: [output], name: output === "y" ? "the_end" : output });
const random = (name: string, dims: readonly number[]): ReturnType<typeof floats> =>
  floats(name, dims, randn(dims, { seed: name.length + dims[0] }).data);
const SAME = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

async function imported(parts: FileParts, dims: readonly number[]): Promise<OnnxImport> {
  const bytes = onnxFile(parts);
  const x = drawInput(dims, 7);
  const session = await open(runtime, bytes, true);
  const expected = await run(runtime, session, x);
  await session.release();
  const read = importOnnx(bytes);
  const { y, most } = importedAnswer(read, x);
  const isFlat = dims.length === 3 && y.rank === 4; // signals are images of height 1
  expect(isFlat ? [...y.shape.slice(0, 2), y.shape[3]] : y.shape).toEqual(expected.shape);
  expectClose(y.data, expected.data, ALLOWED * Math.max(most, largest(expected.data)));
  return read;
}

describe("Forms of other exporters", () => {
  it("a skip connection in channels-last files, with a Transpose around each convolution", async () => {
    const toFirst = (from: string, to: string): NodeDraft => step("Transpose", from, to, { perm: [0, 3, 1, 2] });
    const toLast = (from: string, to: string): NodeDraft => step("Transpose", from, to, { perm: [0, 2, 3, 1] });
    const nodes = [
      ...[toFirst("x", "a"), step("Conv", "a w", "b", SAME), toLast("b", "c"), step("Relu", "c", "d")],
      ...[toFirst("d", "e"), step("Conv", "e v", "f", SAME), toLast("f", "g"), step("Concat", "g d", "h", { axis: 3 })],
      ...[step("Concat", "h x", "i", { axis: -1 }), step("Sigmoid", "i", "j"), step("Mul", "j i", "y")],
    ];
    const weights = [random("w", [4, 3, 3, 3]), random("v", [2, 4, 3, 3])];
    const { model, layout, outputLayout } = await imported({ nodes, weights, inputShape: [5, 6, 3] }, [2, 5, 6, 3]);
    expect([layout, outputLayout]).toEqual(["NHWC", "NHWC"]);
    expect(model.outputShape([1, 3, 5, 6])).toEqual([1, 9, 5, 6]);
    expect([...model.layers()].filter((layer) => layer instanceof Parallel).length).toBe(2);
  });

  it("the weights of channels, from a 1x1 convolution", async () => {
    const nodes = [
      ...[step("Conv", "x w", "a", SAME), step("GlobalAveragePool", "a", "b"), step("Conv", "b v", "c")],
      ...[step("Sigmoid", "c", "d"), step("Mul", "a d", "y")],
    ];
    const weights = [random("w", [4, 2, 3, 3]), random("v", [4, 4, 1, 1])];
    const { model } = await imported({ nodes, weights, inputShape: [2, 5, 6] }, [3, 2, 5, 6]);
    expect(String(model)).toBe(
      "Sequential(0: Conv2d(2, 4, [3, 3], { padding: 1, bias: false }), 1: Graph(globalaveragepool: AvgPool2d([5, 6]) of x; conv: " +
        "Conv2d(4, 4, [1, 1], { bias: false }) of globalaveragepool; sigmoid: Sigmoid() of conv; mul: Multiply() of x, sigmoid))",
    );
  });

  it("a sum of three, a difference, a square, and an input that is joined itself", async () => {
    const nodes = [
      ...[step("Relu", "x", "a"), step("Tanh", "x", "b"), step("Sum", "a b x", "c"), step("Sub", "x c", "d")],
      step("Mul", "d d", "y"),
    ];
    const { model } = await imported({ nodes, inputShape: [2, 3, 4] }, [3, 2, 3, 4]);
    expect(String(model)).toContain("Add() of relu, tanh, x; sub: Subtract() of x, sum");
  });

  it("x sigmoid(x), signals, and rows of features", async () => {
    const swish = [step("Sigmoid", "x", "a"), step("Mul", "x a", "y")];
    await imported({ nodes: swish, inputShape: [2, 3, 4] }, [3, 2, 3, 4]);
    const signal = [
      step("Conv", "x w", "a", { kernel_shape: [3], pads: [1, 1] }),
      step("Concat", "x a", "y", { axis: 1 }),
    ];
    await imported({ nodes: signal, weights: [random("w", [4, 2, 3])], inputShape: [2, 9] }, [3, 2, 9]);
    const rows = [
      step("Gemm", "x w", "a"),
      step("Relu", "a", "b"),
      step("Add", "b x", "c"),
      step("Concat", "c b", "y", { axis: 1 }),
    ];
    await imported({ nodes: rows, weights: [random("w", [4, 4])], inputShape: [4] }, [3, 4]);
    const flat = [
      step("Flatten", "x", "a"),
      step("GlobalAveragePool", "x", "b"),
      step("Flatten", "b", "c"),
      step("Concat", "a c", "y", { axis: 1 }),
    ];
    await imported({ nodes: flat, inputShape: [2, 3, 4] }, [3, 2, 3, 4]);
  });

  it("a convolution keeps its numbers to itself where a branch reads them before the batch norm", async () => {
    const norm = step("BatchNormalization", "a s t m v", "b");
    const nodes = [step("Conv", "x w", "a", SAME), norm, step("Add", "a b", "y")];
    const weights = [
      random("w", [2, 2, 3, 3]),
      ...["s", "t", "m"].map((name) => random(name, [2])),
      floats("v", [2], [0.5, 2]),
    ];
    const { model } = await imported({ nodes, weights, inputShape: [2, 4, 4] }, [2, 2, 4, 4]);
    expect(String(model)).toContain("Residual(Conv2d(2, 2, [1, 1], { groups: 2 }))");
  });

  it("the output of any node can be chosen, also where others join it", () => {
    const nodes = [step("Relu", "x", "a"), step("Tanh", "a", "b"), step("Add", "a b", "y")];
    const bytes = onnxFile({ nodes, inputShape: [2, 3, 4], outputs: ["b"] });
    expect(String(importOnnx(bytes, { output: "b" }).model)).toBe("Sequential(0: ReLU(), 1: Tanh())");
    expect(String(importOnnx(bytes, { output: "y" }).model)).toBe("Sequential(0: ReLU(), 1: Residual(Tanh()))");
  });
});

describe("Refused is", () => {
  const refused: readonly [string, FileParts, string][] = [
    [
      "a join of images in different orders",
      { nodes: [step("Transpose", "x", "a", { perm: [0, 1, 3, 2] }), step("Relu", "x", "b"), step("Add", "a b", "y")], inputShape: [2, 4, 4] },
      'node "the_end" (Add): expected inputs whose axes stand as the layers before them give them, and in one order, got [N, 2, 4, 4] and ' +
        "[N, 2, 4, 4] where the layers give [N, 2, 4, 4] and [N, 2, 4, 4].",
    ],
    [
      "a quotient of two that are computed",
      { nodes: [step("Relu", "x", "a"), step("Div", "x a", "y")], inputShape: [2, 4, 4] },
      'node "the_end" (Div): expected a number computed from the input divided by a constant, got two that are computed (we have no ' +
        "layer for it).",
    ],
    [
      "a product of two matrices that are computed",
      { nodes: [step("Relu", "x", "a"), step("MatMul", "x a", "y")], inputShape: [4, 4] },
      'node "the_end" (MatMul): expected a computed matrix times a weight of the file, got two computed ones (we have no layer for it).',
    ],
    [
      "a Concat along the batch",
      { nodes: [step("Relu", "x", "a"), step("Concat", "x a", "y", { axis: 0 })], inputShape: [2, 4, 4] },
      'node "the_end" (Concat): expected parts along another axis than the batch, got axis 0.',
    ],
    [
      "shapes that do not join",
      { nodes: [step("MaxPool", "x", "a", { kernel_shape: [2, 2] }), step("Add", "x a", "y")], inputShape: [2, 4, 4] },
      'node "the_end" (Add): expected a layer that can be built, got: Add: expected inputs of one shape (an axis of 1 stretches, but for ' +
        'the batch), got [1, 2, 4, 4] from "x" and [1, 2, 3, 3] from "a".',
    ],
  ]; // prettier-ignore

  it.each(refused)("%s", (_, parts, message) => {
    throwsExactly(() => importOnnx(onnxFile(parts)), FormatError, `importOnnx: ${message}`);
  });
});

describe("A graph with several inputs and outputs", () => {
  const heads = (): Graph<"picture" | "sound", "kind" | "size" | "both"> => {
    manualSeed(4);
    return new Graph(
      [
        ["eye", new Sequential(new Conv2d(1, 2, 3), new Tanh(), new Flatten()), "picture"],
        ["ear", new Linear(3, 4), "sound"],
        ["both", new Concat(), "eye", "ear"],
        ["kind", new Linear(12, 5)],
        ["size", new Linear(12, 1), "both"],
      ],
      { inputs: ["picture", "sound"], outputs: ["kind", "size", "both"] },
    );
  };
  const shapes = { picture: [1, 4, 4], sound: [3] };

  it("is exported under their names", async () => {
    const net = heads();
    const session = await open(runtime, exportOnnx(net, shapes));
    expect([session.inputNames, session.outputNames]).toEqual([
      ["picture", "sound"],
      ["kind", "size", "both"],
    ]);
    const [picture, sound] = [drawInput([3, 1, 4, 4], 1), drawInput([3, 3], 2)];
    const given = (x: typeof picture): ort.Tensor => new ort.Tensor("float32", Float32Array.from(x.data), x.shape);
    const results = await session.run({ picture: given(picture), sound: given(sound) });
    for (const [name, y] of Object.entries(net.predict({ picture, sound }))) {
      expect(results[name].dims).toEqual(y.shape);
      expectClose(results[name].data as Float32Array, y.data, ALLOWED * largest(y.data));
    }
    await session.release();
  });

  it("of one input gives any of its outputs back", () => {
    const net = new Graph([["a", new Tanh()], ["b", new ReLU()], ["c", new Sigmoid(), "a"]], { outputs: ["a", "b", "c"] }); // prettier-ignore
    const bytes = exportOnnx(net, [2, 3, 3]);
    const x = randn([2, 2, 3, 3], { seed: 1 });
    const expected = net.predict({ x });
    for (const output of ["a", "b", "c"] as const) {
      expect(importOnnx(bytes, { output }).model.predict(x)).toEqual(expected[output]);
    }
    throwsExactly(
      () => importOnnx(bytes),
      FormatError,
      'importOnnx: expected a graph with one output, got 3: "a", "b", "c" (choose one: importOnnx(bytes, { output: "a" })).',
    );
  });

  it("says which shapes and names it wants", () => {
    const fails = (run: () => unknown, text: string): void => throwsExactly(run, ArgumentError, `exportOnnx: ${text}`);
    fails(() => exportOnnx(heads(), [1, 4, 4]), "expected the shape of one sample for each of the inputs picture, sound, got [1, 4, 4]."); // prettier-ignore
    fails(() => exportOnnx(heads(), { picture: [1, 4, 4] }), "expected the shape of one sample for each of the inputs picture, sound, got those of picture."); // prettier-ignore
    fails(() => exportOnnx(heads(), shapes, { inputName: "x" }), "expected no inputName that the graph has itself (picture, sound), got one."); // prettier-ignore
    fails(() => exportOnnx(heads(), shapes, { outputName: "y" }), "expected no outputName that the graph has itself (kind, size, both), got one."); // prettier-ignore
  });

  it("and parallel branches keep a batch norm of their own where batch norms are folded", () => {
    manualSeed(1);
    const net = new Sequential(
      new Parallel([new Conv2d(2, 2, 1), new BatchNorm2d(2), new Sequential(new Conv2d(2, 2, 1), new BatchNorm2d(2))]),
    );
    net.forward(randn([4, 2, 3, 3], { seed: 2 }));
    const x = randn([2, 2, 3, 3], { seed: 3 });
    const { data } = importOnnx(exportOnnx(net, [2, 3, 3], { foldBatchNorm: true })).model.predict(x);
    expectClose(data, net.predict(x).data, 1e-5);
  });
});
