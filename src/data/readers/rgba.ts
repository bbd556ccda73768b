// Pixels R, G, B, A, as a canvas and decoders of images give them, as tensors.
import { finite, knownKeys, show } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { Tensor } from "../../base/tensor.js";
import { checkRgba } from "../../ops/create.js";

/** Pixels R, G, B, A row by row: an ImageData, or what a decoder gives. */
export interface RgbaPixels {
  /** 4 * width * height bytes. */
  readonly data: Uint8ClampedArray | Uint8Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** How pixels become channels. */
export interface PixelOptions {
  /** 3 (default) for red, green and blue, 1 for gray: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as in Pillow). */
  readonly channels?: 1 | 3;
  /** The color behind transparent pixels, [R, G, B] or one gray, 0 to 255. Default: transparent pixels are an error. */
  readonly background?: number | readonly [number, number, number];
}

/**
 * Images of one size from a canvas (ImageData) as a tensor [N, C, H, W] of numbers from 0 to 1.
 *
 * @example
 * const white = { data: new Uint8ClampedArray(16).fill(255), width: 2, height: 2 };
 * imagesFromRgba([white], { channels: 1 }).shape; // [1, 1, 2, 2]
 *
 * @throws ShapeError when sizes differ, ArgumentError for no pixels, or transparent ones without a background
 */
export function imagesFromRgba(images: readonly RgbaPixels[], options: PixelOptions = {}): Tensor {
  const who = "imagesFromRgba";
  if (!Array.isArray(images) || images.length === 0) {
    throw new ArgumentError(`${who}: expected a list of images { data, width, height }, got ${show(images)}.`);
  }
  const settings = readPixelOptions(who, options);
  const [{ width, height }] = images as readonly RgbaPixels[];
  const size = settings.channels * width * height;
  const out = new Float32Array(images.length * size);
  (images as readonly RgbaPixels[]).forEach((image, i) => {
    checkRgba(who, image?.data, image?.width, image?.height);
    if (image.width !== width || image.height !== height) {
      throw new ShapeError(
        `${who}: expected images of ${width} x ${height} pixels as the first, got ${image.width} x ${image.height} at index ${i}.`,
      );
    }
    out.set(fromPixels(who, image, 255, 4, settings), i * size);
  });
  return Tensor.adopt(out, [images.length, settings.channels, height, width]);
}

/** @internal Checked options. */
export interface PixelSettings {
  readonly channels: 1 | 3;
  readonly background: readonly number[] | null;
}

/** @internal */
export function readPixelOptions(who: string, options: PixelOptions, others: readonly string[] = []): PixelSettings {
  knownKeys(who, options, ["channels", "background", ...others]);
  const { channels = 3, background } = options;
  if (channels !== 1 && channels !== 3) {
    throw new ArgumentError(`${who}: expected channels to be 3 (RGB) or 1 (gray), got ${show(channels)}.`);
  }
  if (background === undefined) return { channels, background: null };
  const colors: readonly unknown[] = Array.isArray(background) ? background : [background, background, background];
  if (colors.length !== 3) {
    throw new ArgumentError(`${who}: expected background as [R, G, B] or one gray, got ${show(background)}.`);
  }
  return { channels, background: colors.map((color, c) => finite(who, `background[${c}]`, color, 0, 255) / 255) };
}

/** @internal Levels 0 to `most` of `parts` numbers a pixel (gray, gray + alpha, RGB, RGBA) as planes from 0 to 1. */
export function fromPixels(
  who: string,
  { data, width, height }: { readonly data: ArrayLike<number>; readonly width: number; readonly height: number },
  most: number,
  parts: number,
  { channels, background }: PixelSettings,
): Float32Array {
  const pixels = width * height;
  const y = new Float32Array(channels * pixels);
  const isGray = parts < 3;
  const alphaAt = parts === 2 || parts === 4 ? parts - 1 : -1;
  for (let i = 0; i < pixels; i++) {
    const from = parts * i;
    let r = data[from];
    let g = isGray ? r : data[from + 1];
    let b = isGray ? r : data[from + 2];
    if (alphaAt >= 0 && data[from + alphaAt] < most) {
      if (background === null) {
        throw new ArgumentError(
          `${who}: expected opaque pixels, got alpha ${data[from + alphaAt]} at x ${i % width}, y ${Math.floor(i / width)} (give ` +
            "{ background: 255 } for white).",
        );
      }
      const alpha = data[from + alphaAt] / most;
      r = r * alpha + background[0] * most * (1 - alpha);
      g = g * alpha + background[1] * most * (1 - alpha);
      b = b * alpha + background[2] * most * (1 - alpha);
    }
    if (channels === 1) {
      y[i] = isGray && r === g && g === b ? r / most : (299 * r + 587 * g + 114 * b) / (1000 * most);
      continue;
    }
    y[i] = r / most;
    y[pixels + i] = g / most;
    y[2 * pixels + i] = b / most;
  }
  return y;
}
