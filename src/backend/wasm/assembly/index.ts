// Everything that the WebAssembly module exports, one line a kernel file.
export * from "./elementwise";
export * from "./conv2d";
export * from "./matmul";
