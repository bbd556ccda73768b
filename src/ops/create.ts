// Tensors from a shape, a range, a random draw or an image. Float32; toFloat64() gives the other format.
import { finite, knownKeys, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { Generator } from "../numbers/random.js";
import { fillNormal } from "../numbers/normal.js";
import { checkShape, type Shape } from "../base/shape.js";
import { Tensor, allocateZeros } from "../base/tensor.js";

/**
 * A tensor of zeros.
 *
 * @throws ShapeError when `shape` is not an array of whole numbers of at least 0.
 *
 * @example
 * zeros([2, 3]); // [[0, 0, 0], [0, 0, 0]]
 */
export function zeros(shape: Shape): Tensor {
  return filled("zeros", shape, 0);
}

/**
 * A tensor of ones. Errors as for {@link zeros}.
 *
 * @example
 * ones([3]); // [1, 1, 1]
 */
export function ones(shape: Shape): Tensor {
  return filled("ones", shape, 1);
}

/**
 * A tensor in which every number is `value`. Errors as for {@link zeros}.
 *
 * @throws ArgumentError when `value` is not a number.
 *
 * @example
 * full([2, 2], 7); // [[7, 7], [7, 7]]
 */
export function full(shape: Shape, value: number): Tensor {
  if (typeof value !== "number") throw new ArgumentError(`full: expected value to be a number, got ${show(value)}.`);
  return filled("full", shape, value);
}

/**
 * The identity matrix [n, n]; with `columns` the matrix [n, columns] with ones on the diagonal.
 *
 * @throws ArgumentError unless the sizes are whole numbers of at least 0.
 *
 * @example
 * eye(2); // [[1, 0], [0, 1]]
 */
export function eye(n: number, columns: number = n): Tensor {
  whole("eye", "n", n, 0);
  whole("eye", "columns", columns, 0);
  const y = filled("eye", [n, columns], 0);
  for (let i = 0; i < Math.min(n, columns); i++) y.data[i * columns + i] = 1;
  return y;
}

/**
 * The numbers start, start + step, ... before `end`, which is not among them: ceil((end - start) / step) numbers.
 *
 * @throws ArgumentError when an argument is not finite, step is 0, or step leads away from `end`.
 *
 * @example
 * arange(4);          // [0, 1, 2, 3]
 * arange(2, 5);       // [2, 3, 4]
 * arange(1, 0, -0.5); // [1, 0.5]
 */
export function arange(end: number): Tensor;
export function arange(start: number, end: number, step?: number): Tensor;
export function arange(startOrEnd: number, maybeEnd?: number, step: number = 1): Tensor {
  const [start, end] = maybeEnd === undefined ? [0, startOrEnd] : [startOrEnd, maybeEnd];
  finite("arange", "start", start);
  finite("arange", "end", end);
  finite("arange", "step", step);
  if (step === 0 || (end - start) * Math.sign(step) < 0) {
    throw new ArgumentError(
      `arange: expected a step that leads from start ${start} to end ${end}, got ${step} (swap the two, or ` +
        `change its sign).`,
    );
  }
  const data = allocateZeros("arange", Float32Array, [Math.ceil((end - start) / step)]);
  for (let i = 0; i < data.length; i++) data[i] = start + i * step;
  return Tensor.adopt(data, [data.length]);
}

/** Where the numbers of {@link rand} and {@link randn} come from. */
export interface RandomOptions {
  /** The same seed gives the same numbers, whatever was drawn before. Default: go on with the draws of `manualSeed`. */
  readonly seed?: number;
}

/**
 * Random numbers, evenly distributed from 0 up to but not including 1. Errors as for {@link zeros}.
 *
 * @throws ArgumentError when the seed is not a whole number from 0 to 2^53 - 1.
 *
 * @example
 * rand([2, 3], { seed: 1 });
 */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  const y = filled("rand", shape, 0);
  generatorFor("rand", options).fillUniform(y.data, 0, 1);
  return y;
}

