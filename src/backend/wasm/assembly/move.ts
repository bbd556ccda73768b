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

/** Whether both have the same bits in n numbers. */
export function sameBits(n: i32, a: usize, b: usize): bool {
  const end = <usize>n << 2;
  const whole = end & ~(<usize>63);
  let i: usize = 0;
  for (; i < whole; i += 64) {
    const first = v128.or(v128.xor(v128.load(a + i), v128.load(b + i)), v128.xor(v128.load(a + i, 16), v128.load(b + i, 16)));
    const last = v128.or(
      v128.xor(v128.load(a + i, 32), v128.load(b + i, 32)), v128.xor(v128.load(a + i, 48), v128.load(b + i, 48)),
    );
    if (v128.any_true(v128.or(first, last))) return false;
  }
  for (; i < end; i += 4) if (load<u32>(a + i) != load<u32>(b + i)) return false;
  return true;
}

/** Copies `count` numbers to another place; for the length of an image's row faster than memory.copy. */
export function copyRow(to: usize, from: usize, count: i32): void {
  copyShortRow(to, from, count);
}

/** The same in the place of the call, for loops over rows that do nothing else. */
@inline
export function copyShortRow(to: usize, from: usize, count: i32): void {
  const bytes = <usize>count << 2;
  if (count < 4) {
    for (let i: usize = 0; i < bytes; i += 4) f32.store(to + i, f32.load(from + i));
    return;
  }
  const last = bytes - 16; // the last vector may overlap the one before
  for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
  v128.store(to + last, v128.load(from + last));
}
