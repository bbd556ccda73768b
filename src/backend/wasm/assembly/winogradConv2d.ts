// y and dx at stride 1 by Winograd's F(4x4, 3x3) and F(2x2, 5x5); formulas in winograd.ts. Both are the same code: dx
// has a geometry record and weights of its own.
//
// For each group and each block of strips, with T tiles (rounded up to 8), C input and O output channels of the group:
//   V [36][T/8][C][8]   B^T d B of the tiles
//   U [36][O/4][C][4]   G w G^T, made ahead by prepare
//   M [36][O][T]        sum over c of U * V, then y = A^T M A
import { emptyWindowsScratch, restoreEmptyWindows } from "./emptyWindows";
import { C, G, H, KH, KW, O, OH, OW, PL, PT, W, field, whole4 } from "./geometry";
import { multiply, POINTS } from "./winograd";
import { blockImages, blockStrips, GAP, tileOffsets, tilesAlong, tileStep, whole8 } from "./winogradBlock";
import { DATA, gatherTiles, outputStrips, scatterOutput, transformStrips } from "./winogradTiles";
import { transformWeights, weightNumbers } from "./winogradWeights";

// ---- y = correlate2d(x, w; padding P) + b ---------------------------------------------------------------------------

/** Samples of a block. */
export function winogradBlock(g: usize): i32 {
  return blockSamples(field(g, C) / field(g, G), field(g, O) / field(g, G), field(g, OH), field(g, OW), field(g, KH));
}

/** shared: U. */
export function winogradShared(g: usize): i32 {
  return weightNumbers(field(g, C) / field(g, G), field(g, O) / field(g, G), field(g, G));
}

export function winogradScratch(g: usize): i32 {
  const groups = field(g, G);
  const block = blockScratch(
    field(g, C) / groups, field(g, O) / groups, field(g, W), field(g, OH), field(g, OW), field(g, KH),
  );
  return max(block, emptyWindowsScratch(g)); // one after the other
}

/** w [O, C/G, K, K], one chunk. */
export function winogradPrepare(g: usize, w: usize, shared: usize, chunk: i32, scratch: usize): void {
  transformWeights(g, w, true, false, chunk, scratch, shared);
}

/** x [N, C, H, W], b [O] or 0, y [N, O, OH, OW]: samples first to first + count - 1. */
export function winogradSamples(
  g: usize, x: usize, b: usize, y: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  correlateBlocks(g, x, b, y, shared, first, count, scratch);
  restoreEmptyWindows(g, x, b, y, first, count, scratch);
}

// ---- dx = correlate2d(dy, flip(w)^T; padding K-1 - P) ---------------------------------------------------------------

const RECORD_NUMBERS = 20;
const RECORD_BYTES: usize = 4 * RECORD_NUMBERS;

/** Samples of a block. */
export function winogradInputGradBlock(g: usize): i32 {
  return blockSamples(field(g, O) / field(g, G), field(g, C) / field(g, G), field(g, H), field(g, W), field(g, KH));
}

/** shared: geometry record of this convolution of dy, U of flip(w)^T. */
export function winogradInputGradShared(g: usize): i32 {
  const u = weightNumbers(field(g, O) / field(g, G), field(g, C) / field(g, G), field(g, G));
  return RECORD_NUMBERS + u;
}

export function winogradInputGradScratch(g: usize): i32 {
  const groups = field(g, G);
  return blockScratch(
    field(g, O) / groups, field(g, C) / groups, field(g, OW), field(g, H), field(g, W), field(g, KH),
  );
}

/** w [O, C/G, K, K], one chunk. The first one also writes the record. */
export function winogradInputGradPrepare(g: usize, w: usize, shared: usize, chunk: i32, scratch: usize): void {
  transformWeights(g, w, false, true, chunk, scratch, shared + RECORD_BYTES);
  if (chunk > 0) return;
  store<i32>(shared, field(g, O), C);
  store<i32>(shared, field(g, OH), H);
  store<i32>(shared, field(g, OW), W);
  store<i32>(shared, field(g, C), O);
  store<i32>(shared, field(g, H), OH);
  store<i32>(shared, field(g, W), OW);
  store<i32>(shared, field(g, KH), KH);
  store<i32>(shared, field(g, KH) - 1 - field(g, PT), PT);
  store<i32>(shared, field(g, KW) - 1 - field(g, PL), PL);
  store<i32>(shared, field(g, G), G);
}

