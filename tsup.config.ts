import { defineConfig } from "tsup";

export default defineConfig([
  {
    entry: {
      index: "src/index.ts",
      reference: "src/reference.ts",
      ndarray: "src/ndarray.ts",
      data: "src/data.ts",
      threads: "src/threads.ts",
      io: "src/io.ts",
      npz: "src/npz.ts",
      onnx: "src/onnx.ts",
    },
    format: ["esm", "cjs"],
    target: "es2022",
    platform: "neutral",
    splitting: true, // one Tensor class and one backend for all entries, in CommonJS too
    dts: true,
    sourcemap: true,
    treeshake: true,
    external: ["ndarray", "ndarray-ops", "fflate", "@bufbuild/protobuf"],
    shims: true, // import.meta.url in CommonJS, for the worker's address
  },
  { entry: { worker: "src/backend/wasm/worker.ts" }, format: ["esm"], target: "es2022", platform: "neutral" },
]);
