// Images of another size: which pixels each new one is made of. The maths are in resample2d.ts.
import type { Taps } from "../backend/kernels.js";
import { ShapeError } from "../base/errors.js";
import { formatShape, type Pair, type Shape } from "../base/shape.js";
import { checkImages } from "./conv2d.js";
import { planResample, type ResamplePlan } from "./resample2d.js";
import { cubicTaps, linearTaps, nearestTaps } from "./taps.js";

/** How the pixels of another size are found. */
export type UpsampleMode = "nearest" | "nearest-exact" | "bilinear" | "bicubic";

/** One of size and scaleFactor. */
interface UpsampleSettings {
  readonly size: Pair | undefined;
  readonly scaleFactor: Pair | undefined;
  readonly mode: UpsampleMode;
  readonly alignCorners: boolean;
}

/** Plans it for such images, with every check that needs no data. */
export function planUpsample(who: string, x: Shape, settings: UpsampleSettings): ResamplePlan {
  checkImages(who, x);
  const { size, scaleFactor } = settings;
  const to = [0, 1].map((i) => size?.[i] ?? Math.floor(x[i + 2] * (scaleFactor?.[i] ?? 1)));
  if (to[0] < 1 || to[1] < 1) {
    throw new ShapeError(`${who}: expected an output of at least one pixel, got none for input ${formatShape(x)}.`);
  }
  const along = (i: 0 | 1): Taps =>
    tapsAlong(settings, x[i + 2], to[i], scaleFactor === undefined ? x[i + 2] / to[i] : 1 / scaleFactor[i]);
  return planResample(who, x, [to[0], to[1]], () => [along(0), along(1)]);
}

function tapsAlong({ mode, alignCorners, size }: UpsampleSettings, from: number, to: number, step: number): Taps {
  // Of whole sizes exactly: a place that is whole must not be rounded below itself.
  if (mode === "nearest") return nearestTaps(from, to, (i) => (size === undefined ? i * step : (i * from) / to));
  if (mode === "nearest-exact") {
    return nearestTaps(from, to, (i) => (size === undefined ? (i + 0.5) * step : ((2 * i + 1) * from) / (2 * to)));
  }
  const wide = to > 1 ? (from - 1) / (to - 1) : 0;
  const placeOf = (i: number): number => (alignCorners ? i * wide : (i + 0.5) * step - 0.5);
  return mode === "bilinear" ? linearTaps(from, to, placeOf) : cubicTaps(from, to, placeOf);
}
