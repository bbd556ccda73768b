// The three convolutions by direct sums. All options go through the same two inner loops (tile.ts); what differs is how the
// image is packed and which weight meets which tap (pack.ts).
//
// Each pass has the same parts, so that threads can share it: sizes (in numbers of 32 bits), `prepare`, which fills `shared`
// once, and `samples`, which works on some samples with a scratch area of its own. Areas are aligned to 16 bytes and have
// 64 readable bytes behind their end.
import { blocksOf4, Conv2dGeometry, packedCols, packedRows, whole4 } from "./geometry";
import { copyShortRow } from "../move";
import { packFlippedWeights, packImage, packWeights, tapOffsets } from "./pack";
import { correlateRun, dotPairs } from "../tile";

// ---- y = correlate2d(x, w; stride S, dilation D, padding P) + b -----------------------------------------------------

@inline
function forwardTaps(g: Conv2dGeometry): i32 {
  return (g.C / g.G) * g.KH * g.KW;
}

/** shared: offsets [taps], packed weights [G][og / 4][taps][4]. */
export function directShared(g: Conv2dGeometry): i32 {
  const taps = forwardTaps(g);
  return whole4(taps) + 4 * g.G * blocksOf4(g.O / g.G) * taps;
}

/** scratch: packed image of one sample, four output planes. */
export function directScratch(g: Conv2dGeometry): i32 {
  const cols = packedCols(g);
  return whole4(g.C * g.SH * g.SW * packedRows(g) * cols) + 16 + 4 * (g.OH * cols + 8);
}

/** w [O, C/G, KH, KW]. */
export function directPrepare(g: Conv2dGeometry, w: usize, shared: usize): void {
  const groups = g.G;
  const cg = g.C / groups;
  const kh = g.KH;
  const kw = g.KW;
  tapOffsets(
    shared, cg, kh, kw, g.SH, g.SW, g.DH, g.DW, packedRows(g), packedCols(g),
  );
  packWeights(shared + (<usize>whole4(forwardTaps(g)) << 2), w, groups, g.O / groups, cg, kh * kw);
}

/** x [N, C, H, W], b [O] or 0, y [N, O, OH, OW]: samples first to first + count - 1. */
export function directSamples(
  g: Conv2dGeometry, x: usize, b: usize, y: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  const c = g.C;
  const o = g.O;
  const groups = g.G;
  const h = g.H;
  const w = g.W;
  const sh = g.SH;
  const sw = g.SW;
  const rows = packedRows(g);
  const cols = packedCols(g);
  const outPlane = g.OH * g.OW;
  const og = o / groups;
  const taps = forwardTaps(g);
  const packed = shared + (<usize>whole4(taps) << 2);
  const out = scratch + (<usize>(whole4(c * sh * sw * rows * cols) + 16) << 2);
  const groupImage = <usize>((c / groups) * sh * sw * rows * cols) << 2;
  const groupWeights = <usize>(blocksOf4(og) * taps) << 4;
  for (let n = first; n < first + count; n++) {
    packImage(scratch, x + (<usize>(n * c * h * w) << 2), c, h, w, 1, 1, g.PT, g.PL, rows, cols, sh, sw);
    for (let k = 0; k < groups; k++) {
      correlatePlanes(
        scratch + <usize>k * groupImage, shared, packed + <usize>k * groupWeights, taps, og,
        b == 0 ? 0 : b + (<usize>(k * og) << 2), y + (<usize>((n * o + k * og) * outPlane) << 2),
        g.OH, g.OW, cols, out,
      );
    }
  }
}

// ---- dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P before) ---------------------

@inline
function gradTaps(g: Conv2dGeometry): i32 {
  return (g.O / g.G) * g.KH * g.KW;
}

@inline
function gradRows(g: Conv2dGeometry): i32 {
  return g.H + g.DH * (g.KH - 1);
}

@inline
function gradCols(g: Conv2dGeometry): i32 {
  return g.W + g.DW * (g.KW - 1);
}

/** shared: offsets [taps], packed flipped weights [G][cg / 4][taps][4]. */
export function directInputGradShared(g: Conv2dGeometry): i32 {
  const taps = gradTaps(g);
  return whole4(taps) + 4 * g.G * blocksOf4(g.C / g.G) * taps;
}

/** scratch: packed dy of one sample, four planes of dx. */
export function directInputGradScratch(g: Conv2dGeometry): i32 {
  const cols = gradCols(g);
  return whole4(g.O * gradRows(g) * cols) + 16 + 4 * (g.H * cols + 8);
}

/** w [O, C/G, KH, KW]. */
export function directInputGradPrepare(g: Conv2dGeometry, w: usize, shared: usize): void {
  const groups = g.G;
  const og = g.O / groups;
  const kh = g.KH;
  const kw = g.KW;
  tapOffsets(shared, og, kh, kw, 1, 1, g.DH, g.DW, gradRows(g), gradCols(g));
  packFlippedWeights(shared + (<usize>whole4(gradTaps(g)) << 2), w, groups, og, g.C / groups, kh * kw);
}

