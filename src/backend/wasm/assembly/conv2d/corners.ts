// The corners of dx that only one tap of the kernel reaches (where there is no padding), or in 5x5 kernels one or two. They sum
// O or 2 O terms where others sum 9 O or 25 O, so the rounding of a Winograd tile weighs most there; a few pixels of each plane
// are cheap to sum directly, four channels in the lanes and four samples at a time.
import { on } from "../record";
import { Conv2dGeometry } from "./geometry";
import { madd } from "../tile";

/** w [O, C/G, K, K], dy [N, O, OH, OW], dx [N, C, H, W] at stride and dilation 1: samples first to first + count - 1. */
export function sumCorners(g: Conv2dGeometry, w: usize, dy: usize, dx: usize, first: i32, count: i32): void {
  const reach = g.KH == 3 ? 1 : 2;
  for (let corner = 0; corner < 4; corner++) {
    const bottom = corner >= 2;
    const right = (corner & 1) == 1;
    if ((bottom ? g.PB : g.PT) != 0 || (right ? g.PR : g.PL) != 0) continue;
    for (let i = 0; i < min(reach, g.H); i++) {
      for (let j = 0; j < reach - i; j++) {
        sumPixel(g, w, dy, dx, first, count, bottom ? g.H - 1 - i : i, right ? g.W - 1 - j : j);
      }
    }
  }
}

// dx[n, c, row, col] = sum over taps (k, l), then output channels o of c's group, of
// w[o, c, k, l] * dy[n, o, row + PT - k, col + PL - l].
function sumPixel(
  g: Conv2dGeometry, w: usize, dy: usize, dx: usize, first: i32, count: i32, row: i32, col: i32,
): void {
  const cg = g.C / g.G;
  const og = g.O / g.G;
  const plane = g.OH * g.OW;
  const size = g.KH * g.KW;
  const next = <usize>size << 2; // to the next channel's kernel
  for (let block = 0; block < g.G * cg; block += 4) {
    const c = block % cg;
    const lanes = min(4, cg - c);
    const q = block / cg;
    // Channels and samples past the last are computed on the last one again, for nobody.
    const w1 = <usize>min(1, lanes - 1) * next, w2 = <usize>min(2, lanes - 1) * next, w3 = <usize>min(3, lanes - 1) * next;
    for (let n = 0; n < count; n += 4) {
      const samples = min(4, count - n);
      const step = g.O * plane;
      const d1 = <usize>(min(1, samples - 1) * step) << 2, d2 = <usize>(min(2, samples - 1) * step) << 2;
      const d3 = <usize>(min(3, samples - 1) * step) << 2;
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let k = max(0, row + g.PT - g.OH + 1); k < min(g.KH, row + g.PT + 1); k++) {
        for (let l = max(0, col + g.PL - g.OW + 1); l < min(g.KW, col + g.PL + 1); l++) {
          let a = on(w, (q * og * cg + c) * size + k * g.KW + l);
          let b = on(dy, ((first + n) * g.O + q * og) * plane + (row + g.PT - k) * g.OW + col + g.PL - l);
          for (let o = 0; o < og; o++) {
            let v = v128.load32_splat(a);
            v = v128.load32_lane(a + w1, v, 1);
            v = v128.load32_lane(a + w2, v, 2);
            v = v128.load32_lane(a + w3, v, 3);
            s0 = madd(s0, v, v128.load32_splat(b));
            s1 = madd(s1, v, v128.load32_splat(b + d1));
            s2 = madd(s2, v, v128.load32_splat(b + d2));
            s3 = madd(s3, v, v128.load32_splat(b + d3));
            a += <usize>cg * next;
            b = on(b, plane);
          }
        }
      }
      const image = g.H * g.W;
      const to = on(dx, ((first + n) * g.C + q * cg + c) * image + row * g.W + col);
      storeLanes(to, image, lanes, s0);
      if (samples > 1) storeLanes(on(to, g.C * image), image, lanes, s1);
      if (samples > 2) storeLanes(on(to, 2 * g.C * image), image, lanes, s2);
      if (samples > 3) storeLanes(on(to, 3 * g.C * image), image, lanes, s3);
    }
    block -= 4 - lanes; // a group's last block may be short
  }
}

function storeLanes(to: usize, step: i32, lanes: i32, v: v128): void {
  v128.store32_lane(to, v, 0);
  if (lanes > 1) v128.store32_lane(on(to, step), v, 1);
  if (lanes > 2) v128.store32_lane(on(to, 2 * step), v, 2);
  if (lanes > 3) v128.store32_lane(on(to, 3 * step), v, 3);
}
