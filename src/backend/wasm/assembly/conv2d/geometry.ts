// The record of a convolution's geometry, and how large a packed image is.

/** The numbers of Conv2dGeometry of the contract. */
@unmanaged
export class Conv2dGeometry {
  N: i32;
  C: i32;
  H: i32;
  W: i32;
  O: i32;
  KH: i32;
  KW: i32;
  SH: i32;
  SW: i32;
  DH: i32;
  DW: i32;
  PT: i32;
  PB: i32;
  PL: i32;
  PR: i32;
  G: i32;
  OH: i32;
  OW: i32;
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
export function packedRows(g: Conv2dGeometry): i32 {
  return (g.H + g.PT + g.PB + g.SH - 1) / g.SH;
}

@inline
export function packedCols(g: Conv2dGeometry): i32 {
  return (g.W + g.PL + g.PR + g.SW - 1) / g.SW;
}
