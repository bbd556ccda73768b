// How Winograd's passes cut their work: tiles, strips (one row of tiles of one image) and blocks of strips, which are
// transformed and multiplied together. Decided by the geometry alone. The three passes share the plan of their blocks here.
import { whole4 } from "./geometry";
import { edgeOf } from "./winograd";

/** Unused numbers between the planes of the points, so that the same place of each does not compete for one set of the cache. */
export const GAP = 16;

/** Numbers of V and M together that a block may have (1.5 MB); half or twice as many were within 4 % in most layers. */
const BLOCK_NUMBERS = 900000;

/** Tiles along `size` pixels of y or dy, m apart. */
@inline
export function tilesAlong(size: i32, m: i32): i32 {
  return (size + m - 1) / m;
}

@inline
export function whole8(count: i32): i32 {
  return (count + 7) & ~7;
}

@inline
function blockTiles(m: i32, k: i32, channels: i32): i32 {
  return max(32, min(80, BLOCK_NUMBERS / (edgeOf(m, k) * edgeOf(m, k) * channels)));
}

/** Images of a block: 1, 2, 4 or 8 of those that fit, such that the fewest tiles are lost by rounding up to 8. */
export function blockImages(m: i32, k: i32, channels: i32, tiles: i32): i32 {
  const limit = blockTiles(m, k, channels);
  let best = 1;
  for (let n = 2; n <= 8 && n * tiles <= limit; n *= 2) {
    if (whole8(n * tiles) * best <= whole8(best * tiles) * n) best = n;
  }
  return best;
}

/** Strips of a block: of whole images, or an equal part of a large one. */
export function blockStrips(m: i32, k: i32, channels: i32, th: i32, tw: i32): i32 {
  const limit = blockTiles(m, k, channels);
  const tiles = th * tw;
  if (tiles <= limit) return blockImages(m, k, channels, tiles) * th;
  const parts = (tiles + limit - 1) / limit;
  return (th + parts - 1) / parts;
}

/**
 * What all passes need to know of their blocks, and where the parts of scratch lie that all of them have. It is the first of
 * these parts itself.
 */
@unmanaged
export class BlockPlan {
  n: i32; // edge of a tile of x
  points: i32; // n^2
  th: i32; // strips of an image
  tw: i32; // tiles of a strip
  strips: i32; // of a block, at most
  tiles: i32; // of a block, at most, rounded up to 8
  pitch: i32; // columns of one strip in a strip plane
  rowStep: usize; // bytes from row to row of a strip plane
  zeros: usize; // a row of the image that is not there
  offsets: usize; // byte offset of each tile in a row of a strip plane
  strip: usize; // strip planes [planes][n][strips][pitch] of zeros
  rest: usize; // what a pass needs beside
}

const PLAN_NUMBERS = 16;

/** Tiles of the largest block, rounded up to 8. m: edge of a tile of y, k: kernel, channels: of V and M together, [oh, ow]: what is cut into tiles. */
export function mostTiles(m: i32, k: i32, channels: i32, oh: i32, ow: i32): i32 {
  const tw = tilesAlong(ow, m);
  return whole8(blockStrips(m, k, channels, tilesAlong(oh, m), tw) * tw);
}

/** Numbers of scratch up to `rest`. widest: columns of the widest image. */
export function planNumbers(m: i32, k: i32, channels: i32, oh: i32, ow: i32, widest: i32, planes: i32): i32 {
  const tw = tilesAlong(ow, m);
  const strips = blockStrips(m, k, channels, tilesAlong(oh, m), tw);
  return PLAN_NUMBERS + whole4(widest) + whole8(strips * tw) + planes * edgeOf(m, k) * whole4(strips * stripPitch(tw, m, k));
}

/** The plan for `count` images, written to the start of scratch with all that comes before `rest`. */
export function planBlocks(
  scratch: usize, m: i32, k: i32, channels: i32, oh: i32, ow: i32, widest: i32, planes: i32, count: i32,
): BlockPlan {
  const plan = changetype<BlockPlan>(scratch);
  plan.n = edgeOf(m, k);
  plan.points = plan.n * plan.n;
  plan.th = tilesAlong(oh, m);
  plan.tw = tilesAlong(ow, m);
  plan.strips = min(blockStrips(m, k, channels, plan.th, plan.tw), count * plan.th);
  plan.tiles = whole8(plan.strips * plan.tw);
  plan.pitch = stripPitch(plan.tw, m, k);
  plan.rowStep = <usize>whole4(plan.strips * plan.pitch) << 2;
  plan.zeros = scratch + (PLAN_NUMBERS << 2);
  plan.offsets = plan.zeros + (<usize>whole4(widest) << 2);
  plan.strip = plan.offsets + (<usize>plan.tiles << 2);
  plan.rest = plan.strip + <usize>(edgeOf(m, k) * planes) * plan.rowStep;
  memory.fill(plan.zeros, 0, <usize>widest << 2);
  memory.fill(plan.strip, 0, plan.rest - plan.strip);
  tileOffsets(plan.offsets, plan.strips, plan.tw, plan.pitch, m);
  return plan;
}

@inline
function stripPitch(tw: i32, m: i32, k: i32): i32 {
  return tw * m + k - 1;
}

// Lanes past the last tile compute it again, for nobody.
function tileOffsets(offsets: usize, strips: i32, tw: i32, pitch: i32, m: i32): void {
  const tiles = strips * tw;
  for (let t = 0; t < whole8(tiles); t++) {
    const tile = min(t, tiles - 1);
    store<i32>(offsets + (<usize>t << 2), ((tile / tw) * pitch + (tile % tw) * m) << 2);
  }
}
