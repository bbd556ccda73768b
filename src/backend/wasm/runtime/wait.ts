// How the caller of a job waits for the other threads. Only the entry handgrad/threads needs it, and hands it to jobs.ts.
import { BackendError } from "../../../base/errors.js";
import { CONTROL, type Instance } from "./instance.js";
import { useThreads } from "./jobs.js";

const PATIENCE_MS = 10_000; // without a finished chunk, another thread is taken to be dead

/** Returns when all chunks of the job in the control block are done. */
export function waitUntilDone({ exports }: Instance, control: Int32Array, chunks: number): void {
  let seen = -1;
  let since = 0;
  while (exports.jobDone(CONTROL) === 0) {
    const done = Atomics.load(control, 5);
    const now = performance.now();
    if (done !== seen) [seen, since] = [done, now];
    if (done === chunks) return;
    if (now - since > PATIENCE_MS) {
      useThreads(1);
      throw new BackendError(
        `wasm: expected all threads to finish their part, got ${done} of ${chunks} after ${PATIENCE_MS / 1000} s (a thread ` +
          `died; the next calls run on one thread, and the last result is lost).`,
      );
    }
    if (maySleep) sleep(control, done);
  }
}

// A page's main thread may not sleep; there the loop above spins.
let maySleep = true;

function sleep(control: Int32Array, done: number): void {
  try {
    Atomics.wait(control, 5, done, 1);
  } catch {
    maySleep = false;
  }
}
