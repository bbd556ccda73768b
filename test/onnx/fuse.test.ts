// Activations that exporters write as several nodes come back as the one layer they are.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exportOnnx, importOnnx } from "../../src/entries/onnx.js";
import {
  Conv2d,
  GELU,
  Graph,
  Mish,
  Multiply,
  multiply,
  Sequential,
  Sigmoid,
  SiLU,
  Tensor,
  randn,
  type Layer,
} from "../../src/index.js";
import * as ort from "onnxruntime-web";
import { FormatError } from "../../src/index.js";
import type { NodeDraft, TensorDraft } from "../../src/onnx/schema.js";
import { floats, node, onnxFile } from "../support/onnxFiles.js";
import { open, run } from "../support/onnxRuntime.js";
import { expectClose } from "../support/close.js";

ort.env.wasm.numThreads = 1;
const read = (name: string): Buffer => readFileSync(new URL(`../fixtures/onnx/${name}`, import.meta.url));

function types(layer: Layer): string[] {
  const inside = layer.namedChildren().flatMap(([, child]) => types(child));
  return [layer.config().type, ...inside];
}

describe("Activations in several nodes", () => {
  it("of PyTorch's exporter are GELU, SiLU, Mish and their like, and compute PyTorch's numbers", () => {
    const { model } = importOnnx(read("torch-activations.onnx"));
    const wanted = ["GELU", "SiLU", "Mish", "Hardswish", "ELU", "PReLU", "ReLU6", "SELU", "Softplus"];
    expect(
      types(model).filter((type) => !["Sequential", "Conv2d", "Flatten", "Linear", "BatchNorm2d"].includes(type)),
    ).toEqual(wanted);
    const { x, y } = JSON.parse(read("torch-activations.json").toString()) as { x: number[]; y: number[] };
    expectClose(model.predict(new Tensor(x, [2, 2, 6, 6])).data, y, 1e-5);
  });

  it("come back to the bit from our own export", () => {
    const model = new Sequential(new Conv2d(1, 3, 3), new GELU(), new Conv2d(3, 2, 1), new SiLU(), new Mish());
    const x = randn([2, 1, 5, 5], { seed: 1 });
    const back = importOnnx(exportOnnx(model, [1, 5, 5])).model;
    expect(types(back)).toEqual(types(model));
    expect(back.predict(x).data).toEqual(model.predict(x).data);
  });

  const number = (name: string, value: number): TensorDraft => floats(name, [], [value]);
  const at = (op: string, input: string[], output: string, attributes = {}): NodeDraft =>
    node(op, attributes, { name: `${op}_${output}`, input, output: [output] });
  const constants = [
    ...[number("half", 0.5), number("one", 1), number("three", 3), number("zero", 0), number("six", 6)],
    ...[
      number("sixth", 1 / 6),
      number("beta", 0.7978845608028654),
      number("kappa", 0.044715),
      number("root", Math.SQRT2),
    ],
  ];
  const tanhOf = (cube: NodeDraft[]): NodeDraft[] => [
    ...cube,
    at("Mul", ["kappa", "cube"], "share"),
    at("Add", ["x", "share"], "sum"),
    at("Mul", ["beta", "sum"], "inner"),
    at("Tanh", ["inner"], "bent"),
  ];
  const forms: readonly [string, string, NodeDraft[]][] = [
    [
      ...(["GELU", "GELU by Tanh, the cube by products"] as const),
      [
        ...tanhOf([at("Mul", ["x", "x"], "square"), at("Mul", ["x", "square"], "cube")]),
        ...[
          at("Add", ["one", "bent"], "gate"),
          at("Mul", ["x", "gate"], "product"),
          at("Mul", ["half", "product"], "y"),
        ],
      ],
    ],
    [
      ...(["GELU", "GELU by Tanh, the cube as a power, half of x first"] as const),
      [
        ...tanhOf([at("Pow", ["x", "three"], "cube")]),
        ...[
          at("Add", ["bent", "one"], "gate"),
          at("Mul", ["x", "half"], "product"),
          at("Mul", ["product", "gate"], "y"),
        ],
      ],
    ],
    [
      ...(["GELU", "GELU by Erf, half of the sum first"] as const),
      [
        ...[at("Div", ["x", "root"], "inner"), at("Erf", ["inner"], "bent"), at("Add", ["bent", "one"], "sum")],
        ...[at("Mul", ["sum", "half"], "gate"), at("Mul", ["gate", "x"], "y")],
      ],
    ],
    [
      ...(["Hardswish", "Hardswish by HardSigmoid"] as const),
      [at("HardSigmoid", ["x"], "gate", { alpha: { float: 1 / 6 } }), at("Mul", ["x", "gate"], "y")],
    ],
    [
      ...(["Hardswish", "Hardswish by Clip, a sixth of the gate"] as const),
      [
        ...[at("Add", ["x", "three"], "sum"), at("Clip", ["sum", "zero", "six"], "clipped")],
        ...[at("Div", ["clipped", "six"], "gate"), at("Mul", ["x", "gate"], "y")],
      ],
    ],
    [
      ...(["Hardswish", "Hardswish by Clip, a sixth of the product"] as const),
      [
        ...[at("Add", ["three", "x"], "sum"), at("Clip", ["sum", "zero", "six"], "clipped")],
        ...[at("Mul", ["clipped", "x"], "product"), at("Mul", ["product", "sixth"], "y")],
      ],
    ],
  ];

  it.each(forms)("are read as %s: %s", async (type, _title, nodes) => {
    const bytes = onnxFile({ nodes, weights: constants, inputShape: [2, 3, 3] });
    const { model } = importOnnx(bytes);
    expect(types(model).filter((each) => each !== "Sequential")).toEqual([type]);
    const session = await open(ort, bytes, true);
    const x = multiply(randn([3, 2, 3, 3], { seed: 5 }), 3);
    expectClose(model.predict(x).data, (await run(ort, session, x)).data, 2e-6 * 10);
    await session.release();
  });

  it("are left alone where any one number is another", () => {
    let changed = 0;
    for (const [type, title, nodes] of forms) {
      const used = new Set(nodes.flatMap(({ input = [] }) => input));
      const others = constants
        .filter(({ name = "" }) => used.has(name))
        .map(({ name = "" }) => {
          const weights = constants.map((each) => (each.name === name ? number(name, 0.7) : each));
          return { name, nodes, weights };
        });
      const gate = nodes.map((each) => (each.opType === "HardSigmoid" ? at("HardSigmoid", ["x"], "gate") : each)); // alpha 0.2
      if (title.includes("HardSigmoid")) others.push({ name: "alpha", nodes: gate, weights: [...constants] });
      expect(others.length).toBeGreaterThan(0);
      for (const { name, nodes: these, weights } of others) {
        changed++;
        let got: string[] = [];
        try {
          got = types(importOnnx(onnxFile({ nodes: these, weights, inputShape: [2, 3, 3] })).model);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError); // an operator that is none by itself
        }
        expect(got, `${title}, another ${name}`).not.toContain(type);
      }
    }
    expect(changed).toBeGreaterThan(15);
  });

  it("do not cost time where products go deep", () => {
    const deep = Array.from({ length: 400 }, (_, i) =>
      at("Mul", [i === 0 ? "x" : `p${i}`, i === 0 ? "x" : `p${i}`], `p${i + 1}`),
    );
    const bytes = onnxFile({ nodes: [...deep, at("Tanh", ["p400"], "y")], weights: [], inputShape: [2, 3, 3] });
    try {
      importOnnx(bytes); // at once: 2^400 factors are not looked at
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });

  it("are not taken for one where the gate is that of another tensor", () => {
    const gate = new Graph(
      [
        ["a", new Conv2d(1, 2, 3), "x"],
        ["b", new Conv2d(1, 2, 3), "x"],
        ["gate", new Sigmoid(), "a"],
        ["y", new Multiply(), "b", "gate"],
      ],
      { inputs: ["x"], outputs: "y" },
    );
    const x = randn([2, 1, 5, 5], { seed: 1 });
    const back = importOnnx(exportOnnx(gate, [1, 5, 5])).model;
    expect(types(back)).toContain("Sigmoid");
    expect(types(back)).not.toContain("SiLU");
    expect(back.predict(x).data).toEqual(gate.predict(x).data);
  });
});
