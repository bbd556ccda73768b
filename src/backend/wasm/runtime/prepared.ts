// Weights in the form that a kernel wants, kept from call to call beside a copy of the weights. They are made anew when the
// weights' bits differ from the copy, so it does not matter who wrote into them: comparing costs far less than transforming.
import { instance } from "./instance.js";

interface Entry {
  readonly signature: Int32Array;
  readonly length: number; // of the weights
  readonly start: number; // block: copy of the weights, prepared weights
  readonly bytes: number;
}

const MOST_BYTES = 128 * 1024 * 1024;

const entries = new Map<number, Entry>(); // by the address of the weights
let total = 0;
let latest: Entry | undefined; // in use by the running kernel

/**
 * Address of the prepared form, `size` numbers, of the weights at an address; `prepare` fills it if it is not there. signature:
 * all that the form depends on beside the weights.
 *
 * Returns 0 when there is no room left for more of them.
 */
export function preparedWeights(
  address: number,
  length: number,
  signature: Int32Array,
  size: number,
  prepare: (address: number) => void,
): number {
  const { exports, memory } = instance();
  let entry = entries.get(address);
  const copyBytes = Math.ceil((length * 4) / 64) * 64;
  if (entry !== undefined && !(entry.length === length && sameNumbers(entry.signature, signature))) {
    forgetPrepared(address);
    entry = undefined;
  }
  if (entry === undefined) {
    entry = add(address, length, signature, copyBytes + size * 4);
    if (entry === undefined) return 0;
  } else if (exports.sameBits(length, address, entry.start) === 1) {
    latest = entry;
    return entry.start + copyBytes;
  }
  latest = entry;
  new Uint8Array(memory.buffer).copyWithin(entry.start, address, address + length * 4);
  prepare(entry.start + copyBytes);
  return entry.start + copyBytes;
}

/** Gives up what was prepared from the weights at an address: their memory is used for something else from now on. */
export function forgetPrepared(address: number): void {
  const entry = entries.get(address);
  if (entry === undefined) return;
  entries.delete(address);
  total -= entry.bytes;
  instance().heap.free(entry.start);
}

/** Gives up one prepared form, the oldest that no kernel is using; false if there is none. */
export function forgetOldestPrepared(): boolean {
  for (const [address, entry] of entries) {
    if (entry === latest) continue;
    forgetPrepared(address);
    return true;
  }
  return false;
}

function add(address: number, length: number, signature: Int32Array, bytes: number): Entry | undefined {
  if (total + bytes > MOST_BYTES) return undefined;
  const entry = { signature, length, start: instance().heap.allocate(bytes), bytes };
  entries.set(address, entry);
  total += bytes;
  return entry;
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  for (let i = 1; i < a.length; i++) if (a[i] !== b[i]) return false; // 0 is the batch size
  return true;
}
