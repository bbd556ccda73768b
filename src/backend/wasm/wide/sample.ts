// What a sample of a kernel is, and the numbers that it gets.

/** The results of some kernels. */
export interface Sample {
  readonly name: string;
  readonly bits: Int32Array;
}

/** Numbers from -1 to 1, the same each time. */
export function draw(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (Math.imul(i + 1, 0x9e3779b1 + 2 * seed) >> 8) / 8388608);
}

/** What `fill` makes of so many numbers; kernels write all of them, but those that add. */
export function sample(name: string, length: number, fill: (out: Float32Array) => void): Sample {
  const out = new Float32Array(length).fill(7);
  fill(out);
  return { name, bits: new Int32Array(out.buffer) };
}
