// Philox4x32-10, a counter-based generator: it scrambles a 128-bit counter under a 64-bit key into 128 random bits and
// has no state at all. Streams, seeds and distributions are in random.ts.
//
// Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). The paper's constants stand as
// literals in the loop: bundlers turn module constants into variables, which halved the speed.

const ROUNDS = 10;

/**
 * Fills `words` with the blocks of four words for the counters [c0, c1, c2, c3], [c0 + 1, c1, c2, c3], ...
 * The length of `words` is a multiple of 4. c0 must not pass 2^32 on the way: there is no carry to c1.
 */
export function philox(
  words: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  key0: number,
  key1: number,
): void {
  for (let offset = 0; offset < words.length; offset += 4) {
    let a = (c0 + offset / 4) | 0;
    let b = c1 | 0;
    let c = c2 | 0;
    let d = c3 | 0;
    let k0 = key0 | 0;
    let k1 = key1 | 0;
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = highProduct(a, 0xd251, 0x1f53);
      const high1 = highProduct(c, 0xcd9e, 0x8d57);
      const low0 = Math.imul(a, 0xd2511f53);
      const low1 = Math.imul(c, 0xcd9e8d57);
      a = high1 ^ b ^ k0;
      b = low1;
      c = high0 ^ d ^ k1;
      d = low0;
      k0 = (k0 + 0x9e3779b9) | 0;
      k1 = (k1 + 0xbb67ae85) | 0;
    }
    words[offset] = a;
    words[offset + 1] = b;
    words[offset + 2] = c;
    words[offset + 3] = d;
  }
}

// The upper 32 bits of the 64-bit product x * m, by 16-bit halves as on paper; no partial sum passes 2^32.
function highProduct(x: number, mHigh: number, mLow: number): number {
  const xHigh = x >>> 16;
  const xLow = x & 0xffff;
  const carry = (Math.imul(xHigh, mLow) + (Math.imul(xLow, mLow) >>> 16)) | 0;
  const middle = (Math.imul(xLow, mHigh) + (carry & 0xffff)) | 0;
  return (Math.imul(xHigh, mHigh) + (carry >>> 16) + (middle >>> 16)) | 0;
}
