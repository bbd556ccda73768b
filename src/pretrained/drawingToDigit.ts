// From a drawing to what a network of MNIST was trained on, by the steps that made MNIST: crop to the ink, scale it into 20x20,
// put its center of mass in the middle of 28x28; and before, strokes of the usual width.
import { Tensor } from "../base/tensor.js";
import { centered, centerOfMass, crop, inkBox, scaleInto, type Box, type InkPlane } from "./inkPlane.js";
import { readInk, type Drawing, type DrawingOptions } from "./readInk.js";
import { evenStrokes } from "./strokes.js";

const INNER = 20;
const SIZE = 28;

/** Each step from a drawing to a digit, to be shown. */
export interface DrawingSteps {
  /** The drawing's ink, the darkest of it 1. */
  readonly ink: InkPlane;
  /** Where ink is. */
  readonly box: Box;
  /** Only the ink. */
  readonly cropped: InkPlane;
  /** With strokes of the usual width, an eighth of the longer side. */
  readonly penned: InkPlane;
  /** The longer side 20 pixels; each pixel is the mean of what it covers. */
  readonly scaled: InkPlane;
  /** Where its center of mass lies in `scaled`, [x, y] from the middle of the first pixel. */
  readonly center: readonly [x: number, y: number];
  /** 28x28, with the center of mass in the middle. */
  readonly image: InkPlane;
}

/**
 * All steps of {@link drawingToDigit} one by one, or null for an empty drawing.
 *
 * @example
 * const drawing = { data: new Uint8Array(64 * 64).fill(255).fill(0, 1000, 1010), width: 64, height: 64 };
 * drawingSteps(drawing)?.box; // { x: 40, y: 15, width: 10, height: 1 }
 */
export function drawingSteps(drawing: Drawing, options: DrawingOptions = {}): DrawingSteps | null {
  return stepsOf("drawingSteps", drawing, options);
}

/**
 * A drawing as the network of {@link digitClassifier}, or any that was trained on MNIST, takes it: a Tensor [1, 1, 28, 28] from
 * 0 (paper) to 1 (ink), or null for a drawing without ink, which is what a canvas is before anybody has drawn.
 *
 * Ink is found (see `ink`), cropped, its strokes made as thick as MNIST's, scaled so that its longer side has 20 pixels, and put
 * in 28x28 with the center of mass in the middle. Size, place and pen of the drawing do not matter. One digit is expected.
 *
 * @param drawing an ImageData, gray levels, or a Tensor [H, W]; at least one pixel
 *
 * @example
 * const drawing = { data: new Uint8Array(64 * 64).fill(255).fill(0, 1000, 1010), width: 64, height: 64 };
 * drawingToDigit(drawing)?.shape; // [1, 1, 28, 28]
 *
 * @throws ArgumentError for what is no drawing, levels that are not from 0 to 1, or ink "alpha" of gray levels
 * @throws ShapeError for another number of levels than pixels
 * @see LeCun, Cortes and Burges, "The MNIST database of handwritten digits": size normalization and centering
 */
export function drawingToDigit(drawing: Drawing, options: DrawingOptions = {}): Tensor | null {
  const steps = stepsOf("drawingToDigit", drawing, options);
  return steps === null ? null : Tensor.adopt(steps.image.data, [1, 1, SIZE, SIZE]);
}

function stepsOf(who: string, drawing: Drawing, options: DrawingOptions): DrawingSteps | null {
  const ink = readInk(who, drawing, options);
  const box = inkBox(ink);
  if (box === null) return null;
  const cropped = crop(ink, box);
  const penned = evenStrokes(cropped);
  const scaled = scaleInto(penned, INNER);
  const center = centerOfMass(scaled);
  return { ink, box, cropped, penned, scaled, center, image: centered(scaled, center, SIZE) };
}
