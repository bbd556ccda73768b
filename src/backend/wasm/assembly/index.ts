// Everything that the WebAssembly module exports, one line a kernel file.
export * from "./elementwise";
export * from "./passes";
export { transpose } from "./matmul";
export { jobDone, runJob, workerLoop } from "./jobs";
export * from "./crossEntropy";
export * from "./pad2d";
export * from "./reduce";
export * from "./softmax";
