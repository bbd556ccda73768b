// CRC-32 as in gzip, zip and PNG (ISO 3309): the remainder by x^32 + x^26 + ... + 1, bits reversed. It finds every flipped
// bit and every burst of up to 32 bits; it is no protection against intent. By hand, because browsers have none, fflate keeps its
// own to itself, and model files and checkpoints shall need no package.

const POLYNOMIAL = 0xedb88320;

let table: Uint32Array | undefined; // the remainder of each byte

/**
 * The checksum of the bytes, a whole number below 2^32; 0xcbf43926 for the text "123456789". `before` is that of the bytes that
 * come before them.
 */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => remainder(byte));
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) rest = table[(rest ^ bytes[i]) & 0xff] ^ (rest >>> 8);
  return ~rest >>> 0;
}

/** A checksum as it is written: eight hexadecimal digits. */
export function hex8(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

function remainder(byte: number): number {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
}
