// Where the arrays of one kernel call lie. An array that already is in kernel memory is used in place; any other is copied
// in, and a result is copied out. It knows arrays, not what is computed.
import type { FloatArray } from "../../../base/tensor.js";
import type { Heap } from "./heap.js";

// Float64Array is here for the contract's sake: select.ts turns float64 tensors away before a kernel is called.
type View = FloatArray | Int32Array;

interface Segment {
  readonly start: number;
  readonly bytes: number;
}

/** Scratch space for one kernel call at a time. It grows to the largest call and then allocates nothing more. */
export class Scratch {
  #segments: Segment[] = [];
  #used = 0; // bytes of the last segment

  constructor(private readonly heap: Heap) {}

  /** Frees everything that was placed; call before the first `place` of a kernel call. */
  reset(): void {
    this.#used = 0;
    if (this.#segments.length < 2) return;
    const bytes = this.#segments.reduce((total, segment) => total + segment.bytes, 0);
    this.#segments.forEach((segment) => this.heap.free(segment.start));
    this.#segments = [];
    this.#segments.push({ start: this.heap.allocate(bytes), bytes });
  }

  /** Room for `length` four-byte numbers; the slack of the heap lies behind the last. */
  reserve(length: number): number {
    const bytes = Math.ceil((length * 4 + 64) / 64) * 64;
    let segment = this.#segments[this.#segments.length - 1];
    if (segment === undefined || this.#used + bytes > segment.bytes) {
      const size = Math.max(bytes, 65536);
      segment = { start: this.heap.allocate(size), bytes: size };
      this.#segments.push(segment);
      this.#used = 0;
    }
    const address = segment.start + this.#used;
    this.#used += bytes;
    return address;
  }

  /** Address of an input: in place, or copied in. 0 stands for "no array". */
  place(array: View | null): number {
    if (array === null) return 0;
    if (this.holds(array)) return array.byteOffset;
    const address = this.reserve(array.length);
    bytesAt(this.heap.memory, address, array).set(bytesOf(array));
    return address;
  }

  /** Address for a result: in place, or room that `fetch` copies from. */
  output(array: View | null): number {
    if (array === null) return 0;
    return this.holds(array) ? array.byteOffset : this.reserve(array.length);
  }

  /** Copies a result out, unless it was computed in place. */
  fetch(address: number, array: View | null): void {
    if (array === null || this.holds(array)) return;
    bytesOf(array).set(bytesAt(this.heap.memory, address, array));
  }

  /** Whether an array lies in kernel memory. */
  holds(array: View): boolean {
    return this.heap.holds(array);
  }
}

function bytesOf(array: View): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function bytesAt(memory: WebAssembly.Memory, address: number, array: View): Uint8Array {
  return new Uint8Array(memory.buffer, address, array.byteLength);
}
