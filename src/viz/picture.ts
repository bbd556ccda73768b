// Pictures of tensors: numbers as colors, images as they are, one laid over another, many in a grid. Pixels only, no files.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import {
  fraction,
  positive,
  readOptions,
  trueOrFalse,
  wholeFrom0,
  type Check,
  type OptionTable,
} from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { checkTensor, numbersNow, type Tensor } from "../base/tensor.js";
import { checkRgba } from "../ops/create.js";
import { colorMap, colorOf, type ColorMap } from "./colors.js";

/** Bytes of pixels with a buffer of their own. */
export type PixelBytes = ReturnType<Uint8ClampedArray["slice"]>;

/** A picture: pixels R, G, B, A row by row, as `new ImageData(data, width, height)` takes them. */
export interface Picture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** 4 * width * height bytes. */
  readonly data: PixelBytes;
}

/** The numbers that get the first and the last color. */
export type ColorRange = readonly [low: number, high: number];

/** Options of {@link heatmapImage}. */
export interface HeatmapOptions {
  /** Default "redBlue" where there are negative numbers, else "viridis". */
  readonly colors?: ColorMap;
  /** Numbers beyond it have the color of its end. Default: from the smallest to the largest; for "redBlue" as far on both sides. */
  readonly range?: ColorRange;
  /** Pixels for a number, in both directions. Default 1. */
  readonly scale?: number;
}

/** Options of {@link tensorImage}. */
export interface TensorImageOptions {
  /** The numbers that are black and white. Default [0, 1]. Numbers beyond it are cut. */
  readonly range?: ColorRange | "full";
  /** Pixels for a number, in both directions. Default 1. */
  readonly scale?: number;
}

/** Options of {@link overlayImage}. */
export interface OverlayOptions extends HeatmapOptions {
  /** How much the map covers the image, from 0 to 1. Default 0.5. */
  readonly opacity?: number;
  /** Whether the map covers less where it is low: opacity times its height in the range. Default false. */
  readonly fade?: boolean;
}

/** Options of {@link gridImage}. */
export interface GridOptions {
  /** Pictures in a row. Default: as many as make the grid about square. */
  readonly columns?: number;
  /** Pixels between them. Default 1. */
  readonly gap?: number;
}

const rangeCheck: Check<ColorRange> = (who, name, value) => {
  const isPair = Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));
  if (isPair && value[0] < value[1]) return [value[0] as number, value[1] as number];
  throw new ArgumentError(`${who}: expected ${name} as [low, high], low below high, got ${show(value)}.`);
};
const rangeOrFull: Check<ColorRange | "full"> = (who, name, value) =>
  value === "full" ? value : rangeCheck(who, name, value);

type HeatmapSettings = { colors: ColorMap | undefined; range: ColorRange | undefined; scale: number };

const HEATMAP: OptionTable<HeatmapSettings> = {
  colors: { check: colorMap }, // by the numbers
  range: { check: rangeCheck }, // by the numbers
  scale: { check: positive, default: 1 },
};
const TENSOR: OptionTable<{ range: ColorRange | "full"; scale: number }> = {
  range: { check: rangeOrFull, default: [0, 1] },
  scale: { check: positive, default: 1 },
};
const OVERLAY: OptionTable<HeatmapSettings & { opacity: number; fade: boolean }> = {
  ...HEATMAP,
  opacity: { check: fraction, default: 0.5 },
  fade: { check: trueOrFalse, default: false },
};
const GRID: OptionTable<{ columns: number | undefined; gap: number }> = {
  columns: { check: positive },
  gap: { check: wholeFrom0, default: 1 },
};

/**
 * The numbers of a plane as colors. The tensor is [H, W], or [1, H, W], or [1, 1, H, W].
 *
 * @example
 * const picture = heatmapImage(new Tensor([[0, 1], [2, 3]]), { scale: 8 });
 * [picture.width, picture.height]; // [16, 16]
 *
 * @throws ShapeError for anything but one plane, ArgumentError for NaN and infinities
 */
