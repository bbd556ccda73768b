// dw = correlate2d(x^T, dy^T; padding P) at stride 1 by Winograd's F(3x3, 4x4), F(5x5, 4x4) and F(5x5, 2x2): tiles of dy are the
// filters and the kernel is the output, summed over all tiles t of all samples before it is transformed back:
//   dw = A^T (sum over t of (G dy G^T) * (B^T x B)) A; formulas in winograd.ts.
//
// For each group and each block of strips, with T tiles, C input and O output channels of the group, channels in the
// lanes:
//   V [n^2][C/8][T][8]   B^T x B, the same tiles as in the forward pass
//   D [n^2][O/4][T][4]   G dy G^T without its factors s
//   S [n^2][O][C]        S += sum over t of D * V, C rounded up to 8 and O to 4; the factors s come in at the end
// With few input channels less is lost by rounding if they trade places: V [n^2][C/4][T][4], D [n^2][O/8][T][8], S
// [36][C][O].
import { Conv2dGeometry, whole4 } from "./geometry";
import { directTap } from "./directTap";
import { multiplyPanels } from "../product";
import { edgeOf, filterScale, MOST_EDGE } from "./winograd";
import { GAP, mostTiles, planBlocks, planNumbers, whole8 } from "./winogradBlocks";
import { outputRow as outputRow8 } from "./winogradEight";
import { outputRow as outputRow6 } from "./winogradSix";
import { DATA, gatherChannels, transformStrips } from "./winogradTiles";

// Whether fewer channels are added by rounding if C goes in panels of 4 and O in panels of 8.
function swapped(c: i32, o: i32): bool {
  return whole4(c) * whole8(o) < whole8(c) * whole4(o);
}

@inline
function whole(count: i32, lanes: i32): i32 {
  return lanes == 8 ? whole8(count) : whole4(count);
}

// Numbers of half transformed S [k][n][4] and a row of dw [k][4].
const WORK = 5 * MOST_EDGE * 4 + 5 * 4;

/** scratch: plan with strip planes of four channels, V, D, S, and those. */
export function winogradWeightGradScratch(g: Conv2dGeometry, m: i32): i32 {
  const swap = swapped(g.C / g.G, g.O / g.G);
  const c = whole(g.C / g.G, swap ? 4 : 8);
  const o = whole(g.O / g.G, swap ? 8 : 4);
  const t = mostTiles(m, g.KH, c + o, g.OH, g.OW);
  const n = edgeOf(m, g.KH);
  const products = n * n * (t * (c + o) + c * o + 3 * GAP);
  return planNumbers(m, g.KH, c + o, g.OH, g.OW, max(g.W, g.OW), 4) + products + WORK;
}

