// The passes of a convolution as the job runner sees them: which algorithm serves a geometry is decided here, by the
// geometry alone, never by the batch or the threads, and each pass for itself.
import {
  directInputGradPrepare, directInputGradSamples, directInputGradScratch, directInputGradShared, directPrepare,
  directSamples, directScratch, directShared, directWeightGradPrepare, directWeightGradSamples, directWeightGradScratch,
  directWeightGradShared,
} from "./conv2d";
import { sumCorners } from "./corners";
import { C, DH, DIRECT, DW, field, G, H, KH, KW, O, OH, OW, PB, PL, PR, PT, SH, SW, W } from "./geometry";
import { tilesAlong } from "./winogradBlock";
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
function winogradFits(g: usize): bool {
  const k = field(g, KH);
  return (k == 3 || k == 5) && field(g, KW) == k && field(g, SH) == 1 && field(g, SW) == 1 && field(g, DH) == 1 &&
    field(g, DW) == 1 && field(g, W) >= 4 && field(g, OW) >= 4 && field(g, DIRECT) == 0;
}

// How many channels the product must sum over, where the padding is at most `most`. From 3 channels on Winograd is faster
// (1.2 to 4.5 times, images of 4 to 32). But its rounding error belongs to the whole tile, and where an output sums few
// terms it can pass the bound that the tests hold all kernels to, 4 eps sqrt(n) times the sum of the terms: it reaches
// 0.7 of it with 4 channels and a 3x3 kernel, 0.3 with 8, and more in a corner of which the kernel sees one pixel.
function enough(channels: i32, k: i32, most: i32): bool {
  const corner = most > k / 2;
  return channels >= (k == 3 ? (corner ? 32 : 8) : corner ? 16 : 4);
}

function mostPadding(g: usize): i32 {
  return max(max(field(g, PT), field(g, PB)), max(field(g, PL), field(g, PR)));
}

function winogradServes(g: usize): bool {
  return winogradFits(g) && enough(field(g, C) / field(g, G), field(g, KH), mostPadding(g));
}

// The same with the roles of x and y exchanged and a padding of K-1 - P. Where P is more than K-1, dy would be cropped.
function winogradServesInputGrad(g: usize): bool {
  const k = field(g, KH);
  const least = min(min(field(g, PT), field(g, PB)), min(field(g, PL), field(g, PR)));
  return winogradFits(g) && mostPadding(g) < k && enough(field(g, O) / field(g, G), k, k - 1 - least);
}

// The adjoint form does more for each tile of dy than the other for each tile of dx. Measured against it: 1.1 to 2.6
// times as fast where dx has 1.75 times the tiles of dy or more, 0.9 to 1.0 times at 1.4 to 1.6, 0.8 times at equal
// numbers.
function overlapAddServes(g: usize): bool {
  const k = field(g, KH);
  return winogradServesInputGrad(g) && 4 * tilesAlong(field(g, H), k) * tilesAlong(field(g, W), k) >=
    7 * tilesAlong(field(g, OH), k) * tilesAlong(field(g, OW), k);
}

// Here the channels are rounded up, the tiles are summed. Measured: 1.3 to 4.9 times as fast from 3 -> 8 and 4 -> 4
// (1.1) channels on; 0.8 times with 3 -> 3, 0.9 to 1.3 times with 2, 0.5 to 0.9 times with 1. One sample's pixels must be
// enough for the bound above: at 8x8 (3x3 kernels) and 10x10 (5x5) the error reaches 0.65 of it. So must be what each tap
// meets of them.
function winogradServesWeightGrad(g: usize): bool {
  const c = field(g, C) / field(g, G);
  const pixels = field(g, OH) * field(g, OW);
  const k = field(g, KH);
  const rows = fewestInside(field(g, H), field(g, OH), field(g, PT), k);
  const cols = fewestInside(field(g, W), field(g, OW), field(g, PL), k);
  if (2 * rows * cols < pixels) return false;
  return winogradFits(g) && c >= 3 && c + field(g, O) / field(g, G) >= 8 && pixels >= (k == 3 ? 64 : 100);
}

// How many of `out` steps along one axis the first or last of k taps meets the image, whichever is fewer. A tap that mostly
// meets padding has few terms of its own, but would share the rounding of all that lie in its tiles.
function fewestInside(size: i32, out: i32, before: i32, k: i32): i32 {
  return max(0, min(min(out, size + before) - before, min(out, size + before - k + 1) - max(0, before - k + 1)));
}

// ---- y --------------------------------------------------------------------------------------------------------------

