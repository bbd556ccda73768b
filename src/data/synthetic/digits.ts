// Digits drawn from strokes, each turned, slanted, stretched, moved and written with a pen of its own: stand-ins for handwriting
// that need no file.
import { finite } from "../../base/check.js";
import type { SampleRandom } from "../augment/sampleRandom.js";
import type { TensorDataset } from "../sets/tensorDataset.js";
import { cos, sin } from "../../numbers/trig.js";
import { Canvas, type Point } from "./canvas.js";
import { drawImages, type SyntheticImageOptions } from "./make.js";

/** Options of {@link makeDigits}. */
export interface DigitOptions extends SyntheticImageOptions {
  /** Rows and columns of an image, at least 8. Default 28. */
  readonly size?: number;
  /** Default 0. */
  readonly noise?: number;
  /** How much the digits differ, from 0 (each the same) to 1 (default) and up to 2. */
  readonly variation?: number;
}

const CLASSES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

// Points on an ellipse around (x, y) from one angle to another, in degrees: 0 to the right, 90 down.
function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Point[] {
  const steps = Math.max(4, Math.ceil(Math.abs(to - from) / 20));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * 3.141592653589793) / 180;
    return [x + rx * cos(angle), y + ry * sin(angle)] as const;
  });
}

// The strokes of each digit in a box from (-0.5, -1) to (0.5, 1), y down; made when first asked for.
const STROKES: readonly (() => readonly (readonly Point[])[])[] = [
  () => [arc(0, 0, 0.5, 1, 0, 360)],
  () => [[[-0.3, -0.6], [0.1, -1], [0.1, 1]]], // prettier-ignore
  () => [[...arc(0, -0.5, 0.48, 0.5, -170, 40), [-0.5, 1], [0.5, 1]]],
  () => [arc(-0.05, -0.5, 0.45, 0.5, -160, 90), arc(-0.05, 0.5, 0.5, 0.5, -90, 160)],
  () => [[[0.2, 1], [0.2, -1], [-0.5, 0.35], [0.5, 0.35]]], // prettier-ignore
  () => [[[0.45, -1], [-0.35, -1], [-0.4, -0.1]], arc(-0.05, 0.35, 0.5, 0.65, -130, 150)], // prettier-ignore
  () => [[[0.3, -1], ...arc(0, 0.45, 0.5, 0.55, 200, 180), ...arc(0, 0.45, 0.5, 0.55, 180, 540)]], // prettier-ignore
  () => [[[-0.5, -1], [0.5, -1], [-0.15, 1]]], // prettier-ignore
  () => [arc(0, -0.5, 0.4, 0.48, 90, 450), arc(0, 0.5, 0.5, 0.5, -90, 270)],
  () => [arc(0, -0.45, 0.48, 0.55, 0, 360), [[0.48, -0.45], [0.42, 0.3], [0.15, 1]]], // prettier-ignore
];

/**
 * Images [N, 1, size, size] of digits drawn from strokes, white on black as MNIST's, with the classes "0" to "9".
 *
 * @example
 * const digits = makeDigits({ samples: 1000, seed: 1 });
 * digits.sampleShape; // [1, 28, 28]
 *
 * @throws ArgumentError for a wrong option
 */
export function makeDigits(options: DigitOptions): TensorDataset {
  const who = "makeDigits";
  const variation = finite(who, "variation", options?.variation ?? 1, 0, 2);
  const defaults = { size: 28, least: 8, noise: 0 };
  return drawImages(
    who,
    options,
    defaults,
    CLASSES,
    (label, size, random) => drawDigit(label, size, variation, random),
    ["variation"],
  );
}

function drawDigit(label: number, size: number, variation: number, random: SampleRandom): Float64Array {
  const around = (spread: number): number => variation * random.between(-spread, spread);
  const turn = around(0.22); // radians
  const slant = around(0.25);
  const height = size * (0.34 + around(0.05));
  const width = height * (0.95 + around(0.2));
  const [x0, y0] = [size / 2 + around(size * 0.05), size / 2 + around(size * 0.05)];
  const pen = size * (0.085 + around(0.03));
  const [c, s] = [cos(turn), sin(turn)];
  const canvas = new Canvas(size);
  for (const stroke of STROKES[label]()) {
    const points = stroke.map(([u, v]): Point => {
      const [x, y] = [width * (u - slant * v) + around(size * 0.012), height * v + around(size * 0.012)];
      return [x0 + c * x - s * y, y0 + s * x + c * y];
    });
    canvas.stroke(points, pen);
  }
  return canvas.levels;
}
