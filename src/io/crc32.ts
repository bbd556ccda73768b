// CRC-32 as zip, gzip and PNG use it: the remainder by the polynomial 0x04c11db7, bits in reverse. ISO 3309.

let table: Uint32Array | undefined;

/** The CRC-32 of these bytes, from 0 to 2^32 - 1; 0xcbf43926 for the text "123456789". */
export function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => remainder(byte));
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

function remainder(byte: number): number {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 0 ? rest >>> 1 : 0xedb88320 ^ (rest >>> 1);
  return rest;
}