/** x [N, C, H, W], dy [N, O, OH, OW]: dw [O, C/G, K, K] of samples first to first + count - 1. */
export function winogradWeightGradSamples(
  g: Conv2dGeometry, m: i32, x: usize, dy: usize, dw: usize, first: i32, count: i32, scratch: usize,
): void {
  const groups = g.G;
  const c = g.C / groups;
  const o = g.O / groups;
  const swap = swapped(c, o);
  const cLanes = swap ? 4 : 8;
  const oLanes = 12 - cLanes;
  const cs = whole(c, cLanes);
  const os = whole(o, oLanes);
  const h = g.H;
  const w = g.W;
  const oh = g.OH;
  const ow = g.OW;
  const k = g.KH;
  const plan = planBlocks(scratch, m, k, cs + os, oh, ow, max(w, ow), 4, count);
  const n = plan.n;
  const points = plan.points;
  const strip = plan.strip;
  const rowStep = plan.rowStep;
  const v = plan.rest;
  const d = v + (<usize>(points * (cs * plan.tiles + GAP)) << 2);
  const sum = d + (<usize>(points * (os * plan.tiles + GAP)) << 2);
  const sumStep = <usize>(os * cs + GAP) << 2;
  const work = sum + <usize>points * sumStep;

  const xStep = <usize>(groups * c * h * w) << 2;
  const dyStep = <usize>(groups * o * oh * ow) << 2;
  for (let q = 0; q < groups; q++) {
    for (let s = 0; s < count * plan.th; s += plan.strips) {
      const now = min(plan.strips, count * plan.th - s);
      const t = now * plan.tw;
      const vStep = <usize>(cs * t + GAP) << 2;
      const dStep = <usize>(os * t + GAP) << 2;
      memory.fill(strip, 0, 4 * <usize>n * rowStep);
      for (let i = 0; i < cs; i += 4) {
        for (let lane = 0; lane < 4; lane++) {
          // Channels past the last are computed on the last one again, for nobody.
          const plane = x + <usize>first * xStep + (<usize>((q * c + min(i + lane, c - 1)) * h * w) << 2);
          transformStrips(
            n, DATA, m, plane, xStep, h, w, g.PT, g.PL, plan.th, s, now, plan.zeros,
            strip + <usize>n * rowStep * <usize>lane, rowStep, plan.pitch,
          );
        }
        gatherChannels(
          n, DATA, strip, <usize>n * rowStep, rowStep, plan.offsets, t, panel(v, i, cLanes, t), vStep, <usize>cLanes << 2,
        );
      }
      memory.fill(strip, 0, 4 * <usize>n * rowStep);
      for (let i = 0; i < os; i += 4) {
        for (let lane = 0; lane < 4; lane++) {
          const plane = dy + <usize>first * dyStep + (<usize>((q * o + min(i + lane, o - 1)) * oh * ow) << 2);
          transformStrips(
            n, m, m, plane, dyStep, oh, ow, 0, 0, plan.th, s, now, plan.zeros,
            strip + <usize>n * rowStep * <usize>lane, rowStep, plan.pitch,
          );
        }
        gatherChannels(
          n, m, strip, <usize>n * rowStep, rowStep, plan.offsets, t, panel(d, i, oLanes, t), dStep, <usize>oLanes << 2,
        );
      }
      for (let p: usize = 0; p < <usize>points; p++) {
        const ds = d + p * dStep;
        const vs = v + p * vStep;
        if (swap) multiplyPanels(vs, ds, cs, os, t, sum + p * sumStep, <usize>os << 2, s > 0);
        else multiplyPanels(ds, vs, os, cs, t, sum + p * sumStep, <usize>cs << 2, s > 0);
      }
    }
    const rows = swap ? c : o;
    const cols = swap ? o : c;
    const rowTaps = (swap ? 1 : c) * k * k;
    const colTaps = (swap ? c : 1) * k * k;
    const xs = x + <usize>first * xStep + (<usize>(q * c * h * w) << 2);
    const dys = dy + <usize>first * dyStep + (<usize>(q * o * oh * ow) << 2);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j += 4) {
        const lanes = min(4, cols - j);
        const to = dw + (<usize>(q * o * c * k * k + i * rowTaps + j * colTaps) << 2);
        const from = sum + (<usize>(i * (swap ? os : cs) + j) << 2);
        const bounds = weakBounds(n, from, sumStep);
        if (!kernelGrads(from, sumStep, n, k, bounds, work, to, <usize>colTaps << 2, lanes)) continue;
        v128.store(work, bounds);
        for (let lane = 0; lane < lanes; lane++) {
          const xPlane = xs + (<usize>((swap ? i : j + lane) * h * w) << 2);
          const dyPlane = dys + (<usize>((swap ? j + lane : i) * oh * ow) << 2);
          const bound = f32.load(work + (<usize>lane << 2));
          const kernel = to + (<usize>(lane * colTaps) << 2);
          sumWeakTaps(g, kernel, k, bound, xPlane, xStep, dyPlane, dyStep, count);
        }
      }
    }
  }
}

// A gradient below this share of the largest of the products that it is made of has lost most of its digits.
const WEAK: f32 = 1.0 / 8192;

function sumWeakTaps(
  g: Conv2dGeometry, kernel: usize, k: i32, bound: f32, x: usize, xStep: usize, dy: usize, dyStep: usize, count: i32,
): void {
  for (let ki = 0; ki < k; ki++) {
    for (let kj = 0; kj < k; kj++) {
      if (abs(f32.load(kernel)) < bound) f32.store(kernel, directTap(g, x, xStep, dy, dyStep, ki, kj, count));
      kernel += 4;
    }
  }
}

