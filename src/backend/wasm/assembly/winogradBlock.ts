// How Winograd's passes cut their work: tiles, strips (one row of tiles of one image) and blocks of strips, which are
// transformed and multiplied together. Decided by the geometry alone.
import { POINTS } from "./winograd";

/** Unused numbers between the 36 planes, so that the same place of each does not compete for one set of the cache. */
export const GAP = 16;

/** Numbers of V and M together that a block may have (1.5 MB); half or twice as many were within 4 % in most layers. */
const BLOCK_NUMBERS = 393216;

/** Tiles are m apart and give m x m outputs. */
@inline
export function tileStep(k: i32): i32 {
  return 7 - k;
}

@inline
export function tilesAlong(size: i32, k: i32): i32 {
  return (size + 6 - k) / tileStep(k);
}

@inline
export function whole8(count: i32): i32 {
  return (count + 7) & ~7;
}

@inline
function blockTiles(channels: i32): i32 {
  return max(32, min(80, BLOCK_NUMBERS / (POINTS * channels)));
}

/** Images of a block: 1, 2, 4 or 8 of those that fit, such that the fewest tiles are lost by rounding up to 8. */
export function blockImages(channels: i32, tiles: i32): i32 {
  const limit = blockTiles(channels);
  let best = 1;
  for (let n = 2; n <= 8 && n * tiles <= limit; n *= 2) {
    if (whole8(n * tiles) * best <= whole8(best * tiles) * n) best = n;
  }
  return best;
}

/** Strips of a block: of whole images, or an equal part of a large one. */
export function blockStrips(channels: i32, th: i32, tw: i32): i32 {
  const limit = blockTiles(channels);
  const tiles = th * tw;
  if (tiles <= limit) return blockImages(channels, tiles) * th;
  const parts = (tiles + limit - 1) / limit;
  return (th + parts - 1) / parts;
}

/** Byte offset of each tile in a row of the strip plane. Lanes past the last tile compute it again, for nobody. */
export function tileOffsets(offsets: usize, strips: i32, tw: i32, pitch: i32, m: i32): void {
  const tiles = strips * tw;
  for (let t = 0; t < whole8(tiles); t++) {
    const tile = min(t, tiles - 1);
    store<i32>(offsets + (<usize>t << 2), ((tile / tw) * pitch + (tile % tw) * m) << 2);
  }
}
