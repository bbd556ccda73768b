// Where the arrays of one kernel call lie. An array that already is in kernel memory is used in place; any other is copied
// in, and a result is copied out. It knows arrays, not what is computed.
import type { Stored } from "../../../base/stored.js";
import type { FloatArray } from "../../../base/tensor.js";
import type { Heap } from "./heap.js";
import type { StoredNumbers } from "./storedNumbers.js";

// Float64Array is here for the contract's sake: select.ts turns float64 tensors away before a kernel is called.
type View = FloatArray | Int32Array;

interface Segment {
  readonly start: number;
  readonly bytes: number;
}

interface Placed {
  readonly address: number;
  readonly array: View;
}

/** Scratch space for one kernel call at a time. It grows to the largest call and then allocates nothing more. */
export class Scratch {
  #segments: Segment[] = [];
  #used = 0; // bytes of the last segment
  #calls = 0;
  readonly #written: Placed[] = []; // to be copied out

  constructor(private readonly heap: Heap) {}

  /** Number of the running kernel call. */
  get calls(): number {
    return this.#calls;
  }

  /** Frees everything that was placed; call before the first `place` of a kernel call. */
  reset(): void {
    this.#calls++;
    this.#used = 0;
    this.#written.length = 0;
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

  /** The same as an array. */
  room(length: number): Float32Array {
    const address = this.reserve(length); // which may make the memory grow
    return new Float32Array(this.heap.memory.buffer, address, length);
  }

  /**
   * Address of an array: in place, or room in scratch, which is filled with what the array holds if it is read, and copied out
   * by `fetch` if it is written. Stored numbers have a place of their own. 0 stands for "no array".
   */
  place(array: View | Stored | null, reads: boolean = true, writes: boolean = false): number {
    if (array === null) return 0;
    if (!ArrayBuffer.isView(array)) {
      const stored = array as StoredNumbers; // there are no others
      const address = stored.place(this.#calls, reads);
      if (writes && stored.copy !== null) this.#written.push({ address, array: stored.copy });
      return address;
    }
    if (this.holds(array)) return array.byteOffset;
    const address = this.reserve(array.length);
    if (reads) bytesAt(this.heap.memory, address, array).set(bytesOf(array));
    if (writes) this.#written.push({ address, array });
    return address;
  }

  /** Copies results out to where the caller has them. */
  fetch(): void {
    while (this.#written.length > 0) {
      const { address, array } = this.#written.pop() as Placed;
      bytesOf(array).set(bytesAt(this.heap.memory, address, array));
    }
  }

  /** Whether an array lies in kernel memory. */
  holds(array: View | Stored): boolean {
    return !ArrayBuffer.isView(array) || this.heap.holds(array);
  }
}

function bytesOf(array: View): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function bytesAt(memory: WebAssembly.Memory, address: number, array: View): Uint8Array {
  return new Uint8Array(memory.buffer, address, array.byteLength);
}