export function heatmapImage(map: Tensor, options: HeatmapOptions = {}): Picture {
  const who = "heatmapImage";
  const settings = readOptions(who, HEATMAP, options);
  const plane = planeOf(who, "map", map);
  return magnified(painted(plane, lookOf(plane.values, settings)), settings.scale);
}

/**
 * A gray ([1, H, W]) or color ([3, H, W]) image as it is, also with a batch axis of 1, or [H, W]. `range: "full"` takes the
 * smallest number as black and the largest as white.
 *
 * @throws ShapeError for other shapes, ArgumentError for NaN and infinities
 */
export function tensorImage(image: Tensor, options: TensorImageOptions = {}): Picture {
  const who = "tensorImage";
  const { range, scale } = readOptions(who, TENSOR, options);
  return magnified(imageOf(who, "image", image, range), scale);
}

/**
 * A map laid over an image of the same height and width: `opacity` parts of the map's color and the rest of the image's.
 *
 * @param image a picture, or a tensor as {@link tensorImage} takes it
 * @param map as {@link heatmapImage} takes it
 *
 * @throws ShapeError when their sizes differ
 */
export function overlayImage(image: Picture | Tensor, map: Tensor, options: OverlayOptions = {}): Picture {
  const who = "overlayImage";
  const { opacity, fade, ...settings } = readOptions(who, OVERLAY, options);
  const below = isPicture(image) ? checkPicture(who, image) : imageOf(who, "image", image, [0, 1]);
  const plane = planeOf(who, "map", map);
  if (plane.width !== below.width || plane.height !== below.height) {
    throw new ShapeError(
      `${who}: expected a map of ${below.height} x ${below.width} as the image, got ${plane.height} x ${plane.width} (gradCam ` +
        `gives the input's size unless { upsample: false }).`,
    );
  }
  const look = lookOf(plane.values, settings);
  const above = painted(plane, look);
  const data = below.data.slice();
  for (let i = 0; i < data.length; i++) {
    if (i % 4 === 3) continue;
    const share = opacity * (fade ? look.place(plane.values[i >> 2]) : 1);
    data[i] = below.data[i] * (1 - share) + above.data[i] * share;
  }
  return magnified({ ...below, data }, settings.scale);
}

/**
 * Several pictures in rows, each cell as large as the largest of them, on white.
 *
 * @throws ArgumentError for an empty list
 */
export function gridImage(pictures: readonly Picture[], options: GridOptions = {}): Picture {
  const who = "gridImage";
  const { columns, gap } = readOptions(who, GRID, options);
  if (!Array.isArray(pictures) || pictures.length === 0) {
    throw new ArgumentError(`${who}: expected a list of at least one picture, got ${show(pictures)}.`);
  }
  const all = (pictures as readonly Picture[]).map((picture) => checkPicture(who, picture));
  const across = Math.min(columns ?? Math.ceil(Math.sqrt(all.length)), all.length);
  const down = Math.ceil(all.length / across);
  const cellWidth = Math.max(...all.map(({ width }) => width)) + gap;
  const cellHeight = Math.max(...all.map(({ height }) => height)) + gap;
  const grid = blank(across * cellWidth - gap, down * cellHeight - gap);
  all.forEach((picture, i) => {
    const [left, top] = [(i % across) * cellWidth, Math.floor(i / across) * cellHeight];
    for (let row = 0; row < picture.height; row++) {
      const line = picture.data.subarray(4 * row * picture.width, 4 * (row + 1) * picture.width);
      grid.data.set(line, 4 * ((top + row) * grid.width + left));
    }
  });
  return grid;
}

/** A white picture. */
export function blank(width: number, height: number): Picture {
  return { width, height, data: new Uint8ClampedArray(4 * width * height).fill(255) };
}

