// CRC-32 as in zip, gzip and PNG (polynomial 0xEDB88320, reflected): finds damage, keeps no secrets.
// https://www.w3.org/TR/png/#D-CRCAppendix

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of the bytes; `before` is that of the bytes in front of them. */
export function crc32(bytes: Uint8Array, before: number = 0): number {
  let c = ~before;
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}
