// Parts of images left out: rectangles of a random size, or squares of a fixed one.
import { oneOf } from "../../base/check.js";
import { fraction, readOptions, type Check } from "../../base/options.js";
import { exp, log } from "../../numbers/math.js";
import { count, fill, levelOf, positiveRange, type Fill, type Range } from "./images.js";
import type { Transform } from "./transform.js";

/** Options of {@link randomErasing}. */
export interface RandomErasingOptions {
  /** How likely an image is changed. Default 0.5. */
  readonly p?: number;
  /** [low, high] of the erased share of the image. Default [0.02, 0.33]. */
  readonly scale?: Range;
  /** [low, high] of height / width of the rectangle. Default [0.3, 3.3]. */
  readonly ratio?: Range;
  /** What stands there: a level, one for each channel, or "random" (normal noise). Default 0. */
  readonly value?: Fill | "random";
}

const value: Check<Fill | "random"> = (who, name, given) =>
  typeof given === "string" ? oneOf<"random">(who, name, given, ["random"]) : fill(who, name, given);

const OPTIONS = {
  p: { check: fraction, default: 0.5 },
  scale: { check: positiveRange, default: [0.02, 0.33] },
  ratio: { check: positiveRange, default: [0.3, 3.3] },
  value: { check: value, default: 0 },
};

const TRIES = 10; // as in torchvision: then the image stays

/**
 * Erases a random rectangle of each image with probability p. It may stand before or behind `normalize`; behind it, 0 is the mean
 * color.
 *
 * Zhong, Zheng, Kang, Li & Yang, "Random erasing data augmentation" (2020).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomErasing.html
 *
 * @example
 * const transform = randomErasing({ p: 0.25 });
 */
export function randomErasing(options: RandomErasingOptions = {}): Transform {
  const name = "randomErasing";
  const settings = readOptions(name, OPTIONS, options) as unknown as {
    readonly p: number;
    readonly scale: Range;
    readonly ratio: Range;
    readonly value: Fill | "random";
  };
  const [low, high] = settings.ratio.map((ratio) => log(ratio));
  return {
    name,
    options: { ...settings },
    apply(images, draws) {
      const [n, c, h, w] = images.shape;
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        if (!random.chance(settings.p)) continue;
        for (let tries = 0; tries < TRIES; tries++) {
          const area = h * w * random.between(...settings.scale);
          const ratio = exp(random.between(low, high));
          const height = Math.round(Math.sqrt(area * ratio));
          const width = Math.round(Math.sqrt(area / ratio));
          if (height >= h || width >= w) continue;
          const top = random.integer(h - height + 1);
          const left = random.integer(w - width + 1);
          const level = settings.value;
          const levelAt = level === "random" ? () => random.normal() : (k: number) => levelOf(name, level, k, c);
          erase(images.data, i, [c, h, w], [top, left, top + height, left + width], levelAt);
          break;
        }
      }
      return images;
    },
  };
}

/** Options of {@link cutout}. */
export interface CutoutOptions {
  /** The level of the square, or one for each channel. Default 0. */
  readonly fill?: Fill;
}

/**
 * Erases a square of `size` x `size` pixels around a random pixel of each image; what lies beyond the edge is left out.
 *
 * DeVries & Taylor, "Improved regularization of convolutional neural networks with cutout" (2017).
 *
 * @example
 * const transform = cutout(8);
 */
export function cutout(size: number, options: CutoutOptions = {}): Transform {
  const name = "cutout";
  const side = count(name, "size", size);
  const settings = readOptions(name, { fill: { check: fill, default: 0 } }, options) as unknown as { fill: Fill };
  return {
    name,
    options: { size: side, ...settings },
    apply(images, draws) {
      const [n, c, h, w] = images.shape;
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        const top = random.integer(h) - Math.floor(side / 2);
        const left = random.integer(w) - Math.floor(side / 2);
        const box = [Math.max(top, 0), Math.max(left, 0), Math.min(top + side, h), Math.min(left + side, w)] as const;
        erase(images.data, i, [c, h, w], box, (channel) => levelOf(name, settings.fill, channel, c));
      }
      return images;
    },
  };
}

/** [top, left, bottom, right], the last two not included. */
type Box = readonly [number, number, number, number];

function erase(
  x: Float32Array,
  i: number,
  [c, h, w]: readonly [number, number, number],
  [top, left, bottom, right]: Box,
  levelAt: (channel: number) => number,
): void {
  for (let channel = 0; channel < c; channel++) {
    const plane = (i * c + channel) * h * w;
    for (let row = top; row < bottom; row++) {
      for (let at = plane + row * w + left; at < plane + row * w + right; at++) x[at] = levelAt(channel);
    }
  }
}
