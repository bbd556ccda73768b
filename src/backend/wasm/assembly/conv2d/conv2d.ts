// The kernels of a convolution. `conv2dSizes` decides, by the geometry alone, never by the batch or the threads, which
// algorithm serves a pass, and says what that needs. Then the pass's `...Prepare` makes what all chunks share, and the pass
// itself works on some samples in each chunk.
import { Flag, In, on, Out, Room, sizeOfChunk } from "../record";
import { sumCorners } from "./corners";
import {
  directInputGradPrepare, directInputGradSamples, directInputGradScratch, directInputGradShared, directPrepare,
  directSamples, directScratch, directShared, directWeightGradPrepare, directWeightGradSamples, directWeightGradScratch,
  directWeightGradShared,
} from "./direct";
import { exactTaps } from "./exactTaps";
import { Conv2dGeometry } from "./geometry";
import { tilesAlong } from "./winogradBlocks";
import {
  winogradBlock, winogradInputGradBlock, winogradInputGradPrepare, winogradInputGradSamples, winogradInputGradScratch,
  winogradInputGradShared, winogradPrepare, winogradSamples, winogradScratch, winogradShared,
} from "./winogradConv2d";
import {
  overlapAddBlock, overlapAddPrepare, overlapAddSamples, overlapAddScratch, overlapAddShared,
} from "./winogradOverlapAdd";
import { winogradWeightGradSamples, winogradWeightGradScratch } from "./winogradWeightGrad";
import { weightChunks, WEIGHTS_WORK } from "./winogradWeights";

// Geometries that Winograd's kernels can serve: 3x3 and 5x5 kernels at stride and dilation 1, rows of whole vectors.
function winogradFits(g: Conv2dGeometry): bool {
  const k = g.KH;
  return (k == 3 || k == 5) && g.KW == k && g.SH == 1 && g.SW == 1 && g.DH == 1 &&
    g.DW == 1 && g.W >= 4 && g.OW >= 4;
}

// The edge m of the tiles of y (or dx) with which Winograd's kernels serve, 0 where they do not, from the channels that the
// product sums over and the largest padding. From 3 channels on Winograd is faster (1.2 to 4.5 times, images of 4 to 32). But
// its rounding error belongs to the whole tile, and where an output sums few terms it can pass the bound that the tests hold all
// kernels to, 4 eps sqrt(n) times the sum of the terms: tiles of 4 x 4 of a 3x3 kernel reach 0.7 of it with 4 channels, 0.3 with
// 8, and more in a corner of which the kernel sees one pixel. 5x5 kernels lose five times as much with tiles of 4 x 4 as with
// those of 2 x 2, which need more products: the large ones reach 0.3 of the bound with 16 channels where a corner sees 16 pixels,
// 0.6 with 24 where it sees 9, and 0.7 with 128 where it sees 3 or 4.
function tileFor(channels: i32, k: i32, most: i32, cornersSummed: bool): i32 {
  if (k == 3) return channels >= (most > 1 ? 32 : 8) ? 4 : 0;
  if (channels >= (most < 2 ? 16 : most == 2 ? 24 : 128) && (most < 4 || cornersSummed)) return 4;
  return channels >= (most > 2 ? 16 : 4) ? 2 : 0;
}

function mostPadding(g: Conv2dGeometry): i32 {
  return max(max(g.PT, g.PB), max(g.PL, g.PR));
}

function forwardTile(g: Conv2dGeometry): i32 {
  return tileFor(g.C / g.G, g.KH, mostPadding(g), false);
}

// The same with the roles of x and y exchanged and a padding of K-1 - P. Where P is more than K-1, dy would be cropped.
function inputGradTile(g: Conv2dGeometry): i32 {
  const k = g.KH;
  const least = min(min(g.PT, g.PB), min(g.PL, g.PR));
  return mostPadding(g) < k ? tileFor(g.O / g.G, k, k - 1 - least, true) : 0;
}

// The adjoint form does more for each tile of dy than the other for each tile of dx. Measured against it: 1.1 to 2.6
// times as fast where dx has 1.75 times the tiles of dy or more, 0.9 to 1.0 times at 1.4 to 1.6, 0.8 times at equal
// numbers.
function overlapAddServes(g: Conv2dGeometry, m: i32): bool {
  return 4 * tilesAlong(g.H, m) * tilesAlong(g.W, m) >= 7 * tilesAlong(g.OH, m) * tilesAlong(g.OW, m);
}

