// Elastic deformation: pixels are moved by smooth random amounts, as ink by a hand that is not steady.
import { ShapeError } from "../../base/errors.js";
import { atLeast0, readOptions } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { Tensor, checkTensor } from "../../base/tensor.js";
import { exp } from "../../numbers/math.js";
import { fill, imageSizes, interpolationMode, sourceAt, type Fill, type Interpolation } from "./images.js";
import type { SamplingOptions } from "./affine.js";
import { sampleImage } from "./sampling.js";
import type { Transform } from "./transform.js";

/** Options of {@link elasticTransform}. */
export interface ElasticOptions extends SamplingOptions {
  /** Strength: the blurred noise from -1 to 1 is multiplied by alpha / 2 pixels. Default 50. */
  readonly alpha?: number;
  /** Standard deviation of the blur in pixels: how smooth the field is. Default 5. */
  readonly sigma?: number;
  /** Default "bilinear". */
  readonly interpolation?: Interpolation;
}

const INTERPOLATION = { check: interpolationMode, default: "bilinear" };
const FILL = { check: fill, default: 0 };
const SAMPLING = { interpolation: INTERPOLATION, fill: FILL };
const OPTIONS = {
  alpha: { check: atLeast0, default: 50 },
  sigma: { check: atLeast0, default: 5 },
  interpolation: INTERPOLATION,
  fill: FILL,
};

interface Sampling {
  readonly interpolation: Interpolation;
  readonly fill: Fill;
}

/**
 * Moves the pixels of each image by a smooth random field: noise from -1 to 1 for each pixel and direction, blurred by a Gaussian
 * of `sigma` (cut at 4 sigma), times alpha / 2 pixels. For square images these are torchvision's alpha and sigma.
 *
 * Simard, Steinkraus & Platt, "Best practices for convolutional neural networks applied to visual document analysis" (2003).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ElasticTransform.html
 *
 * @example
 * const transform = elasticTransform({ alpha: 30, sigma: 4 });
 */
export function elasticTransform(options: ElasticOptions = {}): Transform {
  const name = "elasticTransform";
  const settings = readOptions(name, OPTIONS, options) as unknown as Sampling & { alpha: number; sigma: number };
  const { alpha, sigma } = settings;
  return {
    name,
    options: { ...settings },
    apply(images, draws) {
      const [n, , h, w] = images.shape;
      const y = new Float32Array(images.size);
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        const field = [0, 1].map(() => {
          const noise = new Float64Array(h * w);
          for (let p = 0; p < noise.length; p++) noise[p] = 2 * random.uniform() - 1;
          return blurPlane(noise, h, w, sigma).map((value) => (value * alpha) / 2);
        });
        moveImage(name, images, i, field[0], field[1], y, settings);
      }
      return Tensor.adopt(y, images.shape);
    },
  };
}

/**
 * Images [N, C, H, W] (or one [C, H, W]) whose pixel (row, column) takes the level at (row + dy, column + dx) for
 * `displacement` [2, H, W], dy first, in pixels.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.elastic.html
 *
 * @example
 * elastic(rand([1, 1, 4, 4]), zeros([2, 4, 4])).shape; // [1, 1, 4, 4]
 */
export function elastic(images: Tensor, displacement: Tensor, options: SamplingOptions = {}): Tensor {
  const who = "elastic";
  const sampling = readOptions(who, SAMPLING, options) as unknown as Sampling;
  const [n, , h, w] = imageSizes(who, checkTensor(who, "images", images));
  const { shape, data } = checkTensor(who, "displacement", displacement);
  if (formatShape(shape) !== formatShape([2, h, w])) {
    throw new ShapeError(`${who}: expected displacement [2, ${h}, ${w}], got ${formatShape(shape)}.`);
  }
  const y = new Float32Array(images.size);
  const [down, right] = [data.subarray(0, h * w), data.subarray(h * w)];
  for (let i = 0; i < n; i++) moveImage(who, images, i, down, right, y, sampling);
  return Tensor.adopt(y, images.shape);
}

/** @internal A plane blurred by a Gaussian, reflected at its edges (without the edge itself). */
export function blurPlane(x: Float64Array, h: number, w: number, sigma: number): Float64Array {
  if (sigma === 0) return x;
  const weights = gaussian(sigma);
  return blurAlong(blurAlong(x, h, w, w, 1, weights), w, h, 1, w, weights);
}

let lastGaussian: { readonly sigma: number; readonly weights: Float64Array } | undefined; // of the images before

function gaussian(sigma: number): Float64Array {
  if (lastGaussian?.sigma === sigma) return lastGaussian.weights;
  const reach = Math.floor((Math.floor(8 * sigma + 1) | 1) / 2);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const distance = (i - reach) / sigma;
    return exp(-0.5 * distance * distance);
  });
  const sum = weights.reduce((a, b) => a + b);
  weights.forEach((weight, i) => (weights[i] = weight / sum));
  lastGaussian = { sigma, weights };
  return weights;
}

// Blurs `lines` lines of n numbers that lie `step` apart, one line `next` behind the other.
function blurAlong(
  x: Float64Array,
  lines: number,
  n: number,
  next: number,
  step: number,
  weights: Float64Array,
): Float64Array {
  const y = new Float64Array(x.length);
  const taps = weights.length;
  const reach = (taps - 1) / 2;
  const sources = Int32Array.from({ length: n + 2 * reach }, (_, i) => step * sourceAt(i - reach, n, "reflect"));
  const along = new Float64Array(sources.length); // one line with its reflections, side by side
  for (let line = 0; line < lines; line++) {
    const from = line * next;
    for (let i = 0; i < along.length; i++) along[i] = x[from + sources[i]];
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += weights[k] * along[i + k];
      y[from + i * step] = sum;
    }
  }
  return y;
}

function moveImage(
  who: string,
  images: Tensor,
  i: number,
  down: ArrayLike<number>,
  right: ArrayLike<number>,
  y: Float32Array,
  sampling: Sampling,
): void {
  const [c, h, w] = images.shape.slice(images.rank - 3);
  const place = (row: number, column: number, at: Float64Array): void => {
    at[0] = row + down[row * w + column];
    at[1] = column + right[row * w + column];
  };
  const from = i * c * h * w;
  sampleImage(who, images.data, from, [c, h, w], y, from, place, sampling.interpolation, sampling.fill);
}
