// Runs fuzz tasks in a worker thread. The parent reads in shared memory which input is running, and ends the thread when
// that stands still.
import { parentPort, workerData } from "node:worker_threads";
import { HandgradError } from "../../src/base/errors.js";
import { install, start, stop, type Measured } from "./meter.js";
import { mutateBytes } from "./mutate.js";
import { below, generator, oneOf } from "./random.js";
import type { FuzzTarget } from "./target.js";
import { emptyReport, merge, type Failure, type Report, type Task } from "./task.js";

const SMALL_SEED = 4096; // bytes; every truncation of these is run
const LONGEST_MESSAGE = 4000;
const HEAP_SLACK = 64 * 1024 * 1024; // that the heap may grow by while one input is read
const TRIES = 5;
const MOST_FAILURES = 20;

/** What a target may say beyond the interface. */
interface Target extends FuzzTarget {
  /** Why this truncation of a valid file is a valid file. */
  readonly allowsTruncation?: (seed: Uint8Array, length: number) => string | undefined;
}

interface Run {
  readonly error: unknown; // undefined if the bytes were accepted
  readonly measured: Measured;
  readonly ms: number;
}

const progress = new Int32Array(workerData as SharedArrayBuffer); // [number of the input, count of runs]
install();
const shortStacks = Error.stackTraceLimit;

parentPort?.on("message", (task: Task) => {
  void work(task).then(
    (report) => parentPort?.postMessage({ report }),
    (error: unknown) => parentPort?.postMessage({ fault: error instanceof Error ? error.stack : String(error) }),
  );
});

async function work(task: Task): Promise<Report> {
  const { target } = (await import(task.url)) as { target: Target };
  const seeds = target.seeds();
  if (seeds.length === 0) throw new Error(`${target.name}: expected seeds, got none`);
  Error.stackTraceLimit = 0; // making a stack costs more than reading a small file
  let report = emptyReport(target.name);
  if (task.truncations) report = merge(report, await runTruncations(target, seeds, task));
  const found: Failure[] = [];
  let [accepted, slowestMs, mostBytes] = [0, 0, 0];
  const refused: Record<string, number> = {};
  for (let i = task.from; i < task.from + task.count && found.length < MOST_FAILURES; i++) {
    progress[0] = i;
    const bytes = inputOf(target, seeds, task.seed, i);
    const run = await runOnce(target, bytes);
    const failure = await judge(target, bytes, run, `input ${i}`, task);
    if (failure !== undefined) found.push(failure);
    if (run.error === undefined) accepted++;
    else refused[nameOf(run.error)] = (refused[nameOf(run.error)] ?? 0) + 1;
    slowestMs = Math.max(slowestMs, run.ms);
    mostBytes = Math.max(mostBytes, run.measured.bytes);
  }
  Error.stackTraceLimit = shortStacks;
  return merge(report, {
    ...emptyReport(target.name),
    ...{ inputs: task.count, accepted, refused, slowestMs, mostBytes, failures: found },
  });
}

/** Input number i: a seed, changed with knowledge of the format, without it, or both. */
export function inputOf(target: FuzzTarget, seeds: readonly Uint8Array[], seed: number, i: number): Uint8Array {
  const random = generator(seed, i);
  const original = oneOf(random, seeds);
  const way = below(random, 20);
  if (way === 0) return original;
  if (way === 1) return Uint8Array.from({ length: below(random, 200) }, () => below(random, 256));
  let bytes = original;
  if (way < 14) bytes = target.mutate(bytes.slice(), random);
  if (way < 6 || way >= 14) bytes = mutateBytes(bytes, random, oneOf(random, seeds));
  return bytes;
}

async function runOnce(target: FuzzTarget, bytes: Uint8Array): Promise<Run> {
  Atomics.add(progress, 1, 1);
  const limit = target.allocationLimit(bytes);
  const begun = performance.now();
  let error: unknown;
  start(limit);
  try {
    const pending: unknown = target.parse(bytes);
    if (pending instanceof Promise) await pending;
  } catch (thrown) {
    error = thrown ?? new Error("threw nothing");
  }
  const measured = stop();
  return { error, measured, ms: performance.now() - begun };
}

async function judge(
  target: FuzzTarget,
  bytes: Uint8Array,
  run: Run,
  input: string,
  task: Task,
): Promise<Failure | undefined> {
  const fail = (kind: Failure["kind"], message: string): Failure => {
    return { kind, input, message, bytes: bytes.length > SMALL_SEED ? "" : Buffer.from(bytes).toString("base64") };
  };
  const { error, measured } = run;
  if (measured.exceeded) return fail("allocation", `more than ${target.allocationLimit(bytes)} bytes`);
  if (measured.heapBytes > target.allocationLimit(bytes) + HEAP_SLACK) {
    return fail("allocation", `the heap grew by ${measured.heapBytes} bytes`);
  }
  if (error !== undefined && !(error instanceof HandgradError))
    return fail("wrong error", await stackOf(target, bytes));
  if (error !== undefined && (error as Error).message.length > LONGEST_MESSAGE) {
    return fail("wrong error", `a message of ${(error as Error).message.length} characters`);
  }
  // The machine may have been busy: the fastest of five tries counts.
  let fastest = run.ms;
  for (let i = 1; i < TRIES && fastest > task.slowMs; i++)
    fastest = Math.min(fastest, (await runOnce(target, bytes)).ms);
  if (fastest <= task.slowMs) return undefined;
  return fail("slow", `${fastest.toFixed(0)} ms in the fastest of ${TRIES} tries`);
}

async function stackOf(target: FuzzTarget, bytes: Uint8Array): Promise<string> {
  Error.stackTraceLimit = 20;
  const { error } = await runOnce(target, bytes);
  Error.stackTraceLimit = 0;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Every seed is accepted, and no shorter part of a small one is. */
async function runTruncations(target: Target, seeds: readonly Uint8Array[], task: Task): Promise<Report> {
  const failures: Failure[] = [];
  let truncations = 0;
  for (const [number, seed] of seeds.entries()) {
    progress[0] = -1 - number;
    const whole = await runOnce(target, seed);
    if (whole.error !== undefined || whole.measured.exceeded) {
      const message = whole.measured.exceeded ? "more allocated than the limit" : await stackOf(target, seed);
      failures.push({ kind: "seed refused", input: `seed ${number}`, message, bytes: "" });
    }
    if (seed.length >= SMALL_SEED) continue;
    for (let length = 0; length < seed.length && failures.length < MOST_FAILURES; length++) {
      truncations++;
      const cut = seed.slice(0, length);
      const run = await runOnce(target, cut);
      const input = `seed ${number} cut to ${length} bytes`;
      const failure = await judge(target, cut, run, input, task);
      if (failure !== undefined) failures.push(failure);
      if (run.error !== undefined || target.allowsTruncation?.(seed, length) !== undefined) continue;
      failures.push({ kind: "truncation accepted", input, message: "", bytes: Buffer.from(cut).toString("base64") });
    }
  }
  return { ...emptyReport(target.name), truncations, failures };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
