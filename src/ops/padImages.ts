// Padding on four sides that may also cut off: in which steps, and to which shape. The maths are in pad2d.ts.
import type { PadMode } from "../backend/kernels.js";
import { ShapeError } from "../base/errors.js";
import { checkSize, formatShape, type Shape, type Sides } from "../base/shape.js";
import { checkImages } from "./conv2d.js";
import { checkPadding2d } from "./pad2d.js";

/** What is cut off first (null: nothing by itself), and what is added then. */
export interface PadSteps {
  readonly cut: Sides | null;
  readonly added: Sides;
}

/** cutsFirst: what is cut off is no longer there for the other sides. */
export function padSteps(all: Sides, cutsFirst: boolean): PadSteps {
  const isCut = Object.values(all).some((side: number) => side < 0);
  return cutsFirst && isCut ? { cut: each(all, Math.min), added: each(all, Math.max) } : { cut: null, added: all };
}

/** The shape of the output, with every check that needs no data. */
export function paddedShape(who: string, x: Shape, { cut, added }: PadSteps, mode: PadMode): Shape {
  checkImages(who, x);
  const image = cut === null ? x : withSides(x, cut);
  checkOutput(who, x, image);
  checkPadding2d(who, [image[2], image[3]], added, mode);
  const y = withSides(image, added);
  checkOutput(who, x, y);
  checkSize(who, y);
  return y;
}

/** The shape with so many rows and columns more. */
export function withSides([N, C, H, W]: Shape, { top, bottom, left, right }: Sides): Shape {
  return Object.freeze([N, C, top + H + bottom, left + W + right]);
}

function each({ top, bottom, left, right }: Sides, of: (side: number, zero: number) => number): Sides {
  return { top: of(top, 0), bottom: of(bottom, 0), left: of(left, 0), right: of(right, 0) };
}

function checkOutput(who: string, x: Shape, y: Shape): void {
  if (y[2] >= 1 && y[3] >= 1) return;
  throw new ShapeError(
    `${who}: expected an output of at least one pixel, got ${formatShape([y[2], y[3]])} for input ${formatShape(x)} (cut less off).`,
  );
}
