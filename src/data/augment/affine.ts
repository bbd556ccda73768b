// Rotation, shift, zoom and shear in one step: the images seen through an affine map around their center.
import { finite, knownKeys, show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { readOptions, type Check } from "../../base/options.js";
import { Tensor, checkTensor } from "../../base/tensor.js";
import { cos, sin } from "../../numbers/trig.js";
import {
  aroundZero,
  fill,
  imageSizes,
  interpolationMode,
  positiveRange,
  type Fill,
  type Interpolation,
  type Range,
} from "./images.js";
import { sampleImage } from "./sampling.js";
import type { Transform } from "./transform.js";

/** How pixels of a moved image are found. */
export interface SamplingOptions {
  /** "nearest" (default, as torchvision's) or "bilinear". */
  readonly interpolation?: Interpolation;
  /** The level of what comes from beyond the edge, or one for each channel. Default 0. */
  readonly fill?: Fill;
}

/** Options of {@link affine}. */
export interface AffineOptions extends SamplingOptions {
  /** Degrees, clockwise. Default 0. */
  readonly angle?: number;
  /** Pixels [right, down]. Default [0, 0]. */
  readonly translate?: readonly [number, number];
  /** Factor of the size. Default 1. */
  readonly scale?: number;
  /** Degrees of shear [along x, along y]. Default [0, 0]. */
  readonly shear?: readonly [number, number];
}

/** Options of {@link randomAffine}. */
export interface RandomAffineOptions extends SamplingOptions {
  /** Degrees d for [-d, d], or [low, high]. */
  readonly degrees: number | Range;
  /** Largest shift [of the width, of the height] as fractions; whole pixels are drawn. Default [0, 0]. */
  readonly translate?: readonly [number, number];
  /** [low, high] of the factor. Default [1, 1]. */
  readonly scale?: Range;
  /** Degrees of shear along x: d for [-d, d], or [low, high]. Default 0. */
  readonly shear?: number | Range;
}

const INTERPOLATION = { check: interpolationMode, default: "nearest" };
const FILL = { check: fill, default: 0 };
const SAMPLING = { interpolation: INTERPOLATION, fill: FILL };

interface Sampling {
  readonly interpolation: Interpolation;
  readonly fill: Fill;
}

const fractions: Check<readonly [number, number]> = (who, name, value) => {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ArgumentError(`${who}: expected ${name} as [of the width, of the height], got ${show(value)}.`);
  }
  return [finite(who, `${name}[0]`, value[0], 0, 1), finite(who, `${name}[1]`, value[1], 0, 1)] as const;
};

const AFFINE = {
  degrees: { check: aroundZero, missing: "degrees, as in randomAffine({ degrees: 10 })" },
  translate: { check: fractions, default: [0, 0] },
  scale: { check: positiveRange, default: [1, 1] },
  shear: { check: aroundZero, default: 0 },
  interpolation: INTERPOLATION,
  fill: FILL,
};

/**
 * Images [N, C, H, W] (or one [C, H, W]) turned, sheared, scaled and shifted around their center, at the same size.
 *
 * A pixel of the result at (x, y) from the center takes the level of M^-1 (x, y) with M = T R(angle) S(shear) scale, torchvision's
 * matrix.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.affine.html
 *
 * @example
 * affine(rand([1, 3, 8, 8]), { angle: 15, scale: 1.2, interpolation: "bilinear" }).shape; // [1, 3, 8, 8]
 */
export function affine(images: Tensor, options: AffineOptions = {}): Tensor {
  const who = "affine";
  knownKeys(who, options, ["angle", "translate", "scale", "shear", "interpolation", "fill"]);
  const { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0], ...rest } = options;
  const sampling = readOptions(who, SAMPLING, rest) as unknown as Sampling;
  const numbers = [angle, ...pairOf(who, "translate", translate), scale, ...pairOf(who, "shear", shear)];
  numbers.forEach((value, i) => finite(who, ["angle", "translate", "translate", "scale", "shear", "shear"][i], value));
  if (scale <= 0) throw new ArgumentError(`${who}: expected scale above 0, got ${scale}.`);
  const [n] = imageSizes(who, checkTensor(who, "images", images));
  const map = inverse(angle, translate, scale, shear);
  return mapImages(who, images, () => map, sampling, n);
}

/**
 * Images turned by these degrees, counterclockwise as in torchvision, at the same size.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.rotate.html
 *
 * @example
 * rotate(rand([2, 1, 5, 5]), 90).shape; // [2, 1, 5, 5]
 */
export function rotate(images: Tensor, angle: number, options: SamplingOptions = {}): Tensor {
  const who = "rotate";
  finite(who, "angle", angle);
  const sampling = readOptions(who, SAMPLING, options) as unknown as Sampling;
  const [n] = imageSizes(who, checkTensor(who, "images", images));
  const map = inverse(-angle, [0, 0], 1, [0, 0]);
  return mapImages(who, images, () => map, sampling, n);
}

/**
 * Turns, shears, scales and shifts each image by random amounts.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAffine.html
 *
 * @example
 * const transform = randomAffine({ degrees: 10, translate: [0.1, 0.1], scale: [0.9, 1.1], interpolation: "bilinear" });
 */
