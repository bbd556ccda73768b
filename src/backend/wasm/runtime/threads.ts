// setThreads: which threads share the work of kernels. The latest call counts. How a thread is started is in workers.ts.
import { show, whole } from "../../../base/check.js";
import { tellCopies } from "./copies.js";
import { CONTROL, instance } from "./instance.js";
import { setThreadReason, threadCount, useThreads } from "./jobs.js";
import { waitUntilDone } from "./wait.js";
import { NoThread, startThread, type Crew } from "./workers.js";

// Places in the control block, see assembly/jobs.ts.
const JOB_WORD = 0;
const CREW_WORD = 9;

// What the latest call wants, and its promise that this is so, or that the reason is known.
let wanted = 1;
let crew: Crew | undefined;
let latest: Promise<void> = Promise.resolve();

/**
 * Lets `count` threads (the caller included) share the work of each kernel from now on; without `count` as many as the
 * machine has cores. Resolves with the number of threads when all are ready; every call of the library stays synchronous,
 * and results have the same bits for any number of threads. Until then, one thread works.
 *
 * Where memory cannot be shared (a page that is not cross-origin isolated) or a thread does not start, it resolves with 1 and
 * `backendInfo().reason` says why. When calls overlap the latest one counts, and all resolve with what it gave. The threads
 * never keep a process alive.
 *
 * @example
 * await setThreads(2);
 *
 * @throws ArgumentError when `count` is not a whole number from 1 to 64
 */
export async function setThreads(count: number = availableCores()): Promise<number> {
  whole("setThreads", "count", count, 1, 64);
  // Whoever asks for what is in force, or on its way, gets that: an effect that runs twice starts nothing twice.
  if (count !== wanted || crew?.left === true) {
    if (crew !== undefined) dismiss(crew);
    crew = undefined;
    wanted = count;
    setThreadReason("one thread");
    if (count > 1) {
      crew = newCrew();
      latest = start(count, crew);
    } else latest = Promise.resolve();
  }
  for (let seen; seen !== latest;) {
    seen = latest;
    await seen;
  }
  return threadCount();
}

// The new number of the crew makes the threads leave their loop, to which they return when they have the modules. What is done
// meanwhile is done without them.
function bring(modules: readonly WebAssembly.Module[], to: Crew): void {
  const control = new Int32Array(instance().memory.buffer, CONTROL, 16);
  const number = Atomics.add(control, CREW_WORD, 1) + 1;
  Atomics.notify(control, JOB_WORD);
  const seen = Atomics.load(control, JOB_WORD);
  for (const post of to.posts) post({ modules, seen, crew: number });
}

function newCrew(): Crew {
  const made: Crew = {
    left: false,
    ends: new Set(),
    posts: new Set(),
    died: (why) => dismiss(made, `one thread: a thread died (${why})`),
  };
  return made;
}

async function start(count: number, mine: Crew): Promise<void> {
  try {
    const { modules, memory, shared } = instance();
    if (!shared) {
      dismiss(mine, "one thread: memory cannot be shared here (a page must be cross-origin isolated)");
      return;
    }
    setThreadReason(`one thread, while ${count - 1} more ${count === 2 ? "starts" : "start"}`);
    // One thread alone publishes no jobs, so both numbers stay what they are until the crew is complete.
    const control = new Int32Array(memory.buffer, CONTROL, 16);
    const [seen, number] = [Atomics.load(control, JOB_WORD), Atomics.load(control, CREW_WORD)];
    const sent = [...modules];
    const startOne = (thread: number): Promise<string> =>
      startThread({ modules: sent, memory, control: CONTROL, thread, seen, crew: number }, mine);
    const way = await startOne(1); // the first one finds the way
    await Promise.all(Array.from({ length: count - 2 }, (_, i) => startOne(i + 2)));
    if (mine.left) return;
    useThreads(
      count,
      (running, words, chunks) => waitUntilDone(running, words, chunks, (why) => dismiss(mine, `one thread: ${why}`)),
      (others) => bring(others, mine),
    );
    // What came meanwhile: modules that joined, or other forms of all.
    const missing = instance().modules.filter((module) => !sent.includes(module));
    if (missing.length > 0) bring(missing, mine);
    setThreadReason(`${count} threads, started by ${way}`);
    tellCopies(
      `; another copy of handgrad in this realm has ${count} threads of its own: setThreads belongs to its copy, so load all ` +
        `entries alike (all by import or all by require; in Vite, all or none in optimizeDeps.exclude)`,
    );
  } catch (cause) {
    if (mine.left) return; // who dismissed it has said why
    dismiss(mine, `one thread: no other starts here (${cause instanceof Error ? cause.message : show(cause)})`);
    if (!(cause instanceof NoThread)) throw cause;
  }
}

function availableCores(): number {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  const cores = os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.min(Math.max(cores, 1), 16);
}

// A terminated worker may run on for a while: the new number of the crew tells it to leave.
function dismiss(gone: Crew, why?: string): void {
  if (gone.left) return;
  gone.left = true;
  useThreads(1);
  tellCopies("");
  if (why !== undefined) setThreadReason(why);
  if (gone.ends.size === 0) return;
  const control = new Int32Array(instance().memory.buffer, CONTROL, 16);
  Atomics.add(control, CREW_WORD, 1);
  Atomics.notify(control, JOB_WORD);
  for (const end of [...gone.ends]) end();
}
