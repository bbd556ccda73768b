// Work that threads share. A job is cut into chunks by its geometry alone; every thread, the caller too, claims the next
// chunk until none is left. So a result does not depend on the number of threads, only who computed what does.
//
// The control block, addresses from `control`:
//   0 number of the latest job    8 job number << 32 | chunks left (64 bits)    16 chunks    20 chunks done    24 kernel
//  28 scratch of thread 0    32 bytes of scratch for each thread    36 number of the crew of threads    64 ... arguments, 8 bytes each
import { conv2dBiasGrad } from "./conv2d";
import { accumulate, multiplyRows, multiplySame, relu, reluInputGrad } from "./elementwise";
import { matmulDotRows, matmulOuterRows, matmulPack, matmulPanelRows } from "./matmul";
import { adam, sgd } from "./optimizer";
import {
  conv2dBlock, conv2dInputGradBlock, conv2dInputGradPrepare, conv2dInputGradSamples, conv2dPrepare, conv2dSamples,
  conv2dWeightGradFinish, conv2dWeightGradSamples,
} from "./passes";
import { avgPool2d, avgPool2dInputGrad, maxPool2d, maxPool2dInputGrad } from "./pool2d";

const LEFT: usize = 8;
const CHUNKS: usize = 16;
const DONE: usize = 20;
const KERNEL: usize = 24;
const SCRATCH: usize = 28;
const SCRATCH_BYTES: usize = 32;
const CREW: usize = 36;
const ARGUMENTS: usize = 64;

// How often a thread looks for work before it goes to sleep: some tenths of a millisecond. To wake it takes a tenth, and
// between two jobs a model may well pause that long, say to draw a mask.
const SPINS = 300000;

/** The kernels that run as jobs; the glue in jobs.ts numbers them alike. */
const CONV2D = 0;
const CONV2D_INPUT_GRAD = 1;
const CONV2D_WEIGHT_GRAD = 2;
const CONV2D_BIAS_GRAD = 3;
const MATMUL_DOT = 4;
const MATMUL_OUTER = 5;
const RELU = 6;
const RELU_INPUT_GRAD = 7;
const ACCUMULATE = 8;
const MULTIPLY = 9;
const MAX_POOL = 10;
const MAX_POOL_INPUT_GRAD = 11;
const AVG_POOL = 12;
const AVG_POOL_INPUT_GRAD = 13;
const SGD = 14;
const ADAM = 15;
const CONV2D_PREPARE = 16;
const CONV2D_INPUT_GRAD_PREPARE = 17;
const CONV2D_WEIGHT_GRAD_FINISH = 18;
const MATMUL_PACK = 19;
const MATMUL_PANELS = 20;
const MULTIPLY_ROWS = 21;

/** Numbers in a chunk of an elementwise kernel. */
export const RUN = 16384;

/** Publishes the job whose kernel, chunks, scratch and arguments are in the control block, and works on it. */
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
  for (let chunk = 0; chunk < chunks; chunk++) {
    runChunk(load<i32>(control + KERNEL), control + ARGUMENTS, chunk, scratch);
  }
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
    runChunk(load<i32>(control + KERNEL), control + ARGUMENTS, chunks - left, scratch);
    if (atomic.add<i32>(control + DONE, 1) + 1 == chunks) atomic.notify(control + DONE);
  }
}

@inline
function at(a: usize, i: usize): usize {
  return <usize>load<f64>(a + (i << 3));
}

@inline
function int(a: usize, i: usize): i32 {
  return <i32>load<f64>(a + (i << 3));
}

@inline
function real(a: usize, i: usize): f64 {
  return load<f64>(a + (i << 3));
}

// An address moved on by a number of floats; 0, "no array", stays 0.
@inline
function on(address: usize, floats: i32): usize {
  return address == 0 ? 0 : address + (<usize>floats << 2);
}

function runChunk(kernel: i32, a: usize, chunk: i32, scratch: usize): void {
  switch (kernel) {
    case CONV2D: {
      const block = conv2dBlock(at(a, 0));
      const first = chunk * block;
      conv2dSamples(at(a, 0), at(a, 1), at(a, 2), at(a, 3), at(a, 4), first, min(block, int(a, 5) - first), scratch);
      break;
    }
    case CONV2D_INPUT_GRAD: {
      const block = conv2dInputGradBlock(at(a, 0));
      const first = chunk * block;
      conv2dInputGradSamples(at(a, 0), at(a, 1), at(a, 2), at(a, 3), first, min(block, int(a, 4) - first), scratch);
      break;
    }
    case CONV2D_WEIGHT_GRAD: {
      // part `chunk` of int(a, 5) parts; sizes differ by at most one sample
      const n = int(a, 4);
      const parts = int(a, 5);
      const first = chunk * n / parts;
      const part = on(at(a, 3), chunk * int(a, 6));
      conv2dWeightGradSamples(at(a, 0), at(a, 1), at(a, 2), part, at(a, 7), first, (chunk + 1) * n / parts - first, scratch);
      break;
    }
    case MATMUL_OUTER:
    case MATMUL_PANELS: {
      // 0 M, 1 rows of a chunk, 2 N, 3 K, 4 a, 5 b or its panels, 6 bias, 7 y, 8 transA, 9 columns of a chunk
      const M = int(a, 0), N = int(a, 2), K = int(a, 3);
      const across = (N + int(a, 9) - 1) / int(a, 9);
      const row = chunk / across * int(a, 1);
      const rows = min(int(a, 1), M - row);
      const from = chunk % across * int(a, 9);
      const width = min(int(a, 9), N - from);
      const transA = int(a, 8) != 0;
      const left = at(a, 4), right = at(a, 5), bias = at(a, 6), y = at(a, 7);
      if (kernel == MATMUL_OUTER) matmulOuterRows(M, N, K, transA, left, right, bias, y, row, rows, from, width, scratch);
      else matmulPanelRows(M, N, K, transA, left, right, bias, y, row, rows, from, width, scratch);
      break;
    }
    case CONV2D_PREPARE:
      conv2dPrepare(at(a, 0), at(a, 1), at(a, 2), chunk, scratch);
      break;
    case CONV2D_INPUT_GRAD_PREPARE:
      conv2dInputGradPrepare(at(a, 0), at(a, 1), at(a, 2), chunk, scratch);
      break;
    default:
      runSmall(kernel, a, chunk, scratch);
  }
}

