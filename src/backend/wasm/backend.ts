// The default backend: SIMD kernels in WebAssembly, written in AssemblyScript (assembly/), one glue file a kernel family.
import type { Backend } from "../kernels.js";
import { conv2d, conv2dBiasGrad, conv2dInputGrad, conv2dWeightGrad } from "./conv2d.js";
import { crossEntropy, crossEntropyInputGrad } from "./crossEntropy.js";
import { accumulate, add, clamp, divide, exp, log, multiply, relu, reluInputGrad } from "./elementwise.js";
import { sigmoid, sigmoidInputGrad, sqrt, subtract, tanh, tanhInputGrad } from "./elementwise.js";
import { memoryBytes } from "./runtime/instance.js";
import { threadCount, threadReason } from "./runtime/jobs.js";
import { matmul } from "./matmul.js";
import { adam, sgd } from "./optimizer.js";
import { pad2d, pad2dInputGrad } from "./pad2d.js";
import { avgPool2d, avgPool2dInputGrad, maxPool2d, maxPool2dInputGrad } from "./pool2d.js";
import { max, min, sum, variance } from "./reduce.js";
import { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "./softmax.js";
import { allocate, workspace } from "./runtime/storage.js";

/** SIMD kernels in WebAssembly: the default. Float32 only; instantiated on first use. */
export const wasm: Backend = {
  name: "wasm",
  float64: false,
  kernels: {
    ...{ conv2d, conv2dInputGrad, conv2dWeightGrad, conv2dBiasGrad, matmul, pad2d, pad2dInputGrad },
    ...{ maxPool2d, maxPool2dInputGrad, avgPool2d, avgPool2dInputGrad },
    ...{ add, subtract, multiply, divide, accumulate, exp, log, sqrt, clamp },
    ...{ relu, reluInputGrad, sigmoid, sigmoidInputGrad, tanh, tanhInputGrad, sum, max, min, variance },
    ...{ softmax, softmaxInputGrad, logSoftmax, logSoftmaxInputGrad },
    ...{ crossEntropy, crossEntropyInputGrad, sgd, adam },
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
