// Elementwise kernels. Arrays are given by address and length; x and y may be the same array.

/** y = x > 0 ? x : 0; NaN stays NaN. */
export function relu(n: i32, x: usize, y: usize): void {
  const zero = f32x4.splat(0);
  const blocks: usize = (<usize>n >> 2) << 4;
  const bytes: usize = <usize>n << 2;
  let i: usize = 0;
  for (; i < blocks; i += 16) v128.store(y + i, f32x4.max(v128.load(x + i), zero));
  for (; i < bytes; i += 4) f32.store(y + i, max(f32.load(x + i), 0));
}
