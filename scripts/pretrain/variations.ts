// Digits as other hands and other pens might have written them: turned, slanted, stretched, moved, bent, thicker, thinner, softer. For
// the training of the digit classifier. Arithmetic and square roots only, so that the numbers are the same in every engine.
import { Tensor } from "handgrad";
import type { SampleTransform } from "handgrad/data";

const KNOTS = 5; // in a row of the grid

/** How far, to both sides: tangents of angles, factors of the two sizes, pixels, and shares of the effect on strokes. */
export interface Variations {
  readonly turn: number;
  readonly slant: number;
  readonly wide: number;
  readonly high: number;
  readonly shift: number;
  /** Of the knots of a grid over the image, between which all moves smoothly: an unsteady hand. */
  readonly bend: number;
  readonly thicker: number;
  readonly thinner: number;
  readonly softer: number;
}

export const VARIATIONS: Variations = {
  ...{ turn: 0.22, slant: 0.3, wide: 0.25, high: 0.12, shift: 1.6, bend: 1.4 },
  ...{ thicker: 0.9, thinner: 0.6, softer: 0.6 },
};

/** One image [1, S, S] seen through a random map of the plane, then with other strokes. */
export function varied(most: Variations = VARIATIONS): SampleTransform {
  return (image, random) => {
    const [, height, width] = image.shape;
    const around = (reach: number): number => random.between(-reach, reach);
    const turn = around(most.turn);
    const length = Math.sqrt(1 + turn * turn);
    const slant = around(most.slant);
    const [wide, high] = [1 + around(most.wide), 1 + around(most.high)];
    const [dx, dy] = [around(most.shift), around(most.shift)];
    // Where a pixel of the result comes from: turned, slanted, then divided by the stretch.
    const [a, b] = [1 / (length * wide), (turn + slant) / (length * wide)];
    const [c, d] = [-turn / (length * high), 1 / (length * high)];
    const knots = Float64Array.from({ length: 2 * KNOTS * KNOTS }, () => around(most.bend));
    const y = see(image.data, width, height, [a, b, c, d], dx, dy, knots);
    const kind = random.uniform();
    if (kind < 0.3) strokes(y, width, height, "thicker", random.uniform() * most.thicker);
    else if (kind < 0.5) strokes(y, width, height, "thinner", random.uniform() * most.thinner);
    else if (kind < 0.65) strokes(y, width, height, "softer", random.uniform() * most.softer);
    return new Tensor(y, image.shape);
  };
}

// The image through a linear map around its middle, bent by the knots, between four pixels; paper outside.
function see(
  x: Float32Array,
  width: number,
  height: number,
  [a, b, c, d]: readonly number[],
  dx: number,
  dy: number,
  knots: Float64Array,
): Float32Array {
  const out = new Float32Array(x.length);
  const bentX = bend(knots.subarray(0, KNOTS * KNOTS), width, height);
  const bentY = bend(knots.subarray(KNOTS * KNOTS), width, height);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  for (let row = 0, n = 0; row < height; row++) {
    for (let column = 0; column < width; column++, n++) {
      const u = column - middleX - dx;
      const v = row - middleY - dy;
      const fromX = a * u + b * v + middleX + bentX[n];
      const fromY = c * u + d * v + middleY + bentY[n];
      const i = Math.floor(fromX);
      const j = Math.floor(fromY);
      if (i < -1 || j < -1 || i >= width || j >= height) continue;
      const p = fromX - i;
      const q = fromY - j;
      const at = j * width + i;
      let sum = 0;
      if (j >= 0 && i >= 0) sum += (1 - q) * (1 - p) * x[at];
      if (j >= 0 && i + 1 < width) sum += (1 - q) * p * x[at + 1];
      if (j + 1 < height && i >= 0) sum += q * (1 - p) * x[at + width];
      if (j + 1 < height && i + 1 < width) sum += q * p * x[at + width + 1];
      out[n] = sum;
    }
  }
  return out;
}

// The knots' values between them: bilinear, with a share that starts and ends flat.
function bend(knots: Float64Array, width: number, height: number): Float64Array {
  const out = new Float64Array(width * height);
  const place = (at: number, size: number): [knot: number, share: number] => {
    const scaled = (at * (KNOTS - 1)) / (size - 1);
    const knot = Math.min(KNOTS - 2, Math.floor(scaled));
    const share = scaled - knot;
    return [knot, share * share * (3 - 2 * share)];
  };
  const columns = Array.from({ length: width }, (_, column) => place(column, width));
  for (let row = 0, n = 0; row < height; row++) {
    const [j, q] = place(row, height);
    for (let column = 0; column < width; column++, n++) {
      const [i, p] = columns[column];
      const at = j * KNOTS + i;
      const above = knots[at] + p * (knots[at + 1] - knots[at]);
      const below = knots[at + KNOTS] + p * (knots[at + KNOTS + 1] - knots[at + KNOTS]);
      out[n] = above + q * (below - above);
    }
  }
  return out;
}

// Each pixel a share of the way to the largest, the least or the mean of its 3x3 neighbours; paper outside.
function strokes(
  y: Float32Array,
  width: number,
  height: number,
  kind: "thicker" | "thinner" | "softer",
  share: number,
): void {
  const row = width + 2;
  const x = new Float32Array(row * (height + 2));
  for (let j = 0; j < height; j++) x.set(y.subarray(j * width, (j + 1) * width), (j + 1) * row + 1);
  for (let j = 0, n = 0; j < height; j++) {
    for (let i = 0; i < width; i++, n++) {
      let [largest, least, sum] = [0, 1, 0];
      for (let v = 0; v < 3; v++) {
        for (let u = 0; u < 3; u++) {
          const value = x[(j + v) * row + i + u];
          if (value > largest) largest = value;
          if (value < least) least = value;
          sum += value;
        }
      }
      const towards = kind === "thicker" ? largest : kind === "thinner" ? least : sum / 9;
      y[n] += share * (towards - y[n]);
    }
  }
}
