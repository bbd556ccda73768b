// Nothing in src computes with what engines, processors or machines disagree on: inexact functions of Math, clocks,
// languages, relaxed SIMD. Each rule is a function over a map of files and is shown a planted offender.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ASSEMBLY, parse, readTree, walk, type Files } from "./support/sources.js";

const EXACT_MATH = new Set([
  "abs",
  "floor",
  "ceil",
  "trunc",
  "round",
  "sign",
  "min",
  "max",
  "sqrt",
  "fround",
  "imul",
  "clz32",
]);

// Where Math.random gives the seed, if none is set.
const SEED = "src/numbers/random.ts";

/** Uses of Math that are not exact in every engine: other functions, `**`, and Math handed on as a value. */
function inexactMath(files: Files): string[] {
  const offenders: string[] = [];
  for (const [path, source] of files) {
    walk(parse(path, source), (node) => {
      if (
        node.kind === ts.SyntaxKind.AsteriskAsteriskToken ||
        node.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken
      ) {
        offenders.push(`${path}: ${node.getText()}`);
      }
      if (!ts.isIdentifier(node) || node.text !== "Math") return;
      // Math itself, or globalThis.Math
      const object = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
      const { parent } = object;
      const name = ts.isPropertyAccessExpression(parent) ? parent.name.text : "";
      if (!EXACT_MATH.has(name) && !(name === "random" && path === SEED))
        offenders.push(`${path}: ${parent.getText()}`);
    });
  }
  return offenders;
}

// What gives other values in other engines, machines, countries or minutes, and the only places that may use it.
const ENVIRONMENT: Readonly<Record<string, readonly string[]>> = {
  Date: ["src/checkpoints/folderStore.ts", "src/files/npz.ts"], // age of leftover files; the date that a zip entry must have
  Intl: [],
  toLocaleString: [],
  toLocaleUpperCase: [],
  toLocaleLowerCase: [],
  localeCompare: [],
  performance: [
    "src/backend/wasm/runtime/wait.ts", // gives up on a dead thread, with an error
    ...["src/train/breath.ts", "src/train/progress.ts", "src/train/trainer.ts", "src/worker/servedRun.ts"], // when to give way to others; how long it took
  ],
  crypto: ["src/report/policy.ts"], // digests
  navigator: ["src/backend/wasm/runtime/threads.ts", "src/report/htmlReport.ts"], // how many cores there are; what a report names
  setTimeout: ["src/backend/wasm/runtime/workers.ts", "src/worker/hire.ts"], // give up on a thread or worker that does not start
  FinalizationRegistry: ["src/backend/wasm/runtime/storage.ts", "src/backend/wasm/runtime/blocks.ts"], // when memory is used again, not what is in it
  WeakRef: [],
};

/** Uses of {@link ENVIRONMENT} elsewhere, and numbers with so many digits that engines may round them differently. */
function environmentDependent(files: Files): string[] {
  const offenders: string[] = [];
  for (const [path, source] of files) {
    walk(parse(path, source), (node) => {
      if (ts.isIdentifier(node) && Object.hasOwn(ENVIRONMENT, node.text) && !ENVIRONMENT[node.text].includes(path)) {
        offenders.push(`${path}: ${node.text}`);
      }
      if (ts.isNumericLiteral(node)) {
        const digits = node
          .getText()
          .replace(/e.*|_/gi, "")
          .replace(/^[0.]+|\./g, "");
        if (!/^0x/i.test(node.getText()) && digits.length > 20) offenders.push(`${path}: ${node.getText()}`);
      }
    });
  }
  return offenders;
}

const all = readTree("src");
const src = new Map([...all].filter(([path]) => !path.startsWith(ASSEMBLY)));

describe("Numbers that do not depend on the JavaScript engine", () => {
  it("come from exact functions of Math only, in all of src", () => {
    expect(inexactMath(all)).toEqual([]);
  });

  it.each([
    ["Math.exp(1)", "Math.exp"],
    ["Math['exp'](1)", "Math['exp']"],
    ["const { exp } = Math;", "{ exp } = Math"],
    ["const m = Math;", "m = Math"],
    ["Math.random();", "Math.random"],
    ["2 ** x;", "**"],
    ["x **= 2;", "**="],
    ["globalThis.Math.sin(1);", "globalThis.Math.sin"],
  ])("a planted %s is seen", (source, seen) => {
    const found = inexactMath(new Map([["src/a.ts", source]]));
    expect(found).toEqual([`src/a.ts: ${seen}`]);
  });

  it("may have Math.sqrt, and Math in a comment or a string", () => {
    const source = '// Math.exp and ** are banned\nexport const x = Math.sqrt(2) + Math.fround(1) + "Math.exp".length;';
    expect(inexactMath(new Map([["src/a.ts", source]]))).toEqual([]);
  });

  it("do not come from clocks, languages, random sources or machines, but for the listed places", () => {
    expect(environmentDependent(src)).toEqual([]);
    for (const [name, paths] of Object.entries(ENVIRONMENT)) {
      for (const path of paths)
        expect(src.get(path), `${path} is listed for ${name}`).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });

  it.each([
    ["const now = Date.now();", "Date"],
    ["n.toLocaleString('en-US');", "toLocaleString"],
    ["names.sort((a, b) => a.localeCompare(b));", "localeCompare"],
    ["globalThis.crypto.getRandomValues(x);", "crypto"],
    ["const limit = performance.now() + 5;", "performance"],
    ["const c = 0.123456789012345678901;", "0.123456789012345678901"],
  ])("a planted %s is seen, too", (source, seen) => {
    expect(environmentDependent(new Map([["src/a.ts", source]]))).toEqual([`src/a.ts: ${seen}`]);
  });

  it("may have numbers of 20 digits, leading zeros not counted", () => {
    expect(environmentDependent(new Map([["src/a.ts", "f(0.00012345678901234567890, 0x1234, 1_000e30);"]]))).toEqual(
      [],
    );
  });

  it("come from kernels without relaxed SIMD, whose results each processor may choose", () => {
    const kernels = [...all].filter(([path]) => path.startsWith(ASSEMBLY));
    expect(kernels.length).toBeGreaterThan(20);
    expect(kernels.filter(([, source]) => /relaxed_/.test(source)).map(([path]) => path)).toEqual([]);
    const features = readFileSync("scripts/build-kernels.mjs", "utf8").matchAll(/"--enable", "([^"]+)"/g);
    expect([...features].map(([, feature]) => feature)).toEqual(["simd", "threads"]);
  });
});
