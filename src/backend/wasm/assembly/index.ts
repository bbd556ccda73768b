// Everything that the WebAssembly module exports, one line a kernel file.
export * from "./elementwise";
export * from "./passes";
export * from "./matmul";
export { jobDone, runAlone, runJob, workerLoop } from "./jobs";
export * from "./crossEntropy";
export { sameBits } from "./move";
export * from "./optimizer";
export * from "./pad2d";
export * from "./pool2d";
export * from "./conv2d";
export * from "./reduce";
export * from "./softmax";
