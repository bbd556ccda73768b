// What we export, run by ONNX Runtime (its WebAssembly form): the same outputs as predict. And single nodes that it and our
// import read. `npm run onnx:native` does the first with the native form, more models and the large networks.
import fc from "fast-check";
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/base/errors.js";
import { exportOnnx, importOnnx, type OnnxImport } from "../../src/entries/onnx.js";
import { expectClose } from "../support/close.js";
import { EXAMPLE_NETWORKS } from "../support/exampleNetworks.js";
import { drawFile } from "../support/onnxFiles.js";
import { LESSON_NETWORKS, drawModel, randomOf } from "../support/onnxModels.js";
import { ALLOWED, compare, drawInput, largestInside, open, run, type Runtime } from "../support/onnxRuntime.js";

ort.env.wasm.numThreads = 1;
const runtime: Runtime = ort;
const RUNS = Number(process.env.FUZZ_RUNS ?? 30);
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe("ONNX Runtime computes what predict computes, for batches of 1, 3 and 32,", () => {
  it("for drawn models with every layer and option", async () => {
    const property = fc.asyncProperty(seeds, fc.boolean(), async (seed, plain) => {
      const { model, inputShape } = drawModel(randomOf(seed));
      await compare(runtime, model, exportOnnx(model, inputShape), inputShape, [1, 3, 32], plain);
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  it.each(Object.entries(LESSON_NETWORKS))("for the network of %s", async (_name, make) => {
    const { model, inputShape } = make();
    await compare(runtime, model, exportOnnx(model, inputShape), inputShape);
  });

  const small = Object.entries(EXAMPLE_NETWORKS).filter(([name]) => !/AlexNet|VGG/.test(name));
  it.each(small)("for the network of example %s, by the built package", async (_name, make) => {
    const { model, inputShape, bytes } = make();
    await compare(runtime, model as never, bytes(), inputShape);
  });

  it("which a model with other weights does not pass", async () => {
    const { model, inputShape } = LESSON_NETWORKS["lesson 4"]();
    const bytes = exportOnnx(model, inputShape);
    for (const { value } of model.parameters()) value.data[0] += 1;
    await expect(compare(runtime, model, bytes, inputShape)).rejects.toThrow(/expected .* within/);
  });
});

describe("A file with one convolution or pool and drawn attributes", () => {
  it("is refused by name, or computes what ONNX Runtime computes", async () => {
    const tally = { agreed: 0, refused: 0, runtimeRefused: 0 };
    const property = fc.asyncProperty(seeds, async (seed) => {
      const { bytes, inputShape } = drawFile(randomOf(seed));
      const x = drawInput([2, ...inputShape], seed);
      let expected;
      try {
        const session = await open(runtime, bytes);
        expected = await run(runtime, session, x).finally(() => session.release());
      } catch {
        tally.runtimeRefused++; // then nobody says what is right
        return;
      }
      let found: OnnxImport;
      try {
        found = importOnnx(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        expect((error as Error).message).toMatch(/^importOnnx: node "the_\w+" \(\w+\): expected /);
        tally.refused++;
        return;
      }
      const y = found.model.predict(x);
      expect(y.shape).toEqual(expected.shape);
      expectClose(y.data, expected.data, ALLOWED * largestInside(found.model, x));
      tally.agreed++;
    });
    await fc.assert(property, { numRuns: 4 * RUNS });
    expect(tally.agreed).toBeGreaterThan(RUNS);
    expect(tally.refused).toBeGreaterThan(RUNS / 4);
  });
});
