// The kernels that handgrad/predict has in place of the two modules: they are the same ones at the same places, so a prediction has
// the same bits. Here the package is loaded twice, the second time with those modules, as the build of the entry does it.
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { saveModel } from "../../src/entries/io.js";
import * as core from "../../src/index.js";
import { LAYER_ROWS, titleOf } from "../support/layers.js";
import { NETWORKS, lessonInput } from "../support/lessons.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
const { AvgPool2d, Conv2d, ConvTranspose2d, Linear, MaxPool2d, Sequential, manualSeed, randn } = core;

vi.resetModules();
vi.doMock("../../src/backend/wasm/kernels.generated.js", () => import("../../src/backend/wasm/predict.generated.js"));
vi.doMock("../../src/backend/wasm/kit/kernels.generated.js", () => {
  return import("../../src/backend/wasm/kit/predict.generated.js");
});
const { kit, loadModel } = await import("../../src/entries/predict.js");
const { instance } = await import("../../src/backend/wasm/runtime/instance.js");

function sameBits(model: core.Sequential, x: core.Tensor): void {
  const [wanted, got] = [model.predict(x), loadModel(saveModel(model), { layers: kit }).predict(x)];
  expect(got.shape).toEqual(wanted.shape);
  expect(got.data).toEqual(wanted.data);
}

describe("The kernels of a prediction", () => {
  it("are other modules, with fewer kernels", () => {
    loadModel(saveModel(new Sequential(new core.ReLU()))).predict(core.ones([1]));
    const { exports, modules } = instance();
    expect(modules).toHaveLength(1);
    expect(Object.keys(exports).sort()).toEqual(["memory", "runAlone", "sameBits", "table"]);
    const filled = Array.from({ length: exports.table.length }, (_, i) => exports.table.get(i)).filter(Boolean);
    expect(filled).toHaveLength(13);
  });

  it.each(LAYER_ROWS.map((row) => [titleOf(row), row] as const))("have the bits of all kernels with %s", (_, row) => {
    manualSeed(7);
    sameBits(new Sequential(row.make()), randn(row.input, { seed: 1 }));
  });

  it.each(Object.entries(NETWORKS))("have them in the network of %s", (name, make) => {
    manualSeed(2);
    sameBits(make(), lessonInput(name as keyof typeof NETWORKS));
  });

  it("have them for convolutions, pools and products of any size", () => {
    const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
    const cases = fc.record({
      ...{ n: int(1, 5), from: int(1, 20), to: int(1, 20), kernel: int(1, 5), stride: int(1, 2), padding: int(0, 2) },
      ...{ size: fc.tuple(int(6, 24), int(6, 24)), window: int(2, 3), seed: fc.nat(), turned: fc.boolean() },
    });
    fc.assert(
      fc.property(cases, ({ n, from, to, kernel, stride, padding, size, window, seed, turned }) => {
        manualSeed(seed);
        const Convolution = turned ? ConvTranspose2d : Conv2d;
        const layers = [
          new Convolution(from, to, kernel, { stride, padding: Math.min(padding, kernel - 1) }),
          seed % 2 === 0 ? new MaxPool2d(window, { ceilMode: true }) : new AvgPool2d(window, { padding: 1 }),
          new core.Flatten(),
        ];
        const [, features] = new Sequential(["front", new Sequential(...layers)]).outputShape([1, from, ...size]);
        sameBits(new Sequential(...layers, new Linear(features, 3)), randn([n, from, ...size], { seed }));
      }),
      { numRuns: RUNS, seed: 20264 },
    );
  });
});
