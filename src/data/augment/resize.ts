// Images of another size: all of an image, or a random part of it.
import { flag, knownKeys } from "../../base/check.js";
import { readOptions } from "../../base/options.js";
import type { PairOption } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { exp, log } from "../../numbers/math.js";
import { resizePlane } from "../../ops/resizePlane.js";
import { imageSize, positiveRange, type Range } from "./images.js";
import type { Transform } from "./transform.js";

/** Options of {@link resize}. */
export interface ResizeOptions {
  /**
   * Whether the shorter side gets the size, which must be one number then, and the longer one keeps the image's shape (cut with
   * `centerCrop` or `randomCrop` behind it). Default false: the image is stretched.
   */
  readonly keepAspect?: boolean;
}

/**
 * Stretches each image to a size, a number for both sides or [height, width]: bilinear with antialiasing (torchvision's with
 * antialias true).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Resize.html
 *
 * @example
 * const transform = [resize(36, { keepAspect: true }), randomCrop(32)];
 */
export function resize(size: PairOption, options: ResizeOptions = {}): Transform {
  const name = "resize";
  const [height, width] = imageSize(name, "size", size);
  knownKeys(name, options, ["keepAspect"]);
  const { keepAspect = false } = options;
  flag(name, "keepAspect", keepAspect);
  return {
    name,
    options: { size: [height, width], keepAspect },
    apply(images) {
      const [, , h, w] = images.shape;
      if (!keepAspect) return resized(images, height, width);
      const longer = Math.floor((height * Math.max(h, w)) / Math.min(h, w));
      return h < w ? resized(images, height, longer) : resized(images, longer, height);
    },
  };
}

/** Options of {@link randomResizedCrop}. */
export interface RandomResizedCropOptions {
  /** [low, high] of the share of the image that is cut out. Default [0.08, 1]. */
  readonly scale?: Range;
  /** [low, high] of width / height of the part. Default [3/4, 4/3]. */
  readonly ratio?: Range;
}

const OPTIONS = {
  scale: { check: positiveRange, default: [0.08, 1] },
  ratio: { check: positiveRange, default: [3 / 4, 4 / 3] },
};

const TRIES = 10; // as in torchvision: then the middle of the image is taken

/**
 * Cuts a random part out of each image and stretches it to the size: the augmentation of Inception and ResNet.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomResizedCrop.html
 */
export function randomResizedCrop(size: PairOption, options: RandomResizedCropOptions = {}): Transform {
  const name = "randomResizedCrop";
  const [height, width] = imageSize(name, "size", size);
  const settings = readOptions(name, OPTIONS, options) as unknown as { readonly scale: Range; readonly ratio: Range };
  const [low, high] = settings.ratio.map((ratio) => log(ratio));
  return {
    name,
    options: { size: [height, width], ...settings },
    apply(images, draws) {
      const [n, c, h, w] = images.shape;
      const y = new Float32Array(n * c * height * width);
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        let box: readonly number[] | null = null;
        for (let tries = 0; tries < TRIES && box === null; tries++) {
          const area = h * w * random.between(...settings.scale);
          const ratio = exp(random.between(low, high));
          const [boxH, boxW] = [Math.round(Math.sqrt(area / ratio)), Math.round(Math.sqrt(area * ratio))];
          if (boxH < 1 || boxW < 1 || boxH > h || boxW > w) continue;
          box = [random.integer(h - boxH + 1), random.integer(w - boxW + 1), boxH, boxW];
        }
        const [top, left, boxH, boxW] = box ?? middle(h, w, settings.ratio);
        for (let channel = 0; channel < c; channel++) {
          const part = new Float64Array(boxH * boxW);
          const plane = (i * c + channel) * h * w;
          for (let row = 0; row < boxH; row++) {
            const from = plane + (top + row) * w + left;
            for (let j = 0; j < boxW; j++) part[row * boxW + j] = images.data[from + j];
          }
          y.set(resizePlane(part, boxH, boxW, height, width), (i * c + channel) * height * width);
        }
      }
      return Tensor.adopt(y, [n, c, height, width]);
    },
  };
}

// The largest part around the center whose shape is allowed.
function middle(h: number, w: number, [low, high]: Range): readonly [number, number, number, number] {
  const boxW = w / h > high ? Math.max(1, Math.round(h * high)) : w;
  const boxH = w / h < low ? Math.max(1, Math.round(w / low)) : h;
  return [Math.floor((h - boxH) / 2), Math.floor((w - boxW) / 2), boxH, boxW];
}

function resized(images: Tensor, height: number, width: number): Tensor {
  const [n, c, h, w] = images.shape;
  if (h === height && w === width) return images;
  const y = new Float32Array(n * c * height * width);
  for (let plane = 0; plane < n * c; plane++) {
    const x = Float64Array.from(images.data.subarray(plane * h * w, (plane + 1) * h * w));
    y.set(resizePlane(x, h, w, height, width), plane * height * width);
  }
  return Tensor.adopt(y, [n, c, height, width]);
}
