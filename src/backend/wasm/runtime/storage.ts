// Tensors in kernel memory. Parameters and optimizer state live until nobody holds them; what passes need lies in workspaces,
// which idle models give up at once, because collection of garbage never happens inside a synchronous loop.
import type { Shape } from "../../../base/shape.js";
import { sameShape, sizeOf } from "../../../base/shape.js";
import { Tensor } from "../../../base/tensor.js";
import type { Workspace } from "../../kernels.js";
import { instance } from "./instance.js";
import { forgetOldestPrepared, forgetPrepared } from "./prepared.js";

const MOST_IDLE_BYTES = 256 * 1024 * 1024;

const blocks = new FinalizationRegistry<number>((address) => {
  forgetPrepared(address);
  instance().heap.free(address);
});
const owners = new FinalizationRegistry<WasmWorkspace>((workspace) => workspace.release());

// Workspaces that another model may take over, the longest unused first.
const idle = new Set<WasmWorkspace>();

/** Zeros in kernel memory; the block is used again when the tensor and its views are collected. */
export function allocate(shape: Shape): Tensor {
  const { heap } = instance();
  heap.onFull(releaseOldest);
  const size = sizeOf(shape);
  const address = heap.allocate(size * 4);
  const tensor = Tensor.window(new Float32Array(heap.memory.buffer, address, size), Object.freeze([...shape]));
  tensor.data.fill(0);
  blocks.register(tensor, address);
  return tensor;
}

/** A workspace that is given back when its owner is collected, if it was not taken over before. */
export function workspace(owner: object): Workspace {
  const made = new WasmWorkspace();
  owners.register(owner, made);
  return made;
}

interface Slot {
  readonly address: number;
  readonly tensor: Tensor | undefined;
  readonly indices: Int32Array | undefined;
}

class WasmWorkspace implements Workspace {
  #slots: Slot[] = [];
  #next = 0;
  #bytes = 0;

  begin(): void {
    idle.delete(this);
    this.#next = 0;
  }

  next(shape: Shape): Tensor {
    const slot = this.#slots[this.#next];
    if (slot?.tensor !== undefined && sameShape(slot.tensor.shape, shape)) {
      this.#next++;
      return slot.tensor;
    }
    const { memory } = instance();
    const size = sizeOf(shape);
    const address = this.#append(size);
    const tensor = Tensor.window(new Float32Array(memory.buffer, address, size), Object.freeze([...shape]));
    this.#slots.push({ address, tensor, indices: undefined });
    return tensor;
  }

  nextIndices(length: number): Int32Array {
    const slot = this.#slots[this.#next];
    if (slot?.indices !== undefined && slot.indices.length === length) {
      this.#next++;
      return slot.indices;
    }
    const address = this.#append(length);
    const indices = new Int32Array(instance().memory.buffer, address, length);
    this.#slots.push({ address, tensor: undefined, indices });
    return indices;
  }

  idle(): void {
    idle.delete(this);
    idle.add(this);
    while (idle.size > 1 && idleBytes() > MOST_IDLE_BYTES) releaseOldest();
  }

  get bytes(): number {
    return this.#bytes;
  }

  release(): void {
    idle.delete(this);
    this.#cut(0);
  }

  // The pass took another way than last time: what was planned from here on is given back.
  #append(size: number): number {
    const { heap } = instance();
    heap.onFull(releaseOldest);
    this.#cut(this.#next);
    const address = heap.allocate(size * 4);
    this.#bytes += size * 4;
    this.#next++;
    return address;
  }

  #cut(from: number): void {
    for (const { address, tensor, indices } of this.#slots.splice(from)) {
      this.#bytes -= 4 * (tensor === undefined ? (indices?.length ?? 0) : sizeOf(tensor.shape));
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
  if (oldest === undefined) return forgetOldestPrepared();
  oldest.release();
  return true;
}
