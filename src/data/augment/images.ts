// What the transforms share: checks of images and of options, and where a pixel beyond the edge comes from.
import { finite, oneOf, show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { type Check } from "../../base/options.js";
import { formatShape, pair, type Pair } from "../../base/shape.js";
import type { Tensor } from "../../base/tensor.js";

/** What stands beyond the edge of an image, by torchvision's names. */
export type EdgeMode = "constant" | "edge" | "reflect" | "symmetric";

/** A level for all channels, or one for each. */
export type Fill = number | readonly number[];

/** How a pixel between pixels is found. */
export type Interpolation = "nearest" | "bilinear";

/** [low, high] of a random number. */
export type Range = readonly [low: number, high: number];

/** Throws unless there are rows and columns. */
export function checkImages(who: string, { shape, rank }: Tensor): void {
  if (rank >= 2 && shape[rank - 1] > 0 && shape[rank - 2] > 0) return;
  throw new ShapeError(`${who}: expected images [..., H, W], got ${formatShape(shape)}.`);
}

/** Throws unless it is images [N, C, H, W] or one image [C, H, W], in float32; returns the sizes. */
export function imageSizes(
  who: string,
  { shape, rank, dtype, size }: Tensor,
): [n: number, c: number, h: number, w: number] {
  if ((rank !== 3 && rank !== 4) || dtype !== "float32" || size === 0) {
    const kind = dtype === "float32" ? "" : `${dtype} `;
    throw new ShapeError(
      `${who}: expected images [N, C, H, W], or one [C, H, W], in float32, got ${kind}${formatShape(shape)}.`,
    );
  }
  const [c, h, w] = shape.slice(rank - 3);
  return [rank === 3 ? 1 : shape[0], c, h, w];
}

export const edgeMode: Check<EdgeMode> = (who, name, value) =>
  oneOf(who, name, value, ["constant", "edge", "reflect", "symmetric"]);

export const interpolationMode: Check<Interpolation> = (who, name, value) =>
  oneOf(who, name, value, ["nearest", "bilinear"]);

/** One finite number, or one for each channel. */
export const fill: Check<Fill> = (who, name, value) => {
  if (Array.isArray(value) && value.length > 0) {
    return Object.freeze(value.map((level: unknown, c) => finite(who, `${name}[${c}]`, level)));
  }
  return finite(who, name, value);
};

/** [low, high] of finite numbers. */
export const range: Check<Range> = (who, name, value) => {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ArgumentError(`${who}: expected ${name} as [low, high], got ${show(value)}.`);
  }
  const low = finite(who, `${name}[0]`, value[0]);
  return Object.freeze([low, finite(who, `${name}[1]`, value[1], low)] as const);
};

/** [low, high] of numbers above 0. */
export const positiveRange: Check<Range> = (who, name, value) => {
  const [low, high] = range(who, name, value);
  if (low > 0) return Object.freeze([low, high] as const);
  throw new ArgumentError(`${who}: expected ${name} above 0, got ${show(value)}.`);
};

/** A number d for [-d, d], or [low, high]. */
export const aroundZero: Check<Range> = (who, name, value) => {
  if (typeof value !== "number") return range(who, name, value);
  const d = finite(who, name, value, 0);
  return Object.freeze([-d, d] as const);
};

/** Rows and columns of a result: a number for both, or [height, width]. */
export const imageSize: Check<Pair> = (who, name, value) => pair(who, name, value, 1);

/** The level for channel c. */
export function levelOf(who: string, level: Fill, c: number, channels: number): number {
  if (typeof level === "number") return level;
  if (level.length === channels) return level[c];
  throw new ArgumentError(`${who}: expected a fill for each of ${channels} channels, got ${show(level)}.`);
}

/** Where the pixel at place i beyond or within 0..n-1 comes from; -1 for the fill. */
export function sourceAt(i: number, n: number, mode: EdgeMode): number {
  if (i >= 0 && i < n) return i;
  if (mode === "constant") return -1;
  if (mode === "edge") return i < 0 ? 0 : n - 1;
  if (n === 1) return 0;
  // reflect: 2 1 | 0 1 2 | 1 0, with period 2 (n - 1); symmetric: 1 0 | 0 1 2 | 2 1, with period 2 n.
  const period = mode === "reflect" ? 2 * (n - 1) : 2 * n;
  const at = ((i % period) + period) % period;
  if (at < n) return at;
  return mode === "reflect" ? period - at : period - 1 - at;
}

/** Whether reflecting works: the pad is smaller than the image. */
export function checkPad(who: string, pad: number, n: number, mode: EdgeMode): void {
  const most = mode === "reflect" ? n - 1 : mode === "symmetric" ? n : Infinity;
  if (pad <= most) return;
  throw new ShapeError(`${who}: expected padding of at most ${most} for ${mode} on ${n} pixels, got ${pad}.`);
}

/** A list of numbers, one for each channel. */
export const channelList: Check<readonly number[]> = (who, name, value) => {
  const list: readonly unknown[] = typeof value === "number" ? [value] : (value as unknown[]);
  if (!Array.isArray(list) || list.length === 0) {
    throw new ArgumentError(`${who}: expected ${name} as a number for each channel, got ${show(value)}.`);
  }
  return Object.freeze(list.map((level, c) => finite(who, `${name}[${c}]`, level)));
};

/** A whole number of at least 1. */
export const count: Check<number> = (who, name, value) => whole(who, name, value, 1);
