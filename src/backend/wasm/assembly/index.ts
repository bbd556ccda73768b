// Everything that the WebAssembly module exports, one line a kernel file.
export * from "./elementwise";
