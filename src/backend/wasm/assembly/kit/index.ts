// Everything that the second WebAssembly module is made of: kernels that not every CNN needs, so that an app that uses none
// of them does not carry them. It shares the memory and the table of the first one.
export * from "./activation";
export * from "./norm";
export * from "./optimizer";
export * from "./prelu";
export * from "./planes";
export * from "./resample2d";

/** Nobody calls it. Without it the compiler would take kernels that only a table of elsewhere holds for unreachable. */
export function runKernel(place: i32, record: usize, chunk: i32, scratch: usize): void {
  call_indirect<void>(place, record, chunk, scratch);
}
