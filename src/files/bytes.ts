// Sizes in bytes and room for them: what all file formats here have in common.
import { show } from "../base/check.js";
import { FormatError, MemoryError } from "../base/errors.js";

/**
 * Bytes of an ArrayBuffer of their own, for `new Blob`, `fetch` and `crypto.subtle`: Uint8Array<ArrayBuffer> from TypeScript 5.7 on,
 * Uint8Array before, which knows no difference.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** Zeroed bytes to write a file into. */
export function allocateBytes(who: string, size: number): Bytes {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new MemoryError(`${who}: expected room for ${size} bytes, got none (write fewer tensors to a file).`, {
      cause,
    });
  }
}

/**
 * How many bytes the numbers of an array take, by a shape from a file. Zeros are left out of the product that must stay
 * below 2^53, so that no empty axis hides a huge one.
 */
export function byteCount(who: string, shape: readonly number[], bytesPerNumber: number): number {
  let bytes = bytesPerNumber;
  for (const length of shape) bytes *= length === 0 ? 1 : length;
  if (!Number.isSafeInteger(bytes)) {
    throw new FormatError(`${who}: expected a shape that a file can hold, got ${show(shape)} (the header is damaged).`);
  }
  return shape.includes(0) ? 0 : bytes;
}
