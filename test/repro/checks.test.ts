// The tools of the digest matrix are shown wrong results: one bit that differs is seen and named, a NaN's sign is not.
// The matrix itself is `npm run repro`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Result {
  train: { trainLosses: number[]; evalLosses: number[]; weights: Record<string, string>; digest: string };
  operations: Record<string, string>;
  reference?: Record<string, string>;
}
interface Numbers {
  float32(numbers: ArrayLike<number>): Numbers;
  float64(numbers: ArrayLike<number>): Numbers;
  hex(): Promise<string>;
}
interface Row {
  runtime: string;
  version: string;
  arch: string;
  note: string;
  threads: number | string;
  digest: string;
  problems: string[];
}

// Plain JavaScript, because browsers load some of it as it is.
const load = async (name: string): Promise<unknown> => import(new URL(name, import.meta.url).href);
const { Digest } = (await load("digest.mjs")) as { Digest: new () => Numbers };
const { differences, readExpected } = (await load("compare.mjs")) as {
  differences: (result: object, expected: Result) => string[];
  readExpected: () => Result;
};
const { writeTable } = (await load("table.mjs")) as { writeTable: (text: string, rows: Row[]) => string };

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("The digest", () => {
  it("is SHA-256 of the numbers' bytes, little-endian", async () => {
    const bytes = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0); // float32 1, float64 -2
    expect(await new Digest().float32([1]).float64([-2]).hex()).toBe(sha256(bytes));
  });

  it("does not see the sign and payload of a NaN", async () => {
    const nans = new Float32Array(Uint32Array.of(0x7fc00000, 0xffc00000, 0x7fa00001).buffer);
    const digests = await Promise.all([...nans.keys()].map((i) => new Digest().float32(nans.subarray(i, i + 1)).hex()));
    expect(new Set(digests)).toEqual(new Set([sha256(Uint8Array.of(0, 0, 0xc0, 0x7f))]));
  });

  it("sees the sign of zero and the last bit of a number", async () => {
    const last = new Float32Array(Uint32Array.of(0x3f800001).buffer);
    const digests = [[0], [-0], [1], last].map((numbers) => new Digest().float32(numbers).hex());
    expect(new Set(await Promise.all(digests)).size).toBe(4);
  });
});

describe("The comparison", () => {
  const expected = readExpected();
  const changed = (change: (result: Result) => void): string[] => {
    const result = structuredClone(expected);
    delete result.reference;
    change(result);
    return differences(result, expected);
  };

  it("finds nothing in what is expected", () => {
    expect(changed(() => undefined)).toEqual([]);
    expect(differences({ reference: expected.reference }, expected)).toEqual([]);
  });

  it("names the first loss, the weight and the operation that differ, and what is missing", () => {
    const [loss] = expected.train.trainLosses.slice(6);
    const next = loss + 2 ** -51;
    expect(changed(({ train }) => (train.trainLosses[6] = next))).toEqual([
      `loss of training step 7: expected ${loss}, got ${next}`,
    ]);
    expect(changed(({ train }) => train.evalLosses.pop())).toEqual([
      "evaluation loss of epoch: expected 3 numbers, got 2",
    ]);
    expect(changed(({ train }) => (train.weights["0.bias"] = "0"))).toEqual([
      `final 0.bias: expected ${expected.train.weights["0.bias"]}, got 0`,
    ]);
    expect(changed(({ operations }) => delete operations.softmax)).toEqual([
      `operation softmax: expected ${expected.operations.softmax}, got undefined`,
    ]);
    expect(changed(({ train }) => (train.digest = "0"))).toEqual([`digest: expected ${expected.train.digest}, got 0`]);
    expect(differences({ error: "it crashed" }, expected)).toEqual(["it crashed"]);
    expect(differences({ reference: {} }, expected)).toHaveLength(Object.keys(expected.reference!).length);
  });
});

describe("The table in docs/reproducibility.md", () => {
  const docs = readFileSync("docs/reproducibility.md", "utf8");

  it("shows the expected digest in every line that has one", () => {
    const digests = [...docs.matchAll(/\| `([0-9a-f]{16})` \|/g)].map(([, digest]) => digest);
    expect(digests.length).toBeGreaterThan(10);
    expect(new Set(digests)).toEqual(new Set([readExpected().train.digest.slice(0, 16)]));
  });

  it("joins the cells of a runtime that agree, and names why one does not", () => {
    const row = {
      runtime: "Node",
      version: "1.2",
      arch: "x86-64",
      note: "",
      digest: "0123456789abcdefff",
      problems: [],
    };
    const rows: Row[] = [
      ...[1, 2].map((threads) => ({ ...row, threads })),
      { ...row, threads: "reference", digest: "" },
      { ...row, threads: 3, problems: ["loss of training step 1: expected 1, got 2"] },
    ];
    expect(writeTable(docs, rows)).toContain(
      "| Node | 1.2 | x86-64 |  | 1, 2 | `0123456789abcdef` |\n" +
        "| Node | 1.2 | x86-64 |  | 3 | loss of training step 1: expected 1, got 2 |\n<!-- repro: end -->",
    );
  });
});
