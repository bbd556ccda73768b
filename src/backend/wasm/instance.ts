// The one WebAssembly instance of a realm: made on first use, from bytes that lie in the bundle.
import { BackendError } from "../../errors.js";
import { KERNELS_BASE64 } from "./kernels.generated.js";
import { Scratch } from "./memory.js";

/** The module's exports: every kernel takes and returns plain numbers (addresses and sizes). */
export type Exports = Readonly<Record<string, (...args: number[]) => number>>;

/** The running module and the scratch space in its memory. */
export interface Instance {
  readonly exports: Exports;
  readonly scratch: Scratch;
}

const FIRST_FREE = 65536; // constants of the module lie below
const FIRST_PAGES = 16;
const MAX_PAGES = 32768; // 2 GiB

let running: Instance | undefined;

/** The instance, made on the first call. */
export function instance(): Instance {
  return (running ??= instantiate());
}

/** Bytes of kernel memory that exist now; 0 before the first use. */
export function memoryBytes(): number {
  return running === undefined ? 0 : running.scratch.memory.buffer.byteLength;
}

function instantiate(): Instance {
  if (typeof WebAssembly !== "object") {
    throw new BackendError(
      `wasm: expected a runtime with WebAssembly, got none (use setBackend(reference) from "handgrad/reference").`,
    );
  }
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MAX_PAGES });
  try {
    const module = new WebAssembly.Module(decodeBase64(KERNELS_BASE64));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return { exports: exports as unknown as Exports, scratch: new Scratch(memory, FIRST_FREE) };
  } catch (cause) {
    throw new BackendError(`wasm: ${explain(cause)}`, { cause });
  }
}

function explain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof WebAssembly.CompileError && !/unsafe-eval|Content Security Policy/i.test(text)) {
    return (
      `expected a runtime with WebAssembly SIMD, got a compile error (${text}). ` +
      `Use a newer runtime, or setBackend(reference) from "handgrad/reference".`
    );
  }
  return (
    `expected WebAssembly to be allowed, got "${text}". Add 'wasm-unsafe-eval' to the page's script-src directive, ` +
    `or use setBackend(reference) from "handgrad/reference".`
  );
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
