// Sequences [N, C, L] as images of one row, [N, C, 1, L]: layers in one direction are those in two with a height of 1. Shapes and
// checks only.
import { show, whole } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { Check } from "./options.js";
import { formatShape, type Pair, type Shape } from "./shape.js";

/** Padding in one direction: one number for both ends, [before, after], "valid" (none) or "same". */
export type ConvPadding1d = number | Pair | "valid" | "same";

/** Checks the form of a convolution's padding in one direction. */
export const convPadding1d: Check<ConvPadding1d> = (who, name, value) => {
  if (value === "valid" || value === "same") return value;
  if (typeof value === "number") return whole(who, name, value, 0);
  if (Array.isArray(value) && value.length === 2) {
    return Object.freeze(value.map((end, i) => whole(who, `${name}[${i}]`, end, 0))) as unknown as Pair;
  }
  throw new ArgumentError(
    `${who}: expected ${name} to be a number, [before, after], "valid" or "same", got ${show(value)}.`,
  );
};

/** Checks a batch of sequences [N, channels, L]. */
export function checkSequences(who: string, shape: Shape, channels?: number): void {
  const fits = shape.length === 3 && (channels === undefined || shape[1] === channels);
  if (!fits) {
    let remedy = "channels are axis 1";
    if (shape.length === 2) remedy = "the batch axis is required: x.reshape([1, ...x.shape])";
    else if (shape.length !== 3) remedy = "three axes: batch, channels, length";
    throw new ShapeError(
      `${who}: expected input ${formatShape(["N", channels ?? "C", "L"])}, got ${formatShape(shape)} (${remedy}).`,
    );
  }
  if (shape.some((length) => length < 1)) {
    throw new ShapeError(`${who}: expected at least one sample and one number, got input ${formatShape(shape)}.`);
  }
}

/** [N, C, L] -> [N, C, 1, L]. */
export function asImages([N, C, L]: Shape): Shape {
  return Object.freeze([N, C, 1, L]);
}

/** [N, C, 1, L] -> [N, C, L]. */
export function asSequences([N, C, , L]: Shape): Shape {
  return Object.freeze([N, C, L]);
}

/** Throws when a window of `extent` numbers does not fit into a sequence with its padding. */
export function checkExtent(who: string, what: string, extent: number, padded: number): void {
  if (extent <= padded) return;
  throw new ShapeError(
    `${who}: expected a padded sequence of at least ${extent} (${what}), got ${padded} (add padding, or use a smaller one).`,
  );
}
