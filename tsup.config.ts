import { defineConfig } from "tsup";
import { PEERS, peers } from "./scripts/peers.js";

// Their order counts, too: code that several entries need becomes a chunk, and chunks stand in the order of the entries that
// need them. With threads before data, and with the kernels' text as the last entry (a chunk by itself then; nobody imports
// the entry), that text comes first in an app's bundle. Between two pieces of code it would keep gzip, which looks back 32
// kB, from finding what they have in common: 0.6 kB.
const entries = {
  index: "src/index.ts",
  reference: "src/entries/reference.ts",
  threads: "src/entries/threads.ts",
  ndarray: "src/entries/ndarray.ts",
  data: "src/entries/data.ts",
  io: "src/entries/io.ts",
  npz: "src/entries/npz.ts",
  onnx: "src/entries/onnx.ts",
};

export default defineConfig([
  {
    entry: { ...entries, kernels: "src/backend/wasm/kernels.generated.ts" },
    format: ["esm", "cjs"],
    target: "es2022",
    platform: "neutral",
    splitting: true, // one Tensor class and one backend for all entries, in CommonJS too
    dts: { entry: entries },
    sourcemap: true,
    treeshake: true,
    external: ["ndarray", "ndarray-ops"],
    noExternal: Object.keys(PEERS), // the plugin makes them so
    esbuildPlugins: [peers],
    shims: true, // import.meta.url in CommonJS, for the worker's address
  },
  { entry: { worker: "src/backend/wasm/runtime/worker.ts" }, format: ["esm"], target: "es2022", platform: "neutral" },
]);
