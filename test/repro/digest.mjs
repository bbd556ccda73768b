// SHA-256 over the bits of numbers, the same in every runtime: little-endian, and every NaN written as one NaN, because
// its sign and payload are the processor's and no value of ours.
const NAN_32 = 0x7fc00000;
const NAN_64 = 0x7ff8000000000000n;

/** Collects numbers, then gives their digest. */
export class Digest {
  #parts = [];

  /** Float32 numbers, 4 bytes each: weights, tensors. */
  float32(numbers) {
    return this.#write(numbers, 4, (view, at, value) =>
      Number.isNaN(value) ? view.setUint32(at, NAN_32, true) : view.setFloat32(at, value, true),
    );
  }

  /** Float64 numbers, 8 bytes each: losses, and everything that is a plain number. */
  float64(numbers) {
    return this.#write(numbers, 8, (view, at, value) =>
      Number.isNaN(value) ? view.setBigUint64(at, NAN_64, true) : view.setFloat64(at, value, true),
    );
  }

  text(string) {
    this.#parts.push(new TextEncoder().encode(string));
    return this;
  }

  /** 64 hexadecimal digits. */
  async hex() {
    const bytes = new Uint8Array(await new Blob(this.#parts).arrayBuffer());
    const hash = new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #write(numbers, size, set) {
    const view = new DataView(new ArrayBuffer(numbers.length * size));
    for (let i = 0; i < numbers.length; i++) set(view, i * size, numbers[i]);
    this.#parts.push(new Uint8Array(view.buffer));
    return this;
  }
}

/** The digest of tensors, typed arrays, numbers and texts in a row; 16 digits are enough to tell two results apart. */
export async function digestOf(...values) {
  const digest = new Digest();
  for (const value of values.flat()) {
    if (typeof value === "string") digest.text(value);
    else if (typeof value === "number") digest.float64([value]);
    else if (ArrayBuffer.isView(value)) digest.float64(value);
    else digest.float64(value.shape)[value.dtype](value.data);
  }
  return (await digest.hex()).slice(0, 16);
}
