// Blocks of kernel memory: kept apart, given back, joined, and recognized after the memory has grown.
import { describe, expect, it } from "vitest";
import { Heap } from "../../src/backend/wasm/runtime/heap.js";

const makeHeap = (): Heap => new Heap(new WebAssembly.Memory({ initial: 1, maximum: 64, shared: true }), 1024);

describe("Heap", () => {
  it("gives blocks that do not overlap, and uses freed neighbors as one block again", () => {
    const heap = makeHeap();
    const [a, b, c] = [heap.allocate(1000), heap.allocate(1000), heap.allocate(1000)];
    expect(b - a).toBeGreaterThanOrEqual(1064);
    expect(c - b).toBeGreaterThanOrEqual(1064);
    heap.free(a);
    heap.free(b);
    expect(heap.allocate(2000)).toBe(a);
  });

  it("holds a view made before the memory grew, and one made between two growths", () => {
    const heap = makeHeap();
    const views = [100, 100_000, 300_000].map((bytes) => {
      const start = heap.allocate(bytes); // the second and the third make the memory grow
      return new Float32Array(heap.memory.buffer, start, 4);
    });
    expect(new Set(views.map((view) => view.buffer)).size).toBe(3); // a shared memory that grew has a new buffer object
    expect(views.map((view) => heap.holds(view))).toEqual([true, true, true]);
    expect(heap.holds(new Float32Array(4))).toBe(false);
  });

  it("asks for idle blocks when it is full, then throws with the sizes", () => {
    const heap = makeHeap();
    const first = heap.allocate(3 * 1048576);
    heap.onFull(() => {
      heap.free(first);
      heap.onFull(() => false);
      return true;
    });
    expect(heap.allocate(2 * 1048576)).toBe(first);
    expect(() => heap.allocate(5 * 1048576)).toThrow(
      /^wasm: expected room for 5\.0 MiB more of kernel memory, got 2\.0 MiB/,
    );
  });
});
