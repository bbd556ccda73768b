// Work that threads share. A job is cut into chunks by its geometry alone; every thread, the caller too, claims the next
// chunk until none is left. So a result does not depend on the number of threads, only who computed what does.
//
// The control block, addresses from `control`:
//   0 number of the latest job    8 job number << 32 | chunks left (64 bits)    16 chunks    20 chunks done    24 kernel
//  28 scratch of thread 0    32 bytes of scratch for each thread    36 number of the crew of threads    64 ... the record
//
// A kernel is a function (record, chunk, scratch). It is called by its place in the module's table, where
// scripts/build-kernels.mjs puts every export of such a form; so each thread's instance finds it at the same place.

const LEFT: usize = 8;
const CHUNKS: usize = 16;
const DONE: usize = 20;
const KERNEL: usize = 24;
const SCRATCH: usize = 28;
const SCRATCH_BYTES: usize = 32;
const CREW: usize = 36;
const RECORD: usize = 64;

// How often a thread looks for work before it goes to sleep: some tenths of a millisecond. To wake it takes a tenth, and
// between two jobs a model may well pause that long, say to draw a mask.
const SPINS = 300000;

/** Publishes the job whose kernel, chunks, scratch and record are in the control block, and works on it. */
export function runJob(control: usize): void {
  const job = load<i32>(control) + 1;
  atomic.store<i32>(control + DONE, 0);
  atomic.store<i64>(control + LEFT, (<i64>job) << 32 | <i64>load<i32>(control + CHUNKS));
  atomic.store<i32>(control, job);
  atomic.notify(control);
  workOn(control, job, 0);
}

/** The same on the calling thread alone; the others do not learn of it. */
export function runAlone(control: usize): void {
  const chunks = load<i32>(control + CHUNKS);
  const scratch = <usize>load<u32>(control + SCRATCH);
  for (let chunk = 0; chunk < chunks; chunk++) runChunk(control, chunk, scratch);
}

/** Looks whether all chunks are done; for the caller, who waits. */
export function jobDone(control: usize): bool {
  const chunks = load<i32>(control + CHUNKS);
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(control + DONE) == chunks) return true;
  }
  return false;
}

/**
 * The life of a worker thread: wait for a job, work on it, until the crew changes. A dismissed thread may live on for a while;
 * the crew's number is read after the job's, so it can't take part in a job of the next crew, whose scratch it would share.
 */
export function workerLoop(control: usize, thread: i32, seen: i32, crew: i32): void {
  for (;;) {
    let job = atomic.load<i32>(control);
    for (let i = 0; i < SPINS && job == seen; i++) job = atomic.load<i32>(control);
    if (atomic.load<i32>(control + CREW) != crew) return;
    if (job == seen) {
      atomic.wait<i32>(control, seen, -1);
    } else {
      seen = job;
      workOn(control, job, thread);
    }
  }
}

// A claim takes one from the chunks that are left. It carries the job's number, so a thread that is late finds another
// number, or nothing left, and takes nothing; all else in the control block is read only after a claim, because the caller
// writes it anew as soon as every chunk is done.
function workOn(control: usize, job: i32, thread: i32): void {
  for (;;) {
    const claim = atomic.load<i64>(control + LEFT);
    const left = <i32>claim;
    if (<i32>(claim >> 32) != job || left == 0) return;
    if (atomic.cmpxchg<i64>(control + LEFT, claim, claim - 1) != claim) continue;
    const chunks = load<i32>(control + CHUNKS);
    const scratch = <usize>load<u32>(control + SCRATCH) + <usize>thread * <usize>load<u32>(control + SCRATCH_BYTES);
    runChunk(control, chunks - left, scratch);
    if (atomic.add<i32>(control + DONE, 1) + 1 == chunks) atomic.notify(control + DONE);
  }
}

@inline
function runChunk(control: usize, chunk: i32, scratch: usize): void {
  call_indirect<void>(load<u32>(control + KERNEL), control + RECORD, chunk, scratch);
}
