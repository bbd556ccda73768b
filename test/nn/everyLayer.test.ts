// What every layer of the package owes, from the table in test/support/layers.ts.
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { exportOnnx, importOnnx } from "../../src/entries/onnx.js";
import { loadModel, saveModel } from "../../src/entries/io.js";
import { gradCheck } from "../../src/gradcheck/gradCheck.js";
import {
  ArgumentError, LAYERS, Layer, Sequential, ShapeError, StateError, Tensor, manualSeed, multiply, ones, randn, setBackend,
  wasm, zeros, type LayerConfig,
} from "../../src/index.js"; // prettier-ignore
import { reference } from "../../src/backend/reference/backend.js";
import { LAYER_ROWS, titleOf, type LayerRow } from "../support/layers.js";
import { compare, type Runtime } from "../support/onnxRuntime.js";
import { onEachBackend } from "../support/backends.js";

ort.env.wasm.numThreads = 1;
const runtime: Runtime = ort;

const rows = LAYER_ROWS.map((row): [string, LayerRow] => [titleOf(row), row]);

/** A layer of the row, always with the same numbers. */
function build({ make }: LayerRow): Layer {
  manualSeed(7);
  const layer = make();
  for (const { value } of layer.parameters()) value.data.set(randn(value.shape, { seed: value.size }).data);
  return layer;
}

/** dx and the gradients of the parameters of one pass. */
function gradients(layer: Layer, x: Tensor, between: (y: Tensor) => void = () => undefined): number[][] {
  const y = layer.forward(x);
  between(y);
  const dx = layer.backward(randn(y.shape, { seed: 3 }));
  return [y, dx, ...layer.parameters().map(({ grad }) => grad)].map(({ data }) => Array.from(data));
}

describe("The table", () => {
  it("has rows for every layer of the package", () => {
    expect([...new Set(LAYER_ROWS.map(({ type }) => type))].sort()).toEqual(Object.keys(LAYERS).sort());
    for (const row of LAYER_ROWS) expect(row.make().config().type).toBe(row.type);
  });

  it("would miss a layer without one", () => {
    const types = new Set(LAYER_ROWS.filter(({ type }) => type !== "ReLU").map(({ type }) => type));
    expect(Object.keys(LAYERS).filter((type) => !types.has(type))).toEqual(["ReLU"]);
  });
});

