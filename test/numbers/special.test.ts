// expm1, log1p and the normal distribution against SciPy (test/fixtures/make_activations.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expm1, log1p, normalDensity, normalDistribution } from "../../src/numbers/special.js";

type Rows = readonly (readonly [x: number, value: number])[];
const fixture = JSON.parse(readFileSync(new URL("../fixtures/special.json", import.meta.url), "utf8")) as Record<
  "expm1" | "log1p" | "normalDistribution",
  Rows
>;
const EPS = 2 ** -52;

describe("special functions", () => {
  it.each([
    ["expm1", expm1, 5],
    ["log1p", log1p, 3],
    ["normalDistribution", normalDistribution, 1000],
  ] as const)("%s is within its relative error of SciPy's", (name, f, limit) => {
    const rows = fixture[name];
    expect(rows.length).toBeGreaterThan(250);
    for (const [x, value] of rows) {
      if (Math.abs(value) < 1e-300) continue;
      expect(Math.abs(f(x) - value) / Math.abs(value), `${name}(${x})`).toBeLessThan(limit * EPS);
    }
  });

  it("keep their limits and NaN", () => {
    expect([expm1(-Infinity), expm1(Infinity), expm1(0), expm1(NaN)]).toEqual([-1, Infinity, 0, NaN]);
    expect([log1p(-1), log1p(Infinity), log1p(0), log1p(-2), log1p(NaN)]).toEqual([-Infinity, Infinity, 0, NaN, NaN]);
    const limits = [-Infinity, -40, 0, 40, Infinity, NaN].map(normalDistribution);
    expect(limits).toEqual([0, 0, 0.5, 1, 1, NaN]);
    expect(normalDensity(0)).toBeCloseTo(0.3989422804014327, 15);
    expect(normalDistribution(-38)).toBeGreaterThan(0);
  });
});
