// Pixels at places between pixels: what every geometric transform ends in. Coordinates are of pixel centers, (0, 0) the first.
import type { Fill, Interpolation } from "./images.js";
import { levelOf } from "./images.js";

/** Where the pixel (row, column) of the result lies in the source: writes y, x into `at`. */
export type Place = (row: number, column: number, at: Float64Array) => void;

/**
 * One image [C, H, W], seen through `place`; beyond the edge stands the fill. Bilinear: the weighted mean of the four pixels
 * around, of which those outside are the fill (SciPy's "grid-constant"; torchvision lets border pixels fade twice when a fill is
 * given); nearest: a half rounds to the even number, as in PyTorch's grid_sample.
 */
export function sampleImage(
  who: string,
  x: Float32Array,
  from: number,
  [c, h, w]: readonly [number, number, number],
  y: Float32Array,
  to: number,
  place: Place,
  interpolation: Interpolation,
  level: Fill,
): void {
  const at = new Float64Array(2);
  const pixels = h * w;
  const levels = Array.from({ length: c }, (_, channel) => levelOf(who, level, channel, c));
  for (let row = 0, out = to; row < h; row++) {
    for (let column = 0; column < w; column++, out++) {
      place(row, column, at);
      const sy = at[0];
      const sx = at[1];
      if (interpolation === "nearest") {
        const [iy, ix] = [roundHalfEven(sy), roundHalfEven(sx)];
        const inside = iy >= 0 && iy < h && ix >= 0 && ix < w;
        for (let channel = 0; channel < c; channel++) {
          y[out + channel * pixels] = inside ? x[from + channel * pixels + iy * w + ix] : levels[channel];
        }
        continue;
      }
      const top = Math.floor(sy);
      const left = Math.floor(sx);
      const [fy, fx] = [sy - top, sx - left];
      const above = top >= 0 && top < h;
      const below = top + 1 >= 0 && top + 1 < h;
      const before = left >= 0 && left < w;
      const behind = left + 1 >= 0 && left + 1 < w;
      const w00 = above && before ? (1 - fy) * (1 - fx) : 0;
      const w01 = above && behind ? (1 - fy) * fx : 0;
      const w10 = below && before ? fy * (1 - fx) : 0;
      const w11 = below && behind ? fy * fx : 0;
      const rest = 1 - (w00 + w01 + w10 + w11);
      for (let channel = 0; channel < c; channel++) {
        const p = from + channel * pixels + top * w + left;
        let sum = rest * levels[channel];
        if (w00 !== 0) sum += w00 * x[p];
        if (w01 !== 0) sum += w01 * x[p + 1];
        if (w10 !== 0) sum += w10 * x[p + w];
        if (w11 !== 0) sum += w11 * x[p + w + 1];
        y[out + channel * pixels] = sum;
      }
    }
  }
}

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest < 0.5) return low;
  if (rest > 0.5) return low + 1;
  return low % 2 === 0 ? low : low + 1;
}
