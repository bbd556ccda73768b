// The default backend: SIMD kernels in WebAssembly, written in AssemblyScript (assembly/), one glue file a kernel family. The
// kit's families are in kit/, and come with the ops that need them.
import { STORAGE, type Backend } from "../kernels.js";
import { activation } from "./activation.js";
import { conv2d } from "./conv2d.js";
import { crossEntropy } from "./crossEntropy.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { optimizer } from "./optimizer.js";
import { pad2d } from "./pad2d.js";
import { pool2d } from "./pool2d.js";
import { reduce } from "./reduce.js";
import { memoryBytes } from "./runtime/instance.js";
import { threadCount, threadReason } from "./runtime/jobs.js";
import { workspace } from "./runtime/storage.js";
import { storeArray, storeZeros } from "./runtime/storedNumbers.js";
import { softmax } from "./softmax.js";

/** SIMD kernels in WebAssembly: the default. Float32 only; instantiated on first use. */
export const wasm: Backend = {
  name: "wasm",
  float64: false,
  kernels: {
    ...activation,
    ...conv2d,
    ...crossEntropy,
    ...elementwise,
    ...matmul,
    ...optimizer,
    ...pad2d,
    ...pool2d,
    ...reduce,
    ...softmax,
  },
  [STORAGE]: { zeros: storeZeros, keep: storeArray, workspace },
  info: () => ({
    name: "wasm",
    dtypes: ["float32"],
    threads: threadCount(),
    memoryBytes: memoryBytes(),
    reason: `the default: WebAssembly SIMD kernels, ${threadReason()}`,
  }),
};
