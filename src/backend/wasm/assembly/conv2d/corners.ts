// The corners of dx that only one tap of the kernel reaches (where there is no padding). They sum O terms where
// others sum 9 O, so the rounding of a Winograd tile weighs most there; four pixels of each plane are cheap to sum directly.
import { Conv2dGeometry } from "./geometry";

/** w [O, C/G, K, K], dy [N, O, OH, OW], dx [N, C, H, W] at stride and dilation 1: samples first to first + count - 1. */
export function sumCorners(g: Conv2dGeometry, w: usize, dy: usize, dx: usize, first: i32, count: i32): void {
  const rows = g.H;
  const cols = g.W;
  const top = g.PT == 0;
  const bottom = g.PB == 0;
  const left = g.PL == 0;
  const right = g.PR == 0;
  const taps = g.KH * g.KW;
  const lastTap = (g.KH - 1) * g.KW;
  const lastOut = (g.OH - 1) * g.OW;
  const end = g.KW - 1;
  const endOut = g.OW - 1;
  const lastRow = (rows - 1) * cols;
  for (let n = first; n < first + count; n++) {
    for (let c = 0; c < g.C; c++) {
      const to = dx + (<usize>((n * g.C + c) * rows * cols) << 2);
      if (top && left) f32.store(to, corner(g, w, dy, n, c, taps, 0, 0));
      if (top && right) f32.store(to + (<usize>(cols - 1) << 2), corner(g, w, dy, n, c, taps, end, endOut));
      if (bottom && left) f32.store(to + (<usize>lastRow << 2), corner(g, w, dy, n, c, taps, lastTap, lastOut));
      if (bottom && right) {
        const at = to + (<usize>(lastRow + cols - 1) << 2);
        f32.store(at, corner(g, w, dy, n, c, taps, lastTap + end, lastOut + endOut));
      }
    }
  }
}

// sum over the output channels of c's group of w[o, c, tap] * dy[n, o, out].
function corner(g: Conv2dGeometry, w: usize, dy: usize, n: i32, c: i32, taps: i32, tap: i32, out: i32): f32 {
  const cg = g.C / g.G;
  const og = g.O / g.G;
  const plane = g.OH * g.OW;
  const o = (c / cg) * og;
  let a = w + (<usize>((o * cg + (c % cg)) * taps + tap) << 2);
  let b = dy + (<usize>((n * g.O + o) * plane + out) << 2);
  let sum: f32 = 0;
  for (let i = 0; i < og; i++) {
    sum += f32.load(a) * f32.load(b);
    a += <usize>(cg * taps) << 2;
    b += <usize>plane << 2;
  }
  return sum;
}
