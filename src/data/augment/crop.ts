// Cuts of images: at random after padding, shifted, from the center; and padding alone.
import { ShapeError } from "../../base/errors.js";
import { pairFrom0, readOptions } from "../../base/options.js";
import type { Pair, PairOption } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { checkPad, edgeMode, fill, imageSize, levelOf, sourceAt, type EdgeMode, type Fill } from "./images.js";
import type { Transform } from "./transform.js";

/** What stands around an image. */
export interface EdgeOptions {
  /** "constant" (default), "edge" (the outermost pixel), "reflect" (without it) or "symmetric" (with it). */
  readonly paddingMode?: EdgeMode;
  /** The level of "constant", or one for each channel. Default 0. */
  readonly fill?: Fill;
}

/** Options of {@link randomCrop}. */
export interface RandomCropOptions extends EdgeOptions {
  /** Pixels added on all sides before the cut, or [vertical, horizontal]. Default 0. */
  readonly padding?: PairOption;
}

// Without a spread or a property read: bundlers then leave out tables that an app does not use.
const PADDING_MODE = { check: edgeMode, default: "constant" };
const FILL = { check: fill, default: 0 };
const EDGE = { paddingMode: PADDING_MODE, fill: FILL };
const CROP = { padding: { check: pairFrom0, default: 0 }, paddingMode: PADDING_MODE, fill: FILL };

interface Edge {
  readonly paddingMode: EdgeMode;
  readonly fill: Fill;
}

/**
 * Pads each image and cuts a part of this size out of it, at a random place.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomCrop.html
 *
 * @example
 * const transform = randomCrop(32, { padding: 2, paddingMode: "reflect" });
 *
 * @throws ArgumentError for a wrong option; when it is applied, ShapeError for images too small for cut or padding
 */
export function randomCrop(size: PairOption, options: RandomCropOptions = {}): Transform {
  const name = "randomCrop";
  const [height, width] = imageSize(name, "size", size);
  const settings = readOptions(name, CROP, options) as unknown as Edge & { readonly padding: Pair };
  const [padY, padX] = settings.padding;
  return {
    name,
    options: { size: [height, width], ...settings },
    apply(images, draws) {
      const [n, , h, w] = images.shape;
      const [roomY, roomX] = [h + 2 * padY - height, w + 2 * padX - width];
      if (roomY < 0 || roomX < 0) {
        throw new ShapeError(
          `${name}: expected images of at least ${height} x ${width} with their padding, got ${h + 2 * padY} x ` +
            `${w + 2 * padX} (give more padding, or resize first).`,
        );
      }
      checkPad(name, padY, h, settings.paddingMode);
      checkPad(name, padX, w, settings.paddingMode);
      const places: number[] = [];
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        const top = random.integer(roomY + 1);
        places.push(top - padY, random.integer(roomX + 1) - padX);
      }
      return cut(name, images, places, height, width, settings);
    },
  };
}

/**
 * Shifts each image by a random whole number of pixels, up to `most` in each direction, or [vertical, horizontal]: the same as
 * `randomCrop` of the images' own size.
 *
 * @example
 * const transform = randomTranslate(2, { paddingMode: "reflect" });
 */
export function randomTranslate(most: PairOption, options: EdgeOptions = {}): Transform {
  const name = "randomTranslate";
  const [mostY, mostX] = pairFrom0(name, "most", most);
  const settings = readOptions(name, EDGE, options) as unknown as Edge;
  return {
    name,
    options: { most: [mostY, mostX], ...settings },
    apply(images, draws) {
      const [n, , h, w] = images.shape;
      checkPad(name, mostY, h, settings.paddingMode);
      checkPad(name, mostX, w, settings.paddingMode);
      const places: number[] = [];
      for (let i = 0; i < n; i++) {
        const random = draws.of(i);
        const down = random.integer(2 * mostY + 1) - mostY;
        places.push(down, random.integer(2 * mostX + 1) - mostX);
      }
      return cut(name, images, places, h, w, settings);
    },
  };
}

/**
 * Cuts the middle of this size out of each image; where the size is odd against the image's, the larger rest is below and to the
 * right.
 */
export function centerCrop(size: PairOption): Transform {
  const name = "centerCrop";
  const [height, width] = imageSize(name, "size", size);
  return {
    name,
    options: { size: [height, width] },
    apply(images) {
      const [n, , h, w] = images.shape;
      if (height > h || width > w) {
        throw new ShapeError(`${name}: expected images of at least ${height} x ${width}, got ${h} x ${w} (pad first).`);
      }
      const place = [Math.floor((h - height) / 2), Math.floor((w - width) / 2)];
      const places = Array.from({ length: 2 * n }, (_, i) => place[i % 2]);
      return cut(name, images, places, height, width, { paddingMode: "constant", fill: 0 });
    },
  };
}

/** Adds pixels on all sides of each image, or [vertical, horizontal]. */
export function padImages(padding: PairOption, options: EdgeOptions = {}): Transform {
  const name = "padImages";
  const [padY, padX] = pairFrom0(name, "padding", padding);
  const settings = readOptions(name, EDGE, options) as unknown as Edge;
  return {
    name,
    options: { padding: [padY, padX], ...settings },
    apply(images) {
      const [n, , h, w] = images.shape;
      checkPad(name, padY, h, settings.paddingMode);
      checkPad(name, padX, w, settings.paddingMode);
      const places = Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? -padY : -padX));
      return cut(name, images, places, h + 2 * padY, w + 2 * padX, settings);
    },
  };
}

/** @internal Image i from the place (places[2 i], places[2 i + 1]) on, which may lie outside: the edge then goes on. */
export function cut(
  who: string,
  { data: x, shape }: Tensor,
  places: readonly number[],
  height: number,
  width: number,
  edge: Edge,
): Tensor {
  const [n, c, h, w] = shape;
  const y = new Float32Array(n * c * height * width);
  const rows = new Int32Array(height);
  const columns = new Int32Array(width);
  const levels = Array.from({ length: c }, (_, channel) => levelOf(who, edge.fill, channel, c));
  for (let i = 0, to = 0; i < n; i++) {
    const [top, left] = [places[2 * i], places[2 * i + 1]];
    for (let row = 0; row < height; row++) rows[row] = sourceAt(top + row, h, edge.paddingMode);
    for (let column = 0; column < width; column++) columns[column] = sourceAt(left + column, w, edge.paddingMode);
    // Columns first..end - 1 lie in a row of the image side by side.
    const first = Math.min(Math.max(-left, 0), width);
    const end = Math.max(Math.min(w - left, width), first);
    for (let channel = 0; channel < c; channel++) {
      const plane = (i * c + channel) * h * w;
      const level = levels[channel];
      for (let row = 0; row < height; row++, to += width) {
        if (rows[row] < 0) {
          y.fill(level, to, to + width);
          continue;
        }
        const from = plane + rows[row] * w;
        for (let j = 0; j < first; j++) y[to + j] = columns[j] < 0 ? level : x[from + columns[j]];
        for (let j = first, at = from + left + first; j < end; j++, at++) y[to + j] = x[at];
        for (let j = end; j < width; j++) y[to + j] = columns[j] < 0 ? level : x[from + columns[j]];
      }
    }
  }
  return Tensor.adopt(y, [n, c, height, width]);
}
