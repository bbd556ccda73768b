// How the caller of a job waits for the other threads. Only the entry handgrad/threads needs it, and hands it to jobs.ts.
import { BackendError } from "../../../base/errors.js";
import { CONTROL, type Instance } from "./instance.js";

// After so long without a finished chunk another thread is taken to be dead. A look at the clock adds little, however late
// it comes: a machine that slept, or has much else to do, held up the other threads, too.
const PATIENCE_MS = 10_000;
const LONGEST_LOOK_MS = 50;

/** Returns when all chunks of the job in the control block are done; calls `dead` and throws when that does not come. */
export function waitUntilDone(
  { exports }: Instance,
  control: Int32Array,
  chunks: number,
  dead: (why: string) => void,
): void {
  let seen = -1;
  let waited = 0;
  let last = performance.now();
  while (exports.jobDone(CONTROL) === 0) {
    const done = Atomics.load(control, 5);
    const now = performance.now();
    waited = done === seen ? waited + Math.min(now - last, LONGEST_LOOK_MS) : 0;
    [seen, last] = [done, now];
    if (done === chunks) return;
    if (waited > PATIENCE_MS) {
      dead("a thread died in the middle of its work");
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
