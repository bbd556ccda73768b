// Who gives kernel memory back when it is full, and the workspaces of passes, which idle models give up at once, because
// collection of garbage never happens inside a synchronous loop.
import type { Workspace } from "../../kernels.js";
import { evictOldestBlock } from "./blocks.js";
import { instance } from "./instance.js";
import { forgetOldestPrepared } from "./prepared.js";

let mostIdleBytes = 64 * 1024 * 1024;

const owners = new FinalizationRegistry<WasmWorkspace>((workspace) => workspace.release());

// Workspaces that another model may take over, the longest unused first.
const idle = new Set<WasmWorkspace>();

/** Address of a piece of kernel memory, for which others give way if they must. */
export function allocate(bytes: number): number {
  const { heap } = instance();
  heap.onFull(releaseOldest);
  return heap.allocate(bytes);
}

/** A workspace that is given back when its owner is collected, if it was not taken over before. */
export function workspace(owner: object): Workspace {
  const made = new WasmWorkspace();
  owners.register(owner, made);
  return made;
}

interface Slot {
  readonly address: number;
  readonly array: Float32Array | Int32Array;
}

class WasmWorkspace implements Workspace {
  #slots: Slot[] = [];
  #next = 0;
  #bytes = 0;
  #gaveWay = 0; // bytes, for others that idle

  begin(): void {
    idle.delete(this);
    // What had to give way and is needed again is the sign that more models are in use than fit.
    mostIdleBytes += this.#gaveWay;
    this.#gaveWay = 0;
    this.#next = 0;
  }

  floats(length: number): Float32Array {
    const array = this.#slots[this.#next]?.array;
    if (!(array instanceof Float32Array) || array.length !== length) return this.#append(Float32Array, length);
    this.#next++;
    return array;
  }

  indices(length: number): Int32Array {
    const array = this.#slots[this.#next]?.array;
    if (!(array instanceof Int32Array) || array.length !== length) return this.#append(Int32Array, length);
    this.#next++;
    return array;
  }

  idle(): void {
    idle.delete(this);
    idle.add(this);
    while (idle.size > 1 && idleBytes() > mostIdleBytes) releaseOldest();
  }

  get bytes(): number {
    return this.#bytes;
  }

  release(): void {
    idle.delete(this);
    this.#gaveWay = this.#bytes;
    this.#cut(0);
  }

  // The pass took another way than last time: what was planned from here on is given back.
  #append<T extends Float32Array | Int32Array>(
    Type: new (memory: ArrayBufferLike, address: number, length: number) => T,
    length: number,
  ): T {
    const { memory, scratch } = instance();
    this.#cut(this.#next);
    scratch.reset(); // no kernel runs: what the last call used may go
    const address = allocate(length * 4);
    const array = new Type(memory.buffer, address, length);
    this.#slots.push({ address, array });
    this.#bytes += array.byteLength;
    this.#next++;
    return array;
  }

  #cut(from: number): void {
    for (const { address, array } of this.#slots.splice(from)) {
      this.#bytes -= array.byteLength;
      instance().heap.free(address);
    }
  }
}

function idleBytes(): number {
  let total = 0;
  for (const each of idle) total += each.bytes;
  return total;
}

function releaseOldest(): boolean {
  const [oldest] = idle;
  if (oldest === undefined) return forgetOldestPrepared() || evictOldestBlock();
  oldest.release();
  return true;
}