/** Samples that one chunk of the forward pass works on. */
export function conv2dBlock(g: usize): i32 {
  return winogradServes(g) ? winogradBlock(g) : 1;
}

export function conv2dShared(g: usize): i32 {
  return winogradServes(g) ? winogradShared(g) : directShared(g);
}

export function conv2dScratch(g: usize): i32 {
  return winogradServes(g) ? winogradScratch(g) : directScratch(g);
}

/** Numbers of scratch in which a chunk of weights is prepared. */
export function conv2dPrepareScratch(): i32 {
  return WEIGHTS_WORK;
}

/** Chunks in which the weights are prepared. */
export function conv2dPrepareChunks(g: usize): i32 {
  const groups = field(g, G);
  return winogradServes(g) ? weightChunks(field(g, C) / groups, field(g, O) / groups, groups) : 1;
}

export function conv2dPrepare(g: usize, w: usize, shared: usize, chunk: i32, scratch: usize): void {
  if (winogradServes(g)) winogradPrepare(g, w, shared, chunk, scratch);
  else directPrepare(g, w, shared);
}

export function conv2dSamples(
  g: usize, x: usize, b: usize, y: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  if (winogradServes(g)) winogradSamples(g, x, b, y, shared, first, count, scratch);
  else directSamples(g, x, b, y, shared, first, count, scratch);
}

// ---- dx -------------------------------------------------------------------------------------------------------------

/** Samples that one chunk of the input gradient works on. */
export function conv2dInputGradBlock(g: usize): i32 {
  if (overlapAddServes(g)) return overlapAddBlock(g);
  return winogradServesInputGrad(g) ? winogradInputGradBlock(g) : 1;
}

export function conv2dInputGradShared(g: usize): i32 {
  // One number more: the address of w, for the corners.
  if (overlapAddServes(g)) return overlapAddShared(g) + 4;
  return winogradServesInputGrad(g) ? winogradInputGradShared(g) + 4 : directInputGradShared(g);
}

export function conv2dInputGradScratch(g: usize): i32 {
  if (overlapAddServes(g)) return overlapAddScratch(g);
  return winogradServesInputGrad(g) ? winogradInputGradScratch(g) : directInputGradScratch(g);
}

export function conv2dInputGradPrepareChunks(g: usize): i32 {
  const groups = field(g, G);
  return winogradServesInputGrad(g) ? weightChunks(field(g, O) / groups, field(g, C) / groups, groups) : 1;
}

export function conv2dInputGradPrepare(g: usize, w: usize, shared: usize, chunk: i32, scratch: usize): void {
  if (!winogradServesInputGrad(g)) {
    directInputGradPrepare(g, w, shared);
    return;
  }
  if (chunk == 0) store<u32>(shared, <u32>w);
  if (overlapAddServes(g)) overlapAddPrepare(g, w, shared + 16, chunk, scratch);
  else winogradInputGradPrepare(g, w, shared + 16, chunk, scratch);
}

export function conv2dInputGradSamples(
  g: usize, dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  if (!winogradServesInputGrad(g)) {
    directInputGradSamples(g, dy, dx, shared, first, count, scratch);
    return;
  }
  if (overlapAddServes(g)) overlapAddSamples(g, dy, dx, shared + 16, first, count, scratch);
  else winogradInputGradSamples(dy, dx, shared + 16, first, count, scratch);
  if (field(g, KH) == 3) sumCorners(g, <usize>load<u32>(shared), dy, dx, first, count);
}

// ---- dw -------------------------------------------------------------------------------------------------------------

export function conv2dWeightGradShared(g: usize): i32 {
  return winogradServesWeightGrad(g) ? 0 : directWeightGradShared(g);
}

export function conv2dWeightGradScratch(g: usize): i32 {
  return winogradServesWeightGrad(g) ? winogradWeightGradScratch(g) : directWeightGradScratch(g);
}

export function conv2dWeightGradPrepare(g: usize, shared: usize): void {
  if (!winogradServesWeightGrad(g)) directWeightGradPrepare(g, shared);
}

/** One partial sum, of samples first to first + count - 1. */
export function conv2dWeightGradSamples(
  g: usize, x: usize, dy: usize, part: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  if (winogradServesWeightGrad(g)) winogradWeightGradSamples(g, x, dy, part, first, count, scratch);
  else directWeightGradSamples(g, x, dy, part, shared, first, count, scratch);
}

/** dw = sum of the parts, in their order: n numbers of parts that are `size` numbers apart. */
export function conv2dWeightGradFinish(n: i32, parts: usize, size: i32, count: i32, dw: usize): void {
  const step = <usize>size << 2;
  const end = <usize>n << 2;
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
