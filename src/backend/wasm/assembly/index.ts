// Everything that the main WebAssembly module is made of; the other one's is in kit/index.ts. A family's file exports its kernels, functions (record, chunk, scratch)
// that run as jobs, and what the glue asks beside them (sizes); what kernels share is exported by files that are not here.
export * from "./activation";
export * from "./conv2d/conv2d";
export * from "./crossEntropy";
export * from "./elementwise";
export * from "./jobs";
export * from "./matmul";
export * from "./optimizer";
export * from "./pad2d";
export * from "./pool2d/pool2d";
export * from "./reduce";
export * from "./softmax";
export { sameBits } from "./move";