/**
 * Random numbers from the normal distribution with mean 0 and standard deviation 1. Errors as for {@link rand}.
 *
 * @example
 * randn([2, 3], { seed: 1 });
 */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  const y = filled("randn", shape, 0);
  fillNormal(generatorFor("randn", options), y.data, 0, 1);
  return y;
}

/** Options of {@link fromRgba}. */
export interface FromRgbaOptions {
  /** 3 (default) for red, green and blue, 1 for gray: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as in Pillow). */
  readonly channels?: 1 | 3;
}

/**
 * An image from the bytes R, G, B, A of each pixel, row by row: what `getImageData` of a canvas gives, or a decoded
 * PNG. Alpha is dropped, not multiplied in.
 *
 * Shapes: 4 * width * height bytes give [1, 3, height, width], or [1, 1, height, width] for gray; 0..255 becomes 0..1.
 *
 * @throws ShapeError when the number of bytes is not 4 * width * height.
 * @throws ArgumentError when data are not bytes (a float16 canvas is not), or a size is not a whole number of at least
 * 1.
 *
 * @example
 * const { data, width, height } = context.getImageData(0, 0, 28, 28);
 * const x = fromRgba(data, width, height, { channels: 1 }); // [1, 1, 28, 28]
 */
export function fromRgba(
  data: Uint8ClampedArray | Uint8Array,
  width: number,
  height: number,
  options: FromRgbaOptions = {},
): Tensor {
  knownKeys("fromRgba", options, ["channels"]);
  const { channels = 3 } = options;
  if (channels !== 1 && channels !== 3) {
    throw new ArgumentError(`fromRgba: expected channels to be 3 (RGB) or 1 (gray), got ${show(channels)}.`);
  }
  const pixels = checkRgba("fromRgba", data, width, height);
  const y = new Float32Array(channels * pixels);
  for (let i = 0; i < pixels; i++) {
    const [r, g, b] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    if (channels === 1) {
      y[i] = (299 * r + 587 * g + 114 * b) / 255000;
      continue;
    }
    y[i] = r / 255;
    y[pixels + i] = g / 255;
    y[2 * pixels + i] = b / 255;
  }
  return Tensor.adopt(y, [1, channels, height, width]);
}

/** @internal Throws unless these are the bytes of such an image; returns the number of its pixels. */
export function checkRgba(who: string, data: unknown, width: unknown, height: unknown): number {
  // Told by name, because canvas data may come from another realm.
  if (!/Uint8(Clamped)?Array\]$/.test(Object.prototype.toString.call(data))) {
    throw new ArgumentError(
      `${who}: expected bytes (Uint8ClampedArray or Uint8Array), got ${show(data)} (a canvas gives them with ` +
        `pixelFormat "rgba-unorm8").`,
    );
  }
  const { length } = data as Uint8Array;
  const pixels = whole(who, "width", width, 1) * whole(who, "height", height, 1);
  if (length === 4 * pixels) return pixels;
  throw new ShapeError(
    `${who}: expected ${4 * pixels} bytes for ${show(width)} x ${show(height)} pixels of R, G, B, A, got ${length} ` +
      `(${length === 3 * pixels ? "add an alpha byte to each pixel" : "check width and height"}).`,
  );
}

function filled(who: string, shape: Shape, value: number): Tensor {
  const checked = checkShape(who, shape);
  return Tensor.adopt(allocateZeros(who, Float32Array, checked).fill(value), checked);
}

// The stream of all draws without a seed of their own. Its number is fixed, so that it depends neither on when the
// first draw is made nor on other generators.
const UNSEEDED_STREAM = 4294967295;
let unseeded: Generator | undefined;

function generatorFor(who: string, options: RandomOptions): Generator {
  knownKeys(who, options, ["seed"]);
  if (options.seed !== undefined) {
    return new Generator("draw", { seed: whole(who, "seed", options.seed, 0, Number.MAX_SAFE_INTEGER) });
  }
  return unseededDraws();
}

/** @internal The generator of all draws without a seed of their own; its position belongs to a checkpoint. */
export function unseededDraws(): Generator {
  return (unseeded ??= new Generator("draw", { stream: UNSEEDED_STREAM }));
}
