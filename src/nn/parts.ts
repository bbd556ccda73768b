// Predictions of many samples, a part of the rows at once. A row's numbers do not depend on its neighbors, so cutting changes
// nothing.
import { sizeOf, type Shape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import type { Layer, SeeShape } from "./layer.js";
import { readsBatch } from "./protocol.js";

const SMALL_BATCH = 32;
const PREDICT_BYTES = 32 * 1024 * 1024; // of all layers' outputs, in a prediction that is cut

/**
 * How many of `count` samples are predicted at once: as many as keep all layers' outputs within PREDICT_BYTES. `walk` gives the
 * shape of the output for one sample.
 */
export function rowsAtOnce(layer: Layer, count: number, walk: (see: SeeShape) => Shape): number {
  if (count <= SMALL_BATCH) return Infinity;
  for (const each of layer.layers()) if (each[readsBatch]) return Infinity;
  let bytes = 0;
  try {
    const one = walk((_layer, _path, out) => (bytes += 4 * sizeOf(out)));
    if (one[0] !== 1) return Infinity; // a Flatten of the batch axis: rows are not samples
  } catch {
    return Infinity; // the pass itself says what is wrong
  }
  return Math.max(SMALL_BATCH, Math.floor(PREDICT_BYTES / bytes / SMALL_BATCH) * SMALL_BATCH);
}

/** The rows of each x in parts, one after the other; the results joined. */
export function inParts(
  xs: readonly Tensor[],
  rows: number,
  part: (xs: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const count = xs[0].shape[0];
  let joined: readonly Tensor[] | undefined;
  for (let first = 0; first < count; first += rows) {
    const now = Math.min(rows, count - first);
    const ys = part(
      xs.map((x) => {
        const size = x.size / count;
        return Tensor.adopt(x.data.subarray(first * size, (first + now) * size), [now, ...x.shape.slice(1)]);
      }),
    );
    joined ??= ys.map((y) => y.like([count, ...y.shape.slice(1)]));
    joined.forEach(({ data }, i) => data.set(ys[i].data, (data.length / count) * first));
  }
  return joined ?? part(xs);
}
