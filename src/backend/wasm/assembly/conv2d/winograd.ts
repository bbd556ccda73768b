// Winograd's minimal filtering: m outputs of a filter with r taps from n = m + r - 1 products instead of m * r.
//
//   y = A^T ((G w) * (B^T d))                   d [n] data, w [r] taps, y [m], * elementwise
//   Y = A^T ((G w G^T) * (B^T d B)) A           the same in rows and columns: n^2 products for an m x m tile
//
// Data and filter are polynomials, which the transforms evaluate at n points: 0, pairs a, -a, and infinity. Let M(x) = x times
// the (x - p) of all points p but infinity; M_p(x) = M(x) / (x - p). Then row p of B^T has the coefficients of M_p, row p of G
// the powers 1, p, p^2 .. scaled by s = 1 / M_p(p), and column p of A^T the powers, too. Infinity: B^T has M, G a 1 in the last
// column, A^T a 1 in the last row.
//
// 3x3 kernels: y and dx by F(m=4, r=3), dw by F(3, 4), where tiles of dy are the filter and the kernel is the output. 5x5 kernels:
// F(4, 5) and F(5, 4), or where that would lose too much to rounding F(2, 5) and F(5, 2). So tiles of y and dy are m x m, m = 4
// or 2, and those of x and dx n x n, n = 6 (winogradSix.ts) or 8 (winogradEight.ts); "tile" stands for both (`tileOf`). Sources:
// Winograd, Arithmetic complexity of computations, SIAM 1980; Lavin & Gray, Fast algorithms for convolutional neural networks,
// CVPR 2016 (summing the products over the channels before A^T).
//
// Which points decides how much is lost to rounding (Barabasz et al., Error analysis and improving the accuracy of Winograd
// convolution for deep neural networks, ACM TOMS 2020, on the choice of points).
//
// This file is what both sizes of tiles share. winogradTiles.ts: the transforms in two dimensions; winogradWeights.ts: the
// weights; winogradBlocks.ts: what is worked on at a time; winogradConv2d.ts: y and dx; winogradOverlapAdd.ts: dx by the
// adjoint; winogradWeightGrad.ts: dw; ../product.ts: the n^2 products. What serves a geometry is decided in conv2d.ts.

/** n, the edge of the tiles of x and dx, where those of y and dy are m x m and the kernel k x k. */
@inline
export function edgeOf(m: i32, k: i32): i32 {
  return m + k - 1;
}

/** The largest n. */
export const MOST_EDGE = 8;

// The factors s, for 6 points and for 8.
const SCALES = memory.data<f32>([
  <f32>(64.0 / 81.0), <f32>(-128.0 / 243.0), <f32>(-128.0 / 243.0), <f32>(32.0 / 243.0), <f32>(32.0 / 243.0), 1,
  1, <f32>(-2.0 / 9.0), <f32>(-2.0 / 9.0), <f32>(1.0 / 90.0), <f32>(1.0 / 90.0), <f32>(32.0 / 45.0), <f32>(32.0 / 45.0), 1,
]);

/** The factor s of a point in G, n = 6 or 8. */
@inline
export function filterScale(edge: i32, point: i32): f32 {
  return f32.load(SCALES + (<usize>(point + (edge == 8 ? 6 : 0)) << 2));
}

/** v times a constant in memory: a constant vector in the code costs V8 three instructions at each use. */
@inline
export function times(v: v128, constant: usize): v128 {
  return f32x4.mul(v, v128.load32_splat(constant));
}
