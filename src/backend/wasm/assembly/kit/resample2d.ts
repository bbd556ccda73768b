// Linear resampling of planes [H, W] to [OH, OW]: a row of y is a sum of rows of x, whose columns are then summed. Output i of an
// axis has offsets[i + 1] - offsets[i] terms from place first[i] on.
import { clear, copyRow } from "../move";
import { In, on, Out, sizeOfChunk } from "../record";

@unmanaged
class PlanesGeometry {
  planes: i32;
  H: i32;
  W: i32;
  OH: i32;
  OW: i32;
}

@unmanaged
class Resample2d extends PlanesGeometry {
  each: i32;
  firstRows: In;
  rowOffsets: In;
  rowWeights: In;
  firstColumns: In;
  columnOffsets: In;
  columnWeights: In;
  x: In;
  y: Out;
}

/** x [planes, H, W] -> y [planes, OH, OW]. scratch: a row of W numbers. */
export function resample2d(r: Resample2d, chunk: i32, scratch: usize): void {
  const planes = sizeOfChunk(r.planes, r.each, chunk);
  const H = r.H, W = r.W, OH = r.OH, OW = r.OW;
  let x = on(r.x, chunk * r.each * H * W);
  let y = on(r.y, chunk * r.each * OH * OW);
  for (let p = 0; p < planes; p++, x += <usize>(H * W) << 2) {
    let before = -1; // the row of x that the row of y before this one is made of alone
    for (let oh = 0; oh < OH; oh++, y += <usize>OW << 2) {
      const first = i32.load(on(r.firstRows, oh));
      const offset = i32.load(on(r.rowOffsets, oh));
      const terms = i32.load(on(r.rowOffsets, oh + 1)) - offset;
      const weights = on(r.rowWeights, offset);
      const from = on(x, first * W);
      if (terms == 1 && f32.load(weights) == 1) {
        if (first == before) copyRow(y, y - (<usize>OW << 2), OW);
        else sumColumns(r, OW, from, y);
        before = first;
        continue;
      }
      before = -1;
      if (terms == 0) {
        clear(y, OW);
        continue;
      }
      sumRows(W, terms, from, weights, scratch);
      sumColumns(r, OW, scratch, y);
    }
  }
}

/** to[w] = sum over k of weights[k] x[k][w]. */
function sumRows(W: i32, terms: i32, x: usize, weights: usize, to: usize): void {
  const step = <usize>W << 2;
  const end = to + step;
  for (; to + 16 <= end; to += 16, x += 16) {
    let sum = f32x4.mul(v128.load(x), v128.load32_splat(weights));
    for (let k = 1; k < terms; k++) {
      const term = f32x4.mul(v128.load(x + <usize>k * step), v128.load32_splat(on(weights, k)));
      sum = f32x4.add(sum, term);
    }
    v128.store(to, sum);
  }
  for (; to < end; to += 4, x += 4) {
    let sum = f32.load(x) * f32.load(weights);
    for (let k = 1; k < terms; k++) sum += f32.load(x + <usize>k * step) * f32.load(on(weights, k));
    f32.store(to, sum);
  }
}

/** y[j] = sum over l of the weights of column j times its places in the row. */
function sumColumns(r: Resample2d, OW: i32, row: usize, y: usize): void {
  let first = r.firstColumns;
  let offsets = r.columnOffsets;
  let offset = i32.load(offsets);
  const end = y + (<usize>OW << 2);
  for (; y < end; y += 4, first += 4) {
    offsets += 4;
    const next = i32.load(offsets);
    let from = on(row, i32.load(first));
    let weight = on(r.columnWeights, offset);
    const last = on(r.columnWeights, next);
    let sum: f32 = 0;
    for (; weight < last; weight += 4, from += 4) sum += f32.load(from) * f32.load(weight);
    f32.store(y, sum);
    offset = next;
  }
}
