// The WebAssembly instance of a realm: made on first use, from bytes that lie in the bundle. Other modules may join it.
import { BackendError } from "../../../base/errors.js";
import { decode } from "./decode.js";
import { Heap } from "./heap.js";
import { KERNEL_LETTERS, KERNEL_TEXT, KERNEL_VALUES } from "../kernels.generated.js";
import { Scratch } from "./scratch.js";
import type { Exports } from "../assembly.generated.js";

/** The running modules, their memory, and the scratch space in it. */
export interface Instance {
  /** The first one, and those that joined it. */
  readonly modules: WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  readonly exports: Exports;
  readonly heap: Heap;
  readonly scratch: Scratch;
  /** Whether threads can share the memory. */
  readonly shared: boolean;
}

/** A module as it lies in the bundle, see decode.ts. */
export interface ModuleTexts {
  readonly KERNEL_TEXT: string;
  readonly KERNEL_LETTERS: string;
  readonly KERNEL_VALUES: string;
}

/** Address of the control block of assembly/jobs.ts; constants of the module lie below. */
export const CONTROL = 65536;

const FIRST_FREE = CONTROL + 4096;
const FIRST_PAGES = 32;
const MAX_PAGES = 16384; // 1 GiB: what the module declares
const UNSHARED_PAGES = 8192; // 512 MiB
const LEAST_PAGES = 1024; // 64 MiB

const INSTEAD = `setBackend(plain) from "handgrad/plain" computes without, slowly`;

let running: Instance | undefined;

/** The instance, made on the first call. */
export function instance(): Instance {
  return (running ??= instantiate());
}

/** Bytes of kernel memory that exist now; 0 before the first use. */
export function memoryBytes(): number {
  return running === undefined ? 0 : running.memory.buffer.byteLength;
}

function instantiate(): Instance {
  if (typeof WebAssembly !== "object") {
    throw new BackendError(`wasm: expected a runtime with WebAssembly, got none (${INSTEAD}).`);
  }
  return explained(() => {
    const memory = sharedMemory() ?? unsharedMemory();
    const shared = !(memory.buffer instanceof ArrayBuffer);
    const module = new WebAssembly.Module(moduleBytes({ KERNEL_TEXT, KERNEL_LETTERS, KERNEL_VALUES }, shared));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const heap = new Heap(memory, FIRST_FREE);
    const scratch = new Scratch(heap);
    return { modules: [module], memory, exports: exports as unknown as Exports, heap, scratch, shared };
  });
}

/** Lets another module join: it works on the same memory, and fills its places of the first one's table. */
export function addModule(texts: ModuleTexts): WebAssembly.Module {
  const { modules, memory, exports, shared } = instance();
  return explained(() => {
    const module = new WebAssembly.Module(moduleBytes(texts, shared));
    new WebAssembly.Instance(module, { env: { memory, table: exports.table } });
    modules.push(module);
    return module;
  });
}

/**
 * Other forms of all modules, the first one first, take the place of those that are running, and work on the same memory: nothing
 * that lies there moves. Only handgrad/wide needs it.
 */
export function exchangeModules(modules: readonly WebAssembly.Module[]): void {
  const before = instance();
  const { memory } = before;
  const { exports } = new WebAssembly.Instance(modules[0], { env: { memory } });
  const { table } = exports as unknown as Exports;
  for (const module of modules.slice(1)) new WebAssembly.Instance(module, { env: { memory, table } });
  running = { ...before, modules: [...modules], exports: exports as unknown as Exports };
}

/** The bytes of a module, for a memory that is shared or not. */
export function moduleBytes(texts: ModuleTexts, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = decode(texts.KERNEL_TEXT, texts.KERNEL_LETTERS, texts.KERNEL_VALUES);
  if (!shared) importUnshared(bytes);
  return bytes;
}

function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new BackendError(`wasm: ${explain(cause)}`, { cause });
  }
}

// It may grow: the views of a shared memory stay valid. A page that is not cross-origin isolated gets none.
function sharedMemory(): WebAssembly.Memory | undefined {
  if (typeof SharedArrayBuffer !== "function") return undefined;
  for (let maximum = MAX_PAGES; maximum >= LEAST_PAGES; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared: true });
    } catch {
      // too large for this machine's address space: ask for half
    }
  }
  return undefined;
}

// Growing would detach every view of an unshared memory, so it has its full size from the start. The system only backs
// pages that are written to.
function unsharedMemory(): WebAssembly.Memory {
  for (let pages = UNSHARED_PAGES; ; pages /= 2) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch (cause) {
      if (pages <= LEAST_PAGES) throw cause;
    }
  }
}

/**
 * A module asks for a shared memory. Clearing one bit of its import section makes the same code ask for an unshared one:
 * limits flag 3 (shared, with maximum) becomes 1 (with maximum). The import is "env" "memory", kind 2 (memory).
 */
function importUnshared(bytes: Uint8Array): void {
  const pattern = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3];
  for (let i = 0; i + pattern.length <= bytes.length; i++) {
    if (pattern.every((byte, k) => bytes[i + k] === byte)) {
      bytes[i + pattern.length - 1] = 1;
      return;
    }
  }
}

function explain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof WebAssembly.CompileError && !/unsafe-eval|Content Security Policy/i.test(text)) {
    return (
      `expected a runtime with WebAssembly SIMD, got a compile error (${text}). ` + `Use a newer runtime (${INSTEAD}).`
    );
  }
  return (
    `expected WebAssembly to be allowed, got "${text}". Add 'wasm-unsafe-eval' to the page's script-src directive ` +
    `(it allows WebAssembly alone, no eval; ${INSTEAD}).`
  );
}
