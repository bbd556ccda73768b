import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    reference: "src/reference.ts",
    ndarray: "src/ndarray.ts",
    data: "src/data.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: true, // one Tensor class and one backend for all entries, in CommonJS too
  dts: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
  external: ["ndarray", "ndarray-ops"],
});
