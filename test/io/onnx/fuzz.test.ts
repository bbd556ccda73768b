// A short run over damaged files; the fuzz harness runs the same target for longer and counts what it allocates.
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../src/errors.js";
import { target } from "../../fuzz/targets/onnx.js";
import { randomOf } from "../../support/onnxModels.js";

const seeds = target.seeds();

function refusal(bytes: Uint8Array): unknown {
  try {
    target.parse(bytes);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("Damaged ONNX files give a FormatError or a model", () => {
  it("for every truncation of files under 1 kB", () => {
    const small = seeds.filter(({ length }) => length < 1000);
    expect(small.length).toBeGreaterThan(8);
    for (const seed of small) {
      for (let length = 0; length < seed.length; length++) {
        const error = refusal(seed.subarray(0, length));
        // What stands at the end of a file (texts, opsets) may be missing as a whole.
        if (error !== undefined) expect((error as Error).constructor).toBe(FormatError);
      }
    }
  });

  it("for drawn changes of fields, lengths and bytes", () => {
    const found = { models: 0, refused: 0 };
    for (let i = 0; i < 1500; i++) {
      const random = randomOf(i);
      const error = refusal(target.mutate(seeds[i % seeds.length], random));
      if (error === undefined) found.models++;
      else expect((error as Error).constructor, String((error as Error).stack)).toBe(FormatError);
      if (error !== undefined) found.refused++;
    }
    expect(found.models).toBeGreaterThan(100);
    expect(found.refused).toBeGreaterThan(500);
  });
});
