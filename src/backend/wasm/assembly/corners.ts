// The corners of dx that only one tap of the kernel reaches (a 3x3 kernel without padding there). They sum O terms where
// others sum 9 O, so the rounding of a Winograd tile weighs most there; four pixels of each plane are cheap to sum directly.
import { C, field, G, H, KH, KW, O, OH, OW, PB, PL, PR, PT, W } from "./geometry";

/** w [O, C/G, K, K], dy [N, O, OH, OW], dx [N, C, H, W] at stride and dilation 1: samples first to first + count - 1. */
export function sumCorners(g: usize, w: usize, dy: usize, dx: usize, first: i32, count: i32): void {
  const rows = field(g, H);
  const cols = field(g, W);
  const top = field(g, PT) == 0;
  const bottom = field(g, PB) == 0;
  const left = field(g, PL) == 0;
  const right = field(g, PR) == 0;
  const taps = field(g, KH) * field(g, KW);
  const lastTap = (field(g, KH) - 1) * field(g, KW);
  const lastOut = (field(g, OH) - 1) * field(g, OW);
  const end = field(g, KW) - 1;
  const endOut = field(g, OW) - 1;
  const lastRow = (rows - 1) * cols;
  for (let n = first; n < first + count; n++) {
    for (let c = 0; c < field(g, C); c++) {
      const to = dx + (<usize>((n * field(g, C) + c) * rows * cols) << 2);
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
function corner(g: usize, w: usize, dy: usize, n: i32, c: i32, taps: i32, tap: i32, out: i32): f32 {
  const cg = field(g, C) / field(g, G);
  const og = field(g, O) / field(g, G);
  const plane = field(g, OH) * field(g, OW);
  const o = (c / cg) * og;
  let a = w + (<usize>((o * cg + (c % cg)) * taps + tap) << 2);
  let b = dy + (<usize>((n * field(g, O) + o) * plane + out) << 2);
  let sum: f32 = 0;
  for (let i = 0; i < og; i++) {
    sum += f32.load(a) * f32.load(b);
    a += <usize>(cg * taps) << 2;
    b += <usize>plane << 2;
  }
  return sum;
}
