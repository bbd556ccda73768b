// 2x2 windows at stride 2, the pooling of small CNNs: four windows at a time, also at the edges of the image. Called from
// pool2d.ts. Not a kernel file: it is not in index.ts. Inlined, so that constants are made once.
//
// Window (oh, ow) has two rows and columns from (2 oh - PT, 2 ow - PL) on; PT and PL are 0 or 1. In the edge lanes, what
// was loaded from outside the image is replaced by a number that changes nothing.

/**
 * One plane x [H, W] -> y, indices [OH, OW]: the largest of each window and, with `places`, its place. Returns false where
 * there may have been a NaN, or nothing above -Infinity at the left edge: then all is to be computed again by another way.
 */
@inline
export function maxPlane2x2(
  places: bool, H: i32, W: i32, PT: i32, PL: i32, OH: i32, OW: i32, x: usize, y: usize, indices: usize,
): bool {
  const last = max(OW - 4, 0); // the last block begins here and overlaps the one before
  const leftOf = maskOf(PL - 1); // lane 0 of the first block if its window begins left of the image
  const rightOf = maskOf(2 * OW - PL > W ? OW - 1 - last : -1); // where the last window ends right of it
  const nothing = f32x4.splat(-Infinity);
  const columns = i32x4(0, 2, 4, 6);
  let again = i32x4.splat(0);
  for (let oh = 0; oh < OH; oh++, y += <usize>OW << 2) {
    const h0 = max(2 * oh - PT, 0);
    const down = min(2 * oh - PT + 1, H - 1) == h0 ? 0 : W; // 0 if one row of the windows is padding
    const above = x + (<usize>(h0 * W - PL) << 2);
    const below = above + (<usize>down << 2);
    const rowsDown = i32x4.splat(down);
    for (let ow = 0; ow < OW; ow += 4) {
      ow = min(ow, last);
      const from = <usize>ow << 3;
      const above0 = v128.load(above + from), above1 = v128.load(above + from, 16);
      const below0 = v128.load(below + from), below1 = v128.load(below + from, 16);
      let a = evenLanes(above0, above1); // the windows are [a b]
      let b = oddLanes(above0, above1); //                  [c d]
      let c = evenLanes(below0, below1);
      let d = oddLanes(below0, below1);
      if (ow == 0) {
        a = v128.bitselect(nothing, a, leftOf);
        c = v128.bitselect(nothing, c, leftOf);
        if (places) again = v128.or(again, v128.and(leftOf, f32x4.eq(f32x4.pmax(b, d), nothing)));
      }
      if (ow == last) {
        b = v128.bitselect(nothing, b, rightOf);
        d = v128.bitselect(nothing, d, rightOf);
      }
      const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
      again = v128.or(again, f32x4.ne(sum, sum));

      const bestAbove = f32x4.pmax(a, b);
      const bestBelow = f32x4.pmax(c, d);
      storeLanes(OW, y + (<usize>ow << 2), f32x4.pmax(bestAbove, bestBelow));
      if (!places) continue;
      // Of equals the first stays. A mask is -1 as a number: subtracting it adds 1 to the place.
      const inBelow = i32x4.sub(f32x4.gt(d, c), rowsDown);
      const back = v128.bitselect(inBelow, f32x4.gt(b, a), f32x4.gt(bestBelow, bestAbove));
      const first = i32x4.add(columns, i32x4.splat(h0 * W - PL + 2 * ow));
      storeLanes(OW, indices + (<usize>ow << 2), i32x4.sub(first, back));
    }
    if (places) indices += <usize>OW << 2;
  }
  return !v128.any_true(again);
}

/**
 * y [OW]: the sum of each window over its divisor, which is `by`, or `first` and `final` for the windows that begin
 * left of the image or end right of it. cut: the windows have one row only, `above`.
 */
@inline
export function averageRow2x2(
  above: usize, below: usize, cut: bool, W: i32, PL: i32, OW: i32, by: f32, first: f32, final: f32, y: usize,
): void {
  const last = max(OW - 4, 0);
  const leftOf = maskOf(PL - 1);
  const rightOf = maskOf(2 * OW - PL > W ? OW - 1 - last : -1);
  for (let ow = 0; ow < OW; ow += 4) {
    ow = min(ow, last);
    const from = <usize>(2 * ow - PL) << 2;
    const above0 = v128.load(above + from), above1 = v128.load(above + from, 16);
    let left = evenLanes(above0, above1);
    let right = oddLanes(above0, above1);
    let divisor = f32x4.splat(by);
    if (!cut) {
      const below0 = v128.load(below + from), below1 = v128.load(below + from, 16);
      left = f32x4.add(left, evenLanes(below0, below1));
      right = f32x4.add(right, oddLanes(below0, below1));
    }
    if (ow == 0) {
      left = replace(left, leftOf, 0);
      divisor = replace(divisor, leftOf, first);
    }
    if (ow == last) {
      right = replace(right, rightOf, 0);
      divisor = replace(divisor, rightOf, final);
    }
    storeLanes(OW, y + (<usize>ow << 2), f32x4.div(f32x4.add(left, right), divisor));
  }
}

/** Numbers 0, 2, 4, 6 of eight. */
@inline
function evenLanes(first: v128, second: v128): v128 {
  return v128.shuffle<f32>(first, second, 0, 2, 4, 6);
}

/** Numbers 1, 3, 5, 7 of eight. */
@inline
function oddLanes(first: v128, second: v128): v128 {
  return v128.shuffle<f32>(first, second, 1, 3, 5, 7);
}

/** The mask of one lane; of none for lane -1. */
@inline
function maskOf(lane: i32): v128 {
  return i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(lane));
}

@inline
function replace(value: v128, mask: v128, by: f32): v128 {
  return v128.bitselect(f32x4.splat(by), value, mask);
}

/** All four lanes, or the first `count` if there are fewer. */
@inline
function storeLanes(count: i32, to: usize, value: v128): void {
  if (count >= 4) {
    v128.store(to, value);
    return;
  }
  v128.store32_lane(to, value, 0);
  if (count > 1) v128.store32_lane(to, value, 1, 4);
  if (count > 2) v128.store32_lane(to, value, 2, 8);
}
