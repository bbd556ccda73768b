// Planes of ink, and the geometry of MNIST's own steps: the box around the ink, cutting, scaling, the center of mass. Pure
// functions; what a drawing is and what is done to its strokes is not here.

/** Ink from 0 (paper) to 1, row by row. */
export interface InkPlane {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** width * height numbers. */
  readonly data: Float32Array;
}

/** A rectangle of whole pixels. */
export interface Box {
  /** The first column. */
  readonly x: number;
  /** The first row. */
  readonly y: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Ink below this does not count as drawn. */
export const LEAST_INK = 0.1;

/** The smallest box that holds all ink, or null where there is none. */
export function inkBox({ width, height, data }: InkPlane): Box | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) {
      if (data[n] < LEAST_INK) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The part of a plane in a box; what lies outside the plane is paper. */
export function crop({ width, height, data }: InkPlane, box: Box): InkPlane {
  const out = new Float32Array(box.width * box.height);
  const [from, to] = [Math.max(0, box.x), Math.min(width, box.x + box.width)];
  for (let y = 0; y < box.height; y++) {
    const row = y + box.y;
    if (row < 0 || row >= height || to <= from) continue;
    out.set(data.subarray(row * width + from, row * width + to), y * box.width + from - box.x);
  }
  return { width: box.width, height: box.height, data: out };
}

/** Scaled so that the longer side has `size` pixels; each new pixel is the mean of what it covers. */
export function scaleInto(plane: InkPlane, size: number): InkPlane {
  const scale = size / Math.max(plane.width, plane.height);
  const width = Math.max(1, Math.round(plane.width * scale));
  const height = Math.max(1, Math.round(plane.height * scale));
  const rows = resample(plane.data, plane.width, plane.height, width);
  const columns = resample(transpose(rows, width, plane.height), plane.height, width, height);
  return { width, height, data: transpose(columns, height, width) };
}

// Each of `count` rows of `from` numbers becomes one of `to`: means over the parts that a new pixel covers.
function resample(data: Float32Array, from: number, count: number, to: number): Float32Array {
  const out = new Float32Array(count * to);
  const ratio = from / to;
  for (let row = 0; row < count; row++) {
    for (let n = 0; n < to; n++) {
      const start = n * ratio;
      const end = start + ratio;
      let sum = 0;
      for (let m = Math.floor(start); m < end && m < from; m++) {
        sum += data[row * from + m] * (Math.min(end, m + 1) - Math.max(start, m));
      }
      out[row * to + n] = sum / ratio;
    }
  }
  return out;
}

/** Rows become columns. */
export function transpose(data: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = data[y * width + x];
  return out;
}

/** [x, y] of the ink's center of mass, from the middle of the first pixel. */
export function centerOfMass({ width, height, data }: InkPlane): readonly [x: number, y: number] {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) {
      sum += data[n];
      sumX += data[n] * x;
      sumY += data[n] * y;
    }
  }
  return sum === 0 ? [0, 0] : [sumX / sum, sumY / sum];
}

/** In a square of `size`, moved by whole pixels so that the center of mass lies in its middle, or as near as all of it is inside. */
export function centered(plane: InkPlane, [x, y]: readonly [number, number], size: number): InkPlane {
  const middle = (size - 1) / 2;
  const within = (offset: number, length: number): number => Math.max(0, Math.min(size - length, Math.round(offset)));
  const left = within(middle - x, plane.width);
  const top = within(middle - y, plane.height);
  return crop(plane, { x: -left, y: -top, width: size, height: size });
}
