// Everything that the WebAssembly module exports, one line a kernel file.
export * from "./elementwise";
export * from "./conv2d";
export * from "./matmul";
export * from "./crossEntropy";
export * from "./optimizer";
export * from "./pad2d";
export * from "./pool2d";
export * from "./reduce";
export * from "./softmax";
