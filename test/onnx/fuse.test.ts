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
  Sequential,
  Sigmoid,
  SiLU,
  Tensor,
  randn,
  type Layer,
} from "../../src/index.js";
import { expectClose } from "../support/close.js";

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