/** dy [N, O, OH, OW], dx [N, C, H, W]: samples first to first + count - 1. */
export function directInputGradSamples(
  g: Conv2dGeometry, dy: usize, dx: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  const c = g.C;
  const o = g.O;
  const groups = g.G;
  const h = g.H;
  const w = g.W;
  const oh = g.OH;
  const ow = g.OW;
  const rows = gradRows(g);
  const cols = gradCols(g);
  const cg = c / groups;
  const taps = gradTaps(g);
  const top = g.DH * (g.KH - 1) - g.PT;
  const left = g.DW * (g.KW - 1) - g.PL;
  const packed = shared + (<usize>whole4(taps) << 2);
  const out = scratch + (<usize>(whole4(o * rows * cols) + 16) << 2);
  const groupImage = <usize>((o / groups) * rows * cols) << 2;
  const groupWeights = <usize>(blocksOf4(cg) * taps) << 4;
  for (let n = first; n < first + count; n++) {
    const from = dy + (<usize>(n * o * oh * ow) << 2);
    packImage(scratch, from, o, oh, ow, g.SH, g.SW, top, left, rows, cols, 1, 1);
    for (let k = 0; k < groups; k++) {
      correlatePlanes(
        scratch + <usize>k * groupImage, shared, packed + <usize>k * groupWeights, taps, cg, 0,
        dx + (<usize>((n * c + k * cg) * h * w) << 2), h, w, cols, out,
      );
    }
  }
}

// ---- dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T ---------------------------------------------
// Each weight is the product of the image under its tap with dy, summed over all samples and output pixels.

// Flat output pixels, to whole vectors.
@inline
function gradRun(g: Conv2dGeometry): i32 {
  return whole4((g.OH - 1) * packedCols(g) + g.OW);
}

/** shared: offsets [taps]. */
export function directWeightGradShared(g: Conv2dGeometry): i32 {
  return whole4(forwardTaps(g));
}

/** scratch: packed image of one sample, dy of one sample on the packed image's columns. */
export function directWeightGradScratch(g: Conv2dGeometry): i32 {
  const image = g.C * g.SH * g.SW * packedRows(g) * packedCols(g);
  return whole4(image) + 16 + g.O * gradRun(g);
}

export function directWeightGradPrepare(g: Conv2dGeometry, shared: usize): void {
  tapOffsets(
    shared, g.C / g.G, g.KH, g.KW, g.SH, g.SW, g.DH, g.DW,
    packedRows(g), packedCols(g),
  );
}

/** x [N, C, H, W], dy [N, O, OH, OW]: dw [O, C/G, KH, KW] of samples first to first + count - 1. */
export function directWeightGradSamples(
  g: Conv2dGeometry, x: usize, dy: usize, dw: usize, shared: usize, first: i32, count: i32, scratch: usize,
): void {
  const c = g.C;
  const o = g.O;
  const groups = g.G;
  const h = g.H;
  const w = g.W;
  const oh = g.OH;
  const ow = g.OW;
  const sh = g.SH;
  const sw = g.SW;
  const rows = packedRows(g);
  const cols = packedCols(g);
  const run = gradRun(g);
  const taps = forwardTaps(g);
  const og = o / groups;
  const imageSize = c * sh * sw * rows * cols;
  const delta = scratch + (<usize>(whole4(imageSize) + 16) << 2);
  memory.fill(dw, 0, <usize>(o * taps) << 2);
  memory.fill(scratch + (<usize>imageSize << 2), 0, 64); // what a last run reads behind the image meets a dy of 0
  memory.fill(delta, 0, <usize>(o * run) << 2);

  const groupImage = <usize>((c / groups) * sh * sw * rows * cols) << 2;
  for (let n = first; n < first + count; n++) {
    packImage(scratch, x + (<usize>(n * c * h * w) << 2), c, h, w, 1, 1, g.PT, g.PL, rows, cols, sh, sw);
    for (let p = 0; p < o; p++) {
      for (let i = 0; i < oh; i++) {
        const from = dy + (<usize>(((n * o + p) * oh + i) * ow) << 2);
        copyShortRow(delta + (<usize>(p * run + i * cols) << 2), from, ow);
      }
    }
    for (let k = 0; k < groups; k++) {
      dotPairs(
        delta + (<usize>(k * og * run) << 2), og, run, scratch + <usize>k * groupImage, shared, taps,
        dw + (<usize>(k * og * taps) << 2),
      );
    }
  }
}

// All output planes of one sample and group, in blocks of four channels: row by row into y where blocks of eight pixels
// fit rows about as well as whole planes, else whole planes, of which the valid columns are copied out.
function correlatePlanes(
  image: usize, offsets: usize, weights: usize, taps: i32, channels: i32, b: usize, y: usize, oh: i32, ow: i32, cols: i32,
  out: usize,
): void {
  const run = (oh - 1) * cols + ow;
  const pitch = <usize>((run + 7) & ~7) << 2;
  const plane = <usize>(oh * ow) << 2;
  const byRows = ow >= 8 && ((ow + 7) & ~7) <= cols + 2;
  for (let block = 0; block < channels; block += 4) {
    const lanes = min(4, channels - block);
    const bias: usize = b == 0 ? 0 : b + (<usize>block << 2);
    let to = y + <usize>block * plane;
    if (byRows && lanes == 4) {
      for (let i = 0; i < oh; i++) {
        correlateRun(
          image + (<usize>(i * cols) << 2), offsets, weights, taps, bias, 4, ow, ow - 8, to + (<usize>(i * ow) << 2), plane,
        );
      }
    } else {
      correlateRun(image, offsets, weights, taps, bias, lanes, run, (run - 1) & ~7, out, pitch);
      for (let lane = 0; lane < lanes; lane++, to += plane) {
        for (let i = 0; i < oh; i++) {
          copyShortRow(to + (<usize>(i * ow) << 2), out + <usize>lane * pitch + (<usize>(i * cols) << 2), ow);
        }
      }
    }
    weights += <usize>taps << 4;
  }
}
