// One row of 2x2 windows at stride 2, the pooling of small CNNs: four windows at a time, also at the edges of the
// image. Called from pool2d.ts. Not a kernel file: it is not in index.ts. Inlined, so that the constants are made once
// a plane.
//
// Window ow has columns 2 ow - PL and 2 ow - PL + 1 of two rows of W numbers at the addresses `above` and `below`; PL
// is 0 or 1. In the edge lanes, what was loaded from outside the image is replaced by a number that changes nothing.

/**
 * y, indices [OW]: the largest of each window and, with `places`, its place. The rows begin at the places `place` and `place + down`;
 * of a window that is cut off at the top or bottom, both rows are the same.
 *
 * Returns false where there may have been a NaN; then y and indices are to be computed again by another way.
 */
@inline
export function maxRow2x2(
  places: bool, above: usize, below: usize, W: i32, place: i32, down: i32, PL: i32, OW: i32, y: usize, indices: usize,
): bool {
  const last = max(OW - 4, 0); // the last block begins here and overlaps the one before
  const leftOf = maskOf(PL - 1); // lane 0 of the first block if its window begins left of the image
  const rightOf = maskOf(2 * OW - PL > W ? OW - 1 - last : -1); // where the last window ends right of it
  let nan = i32x4.splat(0);
  for (let ow = 0; ow < OW; ow += 4) {
    ow = min(ow, last);
    const column = 2 * ow - PL;
    const from = <usize>column << 2;
    let a = evenLanes(above + from); // the windows are [a b]
    let b = oddLanes(above + from); //                  [c d]
    let c = evenLanes(below + from);
    let d = oddLanes(below + from);
    let right = i32x4.splat(0); // where b or d is taken although it is not larger
    if (ow == 0) {
      a = replace(a, leftOf, -Infinity);
      c = replace(c, leftOf, -Infinity);
      right = leftOf;
    }
    if (ow == last) {
      b = replace(b, rightOf, -Infinity);
      d = replace(d, rightOf, -Infinity);
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    nan = v128.or(nan, f32x4.ne(sum, sum));

    const bestAbove = f32x4.pmax(a, b);
    const bestBelow = f32x4.pmax(c, d);
    storeLanes(OW, y + (<usize>ow << 2), f32x4.pmax(bestAbove, bestBelow));
    if (!places) continue;
    // Of equals the first stays. A mask is -1 as a number: subtracting it adds 1 to the place.
    const start = i32x4.add(i32x4.splat(place + column), i32x4(0, 2, 4, 6));
    const placeAbove = i32x4.sub(start, v128.or(f32x4.gt(b, a), right));
    const placeBelow = i32x4.sub(i32x4.add(start, i32x4.splat(down)), v128.or(f32x4.gt(d, c), right));
    const at = v128.bitselect(placeBelow, placeAbove, f32x4.gt(bestBelow, bestAbove));
    storeLanes(OW, indices + (<usize>ow << 2), at);
  }
  return !v128.any_true(nan);
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
    let left = evenLanes(above + from);
    let right = oddLanes(above + from);
    let divisor = f32x4.splat(by);
    if (!cut) {
      left = f32x4.add(left, evenLanes(below + from));
      right = f32x4.add(right, oddLanes(below + from));
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
function evenLanes(from: usize): v128 {
  return v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6);
}

/** Numbers 1, 3, 5, 7 of eight. */
@inline
function oddLanes(from: usize): v128 {
  return v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 1, 3, 5, 7);
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
