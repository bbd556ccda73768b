// The house: imports go down the tree only, and the core needs neither ndarray nor Node. Each rule is a function over a
// map of files and is shown a planted offender. What numbers may depend on is in engines.test.ts.
import { posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ASSEMBLY, parse, readTree, walk, type Files } from "./support/sources.js";

// From the ground up: a file may import from its own line and from those above it here, never from one below.
const ORDER: readonly (readonly string[])[] = [
  [
    "src/base/errors.ts",
    "src/base/uncloneable.ts",
    "src/base/copies.ts",
    "src/base/stored.ts",
    "src/numbers/math.ts",
    "src/numbers/trig.ts",
    "src/numbers/philox.ts",
  ],
  ["src/base/check.ts", "src/numbers/special.ts"],
  ["src/base/shape.ts"],
  ["src/base/options.ts"],
  ["src/base/sequence.ts"],
  ["src/base/nested.ts"],
  ["src/base/tensor.ts"],
  ["src/numbers/random.ts"],
  ["src/numbers/normal.ts"],
  ["src/backend/"],
  ["src/ops/"],
  ["src/init/"],
  ["src/nn/"],
  ["src/loss/"],
  ["src/optim/"],
  ["src/metrics/", "src/data/", "src/signals/", "src/scijs/"],
  ["src/files/"],
  ["src/models/", "src/checkpoints/", "src/pretrained/"],
  ["src/zoo/"],
  ["src/predict/"],
  ["src/train/"],
  ["src/viz/"],
  ["src/worker/"],
  ["src/onnx/"],
  ["src/gradcheck/"],
  ["src/report/"],
  ["src/index.ts", "src/entries/"],
  ["examples/"],
];

// What an import of the package's name means.
const ENTRIES: Readonly<Record<string, string>> = {
  handgrad: "src/index.ts",
  "handgrad/reference": "src/entries/reference.ts",
  "handgrad/plain": "src/entries/plain.ts",
  "handgrad/ndarray": "src/entries/ndarray.ts",
  "handgrad/data": "src/entries/data.ts",
  "handgrad/train": "src/entries/train.ts",
  "handgrad/worker": "src/entries/worker.ts",
  "handgrad/serve": "src/entries/serve.ts",
  "handgrad/metrics": "src/entries/metrics.ts",
  "handgrad/viz": "src/entries/viz.ts",
  "handgrad/threads": "src/entries/threads.ts",
  "handgrad/wide": "src/entries/wide.ts",
  "handgrad/io": "src/entries/io.ts",
  "handgrad/models": "src/entries/models.ts",
  "handgrad/predict": "src/entries/predict.ts",
  "handgrad/npz": "src/entries/npz.ts",
  "handgrad/onnx": "src/entries/onnx.ts",
  "handgrad/report": "src/entries/report.ts",
};

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
      const [name] = node.arguments;
      if (ts.isStringLiteral(name)) found.push(name.text); // else one that its caller names, such as a data set of the user's
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
      ["src/ops/relu.ts", 'import { ReLU } from "../nn/activation/relu.js";\nimport { show } from "../base/check.js";'],
      ["src/base/tensor.ts", 'import type { Layer } from "../nn/layer.js";'],
      ["src/base/shape.ts", 'export { Tensor } from "./tensor.js";'],
      ["src/loss/mse.ts", 'const optim = await import("../optim/sgd.js");'],
      ["src/nn/demo.ts", 'import { demo } from "handgrad";'],
      ["src/nn/activation/relu.ts", 'import { relu } from "../../ops/relu.js"; // import "../index.js"'],
      ["src/nn/layer.ts", ""],
      ["src/base/check.ts", ""],
      ["src/optim/sgd.ts", ""],
      ["src/index.ts", 'export { ReLU } from "./nn/activation/relu.js";'],
    ]);
    expect(upwardImports(planted)).toEqual([
      "src/ops/relu.ts -> src/nn/activation/relu.ts",
      "src/base/tensor.ts -> src/nn/layer.ts",
      "src/base/shape.ts -> src/base/tensor.ts",
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
    ["src/entries/data.ts", []],
    ["src/entries/train.ts", []],
    ["src/entries/worker.ts", []],
    ["src/entries/serve.ts", []],
    ["src/entries/metrics.ts", []],
    ["src/entries/viz.ts", []],
    ["src/entries/threads.ts", []],
    ["src/entries/wide.ts", []],
    ["src/entries/ndarray.ts", ["ndarray"]],
    ["src/entries/reference.ts", ["ndarray", "ndarray-ops"]],
    ["src/entries/plain.ts", []],
    ["src/entries/io.ts", []],
    ["src/entries/models.ts", []],
    ["src/entries/predict.ts", []],
    ["src/entries/npz.ts", ["fflate"]],
    ["src/entries/onnx.ts", ["@bufbuild/protobuf/wire"]],
    ["src/entries/report.ts", ["d3-scale", "d3-shape", "fast-png", "simple-ascii-chart"]],
  ])("%s loads exactly these packages: %j", (entry, packages) => {
    expect(packagesBehind(src, entry)).toEqual(packages);
  });

  it("would include a planted ndarray or Node module, however deep", () => {
    const planted = new Map(src);
    planted.set(
      "src/base/shape.ts",
      `import ops from "ndarray-ops";\nimport "node:fs";\n${src.get("src/base/shape.ts")!}`,
    );
    expect(packagesBehind(planted, "src/index.ts")).toEqual(["ndarray-ops", "node:fs"]);
  });
});
