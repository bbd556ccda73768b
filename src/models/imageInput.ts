// From the pixels of a canvas to what a model takes: background, size, gray, normalization. Numbers only, no model.
import { finite, knownKeys, flag, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { Tensor } from "../base/tensor.js";
import { checkRgba } from "../ops/create.js";
import type { FullInputSpec } from "./inputSpec.js";
import { resizePlane } from "../ops/resizePlane.js";

/** Pixels R, G, B, A row by row: what `getImageData` of a canvas gives. */
export interface RgbaImage {
  /** 4 * width * height bytes. */
  readonly data: Uint8ClampedArray | Uint8Array;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** How an image becomes the input of a model. */
export interface ImageOptions {
  /**
   * Whether an image of another size is stretched to the model's: each new pixel is the weighted mean of the pixels under a
   * triangle as wide as two new pixels (bilinear with antialiasing, as Pillow's BILINEAR). Default false: an error.
   */
  readonly resize?: boolean;
  /** The color behind transparent pixels, [R, G, B] or one gray, 0 to 255. Default: transparent pixels are an error. */
  readonly background?: number | readonly [number, number, number];
}

/** Whether a value looks like pixels. */
export function isRgba(value: unknown): value is RgbaImage {
  return typeof value === "object" && value !== null && "data" in value && "width" in value && "height" in value;
}

/** The images as one batch in the spec's layout. */
export function imagesToTensor(
  who: string,
  images: readonly RgbaImage[],
  spec: FullInputSpec,
  options: ImageOptions,
): Tensor {
  const [resize, background] = readOptions(who, options);
  const [C, H, W] = spec.layout === "NCHW" ? spec.shape : [spec.shape[2], spec.shape[0], spec.shape[1]];
  if (spec.shape.length !== 3 || (C !== 1 && C !== 3)) {
    throw new ArgumentError(
      `${who}: expected a Tensor for a model with input ${show(spec.shape)}, got an image (pixels become 1 or 3 channels).`,
    );
  }
  const y = new Float32Array(images.length * C * H * W);
  images.forEach((image, n) => {
    checkImage(who, image);
    if (!resize && (image.width !== W || image.height !== H)) {
      throw new ShapeError(
        `${who}: expected an image of ${W} x ${H} pixels, got ${image.width} x ${image.height} (give { resize: true } to ` +
          `stretch it, or draw it on a canvas of that size).`,
      );
    }
    normalize(planes(who, image, background, H, W), spec, y.subarray(n * C * H * W, (n + 1) * C * H * W));
  });
  return Tensor.adopt(y, [images.length, ...spec.shape]);
}

function readOptions(who: string, options: ImageOptions): [resize: boolean, background: readonly number[] | null] {
  knownKeys(who, options, ["resize", "background"]);
  const { resize = false, background } = options;
  flag(who, "resize", resize);
  if (background === undefined) return [resize, null];
  const colors: readonly unknown[] = Array.isArray(background) ? background : [background, background, background];
  if (colors.length !== 3) {
    throw new ArgumentError(`${who}: expected background as [R, G, B] or one gray, got ${show(background)}.`);
  }
  return [resize, colors.map((color, c) => finite(who, `background[${c}]`, color, 0, 255))];
}

function checkImage(who: string, image: unknown): asserts image is RgbaImage {
  if (!isRgba(image)) {
    throw new ArgumentError(
      `${who}: expected an image { data, width, height }, got ${show(image)} (context.getImageData gives one).`,
    );
  }
  checkRgba(who, image.data, image.width, image.height);
}

// Red, green and blue from 0 to 255, each [H, W].
function planes(
  who: string,
  { data, width, height }: RgbaImage,
  background: readonly number[] | null,
  H: number,
  W: number,
): Float64Array[] {
  return [0, 1, 2].map((c) => {
    const plane = new Float64Array(width * height);
    for (let i = 0; i < plane.length; i++) {
      const [level, alpha] = [data[4 * i + c], data[4 * i + 3]];
      if (alpha < 255 && background === null) {
        throw new ArgumentError(
          `${who}: expected opaque pixels, got alpha ${alpha} at x ${i % width}, y ${Math.floor(i / width)} (give ` +
            `{ background: 255 } for white, or fill the canvas before drawing).`,
        );
      }
      plane[i] = background === null ? level : (level * alpha + background[c] * (255 - alpha)) / 255;
    }
    return resizePlane(plane, height, width, H, W);
  });
}

// Each step is rounded to float32, as torchvision's ToTensor and Normalize do, so that the bits are those of training there.
function normalize([red, green, blue]: Float64Array[], spec: FullInputSpec, y: Float32Array): void {
  const channels = spec.mean.length;
  const pixels = red.length;
  const { scale } = spec;
  for (let c = 0; c < channels; c++) {
    const [mean, std] = [Math.fround(spec.mean[c]), Math.fround(spec.std[c])];
    const plane = [red, green, blue][c];
    for (let i = 0; i < pixels; i++) {
      // Gray as fromRgba has it (ITU-R BT.601), times 1000.
      const level = channels === 3 ? plane[i] : 299 * red[i] + 587 * green[i] + 114 * blue[i];
      const unit = channels === 3 ? 1 : 1000;
      const scaled = Math.fround(scale === 1 / 255 ? level / (255 * unit) : (level * scale) / unit);
      y[spec.layout === "NCHW" ? c * pixels + i : i * channels + c] = Math.fround(scaled - mean) / std;
    }
  }
}