// Here the channels are rounded up, the tiles are summed. Measured: 1.3 to 4.9 times as fast from 3 -> 8 and 4 -> 4
// (1.1) channels on; 0.8 times with 3 -> 3, 0.9 to 1.3 times with 2, 0.5 to 0.9 times with 1. The pixels of the batch must be
// enough for the bound above: at 64 (3x3 kernels) and 100 (5x5, tiles of 2 x 2) the error reaches 0.65 of it, at 512 (tiles of
// 4 x 4) 0.4. So must be what each tap meets of them: the bound grows with these to the power of 1.5, the error with the
// root of all. `room` is the square of that. Fewer than four tiles in each of the up to four parts of the batch do not pay for
// the transforms of S.
function weightGradTile(g: Conv2dGeometry): i32 {
  const c = g.C / g.G;
  const pixels = g.OH * g.OW;
  const k = g.KH;
  const rows = fewestInside(g.H, g.OH, g.PT, k);
  const cols = fewestInside(g.W, g.OW, g.PL, k);
  if (c < 3 || c + g.O / g.G < 8) return 0;
  if (g.N * tilesAlong(g.OH, 4) * tilesAlong(g.OW, 4) < 4 * min(4, g.N)) return 0;
  const all = g.N * pixels;
  const met = <f64>(g.N * rows * cols);
  const room = met * met * met / <f64>all;
  if (room < (pixels < 64 ? 4096 : 1800) || all < (k == 3 ? 64 : 100)) return 0;
  return k == 3 || (all >= 512 && room >= 65536) ? 4 : 2;
}

// How many of `out` steps along one axis the first or last of k taps meets the image, whichever is fewer. A tap that mostly
// meets padding has few terms of its own, but would share the rounding of all that lie in its tiles.
function fewestInside(size: i32, out: i32, before: i32, k: i32): i32 {
  return max(0, min(min(out, size + before) - before, min(out, size + before - k + 1) - max(0, before - k + 1)));
}

// ---- What the passes have in common ------------------------------------------------------------------------------------

// Passes; the glue in ../../conv2d.ts numbers them alike. The third is that of the weight gradient.
const FORWARD = 0;
const INPUT_GRAD = 1;

// Algorithms. Those on tiles are told with the edge m of these: KIND + TILE * m.
const DIRECT = 0;
const WINOGRAD = 1;
const OVERLAP_ADD = 2;
const EXACT = 3; // direct, and asked for
const TILE = 4;

@inline
function kindOf(algorithm: i32): i32 {
  return algorithm % TILE;
}

@unmanaged
class Conv2dSizes extends Conv2dGeometry {
  pass: i32;
  direct: Flag; // keep to direct sums
  sizes: Out;
}

@unmanaged
class Conv2dPrepare extends Conv2dGeometry {
  algorithm: i32;
  w: In;
  shared: Room;
}

// sizes: numbers of scratch in which a chunk of `shared` is prepared; the algorithm; numbers of `shared`, and chunks; samples
// and numbers of scratch of one chunk of the pass itself. Behind them stands the geometry without the batch.
function storeSizes(r: Conv2dSizes, algorithm: i32, shared: i32, chunks: i32, samples: i32, scratch: i32): void {
  const to = r.sizes;
  store<i32>(to, WEIGHTS_WORK);
  store<i32>(to, algorithm, 4);
  store<i32>(to, shared, 8);
  store<i32>(to, chunks, 12);
  store<i32>(to, samples, 16);
  store<i32>(to, scratch, 20);
  memory.copy(to + 24, changetype<usize>(r) + offsetof<Conv2dGeometry>("C"), 17 << 2);
}

export function conv2dSizes(r: Conv2dSizes, chunk: i32, scratch: usize): void {
  const fits = !r.direct && winogradFits(r);
  const forward = r.pass == FORWARD;
  const chunks = forward ? weightChunks(r.C / r.G, r.O / r.G, r.G) : weightChunks(r.O / r.G, r.C / r.G, r.G);
  if (forward) {
    const m = fits ? forwardTile(r) : 0;
    if (m > 0) {
      storeSizes(r, WINOGRAD + TILE * m, winogradShared(r, m), chunks, winogradBlock(r, m), winogradScratch(r, m));
    } else {
      storeSizes(r, DIRECT, directShared(r), 1, 1, directScratch(r));
    }
  } else if (r.pass == INPUT_GRAD) {
    const m = fits ? inputGradTile(r) : 0;
    if (m == 0) {
      storeSizes(r, DIRECT, directInputGradShared(r), 1, 1, directInputGradScratch(r));
    } else if (overlapAddServes(r, m)) { // four numbers more for the address of w, which the corners need
      const samples = overlapAddBlock(r, m);
      storeSizes(r, OVERLAP_ADD + TILE * m, 4 + overlapAddShared(r, m), chunks, samples, overlapAddScratch(r, m));
    } else {
      const shared = 4 + winogradInputGradShared(r, m);
      const samples = winogradInputGradBlock(r, m);
      storeSizes(r, WINOGRAD + TILE * m, shared, chunks, samples, winogradInputGradScratch(r, m));
    }
  } else {
    const m = fits ? weightGradTile(r) : 0;
    if (m > 0) {
      storeSizes(r, WINOGRAD + TILE * m, 0, 1, 1, winogradWeightGradScratch(r, m));
    } else {
      storeSizes(r, r.direct ? EXACT : DIRECT, directWeightGradShared(r), 1, 1, directWeightGradScratch(r));
    }
  }
}

// ---- y = correlate2d(x, w; stride S, dilation D, padding P) + b --------------------------------------------------------

@unmanaged
class Conv2d extends Conv2dGeometry {
  algorithm: i32;
  each: i32;
  x: In;
  b: In;
  y: Out;
  shared: Room;
}

