// From a drawing to what the network was trained on: MNIST's own steps. Crop to the ink, scale it into 20x20, and put its
// center of mass in the middle of 28x28. Pure functions on planes of ink from 0 (paper) to 1.

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A rectangle of whole pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Each step of the way, to be shown. */
export interface Prepared {
  readonly box: Box;
  /** Only the ink. */
  readonly cropped: Plane;
  /** With strokes of the usual width. */
  readonly penned: Plane;
  /** The longer side 20 pixels. */
  readonly scaled: Plane;
  /** Where its center of mass lies in `scaled`, [x, y] from the middle of the first pixel. */
  readonly center: readonly [number, number];
  /** 28x28. */
  readonly image: Plane;
}

/** Ink below this does not count as drawn. */
const INK = 0.1;
/** Above this a picture is soft, see {@link softness}. */
const SOFT = 0.37;
const INNER = 20;
const SIZE = 28;
/** The usual width of a stroke when the digit's longer side is 1: about two and a half of MNIST's 20 pixels. */
const PEN = 0.125;

/** All steps, or undefined for an empty drawing. */
export function prepare(drawing: Plane): Prepared | undefined {
  const box = inkBox(drawing);
  if (box === undefined) return undefined;
  const cropped = crop(drawing, box);
  const penned = evenPen(softness(cropped) > SOFT ? crisp(cropped) : cropped);
  const scaled = scaleInto(penned, INNER);
  const center = centerOfMass(scaled);
  return { box, cropped, penned, scaled, center, image: place(scaled, center) };
}

/** The smallest box that holds all ink. */
export function inkBox({ width, height, data }: Plane): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  data.forEach((ink, n) => {
    if (ink < INK) return;
    const [x, y] = [n % width, Math.floor(n / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  });
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The part of a plane in a box; what lies outside the plane is paper. */
export function crop({ width, height, data }: Plane, box: Box): Plane {
  const out = new Float32Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const [u, v] = [x + box.x, y + box.y];
      if (u >= 0 && u < width && v >= 0 && v < height) out[y * box.width + x] = data[v * width + u];
    }
  }
  return { width: box.width, height: box.height, data: out };
}

/** How much of the ink is neither black nor white, from 0 to 1. Pens on a canvas leave little; a tiny picture made large, much. */
export function softness({ data }: Plane): number {
  let [ink, soft] = [0, 0];
  for (const value of data) {
    if (value >= INK) ink++;
    if (value >= 0.2 && value < 0.8) soft++;
  }
  return ink === 0 ? 0 : soft / ink;
}

/** A soft picture made crisp: each pixel against a mixture of one half and the mean around it, so that gray holes open. */
export function crisp(digit: Plane, weight = 0.5, part = 4): Plane {
  const around = localMean(digit, Math.max(1, Math.round(Math.max(digit.width, digit.height) / part / 2)));
  const data = digit.data.map((ink, n) => {
    const threshold = (1 - weight) * 0.5 + weight * around[n];
    return Math.max(0, Math.min(1, (ink - threshold) * 8 + 0.5));
  });
  return { ...digit, data };
}

// The mean over a square of 2 * reach + 1 pixels, paper outside.
function localMean({ width, height, data }: Plane, reach: number): Float32Array {
  const along = (values: Float32Array, size: number): Float32Array => {
    const out = new Float32Array(values.length);
    for (let start = 0; start < values.length; start += size) {
      let sum = 0;
      for (let n = -reach; n < size; n++) {
        if (n + reach < size) sum += values[start + n + reach];
        if (n - reach - 1 >= 0) sum -= values[start + n - reach - 1];
        if (n >= 0) out[start + n] = sum / (2 * reach + 1);
      }
    }
    return out;
  };
  const rows = along(data, width);
  return transpose(along(transpose(rows, width, height), height), height, width);
}

/**
 * A digit's strokes made thicker or thinner until they have the usual width: a thin pen would fade to gray in 20 pixels, a
 * thick one close the holes of an 8.
 */
