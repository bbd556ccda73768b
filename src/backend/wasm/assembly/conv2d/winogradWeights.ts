// Weights into the transformed space of winograd.ts, four channels in the four lanes. Once a pass, in chunks for the threads.
import { blocksOf4, Conv2dGeometry, whole4 } from "./geometry";
import { edgeOf, filterScale, MOST_EDGE } from "./winograd";
import { GAP } from "./winogradBlocks";
import { storeFilter as storeFilter8 } from "./winogradEight";
import { storeFilter as storeFilter6 } from "./winogradSix";

/** Numbers of U for one pass. */
export function weightNumbers(points: i32, c: i32, o: i32, groups: i32): i32 {
  return groups * points * (whole4(o) * c + GAP);
}

/** Numbers of work space for a chunk: half transformed [n][k][4]. */
export const WEIGHTS_WORK = MOST_EDGE * 5 * 4;

// Blocks of four output channels in a chunk: about 64 kernels in each lane.
function chunkBlocks(ins: i32): i32 {
  return max(1, 64 / ins);
}

/** Chunks in which the weights are transformed. */
export function weightChunks(ins: i32, outs: i32, groups: i32): i32 {
  const per = chunkBlocks(ins);
  return (groups * blocksOf4(outs) + per - 1) / per;
}

/**
 * U [G][n^2][outs/4][ins][4] (planes GAP numbers apart) = G w G^T of w [O, C/G, k, k]. forward: outs are the output
 * channels; otherwise they are the input channels, as dx wants them. flip: kernels turned by 180 degrees. One chunk.
 */
export function transformWeights(
  g: Conv2dGeometry, m: i32, w: usize, forward: bool, flip: bool, chunk: i32, work: usize, u: usize,
): void {
  const groups = g.G;
  const c = g.C / groups;
  const o = g.O / groups;
  const k = g.KH;
  const edge = edgeOf(m, k);
  const taps = k * k;
  const outs = forward ? o : c;
  const ins = forward ? c : o;
  const outStep = (forward ? c : 1) * taps;
  const inStep = (forward ? 1 : c) * taps;
  const uStep = <usize>(whole4(outs) * ins + GAP) << 2;
  const blocks = blocksOf4(outs);
  const per = chunkBlocks(ins);
  const end = min((chunk + 1) * per, groups * blocks);
  for (let n = chunk * per; n < end; n++) {
    const q = n / blocks;
    const block = n % blocks;
    const lanes = min(4, outs - 4 * block);
    let to = u + <usize>(q * edge * edge) * uStep + (<usize>(block * ins) << 4);
    for (let i = 0; i < ins; i++) {
      const from = w + (<usize>(q * o * c * taps + 4 * block * outStep + i * inStep) << 2);
      transformKernels(from, lanes, <usize>outStep << 2, edge, k, flip, work, to, uStep);
      to += 16;
    }
  }
}

// Kernels of up to four channels, `step` bytes apart; missing ones are 0.
function transformKernels(
  from: usize, lanes: i32, step: usize, edge: i32, k: i32, flip: bool, work: usize, u: usize, uStep: usize,
): void {
  const row = <usize>k << 4;
  for (let j = 0; j < k; j++) {
    const w0 = tap(from, lanes, step, k, flip, 0, j), w1 = tap(from, lanes, step, k, flip, 1, j);
    const w2 = tap(from, lanes, step, k, flip, 2, j), w3 = tap(from, lanes, step, k, flip, 3, j);
    storeTaps(edge, k, work + (<usize>j << 4), row, w0, w1, w2, w3, tap(from, lanes, step, k, flip, 4, j));
  }
  for (let i = 0; i < edge; i++) {
    storeTaps(
      edge, k, u, uStep, v128.load(work), v128.load(work, 16), v128.load(work, 32), v128.load(work, 48), v128.load(work, 64),
    );
    for (let j = 0; j < edge; j++) {
      v128.store(u, f32x4.mul(v128.load(u), f32x4.splat(filterScale(edge, i) * filterScale(edge, j))));
      u += uStep;
    }
    work += row;
  }
}

function storeTaps(
  edge: i32, k: i32, to: usize, step: usize, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128,
): void {
  if (edge == 6) storeFilter6(to, step, k, w0, w1, w2, w3, w4);
  else storeFilter8(to, step, 5, w0, w1, w2, w3, w4);
}

// Tap (i, j) of four kernels.
function tap(from: usize, lanes: i32, step: usize, k: i32, flip: bool, i: i32, j: i32): v128 {
  let v = f32x4.splat(0);
  if (i >= k) return v;
  const at = from + (<usize>(flip ? (k - 1 - i) * k + k - 1 - j : i * k + j) << 2);
  v = f32x4.replace_lane(v, 0, f32.load(at));
  if (lanes > 1) v = f32x4.replace_lane(v, 1, f32.load(at + step));
  if (lanes > 2) v = f32x4.replace_lane(v, 2, f32.load(at + 2 * step));
  if (lanes > 3) v = f32x4.replace_lane(v, 3, f32.load(at + 3 * step));
  return v;
}
