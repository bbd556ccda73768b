// Clearing and copying runs of numbers in vector loops; WebAssembly's own memory.fill and memory.copy are calls, which cost
// more than a short row.

/** to[0 .. n) = 0. */
export function clear(to: usize, n: i32): void {
  const zero = f32x4.splat(0);
  const end = to + (<usize>n << 2);
  const blocks = to + ((<usize>n >> 2) << 4);
  for (; to < blocks; to += 16) v128.store(to, zero);
  for (; to < end; to += 4) f32.store(to, 0);
}

/** to[0 .. n) = from[0 .. n); the runs do not overlap. */
export function copy(to: usize, from: usize, n: i32): void {
  const end = to + (<usize>n << 2);
  const blocks = to + ((<usize>n >> 2) << 4);
  for (; to < blocks; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) f32.store(to, f32.load(from));
}
