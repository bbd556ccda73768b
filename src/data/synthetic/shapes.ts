// Geometric figures and stripes: images that a small network learns in seconds.
import type { SampleRandom } from "../augment/sampleRandom.js";
import type { TensorDataset } from "../sets/tensorDataset.js";
import { cos, sin } from "../../numbers/trig.js";
import { Canvas } from "./canvas.js";
import { drawImages, type SyntheticImageOptions } from "./make.js";

/** Options of {@link makeShapes} and {@link makeStripes}. */
export interface ShapeOptions extends SyntheticImageOptions {
  /** Rows and columns of an image, at least 8. Default 28. */
  readonly size?: number;
  /** Standard deviation of noise on each pixel, for levels from 0 to 1. Default 0.05. */
  readonly noise?: number;
}

const PI = 3.141592653589793;
const SHAPES = ["circle", "square", "triangle", "cross"];
const STRIPES = ["horizontal", "vertical", "falling", "rising"];
const DEFAULTS = { size: 28, least: 8, noise: 0.05 };

/** Distance outside of a figure of radius 1 (negative inside), by its class. */
const DISTANCES: readonly ((x: number, y: number) => number)[] = [
  (x, y) => Math.sqrt(x * x + y * y) - 1,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.8,
  // Half-planes at 90, 210 and 330 degrees.
  (x, y) => Math.max(y, -0.8660254037844386 * x - 0.5 * y, 0.8660254037844386 * x - 0.5 * y) - 0.55,
  (x, y) => Math.min(Math.max(Math.abs(x) - 1, Math.abs(y) - 0.3), Math.max(Math.abs(x) - 0.3, Math.abs(y) - 1)),
];

/**
 * Images [N, 1, size, size] of a circle, a square, a triangle or a cross: at any place, turned, of any size that fits, brighter or
 * darker.
 *
 * @example
 * const shapes = makeShapes({ samples: 400, seed: 1 });
 * shapes.classes; // ["circle", "square", "triangle", "cross"]
 */
export function makeShapes(options: ShapeOptions): TensorDataset {
  return drawImages("makeShapes", options, DEFAULTS, SHAPES, (label, size, random) => {
    const radius = size * random.between(0.18, 0.36);
    const room = size / 2 - radius;
    const x0 = size / 2 + random.between(-room, room);
    const y0 = size / 2 + random.between(-room, room);
    const turn = random.between(0, 2 * PI);
    const [c, s] = [cos(turn), sin(turn)];
    const canvas = new Canvas(size);
    canvas.area((x, y) => {
      const [dx, dy] = [(x - x0) / radius, (y - y0) / radius];
      return radius * DISTANCES[label](c * dx + s * dy, c * dy - s * dx);
    });
    return withContrast(canvas.levels, random);
  });
}

/**
 * Images [N, 1, size, size] of stripes: horizontal, vertical, falling or rising to the right, of any width, phase and contrast.
 *
 * @example
 * const stripes = makeStripes({ samples: 400, seed: 1, size: 16 });
 * stripes.sampleShape; // [1, 16, 16]
 */
export function makeStripes(options: ShapeOptions): TensorDataset {
  return drawImages("makeStripes", options, DEFAULTS, STRIPES, (label, size, random) => {
    const [a, b] = [[0, 1], [1, 0], [-0.7071067811865476, 0.7071067811865476], [0.7071067811865476, 0.7071067811865476]][label]; // prettier-ignore
    const frequency = (2 * PI) / random.between(3, size / 2);
    const phase = random.between(0, 2 * PI);
    const levels = Float64Array.from({ length: size * size }, (_, i) => {
      const along = a * (i % size) + b * Math.floor(i / size);
      return 0.5 + 0.5 * sin(frequency * along + phase);
    });
    return withContrast(levels, random);
  });
}

function withContrast(levels: Float64Array, random: SampleRandom): Float64Array {
  const low = random.between(0, 0.3);
  const high = random.between(0.6, 1);
  return levels.map((level) => low + (high - low) * level);
}
