import { copyFile, readFile, readdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Plugin } from "esbuild";
import { defineConfig, type Options } from "tsup";
import { PEERS, peers } from "./scripts/peers.js";

// Their order counts, too: code that several entries need becomes a chunk, and chunks stand in the order of the entries that
// need them. With threads before data, and with the kernels' text as the last entry (a chunk by itself then; nobody imports
// the entry), that text comes first in an app's bundle. Between two pieces of code it would keep gzip, which looks back 32
// kB, from finding what they have in common: 0.6 kB. Models stand before train for the same reason (1.1 kB); training in a worker,
// which needs nearly all, stands last.
const entries = {
  index: "src/index.ts",
  reference: "src/entries/reference.ts",
  plain: "src/entries/plain.ts",
  threads: "src/entries/threads.ts",
  wide: "src/entries/wide.ts",
  ndarray: "src/entries/ndarray.ts",
  data: "src/entries/data.ts",
  models: "src/entries/models.ts",
  train: "src/entries/train.ts",
  metrics: "src/entries/metrics.ts",
  viz: "src/entries/viz.ts",
  io: "src/entries/io.ts",
  npz: "src/entries/npz.ts",
  onnx: "src/entries/onnx.ts",
  trainInWorker: "src/entries/worker.ts",
  serve: "src/entries/serve.ts",
  report: "src/entries/report.ts",
};

// A class with a method whose name is a symbol counts as an effect, so that bundlers keep it, used or not. Made by a function
// that is marked as pure it can be left out. Lines stay lines, for the source maps.
async function markClasses(): Promise<void> {
  for (const name of await readdir("dist")) {
    if (!/^(chunk-.*|index|data|metrics|viz)\.c?js$/.test(name)) continue;
    const text = await readFile(`dist/${name}`, "utf8");
    const marked = text.replace(
      /^var (\w+) = class( extends \w+)? \{\n(.*?)^\};$/gms,
      (_, variable: string, base: string = "", body: string) =>
        `var ${variable} = /* @__PURE__ */ (() => class ${variable}${base} {\n${body}})();`,
    );
    // The same with a top-level object in which something might run code of others: a spread or a property (a getter), a
    // quotient (valueOf).
    const spread = marked.replace(
      /^var (\w+) = (\{(?: [^\n]*|\n.*?^)\});$/gms,
      (whole, variable: string, object: string) =>
        /\.{3}|: [A-Z]\w*\.\w| \/ /.test(object) ? `var ${variable} = /* @__PURE__ */ (() => (${object}))();` : whole,
    );
    await writeFile(`dist/${name}`, spread);
  }
}

const main: Options = {
  entry: {
    ...entries,
    // The module itself, so that it stays in this file, by whose name it knows that the file of a thread is beside it; serveTraining
    // loads it from here, too.
    threads: "src/backend/wasm/runtime/threads.ts",
    kernels: "src/backend/wasm/kernels.generated.ts",
    kit: "src/backend/wasm/kit/kernels.generated.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: true, // one Tensor class and one backend for all entries, in CommonJS too
  dts: { entry: entries },
  sourcemap: true,
  treeshake: true,
  external: ["ndarray", "ndarray-ops", "d3-scale", "d3-shape", "fast-png", "simple-ascii-chart"],
  noExternal: Object.keys(PEERS), // the plugin makes them so
  esbuildPlugins: [peers],
  // CommonJS has no address of its own; threads are started from a text there, see workers.ts.
  esbuildOptions(options, { format }) {
    if (format === "cjs") options.define = { ...options.define, "import.meta.url": "undefined" };
  },
  // What scripts/build-worker.mjs made, as a file for pages whose policy wants one.
  async onSuccess() {
    await markClasses();
    for (const name of ["handgrad-kernel-thread.js", "handgrad-data-worker.js", "handgrad-training-worker.js"])
      await copyFile(`out/${name}`, `dist/${name}`);
  },
};

// handgrad/predict stands alone: in place of both modules those with the kernels of a prediction, in a bundle of its own. Who only
// predicts loads nothing else, so that there is nothing to share.
const predictKernels: Plugin = {
  name: "predict-kernels",
  setup(build) {
    build.onResolve({ filter: /\/kernels\.generated\.js$/ }, ({ resolveDir, path }) => ({
      path: resolve(resolveDir, path.replace("kernels.generated.js", "predict.generated.ts")),
      sideEffects: false,
    }));
  },
};

const predict: Options = {
  ...{ format: ["esm", "cjs"], target: "es2022", platform: "neutral", sourcemap: true, treeshake: true },
  entry: { predict: "src/entries/predict.ts" },
  dts: { entry: { predict: "src/entries/predict.ts" } },
  splitting: false,
  esbuildPlugins: [predictKernels],
};

export default defineConfig([main, predict]);
