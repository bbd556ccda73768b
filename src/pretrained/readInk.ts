// From pixels to ink: which of them are paper, and how far the others are from it. What is done with the ink is not here.
import { oneOf, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { checkRgba } from "../ops/create.js";
import { LEAST_INK, type InkPlane } from "./inkPlane.js";

/** Pixels of a drawing, row by row. */
export interface DrawingPixels {
  /** R, G, B, A in bytes (an ImageData), or gray levels in bytes (0 to 255) or in floats (0 to 1). */
  readonly data: Uint8ClampedArray | Uint8Array | Float32Array | Float64Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** A drawing: pixels, or a Tensor [H, W], [1, H, W] or [1, 1, H, W] of gray levels from 0 to 1. */
export type Drawing = Tensor | DrawingPixels;

/** Options of {@link drawingToDigit}. */
export interface DrawingOptions {
  /**
   * What is ink. "dark": what is darker than the paper; "light": what is lighter; "alpha": what is not transparent, whatever its
   * color. "auto" (default) looks at the border of the picture: "alpha" if most of its pixels are transparent, else "dark" on a
   * paper of at least half the largest level, "light" on a darker one.
   */
  readonly ink?: "auto" | "dark" | "light" | "alpha";
}

const INKS = ["auto", "dark", "light", "alpha"] as const;
const OPTIONS: OptionTable<DrawingOptions> = {
  ink: { check: (who, name, value) => oneOf(who, name, value, INKS), default: "auto" },
};

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Gray levels from 0 to 1. */
  readonly gray: Float32Array;
  /** From 0 to 1; null for a picture without transparency. */
  readonly alpha: Float32Array | null;
}

/**
 * The ink of a drawing, the darkest of it 1: the distance of each gray level from the paper's, which is the median of the border.
 * Transparent pixels are paper. Less than a tenth of the way from paper to the other end everywhere is no ink at all.
 */
export function readInk(who: string, drawing: unknown, options: DrawingOptions): InkPlane {
  const { ink } = readOptions(who, OPTIONS, options);
  const { width, height, gray, alpha } = readPixels(who, drawing);
  if (ink === "alpha" && alpha === null) {
    throw new ArgumentError(
      `${who}: expected pixels R, G, B, A for ink "alpha", got gray levels (they have no transparency).`,
    );
  }
  const border = borderOf(width, height);
  const opaque = border.filter((n) => alpha === null || alpha[n] >= 0.5);
  if (alpha !== null && (ink === "alpha" || (ink === "auto" && 2 * opaque.length < border.length))) {
    return { width, height, data: stretched(alpha) };
  }
  const levels = Float32Array.from(opaque.length > 0 ? opaque : border, (n) => gray[n]).sort();
  const paper = levels[levels.length >> 1];
  const isDark = ink === "auto" ? paper >= 0.5 : ink === "dark";
  const room = isDark ? paper : 1 - paper; // how far ink can be from the paper
  const data = gray.map((level, n) => {
    const away = isDark ? paper - level : level - paper;
    return room <= 0 || away <= 0 ? 0 : (away / room) * (alpha === null ? 1 : alpha[n]);
  });
  return { width, height, data: stretched(data) };
}

// So that the darkest is 1: a gray pencil is ink as any other.
function stretched(ink: Float32Array): Float32Array {
  const most = ink.reduce((largest, value) => Math.max(largest, value), 0);
  return most < LEAST_INK || most === 1 ? ink : ink.map((value) => value / most);
}

// Numbers of the pixels along the four sides.
function borderOf(width: number, height: number): number[] {
  const last = (height - 1) * width;
  const rows = Array.from({ length: width }, (_, x) => [x, last + x]);
  const columns = Array.from({ length: height }, (_, y) => [y * width, (y + 1) * width - 1]);
  return [...rows, ...columns].flat();
}

function readPixels(who: string, drawing: unknown): Pixels {
  if (Tensor.isTensor(drawing)) {
    const [height, width] = drawing.shape.slice(-2);
    if (drawing.rank < 2 || drawing.size === 0 || drawing.size !== width * height) {
      throw new ShapeError(`${who}: expected one gray image [H, W], got ${formatShape(drawing.shape)}.`);
    }
    return { width, height, gray: unitLevels(who, drawing.data), alpha: null };
  }
  if (typeof drawing !== "object" || drawing === null || !("data" in drawing)) {
    throw new ArgumentError(
      `${who}: expected a drawing { data, width, height } or a Tensor [H, W], got ${show(drawing)} (context.getImageData ` +
        `gives one).`,
    );
  }
  const { data, width, height } = drawing as { data: unknown; width: unknown; height: unknown };
  const pixels = whole(who, "width", width, 1) * whole(who, "height", height, 1);
  const size = { width: width as number, height: height as number };
  const kind = Object.prototype.toString.call(data); // by name, because canvas data may come from another realm
  const isFloat = /Float(32|64)Array\]$/.test(kind);
  if (!isFloat && (data as Uint8Array | undefined)?.length !== pixels) return { ...size, ...fromRgba(who, drawing) };
  if ((data as Float32Array).length !== pixels) {
    throw new ShapeError(
      `${who}: expected ${pixels} gray levels for ${show(width)} x ${show(height)} pixels, got ${(data as Float32Array).length} ` +
        `(check width and height).`,
    );
  }
  if (isFloat) return { ...size, gray: unitLevels(who, data as Float32Array), alpha: null };
  if (!/Uint8(Clamped)?Array\]$/.test(kind)) {
    throw new ArgumentError(
      `${who}: expected bytes or floats in a typed array, got ${show(data)} (Float32Array.from(levels), from 0 to 1).`,
    );
  }
  return { ...size, gray: Float32Array.from(data as Uint8Array, (byte) => byte / 255), alpha: null };
}

function fromRgba(who: string, drawing: object): Pick<Pixels, "gray" | "alpha"> {
  const { data, width, height } = drawing as { data: Uint8Array; width: number; height: number };
  const pixels = checkRgba(who, data, width, height);
  const [gray, alpha] = [new Float32Array(pixels), new Float32Array(pixels)];
  for (let n = 0; n < pixels; n++) {
    // Gray as fromRgba has it (ITU-R BT.601).
    gray[n] = (299 * data[4 * n] + 587 * data[4 * n + 1] + 114 * data[4 * n + 2]) / 255000;
    alpha[n] = data[4 * n + 3] / 255;
  }
  return { gray, alpha };
}

function unitLevels(who: string, levels: Float32Array | Float64Array): Float32Array {
  const wrong = levels.findIndex((level) => !(level >= 0 && level <= 1));
  if (wrong >= 0) {
    throw new ArgumentError(
      `${who}: expected gray levels from 0 to 1, got ${levels[wrong]} at index ${wrong} (bytes in a Uint8Array are 0 to 255).`,
    );
  }
  return Float32Array.from(levels);
}