/** dy [N, O, OH, OW], dx [N, C, H, W]: samples first to first + count - 1. */
export function winogradInputGradSamples(
  dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  correlateBlocks(shared, dy, 0, dx, shared + RECORD_BYTES, first, count, scratch);
}

// ---- Both -----------------------------------------------------------------------------------------------------------

function blockSamples(c: i32, o: i32, oh: i32, ow: i32, k: i32): i32 {
  return blockImages(c + o, tilesAlong(oh, k) * tilesAlong(ow, k));
}

// scratch: zeros [w], tile offsets [T], strip planes of input and output, V, M.
function blockScratch(c: i32, o: i32, w: i32, oh: i32, ow: i32, k: i32): i32 {
  const th = tilesAlong(oh, k);
  const tw = tilesAlong(ow, k);
  const m = tileStep(k);
  const strips = blockStrips(c + o, th, tw);
  const t = whole8(strips * tw);
  return whole4(w) + t + 6 * whole4(strips * (tw * m + 6 - m)) + 6 * t * m + POINTS * (t * (c + whole4(o)) + 2 * GAP);
}

// g: the record of x [N, C, H, W] and y [N, O, OH, OW], of which N, stride and dilation are not read.
function correlateBlocks(
  g: usize, x: usize, b: usize, y: usize, u: usize, first: i32, count: i32, scratch: usize,
): void {
  const groups = field(g, G);
  const c = field(g, C) / groups;
  const o = field(g, O) / groups;
  const h = field(g, H);
  const w = field(g, W);
  const oh = field(g, OH);
  const ow = field(g, OW);
  const k = field(g, KH);
  const m = tileStep(k);
  const th = tilesAlong(oh, k);
  const tw = tilesAlong(ow, k);
  const strips = min(blockStrips(c + o, th, tw), count * th);
  const pitch = tw * m + 6 - m;
  const rowStep = <usize>whole4(strips * pitch) << 2;
  const most = whole8(strips * tw);

  const zeros = scratch;
  const offsets = zeros + (<usize>whole4(w) << 2);
  const strip = offsets + (<usize>most << 2);
  const v = strip + 6 * rowStep;
  const afterV = v + (<usize>(POINTS * (c * most + GAP)) << 2);
  const outStrip = afterV + (<usize>(POINTS * (whole4(o) * most + GAP)) << 2);
  memory.fill(zeros, 0, <usize>w << 2);
  memory.fill(strip, 0, 6 * rowStep);
  tileOffsets(offsets, strips, tw, pitch, m);

  const inStep = <usize>(groups * c * h * w) << 2;
  const outStep = <usize>(groups * o * oh * ow) << 2;
  const uStep = <usize>(whole4(o) * c + GAP) << 2;
  for (let q = 0; q < groups; q++) {
    for (let s = 0; s < count * th; s += strips) {
      const now = min(strips, count * th - s);
      const t = whole4(now * tw);
      const vStep = <usize>(c * whole8(t) + GAP) << 2;
      const mStep = <usize>(whole4(o) * t + GAP) << 2;
      for (let i = 0; i < c; i++) {
        const plane = x + <usize>first * inStep + (<usize>((q * c + i) * h * w) << 2);
        transformStrips(
          DATA, plane, inStep, h, w, field(g, PT), field(g, PL), m, th, s, now, zeros, strip, rowStep, pitch,
        );
        gatherTiles(DATA, strip, rowStep, offsets, t, v + (<usize>i << 5), vStep, <usize>c << 5);
      }
      for (let p = 0; p < POINTS; p++) {
        multiply(
          u + <usize>(q * POINTS + p) * uStep, v + <usize>p * vStep, whole4(o), now * tw, c, afterV + <usize>p * mStep,
          <usize>t << 2, false,
        );
      }
      for (let i = 0; i < o; i++) {
        scatterOutput(m, afterV + (<usize>(i * t) << 2), mStep, t, outStrip);
        const plane = y + <usize>first * outStep + (<usize>((q * o + i) * oh * ow) << 2);
        const bias: f32 = b == 0 ? 0 : f32.load(b + (<usize>(q * o + i) << 2));
        outputStrips(m, outStrip, <usize>(t * m) << 2, tw * m, bias, plane, outStep, oh, ow, th, s, now);
      }
    }
  }
}
