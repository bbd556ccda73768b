// y and dx at stride 1 by Winograd's F(4x4, 3x3), F(4x4, 5x5) and F(2x2, 5x5); formulas in winograd.ts. Both are the same code: dx
// has a geometry record and weights of its own.
//
// For each group and each block of strips, with T tiles (rounded up to 8), C input and O output channels of the group:
//   V [n^2][T/8][C][8]   B^T d B of the tiles
//   U [n^2][O/4][C][4]   G w G^T, made ahead by prepare
//   M [n^2][O][T]        sum over c of U * V, then y = A^T M A
import { emptyWindowsScratch, restoreEmptyWindows } from "./emptyWindows";
import { Conv2dGeometry, whole4 } from "./geometry";
import { multiplyPanels } from "../product";
import { edgeOf } from "./winograd";
import { blockImages, GAP, mostTiles, planBlocks, planNumbers, tilesAlong, whole8 } from "./winogradBlocks";
import { DATA, gatherTiles, outputStrips, scatterOutput, transformStrips } from "./winogradTiles";
import { transformWeights, weightNumbers } from "./winogradWeights";

// ---- y = correlate2d(x, w; padding P) + b ---------------------------------------------------------------------------

/** Samples of a block. */
export function winogradBlock(g: Conv2dGeometry, m: i32): i32 {
  return blockSamples(m, g.C / g.G, g.O / g.G, g.OH, g.OW, g.KH);
}

/** shared: U. */
export function winogradShared(g: Conv2dGeometry, m: i32): i32 {
  return weightNumbers(edgeOf(m, g.KH) * edgeOf(m, g.KH), g.C / g.G, g.O / g.G, g.G);
}

export function winogradScratch(g: Conv2dGeometry, m: i32): i32 {
  const groups = g.G;
  const block = blockScratch(
    m, g.C / groups, g.O / groups, g.W, g.OH, g.OW, g.KH,
  );
  return max(block, emptyWindowsScratch(g)); // one after the other
}

/** w [O, C/G, K, K], one chunk. */
export function winogradPrepare(g: Conv2dGeometry, m: i32, w: usize, shared: usize, chunk: i32, scratch: usize): void {
  transformWeights(g, m, w, true, false, chunk, scratch, shared);
}

/** x [N, C, H, W], b [O] or 0, y [N, O, OH, OW]: samples first to first + count - 1. */
export function winogradSamples(
  g: Conv2dGeometry, m: i32, x: usize, b: usize, y: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  correlateBlocks(g, m, x, b, y, shared, first, count, scratch);
  restoreEmptyWindows(g, x, b, y, first, count, scratch);
}

// ---- dx = correlate2d(dy, flip(w)^T; padding K-1 - P) ---------------------------------------------------------------

const RECORD_NUMBERS = 20;
const RECORD_BYTES: usize = 4 * RECORD_NUMBERS;

/** Samples of a block. */
export function winogradInputGradBlock(g: Conv2dGeometry, m: i32): i32 {
  return blockSamples(m, g.O / g.G, g.C / g.G, g.H, g.W, g.KH);
}

/** shared: geometry record of this convolution of dy, U of flip(w)^T. */
export function winogradInputGradShared(g: Conv2dGeometry, m: i32): i32 {
  const u = weightNumbers(edgeOf(m, g.KH) * edgeOf(m, g.KH), g.O / g.G, g.C / g.G, g.G);
  return RECORD_NUMBERS + u;
}

export function winogradInputGradScratch(g: Conv2dGeometry, m: i32): i32 {
  const groups = g.G;
  return blockScratch(
    m, g.O / groups, g.C / groups, g.OW, g.H, g.W, g.KH,
  );
}

/** w [O, C/G, K, K], one chunk. The first one also writes the record. */
export function winogradInputGradPrepare(
  g: Conv2dGeometry, m: i32, w: usize, shared: usize, chunk: i32, scratch: usize,
): void {
  transformWeights(g, m, w, false, true, chunk, scratch, shared + RECORD_BYTES);
  if (chunk > 0) return;
  const record = changetype<Conv2dGeometry>(shared);
  record.C = g.O;
  record.H = g.OH;
  record.W = g.OW;
  record.O = g.C;
  record.OH = g.H;
  record.OW = g.W;
  record.KH = g.KH;
  record.PT = g.KH - 1 - g.PT;
  record.PL = g.KW - 1 - g.PL;
  record.G = g.G;
}

