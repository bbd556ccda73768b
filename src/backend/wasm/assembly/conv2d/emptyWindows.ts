// Windows that see nothing but zeros. A direct sum gives them the bias to the bit; Winograd's algorithm leaves a trace of
// what else lies in their tile. Digits have an empty background, and where the bias is 0, ReLU's derivative and the choice
// among equals in a max pool hang on that trace. So those outputs are set to the bias afterwards.
import { Conv2dGeometry, whole4 } from "./geometry";

/** scratch: pixels seen [H, W], columns seen [W], places of empty windows [OH * OW]. */
export function emptyWindowsScratch(g: Conv2dGeometry): i32 {
  return whole4(g.H * g.W + 4) + whole4(g.W) + g.OH * g.OW;
}

/** x [N, C, H, W], b [O] or 0, y [N, O, OH, OW] at stride and dilation 1: samples first to first + count - 1. */
export function restoreEmptyWindows(
  g: Conv2dGeometry, x: usize, b: usize, y: usize, first: i32, count: i32, scratch: usize,
): void {
  const groups = g.G;
  const c = g.C / groups;
  const o = g.O / groups;
  const pixels = g.H * g.W;
  const plane = g.OH * g.OW;
  const list = scratch + (<usize>(whole4(pixels + 4) + whole4(g.W)) << 2);
  const k = g.KH;
  const overhang = g.PT >= k || g.PB >= k || g.PL >= k || g.PR >= k;
  for (let image = first * groups; image < (first + count) * groups; image++) {
    const all = seenPixels(x + (<usize>(image * c * pixels) << 2), c, pixels, scratch);
    if (all && !overhang) continue;
    const empty = emptyWindows(g, scratch, scratch + (<usize>whole4(pixels + 4) << 2), list);
    let bias: usize = 0;
    if (b != 0) bias = b + (<usize>((image % groups) * o) << 2);
    for (let channel = 0; channel < o; channel++) {
      let value: f32 = 0;
      if (bias != 0) value = f32.load(bias + (<usize>channel << 2));
      const to = y + (<usize>((image * o + channel) * plane) << 2);
      for (let i: usize = 0; i < <usize>empty << 2; i += 4) f32.store(to + <usize>i32.load(list + i), value);
    }
  }
}

// seen[p] = -1 where a channel is not 0 at pixel p, else 0; true when that holds everywhere.
function seenPixels(x: usize, channels: i32, pixels: i32, seen: usize): bool {
  const bytes = <usize>pixels << 2;
  const zero = f32x4.splat(0);
  let all = true;
  for (let p: usize = 0; p < bytes; p += 16) {
    let mask = i32x4.splat(0);
    let from = x + p;
    if (p + 16 <= bytes) {
      for (let c = 0; c < channels; c++, from += bytes) mask = v128.or(mask, f32x4.ne(v128.load(from), zero));
      if (!i32x4.all_true(mask)) all = false;
      v128.store(seen + p, mask);
    } else {
      for (let q = p; q < bytes; q += 4) {
        let some = 0;
        for (let c = 0; c < channels; c++) some |= f32.load(x + <usize>c * bytes + q) != 0 ? -1 : 0;
        if (some == 0) all = false;
        i32.store(seen + q, some);
      }
    }
  }
  return all;
}

// Byte offsets of the windows that touch no seen pixel; returns how many there are. columns [W] is work space.
function emptyWindows(g: Conv2dGeometry, seen: usize, columns: usize, list: usize): i32 {
  const h = g.H;
  const w = g.W;
  const oh = g.OH;
  const ow = g.OW;
  const kw = g.KW;
  let count = 0;
  for (let i = 0; i < oh; i++) {
    const top = max(i - g.PT, 0);
    const bottom = min(i - g.PT + g.KH, h);
    for (let j = 0; j < w; j++) {
      let some = 0;
      for (let row = top; row < bottom; row++) some |= i32.load(seen + (<usize>(row * w + j) << 2));
      i32.store(columns + (<usize>j << 2), some);
    }
    for (let j = 0; j < ow; j++) {
      let some = 0;
      const right = min(j - g.PL + kw, w);
      for (let col = max(j - g.PL, 0); col < right; col++) some |= i32.load(columns + (<usize>col << 2));
      if (some == 0) {
        i32.store(list + (<usize>count << 2), (i * ow + j) << 2);
        count++;
      }
    }
  }
  return count;
}
