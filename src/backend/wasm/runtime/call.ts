// Calls a kernel that the calling thread runs alone. Kernels that threads share are in jobs.ts.
import type { FloatArray } from "../../../base/tensor.js";
import { instance } from "./instance.js";

/**
 * Places the inputs in kernel memory, calls an export of assembly/index.ts with the numbers, the inputs' addresses and the
 * address of y, and fetches y.
 */
export function call(
  kernel: string,
  numbers: readonly number[],
  inputs: readonly (FloatArray | Int32Array)[],
  y: FloatArray,
): void {
  const { exports, scratch } = instance();
  scratch.reset();
  const addresses = inputs.map((input) => scratch.place(input));
  const yAt = scratch.output(y);
  exports[kernel](...numbers, ...addresses, yAt);
  scratch.fetch(yAt, y);
}
