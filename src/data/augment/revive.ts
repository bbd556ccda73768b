// Transforms from their names and options, for workers: the one place that finds a transform by a string.
import { ArgumentError } from "../../base/errors.js";
import type { Tensor } from "../../base/tensor.js";
import { randomAffine, randomRotation, randomZoom } from "./affine.js";
import { randomApply, randomChoice } from "./choose.js";
import { colorJitter } from "./color.js";
import { centerCrop, padImages, randomCrop, randomTranslate } from "./crop.js";
import { elasticTransform } from "./elastic.js";
import { cutout, randomErasing } from "./erase.js";
import { alternatingHorizontalFlip, randomHorizontalFlip, randomVerticalFlip } from "./flip.js";
import { cutMix, mixUp, type BatchTransform } from "./mix.js";
import { grayscale, normalize } from "./normalize.js";
import { randomResizedCrop, resize } from "./resize.js";
import type { Transform } from "./transform.js";

/** A transform as plain data. */
export interface TransformConfig {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

type Make = (options: never) => Transform;

// `with first` makes the option of that name the positional argument.
const first =
  (name: string, make: (value: never, options: never) => Transform): Make =>
  ({ [name]: value, ...rest }: Record<string, unknown>) =>
    make(value as never, rest as never);

const TABLE: Readonly<Record<string, Make>> = {
  alternatingHorizontalFlip: () => alternatingHorizontalFlip(),
  centerCrop: first("size", (size) => centerCrop(size)),
  colorJitter,
  cutout: first("size", cutout),
  elasticTransform,
  grayscale,
  normalize: ({ mean, std }: { mean: readonly number[]; std: readonly number[] }) => normalize(mean, std),
  padImages: first("padding", padImages),
  randomAffine,
  randomApply: ({ transforms, p }: { transforms: readonly TransformConfig[]; p: number }) =>
    randomApply(transforms.map(revive), { p }),
  randomChoice: ({ transforms }: { transforms: readonly TransformConfig[] }) => randomChoice(transforms.map(revive)),
  randomCrop: first("size", randomCrop),
  randomErasing,
  randomHorizontalFlip,
  randomResizedCrop: first("size", randomResizedCrop),
  randomRotation: first("degrees", randomRotation),
  randomTranslate: first("most", randomTranslate),
  randomVerticalFlip,
  randomZoom: first("scale", randomZoom),
  resize: ({ size, keepAspect }: { size: [number, number]; keepAspect: boolean }) => resize(size, { keepAspect }),
};

/** The names of all transforms. */
export const TRANSFORM_NAMES: readonly string[] = /* @__PURE__ */ Object.keys(TABLE);

/** The transform that this describes. */
export function revive({ name, options }: TransformConfig): Transform {
  if (Object.hasOwn(TABLE, name)) return TABLE[name](options as never);
  throw new ArgumentError(`DataLoader: expected a transform of this package for workers, got "${name}".`);
}

/** The mixture of batches that this describes. */
export function reviveMix({ name, options }: TransformConfig): BatchTransform<Int32Array | Tensor, Tensor> {
  if (name === "mixUp") return mixUp(options);
  if (name === "cutMix") return cutMix(options);
  throw new ArgumentError(`DataLoader: expected a batchTransform of this package for workers, got "${name}".`);
}
