// The passes of a convolution as the job runner sees them: which algorithm serves a geometry is decided here, by the
// geometry alone, never by the batch or the threads, and each pass for itself.
import {
  directInputGradPrepare, directInputGradSamples, directInputGradScratch, directInputGradShared, directPrepare,
  directSamples, directScratch, directShared, directWeightGradPrepare, directWeightGradSamples, directWeightGradScratch,
  directWeightGradShared,
} from "./conv2d";
import { C, DH, DW, field, G, H, KH, KW, O, OH, OW, PB, PL, PR, PT, SH, SW, W } from "./geometry";
import { tilesAlong } from "./winogradBlock";
import {
  winogradBlock, winogradInputGradBlock, winogradInputGradPrepare, winogradInputGradSamples, winogradInputGradScratch,
  winogradInputGradShared, winogradPrepare, winogradSamples, winogradScratch, winogradShared,
} from "./winogradConv2d";
import {
  overlapAddBlock, overlapAddPrepare, overlapAddSamples, overlapAddScratch, overlapAddShared,
} from "./winogradOverlapAdd";
import { winogradWeightGradSamples, winogradWeightGradScratch } from "./winogradWeightGrad";

// Geometries that Winograd's kernels can serve: 3x3 and 5x5 kernels at stride and dilation 1, rows of whole vectors.
function winogradFits(g: usize): bool {
  const k = field(g, KH);
  return (k == 3 || k == 5) && field(g, KW) == k && field(g, SH) == 1 && field(g, SW) == 1 && field(g, DH) == 1 &&
    field(g, DW) == 1 && field(g, W) >= 4 && field(g, OW) >= 4;
}

// The product sums over the channels of x, and the transforms of y cost the same for few as for many. Measured against
// the direct sums (images of 4 to 32, 3x3 and 5x5): 0.7 to 0.8 times as fast with 1 channel, 1.0 to 1.2 with 2, which
// is not worth its rounding, 1.2 to 2.3 with 3, 1.4 to 4.5 with more, whatever the number of output channels.
function winogradServes(g: usize): bool {
  return winogradFits(g) && field(g, C) >= 3 * field(g, G);
}

// The same with the roles of x and y exchanged. A padding of more than K-1 would crop dy.
function winogradServesInputGrad(g: usize): bool {
  const most = field(g, KH) - 1;
  return winogradFits(g) && field(g, O) >= 3 * field(g, G) && field(g, PT) <= most && field(g, PB) <= most &&
    field(g, PL) <= most && field(g, PR) <= most;
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
// (1.1) channels on; 0.8 times with 3 -> 3, 0.9 to 1.3 times with 2, 0.5 to 0.9 times with 1.
function winogradServesWeightGrad(g: usize): bool {
  const c = field(g, C) / field(g, G);
  return winogradFits(g) && c >= 3 && c + field(g, O) / field(g, G) >= 8;
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

export function conv2dPrepare(g: usize, w: usize, shared: usize): void {
  if (winogradServes(g)) winogradPrepare(g, w, shared);
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
  if (overlapAddServes(g)) return overlapAddShared(g);
  return winogradServesInputGrad(g) ? winogradInputGradShared(g) : directInputGradShared(g);
}

export function conv2dInputGradScratch(g: usize): i32 {
  if (overlapAddServes(g)) return overlapAddScratch(g);
  return winogradServesInputGrad(g) ? winogradInputGradScratch(g) : directInputGradScratch(g);
}

export function conv2dInputGradPrepare(g: usize, w: usize, shared: usize): void {
  if (overlapAddServes(g)) overlapAddPrepare(g, w, shared);
  else if (winogradServesInputGrad(g)) winogradInputGradPrepare(g, w, shared);
  else directInputGradPrepare(g, w, shared);
}

export function conv2dInputGradSamples(
  g: usize, dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  if (overlapAddServes(g)) overlapAddSamples(g, dy, dx, shared, first, count, scratch);
  else if (winogradServesInputGrad(g)) winogradInputGradSamples(dy, dx, shared, first, count, scratch);
  else directInputGradSamples(g, dy, dx, shared, first, count, scratch);
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

/** Numbers of one partial sum of the weight gradient [O, C/G, KH, KW]: what `samples` fills and `finish` adds up. */
export function conv2dWeightGradPart(g: usize): i32 {
  return field(g, O) * (field(g, C) / field(g, G)) * field(g, KH) * field(g, KW);
}

/** One partial sum, of samples first to first + count - 1. */
export function conv2dWeightGradSamples(
  g: usize, x: usize, dy: usize, part: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  if (winogradServesWeightGrad(g)) winogradWeightGradSamples(g, x, dy, part, first, count, scratch);
  else directWeightGradSamples(g, x, dy, part, shared, first, count, scratch);
}

/** dw = sum of the parts, in their order. */
export function conv2dWeightGradFinish(g: usize, parts: usize, count: i32, dw: usize): void {
  const size = <usize>conv2dWeightGradPart(g) << 2;
  for (let i: usize = 0; i < size; i += 4) {
    let sum = f32.load(parts + i);
    for (let p = 1; p < count; p++) sum += f32.load(parts + <usize>p * size + i);
    f32.store(dw + i, sum);
  }
}
