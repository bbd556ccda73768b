// What a kernel is called with: a record in memory. Its class is the one place that says what is in it: the build reads it
// (scripts/build-kernels.mjs) and makes the types of the glue. A base class is a record of the contract, ../../kernels.ts, by
// the same name, and is written field by field from that; the other fields the glue gives in their order. `each`, how many
// things make a chunk, is the first of these.
//
// A field of type i32 or f64 is a number. These stand for addresses and for yes or no:

/** Address of an array of the caller that the kernel reads, or 0 for null. */
export type In = usize;

/** Address of an array that the kernel fills, or 0 for null. */
export type Out = usize;

/** Address of an array that the kernel changes, or 0 for null. */
export type InOut = usize;

/** Address of room in kernel memory that the glue reserved. */
export type Room = usize;

/** 1 for yes, 0 for no. */
export type Flag = i32;

/** The contract's record of an axis in the middle, which several families have. */
@unmanaged
export class AxisGeometry {
  outer: i32;
  size: i32;
  inner: i32;
}

/** How many of n things a chunk of `each` has; the last chunk has what is left. */
@inline
export function sizeOfChunk(n: i32, each: i32, chunk: i32): i32 {
  return min(each, n - chunk * each);
}

/** An address moved on by a number of floats. */
@inline
export function on(address: usize, floats: i32): usize {
  return address + (<usize>floats << 2);
}

/** The same of an array that need not be there: 0, "no array", stays 0. */
@inline
export function onIfAny(address: usize, floats: i32): usize {
  return address == 0 ? 0 : on(address, floats);
}
