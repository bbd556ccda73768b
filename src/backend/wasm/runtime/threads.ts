// setThreads: starts and stops the threads that share the work of kernels.
import { show, whole } from "../../../base/check.js";
import { BackendError } from "../../../base/errors.js";
import { CONTROL, instance } from "./instance.js";
import { setThreadReason, threadCount, useThreads } from "./jobs.js";
import { waitUntilDone } from "./wait.js";

interface Thread {
  terminate(): unknown;
}

const workers: Thread[] = [];
const START_MS = 20_000;

// Places in the control block, see assembly/jobs.ts.
const JOB_WORD = 0;
const CREW_WORD = 9;

/**
 * Lets `count` threads (the caller included) share the work of each kernel from now on; without `count` as many as the
 * machine has cores. Resolves with the number of threads when all are ready; every call of the library stays synchronous,
 * and results have the same bits for any number of threads.
 *
 * Where memory cannot be shared (a page that is not cross-origin isolated) or a thread does not start, it resolves with 1 and
 * `backendInfo().reason` says why. The threads never keep a process alive.
 *
 * @example
 * await setThreads(2);
 *
 * @throws ArgumentError when `count` is not a whole number from 1 to 64
 */
export async function setThreads(count: number = availableCores()): Promise<number> {
  whole("setThreads", "count", count, 1, 64);
  stopWorkers();
  if (count === 1) {
    setThreadReason("one thread");
    return 1;
  }
  const { module, memory, shared } = instance();
  if (!shared) {
    setThreadReason("one thread: memory cannot be shared here (a page must be cross-origin isolated)");
    return 1;
  }
  const control = new Int32Array(memory.buffer, CONTROL, 16);
  const [seen, crew] = [Atomics.load(control, JOB_WORD), Atomics.load(control, CREW_WORD)];
  try {
    const starts = Array.from({ length: count - 1 }, (_, i) =>
      startWorker({ module, memory, control: CONTROL, thread: i + 1, seen, crew }),
    );
    await Promise.all(starts);
  } catch (cause) {
    stopWorkers();
    setThreadReason(`one thread: a worker did not start (${cause instanceof Error ? cause.message : show(cause)})`);
    return 1;
  }
  useThreads(count, waitUntilDone);
  setThreadReason(`${count} threads`);
  return threadCount();
}

function availableCores(): number {
  const os = globalThis.process?.getBuiltinModule?.("node:os");
  const cores = os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.min(Math.max(cores, 1), 16);
}

// A terminated worker may run on for a while: the new number of the crew tells it to leave.
function stopWorkers(): void {
  useThreads(1);
  if (workers.length === 0) return;
  const control = new Int32Array(instance().memory.buffer, CONTROL, 16);
  Atomics.add(control, CREW_WORD, 1);
  Atomics.notify(control, JOB_WORD);
  for (const worker of workers.splice(0)) void worker.terminate();
}

function startWorker(data: object): Promise<void> {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  const url = new URL("./worker.js", import.meta.url);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new BackendError(`no answer after ${START_MS / 1000} s`)), START_MS);
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      work();
    };
    if (node !== undefined) {
      const worker = new node.Worker(url, { workerData: data });
      workers.push(worker);
      worker.once("message", () => settle(resolve));
      worker.once("error", (error: Error) => settle(() => reject(error)));
      worker.unref();
    } else {
      const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
      workers.push(worker);
      worker.onmessage = () => settle(resolve);
      worker.onerror = (event) => settle(() => reject(new BackendError(event.message || `${url.href} did not load`)));
      worker.postMessage(data);
    }
  });
}