// Where channels i to i + 3 of the first tile go, in panels of 4 or 8 channels.
@inline
function panel(base: usize, i: i32, lanes: i32, tiles: i32): usize {
  return base + (<usize>(lanes == 8 ? (i & ~7) * tiles + (i & 4) : i * tiles) << 2);
}

// WEAK times the largest |s s^T * S| of each of four kernels.
@inline
function weakBounds(edge: i32, from: usize, step: usize): v128 {
  let most = f32x4.splat(0);
  for (let i = 0; i < edge; i++) {
    for (let j = 0; j < edge; j++) {
      const scale = abs(filterScale(edge, i) * filterScale(edge, j)) * WEAK;
      most = f32x4.pmax(most, f32x4.mul(f32x4.abs(v128.load(from)), f32x4.splat(scale)));
      from += step;
    }
  }
  return most;
}

// dw = A^T (s s^T * S) A of up to four kernels [k][k], `next` bytes apart; whether one of their numbers is below its bound.
// work [k][n][4], then a row [k][4].
function kernelGrads(
  from: usize, step: usize, n: i32, k: i32, bounds: v128, work: usize, dw: usize, next: usize, lanes: i32,
): bool {
  let weak = f32x4.splat(0);
  const edge = <usize>n;
  for (let j: usize = 0; j < edge; j++) storeOutput(work + (j << 4), edge << 4, n, k, from + j * step, edge * step);
  const row = work + (<usize>k * edge << 4);
  for (let i = 0; i < k; i++) {
    storeOutput(row, 16, n, k, work, 16);
    for (let j = 0; j < k; j++) {
      const y = v128.load(row + (<usize>j << 4));
      weak = v128.or(weak, f32x4.lt(f32x4.abs(y), bounds));
      f32.store(dw, f32x4.extract_lane(y, 0));
      if (lanes > 1) f32.store(dw + next, f32x4.extract_lane(y, 1));
      if (lanes > 2) f32.store(dw + 2 * next, f32x4.extract_lane(y, 2));
      if (lanes > 3) f32.store(dw + 3 * next, f32x4.extract_lane(y, 3));
      dw += 4;
    }
    work += edge << 4;
  }
  return v128.any_true(weak);
}

@inline
function scaled(edge: i32, point: i32, from: usize, step: usize): v128 {
  return f32x4.mul(f32x4.splat(filterScale(edge, point)), v128.load(from + <usize>point * step));
}

// Stores A^T (s * v): k = 3 or 5 vectors, from the n vectors at `from`.
function storeOutput(to: usize, toStep: usize, n: i32, k: i32, from: usize, step: usize): void {
  const v0 = scaled(n, 0, from, step), v1 = scaled(n, 1, from, step), v2 = scaled(n, 2, from, step);
  const v3 = scaled(n, 3, from, step), v4 = scaled(n, 4, from, step), v5 = scaled(n, 5, from, step);
  const plus1 = f32x4.add(v1, v2), minus1 = f32x4.sub(v1, v2);
  const plus2 = f32x4.add(v3, v4), minus2 = f32x4.sub(v3, v4);
  if (n == 6) {
    v128.store(to, outputRow6(0, k, v0, plus1, minus1, plus2, minus2, v5));
    v128.store(to + toStep, outputRow6(1, k, v0, plus1, minus1, plus2, minus2, v5));
    v128.store(to + 2 * toStep, outputRow6(2, k, v0, plus1, minus1, plus2, minus2, v5));
    if (k > 3) {
      v128.store(to + 3 * toStep, outputRow6(3, k, v0, plus1, minus1, plus2, minus2, v5));
      v128.store(to + 4 * toStep, outputRow6(4, k, v0, plus1, minus1, plus2, minus2, v5));
    }
  } else {
    const v6 = scaled(n, 6, from, step), v7 = scaled(n, 7, from, step);
    const plus3 = f32x4.add(v5, v6), minus3 = f32x4.sub(v5, v6);
    v128.store(to, outputRow8(0, 5, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
    v128.store(to + toStep, outputRow8(1, 5, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
    v128.store(to + 2 * toStep, outputRow8(2, 5, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
    v128.store(to + 3 * toStep, outputRow8(3, 5, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
    v128.store(to + 4 * toStep, outputRow8(4, 5, v0, plus1, minus1, plus2, minus2, plus3, minus3, v7));
  }
}
