// The record of a convolution's geometry and of a packed image. g is the address of 19 numbers of 32 bits in the order of
// Conv2dGeometry: N C H W O KH KW SH SW DH DW PT PB PL PR G OH OW, and a flag for direct sums only.

export const N: usize = 0;
export const C: usize = 4;
export const H: usize = 8;
export const W: usize = 12;
export const O: usize = 16;
export const KH: usize = 20;
export const KW: usize = 24;
export const SH: usize = 28;
export const SW: usize = 32;
export const DH: usize = 36;
export const DW: usize = 40;
export const PT: usize = 44;
export const PB: usize = 48;
export const PL: usize = 52;
export const PR: usize = 56;
export const G: usize = 60;
export const OH: usize = 64;
export const OW: usize = 68;
export const DIRECT: usize = 72;

/** One number of the record. */
@inline
export function field(g: usize, at: usize): i32 {
  return load<i32>(g + at);
}

/** How many blocks of four channels there are. */
@inline
export function blocksOf4(channels: i32): i32 {
  return (channels + 3) >> 2;
}

/** The next multiple of four: whole vectors, so that every part of a scratch area begins aligned. */
@inline
export function whole4(count: i32): i32 {
  return (count + 3) & ~3;
}

/** Rows and columns of each phase plane of the padded image. */
@inline
export function packedRows(g: usize): i32 {
  return (field(g, H) + field(g, PT) + field(g, PB) + field(g, SH) - 1) / field(g, SH);
}

@inline
export function packedCols(g: usize): i32 {
  return (field(g, W) + field(g, PL) + field(g, PR) + field(g, SW) - 1) / field(g, SW);
}
