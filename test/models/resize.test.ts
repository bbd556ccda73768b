// Resizing against PyTorch's interpolate with antialias, in float64. test/fixtures/make_resize.py made the values.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resizePlane } from "../../src/ops/resizePlane.js";
import { crc32 } from "../../src/files/crc32.js";
import { expectClose } from "../support/close.js";

interface Case {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

const { cases } = JSON.parse(readFileSync(new URL("../fixtures/torch/resize.json", import.meta.url), "utf8")) as {
  cases: readonly Case[];
};

describe("resizePlane", () => {
  it.each(cases.map((each) => [each.from.join(" x "), each.to.join(" x "), each] as const))(
    "from %s to %s is PyTorch's, within 1e-11",
    (_, __, { from, to, x, y }) => {
      expectClose(resizePlane(Float64Array.from(x), ...from, ...to), y, 1e-11);
    },
  );

  it("keeps a plane of one gray, at any size", () => {
    for (const [H, W, OH, OW] of [[7, 5, 3, 11], [2, 2, 31, 1]]) {
      const y = resizePlane(new Float64Array(H * W).fill(200), H, W, OH, OW);
      expectClose(y, new Float64Array(OH * OW).fill(200), 1e-12 * 200);
    }
  }); // prettier-ignore
});

describe("crc32", () => {
  it("gives the check value of its specification, whole and in parts", () => {
    const bytes = new TextEncoder().encode("123456789");
    expect(crc32(bytes)).toBe(0xcbf43926);
    expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});
