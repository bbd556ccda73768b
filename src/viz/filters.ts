// Pictures of filters and of feature maps, in grids.
import { show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { positive, readOptions, wholeFrom0, type Check, type OptionTable } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { checkTensor, numbersNow, type Tensor } from "../base/tensor.js";
import { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import { typeName } from "../nn/protocol.js";
import { checkFinite } from "./score.js";
import { colorMap, type ColorMap } from "./colors.js";
import { gridImage, heatmapImage, tensorImage, type ColorRange, type Picture } from "./picture.js";

/** Options of {@link filtersImage}. */
export interface FiltersOptions {
  /** Pixels for a weight, in both directions. Default 8. */
  readonly scale?: number;
  /** Filters in a row. Default: about a square of them; with other than 1 or 3 input channels a row for each filter. */
  readonly columns?: number;
  /** Pixels between them. Default 2. */
  readonly gap?: number;
}

/** Options of {@link featureMapsImage}. */
export interface FeatureMapsImageOptions {
  /** Pixels for a number, in both directions. Default 2. */
  readonly scale?: number;
  /** Maps in a row. Default: about a square of them. */
  readonly columns?: number;
  /** Pixels between them. Default 2. */
  readonly gap?: number;
  /** Default "redBlue" for maps with negative numbers, else "viridis". */
  readonly colors?: ColorMap;
  /** "each" (default): a map's colors go from its own smallest to its largest number; "all": from those of all maps. */
  readonly range?: "each" | "all";
}

const FILTERS: OptionTable<{ scale: number; columns: number | undefined; gap: number }> = {
  scale: { check: positive, default: 8 },
  columns: { check: positive },
  gap: { check: wholeFrom0, default: 2 },
};

const eachOrAll: Check<"each" | "all"> = (who, name, value) => {
  if (value === "each" || value === "all") return value;
  throw new ArgumentError(`${who}: expected ${name} to be one of "each", "all", got ${show(value)}.`);
};
const MAPS: OptionTable<{
  scale: number;
  columns: number | undefined;
  gap: number;
  colors: ColorMap | undefined;
  range: "each" | "all";
}> = {
  scale: { check: positive, default: 2 },
  columns: { check: positive },
  gap: { check: wholeFrom0, default: 2 },
  colors: { check: colorMap },
  range: { check: eachOrAll, default: "each" },
};

/**
 * The filters of a convolution: the weights of each output channel as a small picture. All have one range, from -m to m with m the
 * largest |weight|, so that they can be compared. Filters on 3 channels are pictures in red, green and blue (gray is 0); all others
 * go from blue (negative) over white to red, with a row for each filter where it reads several channels.
 *
 * @param layer a Conv2d, Conv1d or ConvTranspose2d, or any layer whose `weight` is [out, in, H, W]
 *
 * @example
 * const picture = filtersImage(new Conv2d(3, 16, 5));
 * [picture.width, picture.height]; // [166, 166]
 *
 * @throws ArgumentError for a layer without such weights, or weights that are not finite
 */
export function filtersImage(layer: Layer, options: FiltersOptions = {}): Picture {
  const who = "filtersImage";
  const weights = weightsOf(who, layer);
  const { scale, columns, gap } = readOptions(who, FILTERS, options);
  const most = numbersNow(weights).reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  const range: ColorRange = most === 0 ? [-1, 1] : [-most, most];
  const [O, I] = weights.shape;
  const filters = Array.from({ length: O }, (_, o) => weights.slice(o));
  if (I === 3)
    return gridImage(
      filters.map((w) => tensorImage(w, { range, scale })),
      grid(columns, gap),
    );
  const planes = filters.flatMap((w) => Array.from({ length: I }, (_, i) => w.slice(i)));
  const pictures = planes.map((w) => heatmapImage(w, { colors: "redBlue", range, scale }));
  return gridImage(pictures, grid(columns ?? (I === 1 ? undefined : I), gap));
}

/**
 * Feature maps [C, H, W] (or [1, C, H, W]) side by side, each channel a picture.
 *
 * @example
 * const maps = relu(conv2d(x.slice([0, 1]), w));
 * const picture = featureMapsImage(maps);
 *
 * @throws ShapeError for other shapes, ArgumentError for NaN and infinities
 */
export function featureMapsImage(maps: Tensor, options: FeatureMapsImageOptions = {}): Picture {
  const who = "featureMapsImage";
  const { scale, columns, gap, range, ...given } = readOptions(who, MAPS, options);
  const { shape } = checkTensor(who, "maps", maps);
  if (maps.size === 0 || !(shape.length === 3 || (shape.length === 4 && shape[0] === 1))) {
    const remedy = shape.length === 4 ? ` (of one sample: maps.slice(0))` : "";
    throw new ShapeError(`${who}: expected maps [C, H, W] or [1, C, H, W], got ${formatShape(shape)}${remedy}.`);
  }
  const values = numbersNow(checkFinite(who, "maps", maps));
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const colors = given.colors ?? (low < 0 ? "redBlue" : "viridis"); // one for all, whatever each of them holds
  const most = Math.max(-low, high);
  const ends: ColorRange = colors === "redBlue" ? [-most, most] : [low, high];
  const planes = maps.reshape(shape.slice(-3));
  const shared = range === "all" && ends[0] < ends[1] ? { range: ends } : {};
  const pictures = Array.from({ length: planes.shape[0] }, (_, c) =>
    heatmapImage(planes.slice(c), { colors, scale, ...shared }),
  );
  return gridImage(pictures, grid(columns, gap));
}

function grid(columns: number | undefined, gap: number): { columns?: number; gap: number } {
  return columns === undefined ? { gap } : { columns, gap };
}

// [out, in, H, W].
function weightsOf(who: string, layer: unknown): Tensor {
  if (!(layer instanceof Layer)) {
    throw new ArgumentError(
      `${who}: expected a layer with filters, such as a Conv2d, got ${show(layer)}${fromOtherCopy(layer, LAYER)}.`,
    );
  }
  const { weight } = layer as { readonly weight?: unknown };
  const type = layer[typeName];
  if (!Parameter.isParameter(weight) || weight.shape.length < 3 || weight.shape.length > 4 || weight.size === 0) {
    const got = Parameter.isParameter(weight) ? `a ${type} with weights ${formatShape(weight.shape)}` : `a ${type}`;
    const remedy = layer.namedChildren().length > 0 ? " (give one of the layers inside: model.get(0))" : "";
    throw new ArgumentError(`${who}: expected a layer with filters, such as a Conv2d, got ${got}${remedy}.`);
  }
  const value = checkFinite(who, `weights of ${type}`, weight.value);
  if (value.rank === 3) return value.reshape([value.shape[0], value.shape[1], 1, value.shape[2]]);
  return type === "ConvTranspose2d" ? value.permute([1, 0, 2, 3]) : value;
}
