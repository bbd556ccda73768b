// Brightness, contrast, saturation and hue of images from 0 to 1, by torchvision's formulas; and all four at random.
import { finite } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { readOptions, type Check } from "../../base/options.js";
import { Tensor, checkTensor } from "../../base/tensor.js";
import { imageSizes, range, type Range } from "./images.js";
import { grayOf } from "./normalize.js";
import type { Transform } from "./transform.js";

/** Options of {@link colorJitter}. */
export interface ColorJitterOptions {
  /** Factors: a number b for [max(0, 1 - b), 1 + b], or [low, high]. Default 0: none. */
  readonly brightness?: number | Range;
  /** As brightness. */
  readonly contrast?: number | Range;
  /** As brightness. */
  readonly saturation?: number | Range;
  /** Shares of the circle of colors: a number h of at most 0.5 for [-h, h], or [low, high]. Default 0: none. */
  readonly hue?: number | Range;
}

const factors: Check<Range> = (who, name, value) => {
  if (typeof value === "number") {
    const around = finite(who, name, value, 0);
    return Object.freeze([Math.max(0, 1 - around), 1 + around] as const);
  }
  const [low, high] = range(who, name, value);
  if (low >= 0) return Object.freeze([low, high] as const);
  throw new ArgumentError(`${who}: expected ${name} of at least 0, got ${low}.`);
};

const hues: Check<Range> = (who, name, value) => {
  if (typeof value === "number") {
    const around = finite(who, name, value, 0, 0.5);
    return Object.freeze([-around, around] as const);
  }
  const [low, high] = range(who, name, value);
  return Object.freeze([finite(who, name, low, -0.5, 0.5), finite(who, name, high, -0.5, 0.5)] as const);
};

const OPTIONS = {
  brightness: { check: factors, default: 0 },
  contrast: { check: factors, default: 0 },
  saturation: { check: factors, default: 0 },
  hue: { check: hues, default: 0 },
};

/**
 * Changes brightness, contrast, saturation and hue of each image by random factors, in a random order. Levels are from 0 to 1, so
 * it stands before `normalize`. Images of one channel have brightness and contrast alone.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ColorJitter.html
 *
 * @example
 * const transform = colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.05 });
 */
export function colorJitter(options: ColorJitterOptions = {}): Transform {
  const name = "colorJitter";
  const settings = readOptions(name, OPTIONS, options) as unknown as Record<keyof typeof OPTIONS, Range>;
  const steps: readonly (readonly [Range, Step])[] = [
    [settings.brightness, brighten],
    [settings.contrast, contrast],
    [settings.saturation, saturate],
    [settings.hue, turnHue],
  ];
  const neutral = [1, 1, 1, 0];
  return {
    name,
    options: { ...settings },
    apply(images, draws) {
      const [n, c, h, w] = images.shape;
      const gray = new Float32Array(h * w);
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        const drawn = steps.map(([limits]) => random.between(...limits));
        const order = [0, 1, 2, 3];
        for (let last = 3; last > 0; last--) {
          const other = random.integer(last + 1);
          [order[last], order[other]] = [order[other], order[last]];
        }
        for (const step of order) {
          if (drawn[step] !== neutral[step]) steps[step][1](images.data, i * c * h * w, c, h * w, drawn[step], gray);
        }
      }
      return images;
    },
  };
}

/** Images [N, C, H, W] (or one [C, H, W]) times the factor, cut to 0..1. */
export function adjustBrightness(images: Tensor, factor: number): Tensor {
  return adjusted("adjustBrightness", images, brighten, finite("adjustBrightness", "factor", factor, 0));
}

/** factor x + (1 - factor) (mean gray of the image), cut to 0..1. */
export function adjustContrast(images: Tensor, factor: number): Tensor {
  return adjusted("adjustContrast", images, contrast, finite("adjustContrast", "factor", factor, 0));
}

/** factor x + (1 - factor) (gray of the pixel), cut to 0..1; images of one channel stay. */
export function adjustSaturation(images: Tensor, factor: number): Tensor {
  return adjusted("adjustSaturation", images, saturate, finite("adjustSaturation", "factor", factor, 0));
}

/** Turns the hue by a share of the circle, -0.5 to 0.5; images of one channel stay. */
export function adjustHue(images: Tensor, factor: number): Tensor {
  return adjusted("adjustHue", images, turnHue, finite("adjustHue", "factor", factor, -0.5, 0.5));
}

type Step = (x: Float32Array, from: number, c: number, pixels: number, factor: number, gray: Float32Array) => void;

function adjusted(who: string, images: Tensor, step: Step, factor: number): Tensor {
  const [n, c, h, w] = imageSizes(who, checkTensor(who, "images", images));
  checkColors(who, c);
  const y = images.clone();
  const gray = new Float32Array(h * w);
  for (let i = 0; i < n; i++) step(y.data, i * c * h * w, c, h * w, factor, gray);
  return y;
}

function checkColors(who: string, c: number): void {
  if (c !== 1 && c !== 3) throw new ArgumentError(`${who}: expected images of 1 or 3 channels, got ${c}.`);
}

function unit(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

function brighten(x: Float32Array, from: number, c: number, pixels: number, factor: number): void {
  for (let at = from; at < from + c * pixels; at++) x[at] = unit(factor * x[at]);
}

function contrast(x: Float32Array, from: number, c: number, pixels: number, factor: number, gray: Float32Array): void {
  checkColors("colorJitter", c);
  grayOf(x, from, c, pixels, gray, 0);
  let sum = 0;
  for (let i = 0; i < pixels; i++) sum += gray[i];
  const rest = (1 - factor) * (sum / pixels);
  for (let at = from; at < from + c * pixels; at++) x[at] = unit(factor * x[at] + rest);
}

function saturate(x: Float32Array, from: number, c: number, pixels: number, factor: number, gray: Float32Array): void {
  checkColors("colorJitter", c);
  if (c === 1) return;
  grayOf(x, from, c, pixels, gray, 0);
  for (let channel = 0; channel < c; channel++) {
    const plane = from + channel * pixels;
    for (let i = 0; i < pixels; i++) x[plane + i] = unit(factor * x[plane + i] + (1 - factor) * gray[i]);
  }
}

// RGB to hue, saturation and value (Smith, "Color gamut transform pairs", 1978), the hue moved, and back.
function turnHue(x: Float32Array, from: number, c: number, pixels: number, factor: number): void {
  checkColors("colorJitter", c);
  if (c === 1) return;
  for (let at = from; at < from + pixels; at++) {
    const [r, g, b] = [x[at], x[at + pixels], x[at + 2 * pixels]];
    const value = Math.max(r, g, b);
    const spread = value - Math.min(r, g, b);
    if (spread === 0) continue; // gray has no hue
    const sixth = value === r ? (g - b) / spread : value === g ? 2 + (b - r) / spread : 4 + (r - g) / spread;
    const turned = sixth / 6 + factor;
    const hue = (turned - Math.floor(turned)) * 6; // 0 to 6
    const part = Math.floor(hue);
    const rest = hue - part;
    const [p, q, t] = [value - spread, value - spread * rest, value - spread * (1 - rest)];
    const [red, green, blue] = [
      [value, t, p],
      [q, value, p],
      [p, value, t],
      [p, q, value],
      [t, p, value],
      [value, p, q],
    ][part % 6];
    x[at] = unit(red);
    x[at + pixels] = unit(green);
    x[at + 2 * pixels] = unit(blue);
  }
}
