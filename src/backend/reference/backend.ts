// The reference backend: the definition of every kernel, written to be read. It runs in float32 and float64, adds up in
// float64, and is slow. It has its own entry, handgrad/reference, because ndarray compiles code with `new Function`.
import type { Backend } from "../kernels.js";
import { conv2d, conv2dBiasGrad, conv2dInputGrad, conv2dWeightGrad } from "./conv2d.js";
import { crossEntropy, crossEntropyInputGrad } from "./crossEntropy.js";
import {
  accumulate,
  add,
  clamp,
  divide,
  exp,
  log,
  multiply,
  relu,
  reluInputGrad,
  sigmoid,
  sigmoidInputGrad,
  sqrt,
  subtract,
  tanh,
  tanhInputGrad,
} from "./elementwise.js";
import { matmul } from "./matmul.js";
import { adam, sgd } from "./optimizer.js";
import { pad2d, pad2dInputGrad } from "./pad2d.js";
import { avgPool2d, avgPool2dInputGrad, maxPool2d, maxPool2dInputGrad } from "./pool2d.js";
import { max, min, sum, variance } from "./reduce.js";
import { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "./softmax.js";

/**
 * The backend that defines what every layer computes; for checking, for reading, and for float64.
 *
 * @example
 * import { setBackend } from "handgrad";
 * import { reference } from "handgrad/reference";
 * setBackend(reference);
 */
export const reference: Backend = {
  name: "reference",
  float64: true,
  kernels: {
    conv2d,
    conv2dInputGrad,
    conv2dWeightGrad,
    conv2dBiasGrad,
    pad2d,
    pad2dInputGrad,
    maxPool2d,
    maxPool2dInputGrad,
    avgPool2d,
    avgPool2dInputGrad,
    matmul,
    add,
    subtract,
    multiply,
    divide,
    accumulate,
    exp,
    log,
    sqrt,
    clamp,
    relu,
    reluInputGrad,
    sigmoid,
    sigmoidInputGrad,
    tanh,
    tanhInputGrad,
    sum,
    max,
    min,
    variance,
    softmax,
    softmaxInputGrad,
    logSoftmax,
    logSoftmaxInputGrad,
    crossEntropy,
    crossEntropyInputGrad,
    sgd,
    adam,
  },
  info: () => ({
    name: "reference",
    dtypes: ["float32", "float64"],
    threads: 1,
    memoryBytes: 0,
    reason: "It is the definition of every kernel in plain JavaScript, chosen by setBackend.",
  }),
};
