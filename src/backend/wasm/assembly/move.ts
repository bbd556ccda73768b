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

/** Copies `count` numbers to another place; for the length of an image's row faster than memory.copy, which is a call. */
@inline
export function copyRow(to: usize, from: usize, count: i32): void {
  const bytes = <usize>count << 2;
  if (count < 4) {
    for (let i: usize = 0; i < bytes; i += 4) f32.store(to + i, f32.load(from + i));
    return;
  }
  const last = bytes - 16; // the last vector may overlap the one before
  for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
  v128.store(to + last, v128.load(from + last));
}
