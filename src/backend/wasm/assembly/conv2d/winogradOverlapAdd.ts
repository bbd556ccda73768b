// dx by the adjoint of the forward pass: the transforms of winograd.ts transposed, tile by tile of dy,
//   y  = A^T (U * (B^T x B)) A     gives     dx += B (U * (A dy A^T)) B^T,     U = G w G^T, not flipped.
// Tiles of dy are m x m and do not overlap, tiles of dx are n x n, do, and are added up. That is more work for each
// tile than in the other form (winogradConv2d.ts), which cuts dx into tiles of m x m, but dy needs fewer tiles than dx
// where dx is larger: with little padding, small images and large kernels.
//
// A has the powers of the points in its rows, as G has without its factors: A dy is storeFilter of m "taps".
//   V [n^2][T/8][O][8]   A dy A^T        U [n^2][C/4][O][4]        M [n^2][C][T]   sum over o of U * V
import { Conv2dGeometry, whole4 } from "./geometry";
import { firstPairs, interleaveHigh, interleaveLow, lastPairs } from "../lanes";
import { multiplyPanels } from "../product";
import { edgeOf } from "./winograd";
import { blockImages, GAP, mostTiles, planBlocks, planNumbers, tilesAlong, whole8 } from "./winogradBlocks";
import { dataRow as dataRow8, oddOf } from "./winogradEight";
import { dataRow } from "./winogradSix";
import { gatherTiles, transformStrips } from "./winogradTiles";
import { transformWeights, weightNumbers } from "./winogradWeights";

/** Samples of a block. */
export function overlapAddBlock(g: Conv2dGeometry, m: i32): i32 {
  return blockImages(m, g.KH, (g.C + g.O) / g.G, tilesAlong(g.OH, m) * tilesAlong(g.OW, m));
}

/** shared: U. */
export function overlapAddShared(g: Conv2dGeometry, m: i32): i32 {
  const n = edgeOf(m, g.KH);
  return weightNumbers(n * n, g.O / g.G, g.C / g.G, g.G);
}

/** scratch: plan with strip planes of dy and dx, V, M. */
export function overlapAddScratch(g: Conv2dGeometry, m: i32): i32 {
  const c = g.C / g.G;
  const o = g.O / g.G;
  const n = edgeOf(m, g.KH);
  const t = mostTiles(m, g.KH, c + o, g.OH, g.OW);
  return planNumbers(m, g.KH, c + o, g.OH, g.OW, g.OW, 2) + n * n * (t * (whole4(c) + o) + 2 * GAP);
}

/** w [O, C/G, K, K], one chunk. */
export function overlapAddPrepare(g: Conv2dGeometry, m: i32, w: usize, shared: usize, chunk: i32, scratch: usize): void {
  transformWeights(g, m, w, false, false, chunk, scratch, shared);
}

/** dy [N, O, OH, OW], dx [N, C, H, W]: samples first to first + count - 1. */
export function overlapAddSamples(
  g: Conv2dGeometry, m: i32, dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  const groups = g.G;
  const c = g.C / groups;
  const o = g.O / groups;
  const h = g.H;
  const w = g.W;
  const oh = g.OH;
  const ow = g.OW;
  const plan = planBlocks(scratch, m, g.KH, c + o, oh, ow, ow, 2, count);
  const n = plan.n;
  const points = plan.points;
  const outStrip = plan.strip + <usize>n * plan.rowStep;
  const v = plan.rest;
  const afterV = v + (<usize>(points * (o * plan.tiles + GAP)) << 2);
  const uStep = <usize>(whole4(c) * o + GAP) << 2;
  const dyStep = <usize>(groups * o * oh * ow) << 2;
  const dxStep = <usize>(groups * c * h * w) << 2;
  memory.fill(dx + <usize>first * dxStep, 0, <usize>count * dxStep);

  for (let q = 0; q < groups; q++) {
    for (let s = 0; s < count * plan.th; s += plan.strips) {
      const now = min(plan.strips, count * plan.th - s);
      const t = whole4(now * plan.tw);
      const vStep = <usize>(o * whole8(t) + GAP) << 2;
      const mStep = <usize>(whole4(c) * t + GAP) << 2;
      for (let i = 0; i < o; i++) {
        const plane = dy + <usize>first * dyStep + (<usize>((q * o + i) * oh * ow) << 2);
        transformStrips(
          n, m, m, plane, dyStep, oh, ow, 0, 0, plan.th, s, now, plan.zeros, plan.strip, plan.rowStep, plan.pitch,
        );
        gatherTiles(n, m, plan.strip, plan.rowStep, plan.offsets, t, v + (<usize>i << 5), vStep, <usize>o << 5);
      }
      for (let p = 0; p < points; p++) {
        multiplyPanels(
          shared + <usize>(q * points + p) * uStep, v + <usize>p * vStep, whole4(c), now * plan.tw, o,
          afterV + <usize>p * mStep, <usize>t << 2, false,
        );
      }
      for (let i = 0; i < c; i++) {
        memory.fill(outStrip, 0, <usize>n * plan.rowStep);
        addTiles(n, afterV + (<usize>(i * t) << 2), mStep, plan.offsets, now * plan.tw, outStrip, plan.rowStep);
        const plane = dx + <usize>first * dxStep + (<usize>((q * c + i) * h * w) << 2);
        addStrips(
          n, m, outStrip, plan.rowStep, plan.pitch, plane, dxStep, h, w, g.PT, g.PL, plan.th, s, now,
        );
      }
    }
  }
}

