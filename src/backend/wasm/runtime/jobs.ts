// Runs a kernel as a job: in chunks that all threads share. The kernels' numbers and arguments are those of
// assembly/jobs.ts; which numbers a result has never depends on the threads.
import { CONTROL, instance, type Instance } from "./instance.js";

/** Kernels that run as jobs, numbered as in assembly/jobs.ts. A const enum, so that bundles hold the numbers only. */
export const enum JOB {
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  conv2dBiasGrad,
  matmulDot,
  matmulOuter,
  relu,
  reluInputGrad,
  accumulate,
  multiply,
  maxPool2d,
  maxPool2dInputGrad,
  avgPool2d,
  avgPool2dInputGrad,
  sgd,
  adam,
  conv2dPrepare,
  conv2dInputGradPrepare,
  conv2dWeightGradFinish,
  matmulPack,
  matmulPanels,
  multiplyRows,
}

/** Numbers in a chunk of an elementwise kernel, as RUN of assembly/jobs.ts. */
export const RUN = 16384;

// Fewer numbers than this are not worth waking another thread.
const ALONE_BELOW = 8192;

let threads = 1;
let words: Int32Array | undefined;
let arguments64: Float64Array | undefined;

/** How many threads share the work, the caller included. */
export function threadCount(): number {
  return threads;
}

let reason = "one thread (setThreads of handgrad/threads starts more)";

/** What a copy of this package that has threads says to the reason of another one; `copy` is its setThreadReason. */
export type Tell = (reason: string, copy: unknown) => string;

/** @internal Where the copies of this package find each other, see copies.ts. */
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

let wait: Wait = () => undefined;

/** @internal Called when the workers are ready, with the caller's way to wait for them (wait.ts). */
export function useThreads(count: number, how: Wait = wait): void {
  threads = count;
  wait = how;
}

/**
 * Runs `chunks` chunks of a kernel. `scratchLength`: four-byte numbers of scratch that each thread needs. `work`: how many
 * numbers the job touches, to leave small ones to the caller.
 */
export function runJob(
  kernel: number,
  chunks: number,
  args: readonly number[],
  scratchLength: number,
  work: number,
): void {
  if (chunks === 0) return;
  const running = instance();
  const alone = threads === 1 || chunks === 1 || work < ALONE_BELOW;
  const scratchBytes = scratchLength === 0 ? 0 : Math.ceil((scratchLength * 4 + 64) / 64) * 64;
  const scratch = scratchLength === 0 ? 0 : running.scratch.reserve((scratchBytes / 4) * (alone ? 1 : threads));
  const { control, values } = controlBlock(running);
  control[4] = chunks;
  control[6] = kernel;
  control[7] = scratch;
  control[8] = scratchBytes;
  for (let i = 0; i < args.length; i++) values[i] = args[i];
  if (alone) {
    running.exports.runAlone(CONTROL);
    return;
  }
  running.exports.runJob(CONTROL);
  wait(running, control, chunks);
}

/** Writes a geometry record to its place behind the arguments, where it stays until the next one; its address. */
export function placeRecord(record: Int32Array): number {
  controlBlock(instance()).control.set(record, RECORD / 4);
  return CONTROL + RECORD;
}

const RECORD = 1024; // bytes from the control block's start

// Views of the control block, made once.
function controlBlock({ memory }: Instance): { control: Int32Array; values: Float64Array } {
  if (words === undefined || arguments64 === undefined) {
    words = new Int32Array(memory.buffer, CONTROL, 512);
    arguments64 = new Float64Array(memory.buffer, CONTROL + 64, 32);
  }
  return { control: words, values: arguments64 };
}