export function randomAffine(options: RandomAffineOptions): Transform {
  const name = "randomAffine";
  const settings = readOptions(name, AFFINE, options ?? {}) as unknown as Sampling & {
    readonly degrees: Range;
    readonly translate: readonly [number, number];
    readonly scale: Range;
    readonly shear: Range;
  };
  const { degrees, translate, scale, shear } = settings;
  return {
    name,
    options: { ...settings },
    apply(images, draws) {
      const [n, , h, w] = images.shape;
      const shift = (size: number, most: number, draw: number): number => Math.round((2 * draw - 1) * size * most);
      return mapImages(
        name,
        images,
        (i) => {
          const random = draws.of(i);
          const angle = random.between(...degrees);
          const right = shift(w, translate[0], random.uniform());
          const down = shift(h, translate[1], random.uniform());
          const factor = random.between(...scale);
          return inverse(angle, [right, down], factor, [random.between(...shear), 0]);
        },
        settings,
        n,
      );
    },
  };
}

/**
 * Turns each image by a random angle: degrees d for [-d, d], or [low, high].
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomRotation.html
 */
export function randomRotation(degrees: number | Range, options: SamplingOptions = {}): Transform {
  const name = "randomRotation";
  const range = aroundZero(name, "degrees", degrees);
  const settings = readOptions(name, SAMPLING, options) as unknown as Sampling;
  return {
    name,
    options: { degrees: range, ...settings },
    apply(images, draws) {
      const turn = (i: number): Map => inverse(-draws.of(i).between(...range), [0, 0], 1, [0, 0]);
      return mapImages(name, images, turn, settings, images.shape[0]);
    },
  };
}

/** Makes each image larger or smaller by a random factor from [low, high], at the same size around its center. */
export function randomZoom(scale: Range, options: SamplingOptions = {}): Transform {
  const name = "randomZoom";
  const range = positiveRange(name, "scale", scale);
  const settings = readOptions(name, SAMPLING, options) as unknown as Sampling;
  return {
    name,
    options: { scale: range, ...settings },
    apply(images, draws) {
      const zoom = (i: number): Map => inverse(0, [0, 0], draws.of(i).between(...range), [0, 0]);
      return mapImages(name, images, zoom, settings, images.shape[0]);
    },
  };
}

/** x' = a x + b y + c, y' = d x + e y + f: from a place in the result to one in the source, both from the center. */
type Map = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

// Of M = R(angle) S(shear x, shear y) scale, then shifted: torchvision's _get_inverse_affine_matrix.
function inverse(
  angle: number,
  [right, down]: readonly [number, number],
  scale: number,
  shear: readonly [number, number],
): Map {
  const turn = angle % 360;
  const [cosSx, sinSx] = [cosDegrees(shear[0]), sinDegrees(shear[0])];
  const [cosSy, sinSy] = [cosDegrees(shear[1]), sinDegrees(shear[1])];
  const tan = sinSx / cosSx;
  const [cosDiff, sinDiff] = [cosDegrees(turn - shear[1]), sinDegrees(turn - shear[1])];
  const a = cosDiff / cosSy;
  const b = (-cosDiff * tan) / cosSy - sinDegrees(turn);
  const c = sinDiff / cosSy;
  const d = (-sinDiff * tan) / cosSy + cosDegrees(turn);
  if (sinSy === 1 || sinSx === 1)
    throw new ArgumentError(`affine: expected shear other than 90, got ${show([...shear])}.`);
  const m: [number, number, number, number] = [d / scale, -b / scale, -c / scale, a / scale];
  return [m[0], m[1], -m[0] * right - m[1] * down, m[2], m[3], -m[2] * right - m[3] * down];
}

const RADIANS = 0.017453292519943295;

// Exact at multiples of 90, so that quarter turns move whole pixels.
function sinDegrees(degrees: number): number {
  const quarter = degrees / 90;
  return Number.isInteger(quarter) ? [0, 1, 0, -1][((quarter % 4) + 4) % 4] : sin(degrees * RADIANS);
}

function cosDegrees(degrees: number): number {
  const quarter = degrees / 90;
  return Number.isInteger(quarter) ? [1, 0, -1, 0][((quarter % 4) + 4) % 4] : cos(degrees * RADIANS);
}

function mapImages(who: string, images: Tensor, mapOf: (i: number) => Map, sampling: Sampling, n: number): Tensor {
  const y = new Float32Array(images.size);
  const [c, h, w] = images.shape.slice(images.rank - 3);
  const [middleY, middleX] = [(h - 1) / 2, (w - 1) / 2];
  for (let i = 0; i < n; i++) {
    const [a, b, right, d, e, down] = mapOf(i);
    const place = (row: number, column: number, at: Float64Array): void => {
      const [dy, dx] = [row - middleY, column - middleX];
      at[0] = d * dx + e * dy + down + middleY;
      at[1] = a * dx + b * dy + right + middleX;
    };
    const from = i * c * h * w;
    sampleImage(who, images.data, from, [c, h, w], y, from, place, sampling.interpolation, sampling.fill);
  }
  return Tensor.adopt(y, images.shape);
}

function pairOf(who: string, name: string, value: unknown): readonly [number, number] {
  if (Array.isArray(value) && value.length === 2) return value as [number, number];
  throw new ArgumentError(`${who}: expected ${name} as [x, y], got ${show(value)}.`);
}
