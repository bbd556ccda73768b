// The short form of fuzzing: 200,000 inputs over all formats, and every truncation of their small files. Before it, the
// harness is shown one parser for each fault that it must see. The long form is `npm run fuzz`.
import { describe, expect, it } from "vitest";
import { allTargets, fuzz, stemOf, type Plan } from "./harness.js";
import { mutateBytes } from "./mutate.js";
import { generator } from "./random.js";
import { failureText } from "./table.js";
import type { Report } from "./task.js";

const INPUTS = 200_000;
/** Slow formats get fewer here; in the long form all get the same. */
const SHARES = { idxGzip: 0.1, npz: 0.3, checkpoint: 0.3, onnx: 0.3, model: 0.2 };
const SEED = Number(process.env.FUZZ_SEED ?? 1);

async function fuzzPlanted(name: string, limits: Partial<Plan> = {}): Promise<Report> {
  const url = new URL(`./planted/${name}.ts`, import.meta.url);
  const [report] = await fuzz({ targets: [url], inputs: 3000, seed: 1, jobs: 1, slowMs: 20_000, ...limits });
  return report;
}

describe("The fuzz harness", () => {
  it("draws the same inputs from the same seed, and others from another", () => {
    const bytes = Uint8Array.from({ length: 50 }, (_, i) => i);
    const draw = (seed: number, index: number): Uint8Array => mutateBytes(bytes, generator(seed, index), bytes);
    expect(draw(1, 5)).toEqual(draw(1, 5));
    expect(draw(1, 5)).not.toEqual(draw(1, 6));
    expect(draw(1, 5)).not.toEqual(draw(2, 5));
    expect(bytes).toEqual(Uint8Array.from({ length: 50 }, (_, i) => i));
  });

  it("finds nothing wrong with a parser that is right, and counts what it did", async () => {
    const report = await fuzzPlanted("none");
    expect(report.failures).toEqual([]);
    expect(report.inputs).toBe(3000);
    expect(report.truncations).toBe(6);
    expect(report.accepted).toBeGreaterThan(100);
    expect(report.refused.FormatError).toBe(3000 - report.accepted);
  });

  it.each([
    ["typeError", "wrong error", /TypeError: Cannot read properties of undefined/],
    ["typedArray", "allocation", /more than 10\d\d bytes/],
    ["slice", "allocation", /more than 10\d\d bytes/],
    ["caught", "allocation", /more than 10\d\d bytes/],
    ["list", "allocation", /the heap grew by 1\d{8} bytes/],
    ["slow", "slow", /^\d+ ms in the fastest of 5 tries$/],
  ])("sees a planted fault: %s", async (name, kind, message) => {
    const { failures } = await fuzzPlanted(name, name === "slow" ? { slowMs: 50 } : {});
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures.map((failure) => failure.kind))).toEqual(new Set([kind]));
    expect(failures[0].message).toMatch(message);
    expect(failures[0].input).toMatch(/^input \d+$/);
  });

  it("sees a truncation that is taken for a whole file", async () => {
    const { failures } = await fuzzPlanted("truncation");
    expect(failures.map(({ kind, input }) => [kind, input])).toEqual([
      ["truncation accepted", "seed 0 cut to 5 bytes"],
    ]);
  });

  it.each([
    ["loops", "hang", { hangMs: 2000 }],
    ["crash", "crash", { heapMb: 100 }],
  ])("ends a thread that does not end by itself, and names its input: %s", async (name, kind, limits) => {
    const { failures, inputs } = await fuzzPlanted(name, limits);
    expect(failures.map((failure) => failure.kind)).toEqual([kind]);
    expect(failures[0].input).toBe(`input ${inputs}`);
  });
});

describe("Files of all formats, damaged in every way,", () => {
  it(`give handgrad's own errors, allocate no more than is stated and do not hang: ${INPUTS} inputs`, async () => {
    const targets = allTargets();
    expect(targets.map(stemOf)).toEqual(
      expect.arrayContaining(["checkpoint", "idx", "idxGzip", "model", "npy", "npz", "onnx", "safetensors"]),
    );
    const reports = await fuzz({ targets, inputs: INPUTS, seed: SEED, jobs: 1, shares: SHARES });
    expect(reports.map((report) => failureText(report, SEED)).join("")).toBe("");
    expect(reports.reduce((sum, { inputs }) => sum + inputs, 0)).toBe(INPUTS);
    for (const { name, inputs, accepted } of reports) {
      expect(accepted, `${name}: accepted`).toBeGreaterThan(inputs / 100); // the draws reach behind the first check
      expect(accepted, `${name}: accepted`).toBeLessThan(inputs);
    }
  }, 600_000); // a busy machine is no failure; a hang is seen by the harness
});
