// The default backend: SIMD kernels in WebAssembly, written in AssemblyScript (assembly/), one glue file a kernel family.
import type { Backend } from "../kernels.js";
import { conv2d, conv2dBiasGrad, conv2dInputGrad, conv2dWeightGrad } from "./conv2d.js";
import { crossEntropy, crossEntropyInputGrad } from "./crossEntropy.js";
import * as elementwise from "./elementwise.js";
import { memoryBytes } from "./instance.js";
import { threadCount, threadReason } from "./jobs.js";
import { matmul } from "./matmul.js";
import { adam, sgd } from "./optimizer.js";
import { pad2d, pad2dInputGrad } from "./pad2d.js";
import * as pool2d from "./pool2d.js";
import * as reduce from "./reduce.js";
import * as softmax from "./softmax.js";
import { allocate, workspace } from "./storage.js";

/** SIMD kernels in WebAssembly: the default. Float32 only; instantiated on first use. */
export const wasm: Backend = {
  name: "wasm",
  float64: false,
  kernels: {
    ...{ conv2d, conv2dInputGrad, conv2dWeightGrad, conv2dBiasGrad, matmul, pad2d, pad2dInputGrad },
    ...{ crossEntropy, crossEntropyInputGrad, sgd, adam },
    ...elementwise,
    ...pool2d,
    ...reduce,
    ...softmax,
  },
  storage: { allocate, workspace },
  info: () => ({
    name: "wasm",
    dtypes: ["float32"],
    threads: threadCount(),
    memoryBytes: memoryBytes(),
    reason: `the default: WebAssembly SIMD kernels, ${threadReason()}`,
  }),
};