function runSmall(kernel: i32, a: usize, chunk: i32, scratch: usize): void {
  const start = chunk * RUN;
  const n = min(RUN, int(a, 0) - start);
  switch (kernel) {
    case RELU:
      relu(n, on(at(a, 1), start), on(at(a, 2), start));
      break;
    case RELU_INPUT_GRAD:
      reluInputGrad(n, on(at(a, 1), start), on(at(a, 2), start), on(at(a, 3), start));
      break;
    case ACCUMULATE:
      accumulate(n, on(at(a, 1), start), on(at(a, 2), start));
      break;
    case MULTIPLY:
      multiplySame(n, on(at(a, 1), start), on(at(a, 2), start), on(at(a, 3), start));
      break;
    case SGD:
      sgd(
        n, real(a, 4), real(a, 5), real(a, 6), int(a, 7) != 0, real(a, 8), int(a, 9) != 0, on(at(a, 1), start),
        on(at(a, 2), start), on(at(a, 3), start),
      );
      break;
    case ADAM:
      adam(
        n, real(a, 6), real(a, 7), real(a, 8), real(a, 9), real(a, 10), real(a, 11), real(a, 12), on(at(a, 1), start),
        on(at(a, 2), start), on(at(a, 3), start), on(at(a, 4), start), on(at(a, 5), start),
      );
      break;
    case CONV2D_WEIGHT_GRAD_FINISH: // 1 parts, 2 their number, 3 dw
      conv2dWeightGradFinish(n, on(at(a, 1), start), int(a, 0), int(a, 2), on(at(a, 3), start));
      break;
    default:
      runBlocks(kernel, a, chunk, scratch);
  }
}

// Kernels over planes, channels or rows: argument 0 is how many there are, argument 1 how many make a chunk.
function runBlocks(kernel: i32, a: usize, chunk: i32, scratch: usize): void {
  const first = chunk * int(a, 1);
  const count = min(int(a, 1), int(a, 0) - first);
  const hw = int(a, 2) * int(a, 3);
  const out = int(a, 4) * int(a, 5);
  switch (kernel) {
    case CONV2D_BIAS_GRAD: // 2 batch, 3 pixels, 4 dy, 5 db
      conv2dBiasGrad(int(a, 2), int(a, 0), int(a, 3), at(a, 4), at(a, 5), first, count);
      break;
    case MATMUL_DOT: // 2 N, 3 K, 4 a, 5 b, 6 bias, 7 y
      matmulDotRows(int(a, 0), int(a, 2), int(a, 3), at(a, 4), at(a, 5), at(a, 6), at(a, 7), first, count);
      break;
    case MATMUL_PACK: // 2 N, 3 K, 4 b, 5 panels
      matmulPack(int(a, 2), int(a, 3), at(a, 4), at(a, 5), first, count);
      break;
    case MULTIPLY_ROWS: // 2 numbers of a row, 3 one, 4 a, 5 b, 6 y
      multiplyRows(count, hw, on(at(a, 4), first * hw), on(at(a, 5), first), on(at(a, 6), first * hw));
      break;
    case MAX_POOL: // 2 H, 3 W, 4 OH, 5 OW, 6 x, 7 y, 8 indices, 9 KH KW SH SW DH DW PT PL
      maxPool2d(
        count, int(a, 2), int(a, 3), int(a, 9), int(a, 10), int(a, 11), int(a, 12), int(a, 13), int(a, 14), int(a, 15),
        int(a, 16), int(a, 4), int(a, 5), on(at(a, 6), first * hw), on(at(a, 7), first * out), on(at(a, 8), first * out),
      );
      break;
    case MAX_POOL_INPUT_GRAD: // 2 H, 3 W, 4 OH, 5 OW, 6 indices, 7 dy, 8 dx
      maxPool2dInputGrad(
        count, hw, out, on(at(a, 6), first * out), on(at(a, 7), first * out), on(at(a, 8), first * hw),
      );
      break;
    case AVG_POOL: // 2 H, 3 W, 4 OH, 5 OW, 6 x, 7 y, 8 countIncludePad, 9 divisor, 10 KH KW SH SW PT PL
      avgPool2d(
        count, int(a, 2), int(a, 3), int(a, 10), int(a, 11), int(a, 12), int(a, 13), int(a, 14), int(a, 15), int(a, 4),
        int(a, 5), int(a, 8) != 0, real(a, 9), on(at(a, 6), first * hw), on(at(a, 7), first * out),
      );
      break;
    case AVG_POOL_INPUT_GRAD: // the same with 6 dy, 7 dx
      avgPool2dInputGrad(
        count, int(a, 2), int(a, 3), int(a, 10), int(a, 11), int(a, 12), int(a, 13), int(a, 14), int(a, 15), int(a, 4),
        int(a, 5), int(a, 8) != 0, real(a, 9), on(at(a, 6), first * out), on(at(a, 7), first * hw),
      );
      break;
  }
}
