// Everything that the WebAssembly module exports: what the glue calls by itself. Kernels that run as jobs are reached by
// number, see jobs.ts; an export that nobody calls only makes the module larger.
export { broadcast, clamp, exp, log, sqrt } from "./elementwise";
export { sigmoid, sigmoidInputGrad, tanh, tanhInputGrad } from "./elementwise";
export { conv2dBlock, conv2dPrepareChunks, conv2dPrepareScratch, conv2dScratch, conv2dShared } from "./passes";
export { conv2dInputGradBlock, conv2dInputGradPrepareChunks } from "./passes";
export { conv2dInputGradScratch, conv2dInputGradShared } from "./passes";
export { conv2dWeightGradPrepare, conv2dWeightGradScratch, conv2dWeightGradShared } from "./passes";
export { transpose } from "./matmul";
export { jobDone, runAlone, runJob, workerLoop } from "./jobs";
export { crossEntropy, crossEntropyInputGrad } from "./crossEntropy";
export { sameBits } from "./move";
export { pad2d, pad2dInputGrad } from "./pad2d";
export { max, min, sum, variance } from "./reduce";
export { logSoftmax, logSoftmaxInputGrad, softmax, softmaxInputGrad } from "./softmax";