export function evenPen(digit: Plane): Plane {
  const longer = Math.max(digit.width, digit.height);
  const width = strokeWidth(digit);
  const grow = (PEN * longer - width) / 2;
  if (Math.abs(grow) < 0.5) return digit;
  const room = Math.max(0, Math.ceil(grow));
  const wide = crop(digit, { x: -room, y: -room, width: digit.width + 2 * room, height: digit.height + 2 * room });
  const inside = distances(wide, (ink) => ink >= 0.5);
  const outside = distances(wide, (ink) => ink < 0.5);
  // Signed: positive outside the ink. A pixel is ink up to `grow` from the edge, with half a pixel of soft border.
  const data = inside.map((toPaper, n) =>
    Math.max(0, Math.min(1, grow + 0.5 - (outside[n] > 0 ? outside[n] : 1 - toPaper))),
  );
  const next = { width: wide.width, height: wide.height, data };
  const box = inkBox(next);
  return box === undefined ? digit : crop(next, box); // thinner than the pen that drew it: leave it as it is
}

/** The width of the strokes in pixels: twice the distance from their middle lines to the paper. */
export function strokeWidth(digit: Plane): number {
  const toPaper = distances(digit, (ink) => ink >= 0.5);
  const { width, height } = digit;
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : toPaper[y * width + x];
  let [sum, weights] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const d = at(x, y);
      const ridge = d > 0 && d >= at(x - 1, y) && d >= at(x + 1, y) && d >= at(x, y - 1) && d >= at(x, y + 1);
      if (!ridge) continue;
      // Corners and bumps are ridges, too, but low ones: the mean is weighted by height.
      sum += d * d;
      weights += d;
    }
  }
  return weights === 0 ? 1 : (2 * sum) / weights - 1;
}

// For each pixel that `is` holds the distance to the nearest pixel (or border) where it does not; 0 for the others. Two
// sweeps with steps of 1 and of the root of 2: a chamfer distance, a few percent off.
function distances({ width, height, data }: Plane, is: (ink: number) => boolean): Float32Array {
  const far = width + height;
  const out = new Float32Array(data.length);
  data.forEach((ink, n) => {
    out[n] = is(ink) ? far : 0;
  });
  const beyond = is(0) ? far : 0; // beyond the border there is paper
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? beyond : out[y * width + x];
  const relax = (x: number, y: number, side: 1 | -1): void => {
    const n = y * width + x;
    if (out[n] === 0) return;
    const straight = Math.min(at(x - side, y), at(x, y - side)) + 1;
    const diagonal = Math.min(at(x - side, y - side), at(x + side, y - side)) + Math.SQRT2;
    out[n] = Math.min(out[n], straight, diagonal);
  };
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) relax(x, y, 1);
  for (let y = height - 1; y >= 0; y--) for (let x = width - 1; x >= 0; x--) relax(x, y, -1);
  return out;
}

/** Scaled so that the longer side has `size` pixels; each new pixel is the mean of what it covers. */
export function scaleInto(plane: Plane, size: number): Plane {
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
      const [start, end] = [n * ratio, (n + 1) * ratio];
      let sum = 0;
      for (let m = Math.floor(start); m < end && m < from; m++) {
        sum += data[row * from + m] * (Math.min(end, m + 1) - Math.max(start, m));
      }
      out[row * to + n] = sum / ratio;
    }
  }
  return out;
}

function transpose(data: Float32Array, width: number, height: number): Float32Array {
  return Float32Array.from(data, (_, n) => data[(n % height) * width + Math.floor(n / height)]);
}

/** [x, y] of the ink's center of mass. */
export function centerOfMass({ width, data }: Plane): readonly [number, number] {
  let [sum, x, y] = [0, 0, 0];
  data.forEach((ink, n) => {
    sum += ink;
    x += ink * (n % width);
    y += ink * Math.floor(n / width);
  });
  return sum === 0 ? [0, 0] : [x / sum, y / sum];
}

// In 28x28, moved by whole pixels so that the center of mass lies in the middle.
function place(scaled: Plane, [x, y]: readonly [number, number]): Plane {
  const middle = (SIZE - 1) / 2;
  const clamp = (offset: number, size: number): number => Math.max(0, Math.min(SIZE - size, offset));
  const left = clamp(Math.round(middle - x), scaled.width);
  const top = clamp(Math.round(middle - y), scaled.height);
  return crop(scaled, { x: -left, y: -top, width: SIZE, height: SIZE });
}
