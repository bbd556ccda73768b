// The numbers of a parameter, a gradient or an optimizer's state. As long as nobody asks for an array of them, their block of
// kernel memory is all there is. An array that was handed out stays for good and is what counts: every kernel call copies from
// it and back to it, so that it is right whenever somebody can look.
//
// Why for good: an array that is held weakly could be written into and dropped before a kernel has seen what was written.
import { StateError } from "../../../base/errors.js";
import type { Stored } from "../../../base/stored.js";
import { addBlock, useBlock, type Block, type Slot } from "./blocks.js";
import { instance } from "./instance.js";
import { allocate } from "./storage.js";

/** Stored numbers of this backend. Its slot is apart from it: the cache holds slots, and must not hold their owners. */
export class StoredNumbers implements Stored {
  readonly #slot: Slot;

  constructor(
    readonly length: number,
    array: Float32Array | null,
  ) {
    this.#slot = { array, handedOut: false, block: null, evicted: false };
    Object.freeze(this); // what makes state reactive leaves it alone, then
  }

  array(): Float32Array {
    const slot = this.#slot;
    slot.handedOut = true;
    return (slot.array ??= this.now().slice());
  }

  now(): Float32Array {
    const { array, block } = this.#slot;
    if (array === null) return (block as Block).window;
    if (array.length !== this.length) throw gone(this.length);
    return array;
  }

  /** Address of the numbers in kernel memory, for this kernel call; reads: whether it matters what they are. */
  place(call: number, reads: boolean): number {
    const slot = this.#slot;
    if (slot.array !== null && slot.array.length !== this.length) throw gone(this.length);
    const block = slot.block ?? addBlock(slot, this.length, this, allocate);
    useBlock(block, call);
    if (slot.array === null) return block.address;
    if (reads) block.window.set(slot.array);
    if (!slot.handedOut) slot.array = null;
    return block.address;
  }

  /** The array into which a kernel's results are copied, if there is one. */
  get copy(): Float32Array | null {
    return this.#slot.array;
  }
}

function gone(length: number): StateError {
  return new StateError(
    `Parameter: expected its array of ${length} numbers, got one whose buffer was transferred (transfer a copy: ` +
      `value.data.slice()).`,
  );
}

/** Zeros in kernel memory. */
export function storeZeros(length: number): StoredNumbers {
  instance().scratch.reset(); // no kernel runs: what the last call used may go
  const zeros = new StoredNumbers(length, null);
  zeros.place(-1, false);
  zeros.now().fill(0);
  return zeros;
}

/** Numbers that go to kernel memory when a kernel first asks for them. */
export function storeArray(array: Float32Array): StoredNumbers {
  return new StoredNumbers(array.length, array);
}