@inline
function addTo(to: usize, v: v128): void {
  v128.store(to, f32x4.add(v128.load(to), v));
}

@inline
function addPairTo(to: usize, pair: v128): void {
  v128.store64_lane(to, f32x4.add(v128.load64_zero(to), pair), 0);
}

// Adds the transposed d0 .. d3 to four numbers of each of up to four tiles.
@inline
function addFour(lanes: i32, p0: usize, p1: usize, p2: usize, p3: usize, d0: v128, d1: v128, d2: v128, d3: v128): void {
  const ab = interleaveLow(d0, d1), cd = interleaveLow(d2, d3);
  const ab2 = interleaveHigh(d0, d1), cd2 = interleaveHigh(d2, d3);
  addTo(p0, firstPairs(ab, cd));
  if (lanes > 1) addTo(p1, lastPairs(ab, cd));
  if (lanes > 2) addTo(p2, firstPairs(ab2, cd2));
  if (lanes > 3) addTo(p3, lastPairs(ab2, cd2));
}

// Horizontal transform of one channel's products [n^2][tiles], added to the tiles' places in the strip plane.
function addTiles(n: i32, from: usize, step: usize, offsets: usize, tiles: i32, strip: usize, rowStep: usize): void {
  for (let t = 0; t < tiles; t += 4) {
    const lanes = tiles - t;
    let p0 = strip + <usize>load<i32>(offsets), p1 = strip + <usize>load<i32>(offsets, 4);
    let p2 = strip + <usize>load<i32>(offsets, 8), p3 = strip + <usize>load<i32>(offsets, 12);
    let at = from;
    for (let i = 0; i < n; i++) {
      const v0 = v128.load(at), v1 = v128.load(at + step), v2 = v128.load(at + 2 * step);
      const v3 = v128.load(at + 3 * step), v4 = v128.load(at + 4 * step), v5 = v128.load(at + 5 * step);
      const plus1 = f32x4.add(v1, v2), minus1 = f32x4.sub(v1, v2);
      const plus2 = f32x4.add(v3, v4), minus2 = f32x4.sub(v3, v4);
      if (n == 6) {
        addFour(
          lanes, p0, p1, p2, p3, dataRow(0, v0, plus1, minus1, plus2, minus2, v5),
          dataRow(1, v0, plus1, minus1, plus2, minus2, v5), dataRow(2, v0, plus1, minus1, plus2, minus2, v5),
          dataRow(3, v0, plus1, minus1, plus2, minus2, v5),
        );
        const d4 = dataRow(4, v0, plus1, minus1, plus2, minus2, v5);
        addPairTo(p0 + 16, v128.shuffle<f32>(d4, v5, 0, 4, 0, 4));
        if (lanes > 1) addPairTo(p1 + 16, v128.shuffle<f32>(d4, v5, 1, 5, 1, 5));
        if (lanes > 2) addPairTo(p2 + 16, v128.shuffle<f32>(d4, v5, 2, 6, 2, 6));
        if (lanes > 3) addPairTo(p3 + 16, v128.shuffle<f32>(d4, v5, 3, 7, 3, 7));
      } else {
        const v6 = v128.load(at + 6 * step), v7 = v128.load(at + 7 * step);
        const plus3 = f32x4.add(v5, v6), odd2 = oddOf(2, minus2), odd3 = oddOf(3, f32x4.sub(v5, v6));
        addFour(
          lanes, p0, p1, p2, p3, dataRow8(0, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7),
          dataRow8(1, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7),
          dataRow8(2, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7),
          dataRow8(3, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7),
        );
        addFour(
          lanes, p0 + 16, p1 + 16, p2 + 16, p3 + 16, dataRow8(4, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7),
          dataRow8(5, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7),
          dataRow8(6, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7), v7,
        );
      }
      at += <usize>n * step;
      p0 += rowStep;
      p1 += rowStep;
      p2 += rowStep;
      p3 += rowStep;
    }
    from += 16;
    offsets += 16;
  }
}

