// Shuffles of two vectors of four numbers. Two rounds of them transpose 4 x 4 numbers: interleaveLow and interleaveHigh of
// rows 0, 1 and of rows 2, 3, then firstPairs and lastPairs.

/** a0 b0 a1 b1. */
@inline
export function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}

/** a2 b2 a3 b3. */
@inline
export function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}

/** a0 a1 b0 b1. */
@inline
export function firstPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5);
}

/** a2 a3 b2 b3. */
@inline
export function lastPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7);
}
