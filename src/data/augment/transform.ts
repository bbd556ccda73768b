// What a transform is, and how a list of them runs over a batch: each image by its own draws.
import { isRecord, show } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { formatShape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { SampleRandom, type DrawKey } from "./sampleRandom.js";

/** The random streams of the images of a batch, for one transform. */
export class Draws {
  readonly #key: DrawKey;
  readonly #slot: number;
  readonly #indices: ArrayLike<number>;
  readonly #random: SampleRandom;

  /** @internal */
  constructor(key: DrawKey, slot: number, indices: ArrayLike<number>, random: SampleRandom = new SampleRandom()) {
    this.#key = key;
    this.#slot = slot;
    this.#indices = indices;
    this.#random = random;
  }

  /** Number of the epoch. */
  get epoch(): number {
    return this.#key.epoch;
  }

  /** The stream of image i of the batch, at its start; it serves until the next call. */
  of(i: number): SampleRandom {
    return this.#random.seek(this.#key, this.#slot, this.#indices[i]);
  }

  /** The same, but equal in every epoch. */
  always(i: number): SampleRandom {
    return this.#random.seek({ ...this.#key, epoch: 4294967295 }, this.#slot, this.#indices[i]);
  }

  /** @internal Those of a transform inside a transform, for some of the images. */
  inside(slot: number, images: ArrayLike<number>): Draws {
    const indices = Array.from(images, (i) => this.#indices[i]);
    return new Draws(this.#key, this.#slot + slot, indices, this.#random);
  }
}

/** A transform of this package, as the functions of `handgrad/data` make them. */
export interface Transform {
  /** Which one it is, for workers. */
  readonly name: string;
  /** What it was made with, as plain data. */
  readonly options: Readonly<Record<string, unknown>>;
  /** How many streams of draws it and those inside it have. Default 1. */
  readonly slots?: number;
  /** Images [N, C, H, W], which it may overwrite; returns them or new ones. */
  apply(images: Tensor, draws: Draws): Tensor;
}

/** A transform of your own: one sample without a batch axis, with its random stream. It runs in the caller's thread. */
export type SampleTransform = (x: Tensor, random: SampleRandom) => Tensor;

/** @internal Transforms one after the other. */
export class Pipeline {
  readonly transforms: readonly (Transform | SampleTransform)[];

  constructor(who: string, transforms: unknown) {
    const list: readonly unknown[] =
      transforms === undefined ? [] : Array.isArray(transforms) ? (transforms as unknown[]) : [transforms];
    this.transforms = list.map((each) => {
      const isTransform = isRecord(each) && typeof each.apply === "function" && typeof each.name === "string";
      if (isTransform || typeof each === "function") return each as unknown as Transform | SampleTransform;
      throw new ArgumentError(
        `${who}: expected transforms such as randomCrop(32, { padding: 4 }) or functions, got ${show(each)}.`,
      );
    });
  }

  /** The first transforms of this package: what a worker can do. */
  get leading(): readonly Transform[] {
    const end = this.transforms.findIndex((each) => typeof each === "function");
    return this.transforms.slice(0, end < 0 ? undefined : end) as readonly Transform[];
  }

  /** Runs transforms `from` to the end over the samples [N, ...]. */
  run(x: Tensor, key: DrawKey, indices: ArrayLike<number>, from: number = 0): Tensor {
    let slot = this.transforms.slice(0, from).reduce((sum, each) => sum + slotsOf(each), 0);
    let images = x;
    for (const each of this.transforms.slice(from)) {
      const draws = new Draws(key, slot, indices);
      images = typeof each === "function" ? mapSamples(each, images, draws) : applyTransform(each, images, draws);
      slot += slotsOf(each);
    }
    return images;
  }
}

/** @internal Throws unless x is images in float32, then runs the transform. */
export function applyTransform(transform: Transform, x: Tensor, draws: Draws): Tensor {
  if (x.rank !== 4 || x.dtype !== "float32") {
    const got = x.dtype === "float32" ? formatShape(x.shape) : `${x.dtype} ${formatShape(x.shape)}`;
    throw new ShapeError(`${transform.name}: expected images [N, C, H, W] in float32, got ${got}.`);
  }
  return transform.apply(x, draws);
}

/** @internal How many streams of draws it has. */
export function slotsOf(transform: Transform | SampleTransform): number {
  return typeof transform === "function" ? 1 : (transform.slots ?? 1);
}

function mapSamples(transform: SampleTransform, x: Tensor, draws: Draws): Tensor {
  const samples = Array.from({ length: x.shape[0] }, (_, i) => {
    const y: unknown = transform(x.slice(i), draws.of(i));
    if (Tensor.isTensor(y)) return y;
    throw new ArgumentError(`DataLoader: expected a transform that returns a Tensor, got ${show(y)}.`);
  });
  return joinSamples("DataLoader", samples);
}

/** @internal Samples of one shape as a batch. */
export function joinSamples(who: string, samples: readonly Tensor[]): Tensor {
  const [{ shape, size, data }] = samples;
  const out = new (data.constructor as Float32ArrayConstructor)(samples.length * size);
  samples.forEach((sample, i) => {
    if (formatShape(sample.shape) !== formatShape(shape)) {
      throw new ShapeError(
        `${who}: expected transformed samples of one shape, ${formatShape(shape)}, got ${formatShape(sample.shape)}.`,
      );
    }
    out.set(sample.data, i * size);
  });
  return Tensor.adopt(out, [samples.length, ...shape]);
}
