// Where the windows of a pooling lie, for pool2d.ts. Not a kernel file: it is not in index.ts.

/** The first of start, start + D, ... that is not negative. */
@inline
export function firstTap(start: i32, D: i32): i32 {
  return start < 0 ? start + ceilDivide(-start, D) * D : start;
}

/** How many windows before the first that reaches over the right edge; room: how far the first could move right. */
@inline
export function endInside(room: i32, SW: i32, OW: i32): i32 {
  return room < 0 ? 0 : min(room / SW + 1, OW);
}

@inline
export function ceilDivide(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

/** Four numbers at distance SW. For SW = 2 it reads, but does not use, one number behind the last. */
@inline
export function everySW(from: usize, SW: i32): v128 {
  if (SW == 2) return v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6);
  if (SW == 1) return v128.load(from);
  const step = <usize>SW << 2;
  const two = v128.load32_lane(from + step, v128.load32_splat(from), 1);
  return v128.load32_lane(from + 3 * step, v128.load32_lane(from + 2 * step, two, 2), 3);
}

/** The number that an average divides by: the override if it is not 0 (`fixed`), else how many pixels are counted. */
@inline
export function divisorOf(fixed: f64, countH: i32, countW: i32): f64 {
  return fixed != 0 ? fixed : <f64>(countH * countW);
}
