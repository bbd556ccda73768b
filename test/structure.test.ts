// The house: imports go down the tree only, the core needs neither ndarray nor Node, and nothing in src computes with a
// function of Math on which JavaScript engines disagree. Each rule is a function over a map of files and is shown a
// planted offender.
import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** Sources by path, such as "src/nn/relu.ts". */
type Files = ReadonlyMap<string, string>;

// From the ground up: a file may import from its own line and from those above it here, never from one below.
const ORDER: readonly (readonly string[])[] = [
  ["src/errors.ts", "src/math.ts", "src/trig.ts", "src/philox.ts"],
  ["src/check.ts"],
  ["src/shape.ts"],
  ["src/nested.ts"],
  ["src/tensor.ts"],
  ["src/random.ts"],
  ["src/backend/"],
  ["src/create.ts", "src/ops/"],
  ["src/init/"],
  ["src/nn/"],
  ["src/loss/"],
  ["src/optim/"],
  ["src/train/", "src/data/", "src/signals/"],
  ["src/io/"],
  ["src/gradCheckReport.ts", "src/gradCheck.ts"],
  [
    "src/index.ts",
    "src/reference.ts",
    "src/ndarray.ts",
    "src/data.ts",
    "src/threads.ts",
    "src/io.ts",
    "src/npz.ts",
    "src/onnx.ts",
  ],
  ["examples/"],
];

// What an import of the package's name means.
const ENTRIES: Readonly<Record<string, string>> = {
  handgrad: "src/index.ts",
  "handgrad/reference": "src/reference.ts",
  "handgrad/ndarray": "src/ndarray.ts",
  "handgrad/data": "src/data.ts",
  "handgrad/threads": "src/threads.ts",
  "handgrad/io": "src/io.ts",
  "handgrad/npz": "src/npz.ts",
  "handgrad/onnx": "src/onnx.ts",
};

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

function parse(path: string, source: string): ts.SourceFile {
  return ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** What a file imports: paths of files as in `files`, or names of packages. Type imports only on demand. */
function importsOf(path: string, source: string, types: boolean): string[] {
  const found: string[] = [];
  walk(parse(path, source), (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const onlyTypes = ts.isImportDeclaration(node) ? importsOnlyTypes(node) : exportsOnlyTypes(node);
      if (node.moduleSpecifier !== undefined && (types || !onlyTypes)) {
        found.push((node.moduleSpecifier as ts.StringLiteral).text);
      }
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.push((node.arguments[0] as ts.StringLiteral).text);
    }
  });
  return found.map((name) => {
    if (!name.startsWith(".")) return ENTRIES[name] ?? name;
    return posix.join(posix.dirname(path), name).replace(/\.js$/, ".ts");
  });
}

function importsOnlyTypes({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false; // import "x"
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined || ts.isNamespaceImport(namedBindings)) return false;
  return namedBindings.elements.every((element) => element.isTypeOnly);
}

function exportsOnlyTypes({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true;
  return (
    exportClause !== undefined &&
    ts.isNamedExports(exportClause) &&
    exportClause.elements.every((element) => element.isTypeOnly)
  );
}

function rankOf(path: string): number {
  return ORDER.findIndex((line) =>
    line.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place)),
  );
}

/** Imports (also of types) that go up the tree, and files without a place in it. */
function upwardImports(files: Files): string[] {
  const offenders: string[] = [];
  for (const [path, source] of files) {
    if (rankOf(path) < 0) offenders.push(`${path} has no place in ORDER`);
    for (const target of importsOf(path, source, true)) {
      if (files.has(target) && rankOf(target) > rankOf(path)) offenders.push(`${path} -> ${target}`);
    }
  }
  return offenders;
}

/** Circles of imports that exist at run time, each told once by its path. */
function importCircles(files: Files): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const target of importsOf(path, files.get(path)!, false)) {
      if (files.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return circles;
}

/** Packages that are loaded when `entry` is. */
function packagesBehind(files: Files, entry: string): string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const target of importsOf(path, files.get(path)!, false)) {
      if (files.has(target)) visit(target);
      else packages.add(target);
    }
  };
  visit(entry);
  return [...packages].sort();
}

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
      const exact = ts.isPropertyAccessExpression(parent) && EXACT_MATH.has(parent.name.text);
      if (!exact) offenders.push(`${path}: ${parent.getText()}`);
    });
  }
  return offenders;
}

