// Kernel memory in blocks: a first-fit allocator over the part of the WebAssembly memory that is not the module's own.
// It knows addresses and bytes only. WebAssembly memory never shrinks: a freed block is used again.
import { MemoryError } from "../../../base/errors.js";

const PAGE = 65536;
const GRANULE = 64; // blocks begin and end on cache lines
const SLACK = 64; // SIMD loads may read this far behind a block

interface Block {
  readonly start: number;
  readonly bytes: number;
}

/** Blocks of one WebAssembly memory. */
export class Heap {
  readonly #free: { start: number; bytes: number }[] = []; // sorted by address, never two neighbors
  readonly #used = new Map<number, number>(); // start -> bytes
  #end: number; // of what was ever given out or is in the free list
  #reclaim: () => boolean = () => false;
  #buffer: ArrayBufferLike; // as the memory shows itself now: a shared memory that grows has a new buffer object each time
  readonly #buffers = new WeakSet<ArrayBufferLike>(); // all so far

  constructor(
    readonly memory: WebAssembly.Memory,
    start: number,
  ) {
    this.#end = start;
    this.#buffer = memory.buffer;
    this.#buffers.add(this.#buffer);
  }

  /** Whether an array lies in this memory. */
  holds(array: ArrayBufferView): boolean {
    return array.buffer === this.#buffer || this.#buffers.has(array.buffer);
  }

  /** Bytes in blocks that are in use. */
  get usedBytes(): number {
    let total = 0;
    for (const bytes of this.#used.values()) total += bytes;
    return total;
  }

  /** Asked for idle blocks when memory is full; it frees some and answers true, or false when nothing is idle. */
  onFull(reclaim: () => boolean): void {
    this.#reclaim = reclaim;
  }

  /** Address of a block of at least so many bytes, with readable slack behind it. Its content is whatever was there. */
  allocate(bytes: number): number {
    const size = Math.ceil((bytes + SLACK) / GRANULE) * GRANULE;
    let block = this.#take(size);
    while (block === undefined && !this.#grow(size)) {
      if (!this.#reclaim()) throw this.#full(bytes);
      block = this.#take(size);
    }
    const { start } = block ?? this.#extend(size);
    this.#used.set(start, size);
    return start;
  }

  /** Gives a block back. */
  free(start: number): void {
    const bytes = this.#used.get(start);
    if (bytes === undefined) return;
    this.#used.delete(start);
    let at = this.#free.findIndex((block) => block.start > start);
    if (at < 0) at = this.#free.length;
    this.#free.splice(at, 0, { start, bytes });
    this.#join(at);
    if (at > 0) this.#join(at - 1);
  }

  // The smallest free block that is large enough, cut to size.
  #take(size: number): Block | undefined {
    let best = -1;
    this.#free.forEach((block, i) => {
      if (block.bytes >= size && (best < 0 || block.bytes < this.#free[best].bytes)) best = i;
    });
    if (best < 0) return undefined;
    const block = this.#free[best];
    const taken = { start: block.start, bytes: size };
    block.start += size;
    block.bytes -= size;
    if (block.bytes === 0) this.#free.splice(best, 1);
    return taken;
  }

  #extend(size: number): Block {
    const block = { start: this.#end, bytes: size };
    this.#end += size;
    return block;
  }

  #join(at: number): void {
    const block = this.#free[at];
    const next = this.#free[at + 1];
    if (next === undefined || block.start + block.bytes !== next.start) return;
    block.bytes += next.bytes;
    this.#free.splice(at + 1, 1);
  }

  // True when the memory reaches `size` bytes (and slack) past the end, grown if need be.
  #grow(size: number): boolean {
    const missing = this.#end + size + SLACK - this.memory.buffer.byteLength;
    if (missing <= 0) return true;
    try {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.#buffer = this.memory.buffer;
      this.#buffers.add(this.#buffer);
      return true;
    } catch {
      return false;
    }
  }

  #full(bytes: number): MemoryError {
    const mebibytes = (n: number): string => `${(n / 1048576).toFixed(1)} MiB`;
    return new MemoryError(
      `wasm: expected room for ${mebibytes(bytes)} more of kernel memory, got ${mebibytes(this.usedBytes)} of ` +
        `${mebibytes(this.memory.buffer.byteLength)} in use and no growth (use a smaller batch or smaller ` +
        `images; a forward keeps its memory until its backward, predict does not).`,
    );
  }
}
