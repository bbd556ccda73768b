// Kernel memory: one WebAssembly.Memory, and frames of scratch space in which one kernel call's arrays lie.
// It knows bytes and arrays, not what is computed.
import { MemoryError } from "../../errors.js";
import type { FloatArray } from "../../tensor.js";

// Float64Array is here for the contract's sake: select.ts turns float64 tensors away before a kernel is called.
type View = FloatArray | Int32Array;

const PAGE = 65536;
const ALIGN = 16;

/** Scratch space for one call at a time: arrays are copied in, the kernel runs, results are copied out. */
export class Scratch {
  #top: number;

  constructor(
    readonly memory: WebAssembly.Memory,
    private readonly base: number,
  ) {
    this.#top = base;
  }

  /** Frees everything that was placed; call before the first `place` of a kernel call. */
  reset(): void {
    this.#top = this.base;
  }

  /** Room for `length` four-byte numbers with 64 bytes of slack behind (SIMD loads may read past the end). */
  reserve(length: number): number {
    const pointer = this.#top;
    this.#top = Math.ceil((pointer + length * 4 + 64) / ALIGN) * ALIGN;
    if (this.#top > this.memory.buffer.byteLength) this.#grow(this.#top);
    return pointer;
  }

  /** Copies an array in and returns its address. 0 stands for "no array". */
  place(array: View | null): number {
    if (array === null) return 0;
    const pointer = this.reserve(array.length);
    const bytes = new Uint8Array(this.memory.buffer, pointer, array.byteLength);
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return pointer;
  }

  /** Copies a result out. */
  fetch(pointer: number, array: View | null): void {
    if (array === null) return;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(new Uint8Array(this.memory.buffer, pointer, array.byteLength));
  }

  #grow(bytes: number): void {
    const pages = Math.ceil((bytes - this.memory.buffer.byteLength) / PAGE);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      const mebibytes = (n: number): string => `${(n / 1048576).toFixed(1)} MiB`;
      throw new MemoryError(
        `wasm: expected ${mebibytes(bytes)} of kernel memory, got at most ${mebibytes(this.memory.buffer.byteLength)} ` +
          `(use a smaller batch, or smaller images).`,
        { cause },
      );
    }
  }
}
