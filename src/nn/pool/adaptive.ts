// What the adaptive pools share: the output's size is given, and the windows follow from it.
import { show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Check } from "../../base/options.js";
import type { Pair, Shape } from "../../base/shape.js";
import { checkImages } from "../../ops/conv2d.js";
import type { PoolSettings } from "../../ops/maxPool2d.js";

/** Rows and columns of the output: one number for both, or [rows, columns], where null is the input's own size. */
export type AdaptiveSize = number | readonly [rows: number | null, columns: number | null];

type SizeOrOwn = readonly [number | null, number | null];

const adaptiveSize: Check<SizeOrOwn> = (who, name, value) => {
  if (typeof value === "number") {
    const size = whole(who, name, value, 1);
    return [size, size];
  }
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ArgumentError(`${who}: expected ${name} to be a number or [rows, columns], got ${show(value)}.`);
  }
  const sizes = value.map((size: unknown, i) => (size === null ? null : whole(who, `${name}[${i}]`, size, 1)));
  return Object.freeze(sizes) as unknown as SizeOrOwn;
};

/** The argument of both. */
export const ADAPTIVE = { outputSize: { check: adaptiveSize } } as const;

/** Rows and columns of the output for images of this shape. */
export function adaptiveOutput(who: string, shape: Shape, [rows, columns]: SizeOrOwn): Pair {
  checkImages(who, shape);
  return [rows ?? shape[2], columns ?? shape[3]];
}

/** The window of a plain pool that does the same: where the sizes divide, else undefined. */
export function plainWindow([, , H, W]: Shape, [rows, columns]: Pair): PoolSettings | undefined {
  if (H % rows !== 0 || W % columns !== 0) return undefined;
  const window: Pair = [H / rows, W / columns];
  return { kernelSize: window, stride: window, padding: [0, 0], ceilMode: false };
}