// What gives other values in other engines, machines, countries or minutes, and the only places that may use it.
const ENVIRONMENT: Readonly<Record<string, readonly string[]>> = {
  Date: ["src/io/folderStore.ts", "src/io/npz.ts"], // age of leftover files; the date that a zip entry must have
  Intl: [],
  toLocaleString: [],
  toLocaleUpperCase: [],
  toLocaleLowerCase: [],
  localeCompare: [],
  performance: ["src/backend/wasm/jobs.ts"], // gives up on a dead thread, with an error
  crypto: ["src/random.ts"], // the seed, if none is set
  navigator: ["src/threads.ts"], // how many cores there are
  setTimeout: ["src/threads.ts"], // gives up on a thread that does not start
  FinalizationRegistry: ["src/backend/wasm/storage.ts"], // when memory is used again, not what is in it
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

function readTree(...folders: string[]): Files {
  const files = new Map<string, string>();
  const read = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) read(path);
      else if (path.endsWith(".ts")) files.set(path, readFileSync(join(path), "utf8"));
    }
  };
  folders.forEach(read);
  return files;
}

const ASSEMBLY = "src/backend/wasm/assembly/"; // AssemblyScript: another language, compiled apart
const all = readTree("src", "examples");
const tree = new Map([...all].filter(([path]) => !path.startsWith(ASSEMBLY)));
const src = new Map([...tree].filter(([path]) => path.startsWith("src/")));

describe("The order of the tree", () => {
  it("holds: no file imports from a place above its own, and every file has a place", () => {
    expect(tree.size).toBeGreaterThan(60);
    expect(upwardImports(tree)).toEqual([]);
  });

  it("sees a planted upward import, also of a type, by export and by import()", () => {
    const planted = new Map([
      ["src/ops/relu.ts", 'import { ReLU } from "../nn/relu.js";\nimport { show } from "../check.js";'],
      ["src/tensor.ts", 'import type { Layer } from "./nn/layer.js";'],
      ["src/shape.ts", 'export { Tensor } from "./tensor.js";'],
      ["src/loss/mse.ts", 'const optim = await import("../optim/sgd.js");'],
      ["src/nn/demo.ts", 'import { demo } from "handgrad";'],
      ["src/nn/relu.ts", 'import { relu } from "../ops/relu.js"; // import "../index.js"'],
      ["src/nn/layer.ts", ""],
      ["src/check.ts", ""],
      ["src/optim/sgd.ts", ""],
      ["src/index.ts", 'export { ReLU } from "./nn/relu.js";'],
    ]);
    expect(upwardImports(planted)).toEqual([
      "src/ops/relu.ts -> src/nn/relu.ts",
      "src/tensor.ts -> src/nn/layer.ts",
      "src/shape.ts -> src/tensor.ts",
      "src/loss/mse.ts -> src/optim/sgd.ts",
      "src/nn/demo.ts -> src/index.ts",
    ]);
  });

  it("sees a file without a place", () => {
    expect(upwardImports(new Map([["src/extra/thing.ts", ""]]))).toEqual(["src/extra/thing.ts has no place in ORDER"]);
  });

  it("has no circles among the imports that exist at run time", () => {
    expect(importCircles(src)).toEqual([]);
  });

  it("sees a planted circle, and knows that a type import makes none", () => {
    const planted = new Map([
      ["src/nn/a.ts", 'import { b } from "./b.js";'],
      ["src/nn/b.ts", 'import { c, type C } from "./c.js";'],
      ["src/nn/c.ts", 'import { type a } from "./a.js";'],
    ]);
    expect(importCircles(planted)).toEqual([]);
    planted.set("src/nn/c.ts", 'import { a } from "./a.js";');
    expect(importCircles(planted)).toEqual(["src/nn/a.ts -> src/nn/b.ts -> src/nn/c.ts -> src/nn/a.ts"]);
  });
});

describe("What the entries load", () => {
  it.each([
    ["src/index.ts", []],
    ["src/data.ts", []],
    ["src/ndarray.ts", ["ndarray"]],
    ["src/reference.ts", ["ndarray", "ndarray-ops"]],
    ["src/io.ts", []],
    ["src/npz.ts", ["fflate"]],
    ["src/onnx.ts", ["@bufbuild/protobuf/wire"]],
  ])("%s loads exactly these packages: %j", (entry, packages) => {
    expect(packagesBehind(src, entry)).toEqual(packages);
  });

  it("would include a planted ndarray or Node module, however deep", () => {
    const planted = new Map(src);
    planted.set("src/shape.ts", `import ops from "ndarray-ops";\nimport "node:fs";\n${src.get("src/shape.ts")!}`);
    expect(packagesBehind(planted, "src/index.ts")).toEqual(["ndarray-ops", "node:fs"]);
  });
});

describe("Numbers that do not depend on the JavaScript engine", () => {
  it("come from exact functions of Math only, in all of src", () => {
    expect(inexactMath(new Map([...all].filter(([path]) => path.startsWith("src/"))))).toEqual([]);
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