// Vertical transform of one channel's strips, added to the rows of dx that exist. w is at least 4.
function addStrips(
  n: i32, m: i32, from: usize, rowStep: usize, pitch: i32, dx: usize, imageStep: usize, h: i32, w: i32, top: i32, left: i32,
  th: i32, first: i32, strips: i32,
): void {
  from += <usize>left << 2;
  const line = <usize>w << 2;
  for (let s = first; s < first + strips; s++) {
    const row = (s % th) * m - top;
    const plane = dx + <usize>(s / th) * imageStep + <usize>row * line;
    for (let col = 0; col < w; col += 4) {
      // A last vector that is not whole starts earlier, and adds 0 where the one before has been.
      const start = min(col, w - 4);
      const fresh = i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(col - start));
      const at = from + (<usize>start << 2);
      const to = plane + (<usize>start << 2);
      const v0 = freshLoad(at, fresh), v1 = freshLoad(at + rowStep, fresh), v2 = freshLoad(at + 2 * rowStep, fresh);
      const v3 = freshLoad(at + 3 * rowStep, fresh), v4 = freshLoad(at + 4 * rowStep, fresh);
      const v5 = freshLoad(at + 5 * rowStep, fresh);
      const plus1 = f32x4.add(v1, v2), minus1 = f32x4.sub(v1, v2);
      const plus2 = f32x4.add(v3, v4), minus2 = f32x4.sub(v3, v4);
      if (n == 6) {
        addRow(to, line, row, 0, h, dataRow(0, v0, plus1, minus1, plus2, minus2, v5));
        addRow(to, line, row, 1, h, dataRow(1, v0, plus1, minus1, plus2, minus2, v5));
        addRow(to, line, row, 2, h, dataRow(2, v0, plus1, minus1, plus2, minus2, v5));
        addRow(to, line, row, 3, h, dataRow(3, v0, plus1, minus1, plus2, minus2, v5));
        addRow(to, line, row, 4, h, dataRow(4, v0, plus1, minus1, plus2, minus2, v5));
        addRow(to, line, row, 5, h, v5);
      } else {
        const v6 = freshLoad(at + 6 * rowStep, fresh), v7 = freshLoad(at + 7 * rowStep, fresh);
        const plus3 = f32x4.add(v5, v6), odd2 = oddOf(2, minus2), odd3 = oddOf(3, f32x4.sub(v5, v6));
        addRow(to, line, row, 0, h, dataRow8(0, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 1, h, dataRow8(1, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 2, h, dataRow8(2, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 3, h, dataRow8(3, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 4, h, dataRow8(4, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 5, h, dataRow8(5, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 6, h, dataRow8(6, v0, plus1, minus1, plus2, odd2, plus3, odd3, v7));
        addRow(to, line, row, 7, h, v7);
      }
    }
    from += <usize>pitch << 2;
  }
}

@inline
function addRow(to: usize, line: usize, row: i32, i: i32, h: i32, v: v128): void {
  if (<u32>(row + i) < <u32>h) addTo(to + <usize>i * line, v);
}

@inline
function freshLoad(from: usize, fresh: v128): v128 {
  return v128.and(v128.load(from), fresh);
}