/** Each pixel as a square of `scale` pixels. */
export function magnified(picture: Picture, scale: number): Picture {
  if (scale === 1) return picture;
  const large = blank(picture.width * scale, picture.height * scale);
  for (let row = 0; row < large.height; row++) {
    for (let column = 0; column < large.width; column++) {
      const from = 4 * (Math.floor(row / scale) * picture.width + Math.floor(column / scale));
      const to = 4 * (row * large.width + column);
      for (let c = 0; c < 4; c++) large.data[to + c] = picture.data[from + c];
    }
  }
  return large;
}

/** Whether a value looks like a picture. */
export function isPicture(value: unknown): value is Picture {
  return typeof value === "object" && value !== null && "data" in value && "width" in value && "height" in value;
}

/** Throws unless this is a picture. */
export function checkPicture(who: string, value: unknown): Picture {
  if (!isPicture(value)) {
    throw new ArgumentError(`${who}: expected a picture { width, height, data }, got ${show(value)}.`);
  }
  checkRgba(who, value.data, value.width, value.height);
  return value;
}

interface Plane {
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

function planeOf(who: string, name: string, given: unknown): Plane {
  const tensor = checkTensor(who, name, given);
  const { shape } = tensor;
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length < 2 || shape.length > 4 || tensor.size !== height * width || tensor.size === 0) {
    const remedy =
      shape.length > 2 ? " (several: give them one by one, map.slice(i), and of channels sum or mean)" : "";
    throw new ShapeError(
      `${who}: expected ${name} as one plane [H, W], [1, H, W] or [1, 1, H, W], got ${formatShape(shape)}${remedy}.`,
    );
  }
  return { values: finiteValues(who, name, tensor), width, height };
}

function imageOf(who: string, name: string, given: unknown, range: ColorRange | "full"): Picture {
  const tensor = checkTensor(who, name, given);
  const shape = tensor.shape.length === 4 && tensor.shape[0] === 1 ? tensor.shape.slice(1) : tensor.shape;
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (![2, 3].includes(shape.length) || ![1, 3].includes(channels) || tensor.size === 0) {
    throw new ShapeError(
      `${who}: expected ${name} as [1, H, W] (gray) or [3, H, W] (red, green, blue), got ${formatShape(tensor.shape)}.`,
    );
  }
  const values = finiteValues(who, name, tensor);
  const [low, high] = range === "full" ? extent(values) : range;
  const picture = blank(width, height);
  const size = width * height;
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) {
      const value = values[channels === 3 ? c * size + i : i];
      picture.data[4 * i + c] = high === low ? 128 : (255 * (value - low)) / (high - low);
    }
  }
  return picture;
}

function finiteValues(who: string, name: string, tensor: Tensor): ArrayLike<number> {
  const values = numbersNow(tensor);
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return values;
  throw new ArgumentError(`${who}: expected finite numbers in ${name}, got ${values[odd]} at index ${odd}.`);
}

function extent(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

interface Look {
  readonly colors: ColorMap;
  /** Where in the colors a number is, from 0 to 1. */
  place(value: number): number;
}

function lookOf(values: ArrayLike<number>, settings: Pick<HeatmapSettings, "colors" | "range">): Look {
  const [smallest, largest] = extent(values);
  const colors = settings.colors ?? (smallest < 0 ? "redBlue" : "viridis");
  const most = Math.max(Math.abs(smallest), Math.abs(largest));
  const [low, high] = settings.range ?? (colors === "redBlue" ? [-most, most] : [smallest, largest]);
  const flat = colors === "redBlue" ? 0.5 : 0; // of numbers that are all alike
  return { colors, place: (value) => (low === high ? flat : Math.min(1, Math.max(0, (value - low) / (high - low)))) };
}

function painted({ values, width, height }: Plane, { colors, place }: Look): Picture {
  const picture = blank(width, height);
  for (let i = 0; i < values.length; i++) picture.data.set(colorOf(colors, place(values[i])).map(Math.round), 4 * i);
  return picture;
}
