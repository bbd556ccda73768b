// Axes: how the file orders the numbers that our layers compute. A file may turn, join and split axes as it likes (channels-last
// exporters turn every image twice); our layers have images as [N, C, H, W] and nothing else. So the axes of a file's value are
// lists of pieces, and those of the tensor that a layer hands on are lists of the same pieces: turning an axis moves pieces from
// one place to another, and no number moves.
import { sizeOf, type Shape } from "../base/shape.js";

/** A factor of an axis's size. The batch is one, too; its size counts as 1, for shapes are those of one sample. */
export class Piece {
  #parts: readonly Piece[] = [];

  constructor(
    readonly size: number,
    readonly batch = false,
  ) {}

  /** What stands in its place: itself, or its parts. */
  get parts(): readonly Piece[] {
    return this.#parts.length === 0 ? [this] : expanded(this.#parts);
  }

  /** Takes it apart, wherever it stands. */
  split(...sizes: readonly number[]): readonly Piece[] {
    this.#parts = sizes.map((size) => new Piece(size));
    return this.#parts;
  }
}

/** One axis, slowest piece first. */
export type Axis = readonly Piece[];

/** All axes, outermost first. */
export type Axes = readonly Axis[];

/** The axis in its finest pieces. */
function expanded(axis: Axis): Piece[] {
  return axis.flatMap((piece) => piece.parts);
}

/** The finest pieces that say anything: without those of size 1. */
export function core(axis: Axis): Piece[] {
  return expanded(axis).filter(({ size, batch }) => batch || size !== 1);
}

/** The number of places along an axis; 1 for the batch. */
export function lengthOf(axis: Axis): number {
  return sizeOf(axis.map(({ size }) => size));
}

export function shapeOf(axes: Axes): Shape {
  return axes.map(lengthOf);
}

export function hasBatch(axis: Axis): boolean {
  return axis.some(({ batch }) => batch);
}

/** The same pieces in the same order, axes of size 1 as nothing. */
export function sameAxis(a: Axis, b: Axis): boolean {
  const [left, right] = [core(a), core(b)];
  return left.length === right.length && left.every((piece, i) => piece === right[i]);
}

/** The same pieces in any order. */
export function samePieces(a: Axis, b: Axis): boolean {
  const [left, right] = [core(a), new Set(core(b))];
  return left.length === right.size && left.every((piece) => right.has(piece));
}

/** Whether all pieces of `a` are among those of `b`. */
export function isAmong(a: Axis, b: Axis): boolean {
  const all = new Set(core(b));
  return core(a).every((piece) => all.has(piece));
}

/**
 * The same numbers under other sizes, where that takes no more than joining and splitting pieces; else undefined. Sizes that
 * hold the batch have to begin with it.
 */
export function regrouped(
  axes: Axes,
  sizes: readonly { readonly value: number; readonly batch: boolean }[],
): Axes | undefined {
  const rest = axes.flatMap(core);
  const result: Axis[] = [];
  for (const { value, batch } of sizes) {
    const axis: Piece[] = [];
    if (batch) {
      const first = rest.shift();
      if (first?.batch !== true) return undefined;
      axis.push(first);
    }
    for (let open = value; open > 1;) {
      const piece = rest.shift();
      if (piece === undefined || piece.batch) return undefined;
      if (piece.size > open) {
        if (piece.size % open !== 0) return undefined;
        const [taken, left] = piece.split(open, piece.size / open);
        axis.push(taken);
        rest.unshift(left);
      } else {
        axis.push(piece);
      }
      const size = Math.min(piece.size, open);
      if (open % size !== 0) return undefined;
      open /= size;
    }
    result.push(axis);
  }
  return rest.length === 0 ? result : undefined;
}

/**
 * For each place along `to` the place along `from`, where both are the same pieces in another order (row-major); undefined where
 * the order is the same.
 */
export function placesAlong(from: Axis, to: Axis): Int32Array | undefined {
  if (sameAxis(from, to)) return undefined;
  return places(from, to);
}

/** For each place along `to` the place along `from`, whose pieces are some of those of `to`. */
export function places(from: Axis, to: Axis): Int32Array {
  const strides = new Map<Piece, number>();
  let stride = 1;
  for (const piece of core(from).reverse()) {
    strides.set(piece, stride);
    stride *= piece.size;
  }
  // Piece by piece from the fastest one: what is there so far, once for each place along the next piece.
  const all = new Int32Array(lengthOf(to));
  let filled = 1;
  for (const piece of core(to).reverse()) {
    const step = strides.get(piece) ?? 0;
    for (let i = piece.size - 1; i >= 0; i--) {
      for (let j = 0; j < filled; j++) all[i * filled + j] = all[j] + i * step;
    }
    filled *= piece.size;
  }
  return all;
}

/** How the pieces of an axis are ordered, as part of a key. */
export function orderKey(from: Axis, to: Axis): string {
  const target = core(to);
  return core(from)
    .map((piece) => `${target.indexOf(piece)}x${piece.size}`)
    .join(" ");
}