/** dy [N, O, OH, OW], dx [N, C, H, W]: samples first to first + count - 1. */
export function winogradInputGradSamples(
  m: i32, dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  correlateBlocks(changetype<Conv2dGeometry>(shared), m, dy, 0, dx, shared + RECORD_BYTES, first, count, scratch);
}

// ---- Both -----------------------------------------------------------------------------------------------------------

function blockSamples(m: i32, c: i32, o: i32, oh: i32, ow: i32, k: i32): i32 {
  return blockImages(m, k, c + o, tilesAlong(oh, m) * tilesAlong(ow, m));
}

// scratch: plan, V, M, strip plane of the output.
function blockScratch(m: i32, c: i32, o: i32, w: i32, oh: i32, ow: i32, k: i32): i32 {
  const t = mostTiles(m, k, c + o, oh, ow);
  const n = edgeOf(m, k);
  const products = n * n * (t * (c + whole4(o)) + 2 * GAP);
  return planNumbers(m, k, c + o, oh, ow, w, 1) + products + n * t * m;
}

// g: the record of x [N, C, H, W] and y [N, O, OH, OW], of which N, stride and dilation are not read.
function correlateBlocks(
  g: Conv2dGeometry, m: i32, x: usize, b: usize, y: usize, u: usize, first: i32, count: i32, scratch: usize,
): void {
  const groups = g.G;
  const c = g.C / groups;
  const o = g.O / groups;
  const h = g.H;
  const w = g.W;
  const oh = g.OH;
  const ow = g.OW;
  const k = g.KH;
  const plan = planBlocks(scratch, m, k, c + o, oh, ow, w, 1, count);
  const n = plan.n;
  const points = plan.points;
  const v = plan.rest;
  const afterV = v + (<usize>(points * (c * plan.tiles + GAP)) << 2);
  const outStrip = afterV + (<usize>(points * (whole4(o) * plan.tiles + GAP)) << 2);
  const inStep = <usize>(groups * c * h * w) << 2;
  const outStep = <usize>(groups * o * oh * ow) << 2;
  const uStep = <usize>(whole4(o) * c + GAP) << 2;
  for (let q = 0; q < groups; q++) {
    for (let s = 0; s < count * plan.th; s += plan.strips) {
      const now = min(plan.strips, count * plan.th - s);
      const t = whole4(now * plan.tw);
      const vStep = <usize>(c * whole8(t) + GAP) << 2;
      const mStep = <usize>(whole4(o) * t + GAP) << 2;
      for (let i = 0; i < c; i++) {
        const plane = x + <usize>first * inStep + (<usize>((q * c + i) * h * w) << 2);
        transformStrips(
          n, DATA, m, plane, inStep, h, w, g.PT, g.PL, plan.th, s, now, plan.zeros, plan.strip, plan.rowStep, plan.pitch,
        );
        gatherTiles(n, DATA, plan.strip, plan.rowStep, plan.offsets, t, v + (<usize>i << 5), vStep, <usize>c << 5);
      }
      for (let p = 0; p < points; p++) {
        multiplyPanels(
          u + <usize>(q * points + p) * uStep, v + <usize>p * vStep, whole4(o), now * plan.tw, c,
          afterV + <usize>p * mStep, <usize>t << 2, false,
        );
      }
      for (let i = 0; i < o; i++) {
        scatterOutput(n, m, afterV + (<usize>(i * t) << 2), mStep, t, outStrip);
        const plane = y + <usize>first * outStep + (<usize>((q * o + i) * oh * ow) << 2);
        const bias: f32 = b == 0 ? 0 : f32.load(b + (<usize>(q * o + i) << 2));
        outputStrips(
          n, m, outStrip, <usize>(t * m) << 2, plan.tw * m, bias, plane, outStep, oh, ow, plan.th, s, now,
        );
      }
    }
  }
}
