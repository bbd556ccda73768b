// Shapes: sizes, output-size formulas, paddings and broadcasting, each once. It computes with numbers, never with data.
import { oneOf, show, unwrap, whole } from "./check.js";
import { ArgumentError, ShapeError } from "./errors.js";

/** Sizes of a tensor's axes, outermost first. */
export type Shape = readonly number[];

/** Always [vertical, horizontal]. */
export type Pair = readonly [number, number];

/** One number for both directions, or [vertical, horizontal]. */
export type PairOption = number | Pair;

/** Rows and columns added on the four sides; a negative number crops. */
export interface Sides {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Padding of a convolution: one number for all sides, [vertical, horizontal], [top, bottom, left, right], "valid" (none)
 * or "same" (as much as makes the output ceil(size / stride)).
 */
export type ConvPadding = number | Pair | readonly [number, number, number, number] | "valid" | "same";

/** Product of the sizes: how many numbers a tensor of this shape holds. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

const MOST_NUMBERS = 4294967296; // more than any machine of our users has room for; some engines refuse them, some try

/** Throws for a shape of more numbers than any memory holds; returns how many there are. */
export function checkSize(who: string, shape: Shape): number {
  const size = sizeOf(shape);
  if (size > MOST_NUMBERS) throw new ArgumentError(noRoom(who, shape));
  return size;
}

/** The message about a tensor for which there is no room. */
export function noRoom(who: string, shape: Shape): string {
  const gigabytes = Math.ceil(sizeOf(shape) / 2.5e8);
  return `${who}: expected a tensor that fits into memory, got ${formatShape(shape)}, ${gigabytes} GB.`;
}

/** `[8, 1, 28, 28]`, as in every error message. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(", ")}]`;
}

/** True when both shapes have the same sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** The latest answer for a pair of shapes, kept: the layers of a model are asked for the same shapes again and again. */
export class LatestShapes<T> {
  #a: Shape = [];
  #b: Shape = [];
  #answer: T | undefined;

  /** The kept answer if it was for these shapes, else what `make` returns now. */
  get(a: Shape, b: Shape, make: (a: Shape, b: Shape) => T): T {
    if (this.#answer === undefined || !sameShape(a, this.#a) || !sameShape(b, this.#b)) {
      this.#answer = make(a, b);
      this.#a = frozen(a);
      this.#b = frozen(b);
    }
    return this.#answer;
  }
}

// The shape of a tensor is frozen: the same object next time is the same shape.
function frozen(shape: Shape): Shape {
  return Object.isFrozen(shape) ? shape : Object.freeze([...shape]);
}

/** Checks that `shape` is an array of whole numbers of at least 0 and returns a frozen copy. */
export function checkShape(who: string, shape: unknown): Shape {
  const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  if (!isShape) {
    const remedy = typeof shape === "number" ? ` (in brackets, such as [${shape}])` : "";
    throw new ShapeError(`${who}: expected a shape of whole numbers of at least 0, got ${show(shape)}${remedy}.`);
  }
  return Object.freeze([...(shape as number[])]);
}

/** Checks that dy has the shape of the forward's output. */
export function checkUpstream(who: string, expected: Shape, got: Shape): void {
  if (sameShape(expected, got)) return;
  throw new ShapeError(`${who}: expected dy of the output's shape ${formatShape(expected)}, got ${formatShape(got)}.`);
}

/** Reads a dimension that may count from the end (-1 is the last) into 0..rank-1. */
export function checkAxis(who: string, axis: unknown, rank: number): number {
  if (typeof axis === "number" && Number.isInteger(axis) && axis >= -rank && axis < rank) {
    return axis < 0 ? axis + rank : axis;
  }
  throw new ArgumentError(`${who}: expected dim from ${-rank} to ${rank - 1} for rank ${rank}, got ${show(axis)}.`);
}

/** Reads a number or [vertical, horizontal] into a pair of whole numbers of at least `min`. */
export function pair(who: string, name: string, value: unknown, min: number): Pair {
  if (typeof value === "number") {
    whole(who, name, value, min);
    return [value, value];
  }
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ArgumentError(
      `${who}: expected ${name} to be a number or [vertical, horizontal], got ${show(value)}${unwrap(name, value)}.`,
    );
  }
  return [whole(who, `${name}[0]`, value[0], min), whole(who, `${name}[1]`, value[1], min)];
}

/** Checks the form of a convolution's padding; its values in rows and columns come from {@link resolveConvPadding}. */
export function checkConvPadding(who: string, padding: unknown): ConvPadding {
  if (typeof padding === "string") return oneOf<"valid" | "same">(who, "padding", padding, ["valid", "same"]);
  if (typeof padding === "number") return whole(who, "padding", padding, 0);
  if (Array.isArray(padding) && (padding.length === 2 || padding.length === 4)) {
    padding.forEach((side, i) => whole(who, `padding[${i}]`, side, 0));
    return Object.freeze([...padding]) as unknown as ConvPadding;
  }
  const forms = `a number, [vertical, horizontal], [top, bottom, left, right], "valid" or "same"`;
  throw new ArgumentError(`${who}: expected padding to be ${forms}, got ${show(padding)}.`);
}

/** Rows and columns to add on each side of an [H, W] image. */
export function resolveConvPadding(
  padding: ConvPadding,
  [h, w]: Pair,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
): Sides {
  if (padding === "valid") return { top: 0, bottom: 0, left: 0, right: 0 };
  if (typeof padding === "number") return { top: padding, bottom: padding, left: padding, right: padding };
  if (padding === "same") {
    const [top, bottom] = samePadding(h, kernel[0], stride[0], dilation[0]);
    const [left, right] = samePadding(w, kernel[1], stride[1], dilation[1]);
    return { top, bottom, left, right };
  }
  if (padding.length === 2) return { top: padding[0], bottom: padding[0], left: padding[1], right: padding[1] };
  const [top, bottom, left, right] = padding;
  return { top, bottom, left, right };
}

/**
 * "same" along one axis: total = max((ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0), of which
 * floor(total / 2) comes before. At stride 1 this is PyTorch's rule, with a larger stride TensorFlow's.
 */
export function samePadding(size: number, kernel: number, stride: number, dilation: number): Pair {
  const extent = dilation * (kernel - 1) + 1;
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/**
 * Output size of a window operation along one axis:
 * floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1. It is 0 or less when the window does not fit.
 */
export function windowOutput(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number {
  return Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * Output size of a pooling along one axis. With `ceilMode` the last window may hang over the padded edge, but it must start
 * inside the image or its left padding (PyTorch's rule).
 */
export function poolOutput(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
  ceilMode: boolean,
): number {
  if (!ceilMode) return windowOutput(size, kernel, stride, dilation, padding, padding);
  const out = Math.ceil((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return (out - 1) * stride >= size + padding ? out - 1 : out;
}

/** The shape that two shapes broadcast to: aligned at the last axis, a size of 1 stretches. */
export function broadcastShapes(who: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA === fromB || fromB === 1) return fromA;
    if (fromA === 1) return fromB;
    throw new ShapeError(
      `${who}: expected shapes that broadcast (equal sizes or 1 from the last axis on), ` +
        `got ${formatShape(a)} and ${formatShape(b)}.`,
    );
  });
}
