// What we export, run by ONNX Runtime (its WebAssembly form): the same outputs as predict. And single nodes that it and our
// import read. `npm run onnx:native` does the first with the native form, more models and the large networks.
import fc from "fast-check";
import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/base/errors.js";
import { exportOnnx, importOnnx, type OnnxImport } from "../../src/entries/onnx.js";
import { Tensor } from "../../src/base/tensor.js";
import { expectClose } from "../support/close.js";
import { EXAMPLE_NETWORKS } from "../support/exampleNetworks.js";
import { drawFile } from "../support/onnxFiles.js";
import { LESSON_NETWORKS, drawModel, randomOf } from "../support/onnxModels.js";
import { drawStrangersFile, type StrangersFile } from "../support/onnxStrangers.js";
import {
  ALLOWED,
  compare,
  drawInput,
  importedAnswer,
  largestInside,
  open,
  run,
  type Runtime,
} from "../support/onnxRuntime.js";

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

/** What the runtime makes of an input, in the file's own form; undefined where it refuses the file. */
async function runtimeAnswer(file: StrangersFile, x: Tensor): Promise<Tensor | undefined> {
  let session;
  try {
    session = await open(runtime, file.bytes, true); // as it is: its optimizer makes zeros before a MaxPool -Infinity
    const input = new ort.Tensor("float32", Float32Array.from(x.data), x.shape);
    const unused = session.inputNames.includes("unused") ? { unused: new ort.Tensor("float32", [0], [1]) } : {};
    const results = await session.run({ x: input, ...unused }, { logSeverityLevel: 4 });
    const { data, dims } = results[file.output ?? session.outputNames[0]];
    return new Tensor(data as Float32Array, dims);
  } catch {
    return undefined;
  } finally {
    await session?.release();
  }
}

const withoutOnes = (shape: readonly number[]): number[] => shape.filter((size) => size !== 1);

// A padding that an average does not count and that is larger than half its window, which we do not have.
const KNOWN_REFUSALS = /expected a padding of at most half the window where it is not counted/;

/** "agreed", "refused" (by the import, for a known reason), or "runtime refused". Throws for anything else. */
async function compareStranger(seed: number): Promise<"agreed" | "refused" | "runtime refused"> {
  const file = drawStrangersFile(seed);
  const x = drawInput(
    file.dims.map((size) => size ?? 2),
    seed,
  );
  const expected = await runtimeAnswer(file, x);
  if (expected === undefined) return "runtime refused";
  let found;
  try {
    found = importOnnx(file.bytes, file.output === undefined ? {} : { output: file.output });
  } catch (error) {
    if (error instanceof FormatError && KNOWN_REFUSALS.test(error.message)) return "refused";
    throw new Error(`seed ${seed} (${[...file.forms].join(", ")})`, { cause: error });
  }
  // A Log of a Softmax that is 0 in float32 is -Infinity there; a LogSoftmax has the number.
  if (file.forms.has("Softmax and Log") && expected.data.includes(-Infinity)) return "runtime refused";
  const { y, most } = importedAnswer(found, x);
  expect(withoutOnes(y.shape)).toEqual(withoutOnes(expected.shape));
  expectClose(y.data, expected.data, ALLOWED * most, { name: `seed ${seed}` });
  // Written and read again it is the same to the bit.
  const again = importOnnx(exportOnnx(found.model, found.inputShape));
  const input = drawInput([2, ...found.inputShape], seed);
  expectClose(again.model.predict(input).data, found.model.predict(input).data, 0, { name: `seed ${seed}, again` });
  return "agreed";
}

describe("Networks as strangers' exporters write them", () => {
  it("compute what ONNX Runtime computes, in all of 58 forms", async () => {
    const agreed = new Map<string, number>();
    for (let seed = 0; seed < 400; seed++) {
      const result = await compareStranger(seed);
      for (const form of drawStrangersFile(seed).forms) {
        agreed.set(form, (agreed.get(form) ?? 0) + (result === "agreed" ? 1 : 0));
      }
    }
    expect(agreed.size).toBe(58);
    expect([...agreed].filter(([, count]) => count < 2)).toEqual([]);
  });

  it("also for drawn seeds", async () => {
    const tally = { agreed: 0, refused: 0, "runtime refused": 0 };
    const property = fc.asyncProperty(seeds, async (seed) => void tally[await compareStranger(seed)]++);
    await fc.assert(property, { numRuns: 4 * RUNS });
    expect(tally.agreed).toBeGreaterThan(3.8 * RUNS);
  });

  it("which a wrong weight would not pass", async () => {
    const file = drawStrangersFile(5);
    const x = drawInput(
      file.dims.map((size) => size ?? 2),
      5,
    );
    const found = importOnnx(file.bytes, file.output === undefined ? {} : { output: file.output });
    for (const { value } of found.model.parameters()) value.data[0] += 1;
    const expected = await runtimeAnswer(file, x);
    const { y, most } = importedAnswer(found, x);
    expect(() => expectClose(y.data, expected!.data, ALLOWED * most)).toThrow(/expected .* within/);
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
    expect(tally.agreed).toBeGreaterThan(2 * RUNS); // 80 % of them
    expect(tally.refused).toBeGreaterThan(0); // 10 %
  });
});
