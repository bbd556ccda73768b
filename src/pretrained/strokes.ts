// Strokes of the usual width, whatever pen drew them: a thin pen would fade to gray in 20 pixels, a thick one close the holes of
// an 8. Pure functions on planes of ink.
import { crop, inkBox, LEAST_INK, transpose, type InkPlane } from "./inkPlane.js";

/** Above this share of gray a picture is soft, see {@link softness}. */
const SOFT = 0.37;
/** The usual width of a stroke when the digit's longer side is 1: about two and a half of MNIST's 20 pixels. */
const PEN = 0.125;
const DIAGONAL = 1.4142135623730951;

/** A cropped digit with strokes of the usual width, and crisp if it was soft. */
export function evenStrokes(digit: InkPlane): InkPlane {
  return evenPen(softness(digit) > SOFT ? crisp(digit) : digit);
}

/** How much of the ink is neither black nor white, from 0 to 1. Pens on a canvas leave little; a tiny picture made large, much. */
export function softness({ data }: InkPlane): number {
  let [ink, soft] = [0, 0];
  for (const value of data) {
    if (value >= LEAST_INK) ink++;
    if (value >= 0.2 && value < 0.8) soft++;
  }
  return ink === 0 ? 0 : soft / ink;
}

/** A soft picture made crisp: each pixel against a mixture of one half and the mean around it, so that gray holes open. */
export function crisp(digit: InkPlane): InkPlane {
  const around = localMean(digit, Math.max(1, Math.round(Math.max(digit.width, digit.height) / 8)));
  const data = digit.data.map((ink, n) => unit((ink - (0.25 + 0.5 * around[n])) * 8 + 0.5));
  return { ...digit, data };
}

// The mean over a square of 2 * reach + 1 pixels, paper outside.
function localMean({ width, height, data }: InkPlane, reach: number): Float32Array {
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

/** Strokes made thicker or thinner until they have the usual width, as far as they are of one pen. */
export function evenPen(digit: InkPlane): InkPlane {
  const longer = Math.max(digit.width, digit.height);
  const grow = (PEN * longer - strokeWidth(digit)) / 2;
  if (Math.abs(grow) < 0.5) return digit;
  const room = Math.max(0, Math.ceil(grow));
  const wide = crop(digit, { x: -room, y: -room, width: digit.width + 2 * room, height: digit.height + 2 * room });
  const toPaper = distances(wide, true);
  const toInk = distances(wide, false);
  // Signed: positive outside the ink. A pixel is ink up to `grow` from the edge, with half a pixel of soft border.
  const data = toPaper.map((inside, n) => unit(grow + 0.5 - (toInk[n] > 0 ? toInk[n] : 1 - inside)));
  const next = { width: wide.width, height: wide.height, data };
  const box = inkBox(next);
  return box === null ? digit : crop(next, box); // thinner than the pen that drew it: leave it as it is
}

/** The width of the strokes in pixels: twice the distance from their middle lines to the paper. */
export function strokeWidth({ width, height, data }: InkPlane): number {
  const toPaper = distances({ width, height, data }, true);
  let [sum, weights] = [0, 0];
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) {
      const d = toPaper[n];
      if (d === 0) continue;
      const left = x > 0 ? toPaper[n - 1] : 0;
      const right = x + 1 < width ? toPaper[n + 1] : 0;
      const above = y > 0 ? toPaper[n - width] : 0;
      const below = y + 1 < height ? toPaper[n + width] : 0;
      if (d < left || d < right || d < above || d < below) continue;
      // Corners and bumps are ridges, too, but low ones: the mean is weighted by height.
      sum += d * d;
      weights += d;
    }
  }
  return weights === 0 ? 1 : (2 * sum) / weights - 1;
}

// For each pixel of ink (or of paper, if not `ofInk`) the distance to the nearest pixel that is none; 0 for the others. Beyond
// the border there is paper. Two sweeps with steps of 1 and of the root of 2: a chamfer distance, a few percent off.
function distances({ width, height, data }: InkPlane, ofInk: boolean): Float32Array {
  const far = width + height;
  const beyond = ofInk ? 0 : far;
  const row = width + 2; // with a border
  const out = new Float32Array(row * (height + 2)).fill(beyond);
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) out[(y + 1) * row + x + 1] = data[n] >= 0.5 === ofInk ? far : 0;
  }
  const relax = (at: number, side: 1 | -1): void => {
    if (out[at] === 0) return;
    const back = at - side * row;
    const straight = Math.min(out[at - side], out[back]) + 1;
    const diagonal = Math.min(out[back - 1], out[back + 1]) + DIAGONAL;
    out[at] = Math.min(out[at], straight, diagonal);
  };
  for (let y = 1; y <= height; y++) for (let x = 1; x <= width; x++) relax(y * row + x, 1);
  for (let y = height; y >= 1; y--) for (let x = width; x >= 1; x--) relax(y * row + x, -1);
  return crop({ width: row, height: height + 2, data: out }, { x: 1, y: 1, width, height }).data;
}

function unit(value: number): number {
  return Math.max(0, Math.min(1, value));
}
