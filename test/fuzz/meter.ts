// Counts what a parser allocates. Every way to make an array buffer is replaced by one that counts, before any code under
// test is loaded; one that would go beyond the limit throws instead of allocating. Blocks of kernel memory count, too. The
// JavaScript heap (strings, lists, objects) is read from the engine, which is coarse: collection hides garbage.
import { getHeapStatistics } from "node:v8";
import { Heap } from "../../src/backend/wasm/runtime/heap.js";

/** What one call allocated. */
export interface Measured {
  /** Sum of all array buffers and kernel blocks. */
  readonly bytes: number;
  /** By how much the JavaScript heap grew, as far as it shows. */
  readonly heapBytes: number;
  /** Whether an allocation beyond the limit was asked for. */
  readonly exceeded: boolean;
}

/** Thrown in the place of an allocation beyond the limit. */
class Overrun extends Error {}

const TYPED_ARRAYS = [
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
  ...["Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"],
];

type Callable = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Callable | undefined>;

let on = false;
let bytes = 0;
let limit = Infinity;
let exceeded = false;
let heapBefore = 0;

/** Starts counting. */
export function start(allowed: number): void {
  [bytes, limit, exceeded, heapBefore] = [0, allowed, false, getHeapStatistics().used_heap_size];
  on = true;
}

/** Ends counting. */
export function stop(): Measured {
  on = false;
  return { bytes, heapBytes: Math.max(getHeapStatistics().used_heap_size - heapBefore, 0), exceeded };
}

function count(size: number): void {
  if (!on || !(size > 0)) return;
  bytes += size;
  if (bytes <= limit) return;
  exceeded = true;
  throw new Overrun(`${bytes} bytes allocated, ${limit} are the limit`);
}

function isBuffer(value: unknown): boolean {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

/** Replaces the constructors and methods of this realm, for good. */
export function install(): void {
  const realm = globalThis as unknown as Record<string, new (...args: unknown[]) => ArrayBufferView>;
  for (const name of TYPED_ARRAYS) {
    const { BYTES_PER_ELEMENT: size } = realm[name] as unknown as { BYTES_PER_ELEMENT: number };
    realm[name] = counted(realm[name], ([source]) => {
      if (isBuffer(source)) return 0; // a view
      return size * lengthOf(source);
    });
  }
  for (const name of ["ArrayBuffer", "SharedArrayBuffer"]) {
    realm[name] = counted(realm[name], ([length]) => Number(length ?? 0));
  }
  const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
  for (const name of ["slice", "map", "filter", "toReversed", "toSorted", "with"]) countResult(typed, name);
  for (const name of ["slice", "transfer", "transferToFixedLength"]) countResult(ArrayBuffer.prototype, name);
  countResult(TextEncoder.prototype, "encode");
  for (const name of ["from", "concat", "copyBytesFrom"]) countResult(Buffer, name);
  for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"]) before(Buffer, name, ([size]) => Number(size));
  before(ArrayBuffer.prototype, "resize", ([size]) => Number(size));
  before(WebAssembly.Memory.prototype, "grow", ([pages]) => 65536 * Number(pages));
  before(Heap.prototype, "allocate", ([size]) => Number(size));
}

// A list or a typed array has a length; what else can be iterated is counted when it is there (see below).
function lengthOf(source: unknown): number {
  if (typeof source === "number") return source;
  if (source === null || typeof source !== "object") return 0;
  return Number((source as { length?: unknown }).length ?? 0);
}

function counted<T extends object>(
  constructor: new (...args: unknown[]) => T,
  sizeOf: (args: unknown[]) => number,
): new (...args: unknown[]) => T {
  return new Proxy(constructor, {
    construct(target, args: unknown[], newTarget): T {
      count(sizeOf(args));
      return Reflect.construct(target, args, newTarget) as T;
    },
  });
}

function before(owner: object, name: string, sizeOf: (args: unknown[]) => number): void {
  const methods = owner as Methods;
  const original = methods[name];
  if (original === undefined) return;
  methods[name] = function (...args) {
    count(sizeOf(args));
    return original.apply(this, args);
  };
}

// For methods whose result is no larger than what they are called on.
function countResult(owner: object, name: string): void {
  const methods = owner as Methods;
  const original = methods[name];
  if (original === undefined) return;
  methods[name] = function (...args) {
    const result = original.apply(this, args);
    count((result as { byteLength: number }).byteLength);
    return result;
  };
}
