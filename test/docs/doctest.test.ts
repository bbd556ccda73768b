// The checker of the documentation's comments is shown wrong ones.
import { describe, expect, it } from "vitest";
import { Tensor } from "../../src/base/tensor.js";

// Plain JavaScript, because the runner loads it without a build.
const { withClaims, claim, toJavaScript } = (await import(new URL("doctest.mjs", import.meta.url).href)) as {
  withClaims: (code: string) => { code: string; claims: number };
  claim: (value: unknown, comment: string) => void;
  toJavaScript: (code: string, form: "esm" | "cjs") => string;
};

describe("A comment that shows a result", () => {
  it.each([
    ["relu(x); // [0, 3]", 'globalThis.claim(relu(x), "[0, 3]");'],
    ["sum(x);   // rank 0: 10", 'globalThis.claim(sum(x), "10");'],
    ["  allClose(a, b); // true", '  globalThis.claim(allClose(a, b), "true");'],
  ])("%s becomes a claim", (line, claimed) => {
    expect(withClaims(line)).toEqual({ code: claimed, claims: 1 });
  });

  it.each(["const x = f(y); // [1, 2]", "f(x); // [N, C, H, W]", "f(x); // the first row", "// [1, 2]", "if (x) f(1); // 2"])(
    "%s is none",
    (line) => {
      expect(withClaims(line)).toEqual({ code: line, claims: 0 });
    },
  );

  it("holds within the decimals that it shows", () => {
    claim(new Tensor([[0.26894, 1]]), "[[0.2689, 1]]: a remark [1]");
    claim(Int32Array.of(3, 4), "[3, 4]");
    claim(0.42, "0.42");
    claim(true, "true, because");
  });

  it.each([
    [new Tensor([0.2688]), "[0.2689]"],
    [new Tensor([1, 2]), "[1, 2, 3]"],
    [new Tensor([1, 2, 3]), "[1, 2]"],
    [new Tensor([[1], [2]]), "[1, 2]"],
    [new Tensor([NaN]), "[1]"],
    [1, "true"],
    ["1", "1"],
  ])("fails where the value is %s and the comment %s", (value, comment) => {
    expect(() => claim(value, comment)).toThrow(/^expected /);
  });
});

describe("The CommonJS form of a program", () => {
  it("requires what the program imports, and may await", () => {
    const code = 'import { type A, a, type B } from "handgrad";\nconst b: B = await a();';
    expect(toJavaScript(code, "cjs")).toMatch(/^const \{ a \} = require\("handgrad"\);/);
    expect(toJavaScript(code, "cjs")).toContain("const b = await a();");
  });
});