describe.each(rows)("%s", (_, row) => {
  const input = randn(row.input, { seed: 11 });

  it("has the right gradients, in float64", () => {
    const report = gradCheck(build(row), randn([2, ...row.input.slice(1)], { seed: 5 }));
    expect(String(report)).toMatch(/gradients agree/);
    expect(report.ok && report.float64).toBe(true);
  });

  onEachBackend(() => {
    it("uses nothing up in a backward that is refused, and up its forward in the next", () => {
      const run = (refuse: boolean): unknown => {
        const layer = build(row);
        const results = gradients(layer, input, (y) => {
          if (!refuse) return;
          expect(() => layer.backward(zeros([7, 7, 7, 7, 7]))).toThrow(ShapeError);
          expect(() => layer.backward([1] as never)).toThrow("to be a Tensor, got [1]");
          expect(() => layer.backward(ones(y.shape), { inputGrad: 1 } as never)).toThrow(ArgumentError);
        });
        expect(() => layer.backward(zeros([1]))).toThrow(StateError);
        return results;
      };
      expect(run(true)).toEqual(run(false));
    });

    it("is not disturbed by predict, summary and outputShape between forward and backward", () => {
      const run = (disturb: boolean): unknown => {
        const layer = build(row);
        return gradients(layer, input, () => {
          if (!disturb) return;
          layer.predict(multiply(input, 3));
          layer.outputShape(row.input);
          layer.summary(row.input.slice(1));
          layer.predict(randn([2, ...row.input.slice(1)], { seed: 1 }));
        });
      };
      expect(run(true)).toEqual(run(false));
    });

    it("gives the same alone and inside a model, with { inputGrad: false } too", () => {
      const alone = gradients(build(row), input);
      const model = new Sequential(["it", build(row)]);
      expect(gradients(model, input)).toEqual(alone);
      model.zeroGrad();
      manualSeed(7);
      const layer = build(row);
      const y = layer.forward(input);
      expect(layer.backward(randn(y.shape, { seed: 3 }), { inputGrad: false })).toBeUndefined();
      expect(layer.parameters().map(({ grad }) => Array.from(grad.data))).toEqual(alone.slice(2));
    });

    it("predicts what it forwards in eval mode, each row by itself, and says the shape", () => {
      const layer = build(row);
      const predicted = layer.predict(input);
      expect(layer.training).toBe(true);
      expect(predicted.shape).toEqual(layer.outputShape(row.input));
      if (row.fixed !== false) expect(layer.forward(input).toArray()).toEqual(predicted.toArray());
      expect(layer.eval().forward(input).toArray()).toEqual(predicted.toArray());
      for (let i = 0; i < row.input[0]; i++) {
        expect(layer.predict(input.slice([i, i + 1])).toArray()).toEqual(predicted.slice([i, i + 1]).toArray());
      }
    });

    it("never changes what the caller holds", () => {
      const layer = build(row);
      const x = input.clone();
      const y = layer.forward(x);
      const [xBefore, yBefore] = [x.toArray(), y.toArray()];
      const dy = randn(y.shape, { seed: 3 });
      const dx = layer.backward(dy);
      const [dxBefore, dyBefore] = [dx.toArray(), dy.toArray()];
      layer.forward(multiply(x, 2));
      layer.predict(x);
      expect([x, y, dx, dy].map((tensor) => tensor.toArray())).toEqual([xBefore, yBefore, dxBefore, dyBefore]);
    });
  });

  it("gives on the fast backend what it gives on the reference, forth and back", () => {
    const [fast, slow] = [wasm, reference].map((backend) => {
      const before = setBackend(backend);
      try {
        return gradients(build(row), input);
      } finally {
        setBackend(before);
      }
    });
    // A few dozen roundings of the largest number; the bounds number by number are those of each layer's own tests.
    fast.forEach((numbers, i) => {
      const largest = slow[i].reduce((max, value) => Math.max(max, Math.abs(value)), 1);
      numbers.forEach((value, k) => expect(Math.abs(value - slow[i][k])).toBeLessThanOrEqual(2e-5 * largest));
    });
  });

  it("is built again from its config, and described alike", () => {
    const layer = build(row);
    const { type, args, options } = JSON.parse(JSON.stringify(layer.config())) as LayerConfig;
    if (layer.namedChildren().length === 0) {
      const Class = LAYERS[type] as unknown as new (...given: unknown[]) => Layer;
      const again = new Class(...args, ...(options === undefined ? [] : [options]));
      expect(again.config()).toEqual(layer.config());
      expect(again.describe()).toBe(layer.describe());
      expect(again.parameters().map(({ shape }) => shape)).toEqual(layer.parameters().map(({ shape }) => shape));
    }
    expect(String(layer)).toBe(layer.describe());
    expect(() => JSON.stringify(layer)).toThrow(ArgumentError);
  });

  it("comes back from a model file with the same state and bits", () => {
    const model = new Sequential(["it", build(row)]);
    model.forward(input); // state that a forward makes
    const loaded = loadModel(saveModel(model, { input: { shape: row.input.slice(1) } })).model;
    expect(Object.keys(loaded.stateDict())).toEqual(Object.keys(model.stateDict()));
    expect(loaded.predict(input)).toEqual(model.predict(input));
    expect(loaded.config()).toEqual(model.config());
  });

  it("is exported to ONNX as ONNX Runtime computes it, and comes back where it stands in a chain", async () => {
    const layer = build(row);
    layer.forward(input); // state that a forward makes
    const sample = row.input.slice(1);
    const bytes = exportOnnx(layer, sample);
    await compare(runtime, layer, bytes, sample, [1, 3]);
    if (row.onnx === "written" || row.input.length === 3) return; // sequences come back as images of height 1
    const { model } = importOnnx(bytes);
    const [a, b] = [model.predict(input), layer.predict(input)];
    expect(a.shape).toEqual(b.shape);
    a.data.forEach((value, i) =>
      expect(Math.abs(value - b.data[i])).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(b.data[i]))),
    );
  });

  it("works inside a user's block", () => {
    class Block extends Layer {
      constructor(readonly inner: Layer) {
        super();
      }
      forward(x: Tensor): Tensor {
        return multiply(this.inner.forward(x), 1);
      }
      backward(dy: Tensor): Tensor {
        return multiply(this.inner.backward(dy), 1);
      }
    }
    expect(gradients(new Sequential(new Block(build(row))), input)).toEqual(gradients(build(row), input));
  });
});
