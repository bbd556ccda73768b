// The blocks of kernel memory in which stored numbers lie: a cache. What was not used for longest goes first: its numbers move
// into an ordinary array, which the engine collects when nobody needs it, within a synchronous loop, too. So a dropped model
// costs nothing here, and nothing depends on when garbage is collected.
import { instance } from "./instance.js";
import { forgetPrepared } from "./prepared.js";

/** Where some stored numbers are: in an ordinary array, in a block, or in both. */
export interface Slot {
  /** The array. Where there is one, its numbers count, and those in the block are a copy. */
  array: Float32Array | null;
  /** Whether somebody outside may hold the array. */
  handedOut: boolean;
  block: Block | null;
  /** Whether the numbers had to leave kernel memory to make room. */
  evicted: boolean;
}

/** A place in kernel memory. */
export interface Block {
  readonly address: number;
  readonly window: Float32Array;
  slot: Slot | null;
  /** The kernel call that used it last, see Scratch.calls. */
  call: number;
}

// What a block's owner leaves behind. It holds nothing that is large: what is registered stays as long as a synchronous loop
// runs, also when the owner is gone.
const owners = new FinalizationRegistry<Block>((block) => remove(block, null));

const blocks = new Set<Block>(); // the longest unused first
let bytes = 0;

/**
 * How many bytes of blocks are kept. Numbers that had to leave and are needed again are the sign that more are in use than fit:
 * then it grows. Tests change it.
 */
export const budget = { bytes: 64 * 1024 * 1024, grows: true };

/**
 * Puts the block of a slot into kernel memory, in a piece that `allocate` finds; its content is whatever was there. It is given
 * back when `owner` is collected, if it was not before.
 */
export function addBlock(slot: Slot, length: number, owner: object, allocate: (bytes: number) => number): Block {
  const size = length * 4;
  if (slot.evicted && budget.grows) budget.bytes += size;
  slot.evicted = false;
  makeRoom(size);
  const address = allocate(size);
  const window = new Float32Array(instance().memory.buffer, address, length);
  const block = { address, window, slot, call: -1 };
  slot.block = block;
  blocks.add(block);
  bytes += size;
  owners.register(owner, block, block);
  return block;
}

/** Says that a kernel call uses a block: until the next call it stays where it is. */
export function useBlock(block: Block, call: number): void {
  if (block.call === call) return;
  block.call = call;
  blocks.delete(block);
  blocks.add(block);
}

/** Moves the numbers that were not used for longest out of kernel memory; false if the running kernel call needs all. */
export function evictOldestBlock(): boolean {
  const { calls } = instance().scratch;
  for (const block of blocks) {
    const { slot, window } = block;
    if (block.call === calls || slot === null) continue;
    try {
      slot.array ??= window.slice();
    } catch {
      return false; // no room for them elsewhere either
    }
    slot.evicted = true;
    remove(block, slot);
    return true;
  }
  return false;
}

/** Moves numbers out until `size` more bytes are within the budget, or the running kernel call needs all that is left. */
export function makeRoom(size: number): void {
  while (bytes + size > budget.bytes && evictOldestBlock());
}

function remove(block: Block, slot: Slot | null): void {
  if (slot !== null) {
    slot.block = null;
    owners.unregister(block);
  }
  block.slot = null;
  blocks.delete(block);
  bytes -= block.window.byteLength;
  forgetPrepared(block.address);
  instance().heap.free(block.address);
}