/** w [O, C/G, KH, KW]. */
export function conv2dPrepare(r: Conv2dPrepare, chunk: i32, scratch: usize): void {
  if (kindOf(r.algorithm) == WINOGRAD) winogradPrepare(r, r.algorithm / TILE, r.w, r.shared, chunk, scratch);
  else directPrepare(r, r.w, r.shared);
}

/** x [N, C, H, W], b [O] or 0, y [N, O, OH, OW]. */
export function conv2d(r: Conv2d, chunk: i32, scratch: usize): void {
  const first = chunk * r.each;
  const count = sizeOfChunk(r.N, r.each, chunk);
  const m = r.algorithm / TILE;
  if (kindOf(r.algorithm) == WINOGRAD) winogradSamples(r, m, r.x, r.b, r.y, r.shared, first, count, scratch);
  else directSamples(r, r.x, r.b, r.y, r.shared, first, count, scratch);
}

// ---- dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P) ------------------------------

@unmanaged
class Conv2dInputGrad extends Conv2dGeometry {
  algorithm: i32;
  each: i32;
  dy: In;
  dx: Out;
  shared: Room;
}

/** w [O, C/G, KH, KW]. */
export function conv2dInputGradPrepare(r: Conv2dPrepare, chunk: i32, scratch: usize): void {
  if (r.algorithm == DIRECT) {
    directInputGradPrepare(r, r.w, r.shared);
    return;
  }
  if (chunk == 0) store<u32>(r.shared, <u32>r.w);
  const m = r.algorithm / TILE;
  if (kindOf(r.algorithm) == OVERLAP_ADD) overlapAddPrepare(r, m, r.w, r.shared + 16, chunk, scratch);
  else winogradInputGradPrepare(r, m, r.w, r.shared + 16, chunk, scratch);
}

/** dy [N, O, OH, OW], dx [N, C, H, W]. */
export function conv2dInputGrad(r: Conv2dInputGrad, chunk: i32, scratch: usize): void {
  const first = chunk * r.each;
  const count = sizeOfChunk(r.N, r.each, chunk);
  if (r.algorithm == DIRECT) {
    directInputGradSamples(r, r.dy, r.dx, r.shared, first, count, scratch);
    return;
  }
  const m = r.algorithm / TILE;
  if (kindOf(r.algorithm) == OVERLAP_ADD) overlapAddSamples(r, m, r.dy, r.dx, r.shared + 16, first, count, scratch);
  else winogradInputGradSamples(m, r.dy, r.dx, r.shared + 16, first, count, scratch);
  if (m == 4) sumCorners(r, <usize>load<u32>(r.shared), r.dy, r.dx, first, count);
}

// ---- dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T ------------------------------------------------
// A chunk is one of some partial sums; the samples of two parts differ by at most one in number.

@unmanaged
class Conv2dWeightGrad extends Conv2dGeometry {
  algorithm: i32;
  x: In;
  dy: In;
  parts: Room;
  count: i32;
  shared: Room;
}

@unmanaged
class Conv2dWeightGradFinish {
  each: i32;
  n: i32;
  parts: Room;
  count: i32;
  dw: Out;
}

export function conv2dWeightGradPrepare(r: Conv2dPrepare, chunk: i32, scratch: usize): void {
  if (kindOf(r.algorithm) != WINOGRAD) directWeightGradPrepare(r, r.shared);
}

/** x [N, C, H, W], dy [N, O, OH, OW], parts [count][O, C/G, KH, KW]. */
export function conv2dWeightGrad(r: Conv2dWeightGrad, chunk: i32, scratch: usize): void {
  const first = chunk * r.N / r.count;
  const samples = (chunk + 1) * r.N / r.count - first;
  const part = on(r.parts, chunk * (r.O * (r.C / r.G) * r.KH * r.KW));
  if (kindOf(r.algorithm) == WINOGRAD) winogradWeightGradSamples(r, r.algorithm / TILE, r.x, r.dy, part, first, samples, scratch);
  else directWeightGradSamples(r, r.x, r.dy, part, r.shared, first, samples, scratch);
  if (r.algorithm == EXACT) exactTaps(r, r.x, r.dy, part, first, samples);
}

/** dw [n] = sum of parts [count][n], in their order. */
export function conv2dWeightGradFinish(r: Conv2dWeightGradFinish, chunk: i32, scratch: usize): void {
  const start = chunk * r.each;
  const parts = on(r.parts, start);
  const dw = on(r.dw, start);
  const count = r.count;
  const step = <usize>r.n << 2;
  const end = <usize>sizeOfChunk(r.n, r.each, chunk) << 2;
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) {
    let sum = v128.load(parts + i);
    for (let p = 1; p < count; p++) sum = f32x4.add(sum, v128.load(parts + <usize>p * step + i));
    v128.store(dw + i, sum);
  }
  for (; i < end; i += 4) {
    let sum = f32.load(parts + i);
    for (let p = 1; p < count; p++) sum += f32.load(parts + <usize>p * step + i);
    f32.store(dw + i, sum);
  }
}
