// Runs a kernel as a job: in chunks that all threads share (assembly/jobs.ts). Which numbers a result has never depends on the
// threads.
import { CONTROL, instance, type Instance } from "./instance.js";
import { writeRecord, type Kernel } from "./record.js";

/** Numbers in a chunk of an elementwise kernel. */
export const RUN = 16384;

/** How many rows or planes of so many numbers make a chunk. */
export function perChunk(size: number): number {
  return Math.ceil(RUN / Math.max(size, 1));
}

// Fewer numbers than this are not worth waking another thread.
const ALONE_BELOW = 8192;

let threads = 1;
let block: ControlBlock | undefined;

/** How many threads share the work, the caller included. */
export function threadCount(): number {
  return threads;
}

let reason = "one thread (setThreads of handgrad/threads starts more)";

/** What is said beside the reason of a copy of this package, see copies.ts and wide/note.ts; `copy` is its setThreadReason. */
export type Tell = (reason: string, copy: unknown) => string;

/** @internal Where the copies of this package find each other. */
export const REALM = Symbol.for("handgrad.threads");

/** Why there are as many threads as there are. */
export function threadReason(): string {
  const tell = (globalThis as { [REALM]?: Tell })[REALM];
  return tell === undefined ? reason : tell(reason, setThreadReason);
}

/** @internal */
export function setThreadReason(text: string): void {
  reason = text;
}

type Wait = (running: Instance, control: Int32Array, chunks: number) => void;

type BringModules = (modules: readonly WebAssembly.Module[]) => void;

let wait: Wait = () => undefined;
let bring: BringModules = () => undefined;

/** @internal Called when the workers are ready, with the caller's way to wait for them (wait.ts) and to bring them modules. */
export function useThreads(count: number, how: Wait = wait, bringModules: BringModules = () => undefined): void {
  threads = count;
  wait = how;
  bring = bringModules;
}

/** @internal Runs `work` on this thread alone. */
export function alone<T>(work: () => T): T {
  const before = threads;
  threads = 1;
  try {
    return work();
  } finally {
    threads = before;
  }
}

/** @internal Brings the other threads modules that joined, or other forms of all; call it before the first job that needs them. */
export function tellThreads(modules: readonly WebAssembly.Module[]): void {
  bring(modules);
}

/** A kernel call that is one job on `count` things, of which `each` make a chunk; for the rest see `job`. */
export function call<G, R extends readonly [each: number, ...rest: unknown[]]>(
  kernel: Kernel<G, R>,
  g: G,
  fields: R,
  count: number,
  work: number = count,
): void {
  instance().scratch.reset();
  job(kernel, g, fields, Math.ceil(count / fields[0]), work);
}

/**
 * Runs `chunks` chunks of a kernel on a record of the contract's g (null where the kernel has none) and its own fields. work:
 * how many numbers it touches, to leave small jobs to the caller. scratchLength: four-byte numbers of scratch that each
 * thread needs.
 *
 * Several jobs of one kernel call are for after `scratch.reset()`, and share what they reserve there.
 */
export function job<G, R extends readonly unknown[]>(
  kernel: Kernel<G, R>,
  g: G,
  fields: R,
  chunks: number,
  work: number,
  scratchLength: number = 0,
): void {
  if (chunks === 0) return;
  kernel.load?.();
  const running = instance();
  const { scratch } = running;
  const isAlone = threads === 1 || chunks === 1 || work < ALONE_BELOW;
  const scratchBytes = scratchLength === 0 ? 0 : Math.ceil((scratchLength * 4 + 64) / 64) * 64;
  const { control, words, reals } = (block ??= controlBlock(running));
  writeRecord(kernel, g, fields, words, reals, scratch);
  control[4] = chunks;
  control[6] = kernel.index;
  control[7] = scratchLength === 0 ? 0 : scratch.reserve((scratchBytes / 4) * (isAlone ? 1 : threads));
  control[8] = scratchBytes;
  if (isAlone) {
    running.exports.runAlone(CONTROL);
  } else {
    running.exports.runJob(CONTROL);
    wait(running, control, chunks);
  }
  scratch.fetch();
}

const RECORD = 64; // bytes from the control block's start

interface ControlBlock {
  readonly control: Int32Array;
  readonly words: Int32Array;
  readonly reals: Float64Array;
}

// Views of the control block, made once.
function controlBlock({ memory: { buffer } }: Instance): ControlBlock {
  const words = new Int32Array(buffer, CONTROL + RECORD, 256);
  const reals = new Float64Array(buffer, CONTROL + RECORD, 128);
  return { control: new Int32Array(buffer, CONTROL, 16), words, reals };
}
