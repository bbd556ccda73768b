// What a model takes: shape, axis order and normalization, so that an app can feed it images without knowing its training.
import { finite, knownKeys, oneOf, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";

/**
 * What a model takes. `shape` is that of one sample without the batch axis; the rest says how bytes of an image become
 * numbers:
 *
 *     x[c] = (byte[c] * scale - mean[c]) / std[c]
 *
 * @example
 * const input: InputSpec = { shape: [3, 224, 224], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
 */
export interface InputSpec {
  /** [C, H, W] for images ([H, W, C] with layout "NHWC"), any other for models of other data. */
  readonly shape: Shape;
  /** Order of the axes that the model takes. Default "NCHW", as all layers of this package. */
  readonly layout?: "NCHW" | "NHWC";
  /** Factor of a byte. Default 1 / 255. */
  readonly scale?: number;
  /** Subtracted after scaling: one number, or one for each channel. Default 0. */
  readonly mean?: number | readonly number[];
  /** Divides what is left, above 0: one number, or one for each channel. Default 1. */
  readonly std?: number | readonly number[];
}

/** A checked spec with its defaults. */
export interface FullInputSpec {
  /** Shape of one sample. */
  readonly shape: Shape;
  /** Order of the axes. */
  readonly layout: "NCHW" | "NHWC";
  /** Factor of a byte. */
  readonly scale: number;
  /** One number for each channel; empty for data that are no images. */
  readonly mean: readonly number[];
  /** One number for each channel; empty for data that are no images. */
  readonly std: readonly number[];
}

const LARGEST_AXIS = 2147483647;
const MOST_CHANNELS = 65536; // a forged number must not make a long list
const DEFAULTS = { layout: "NCHW", scale: 1 / 255, mean: [], std: [] } as const;

/** Checks a spec and fills in its defaults. */
export function readInputSpec(who: string, spec: unknown): FullInputSpec {
  knownKeys(`${who} input`, spec, ["shape", "layout", "scale", "mean", "std"]);
  const { shape: given, layout = "NCHW", scale = 1 / 255, mean = 0, std = 1 } = spec as InputSpec;
  if (!Array.isArray(given) || given.length === 0 || given.length > 8) {
    throw new ShapeError(
      `${who}: expected input.shape as the shape of one sample, such as [3, 224, 224], got ${show(given)}.`,
    );
  }
  const shape = Object.freeze(given.map((length, i) => whole(who, `input.shape[${i}]`, length, 1, LARGEST_AXIS)));
  if (shape.length !== 3) return withoutImage(who, shape, spec as InputSpec);
  const order = oneOf(who, "input.layout", layout, ["NCHW", "NHWC"] as const);
  const channels = whole(who, "the number of channels", shape[order === "NCHW" ? 0 : 2], 1, MOST_CHANNELS);
  return Object.freeze({
    shape,
    layout: order,
    scale: finite(who, "input.scale", scale, 0),
    mean: perChannel(who, "input.mean", mean, channels, -Infinity),
    std: perChannel(who, "input.std", std, channels, 1e-30),
  });
}

// A model of other data has a shape and nothing else to say.
function withoutImage(who: string, shape: Shape, spec: InputSpec): FullInputSpec {
  for (const name of ["layout", "scale", "mean", "std"] as const) {
    const value = spec[name];
    if (value === undefined || show(value) === show(DEFAULTS[name])) continue;
    throw new ArgumentError(
      `${who}: expected input.${name} only with a shape of three axes, got the shape ${show(shape)} ` +
        `(it is for images; normalize other data before predict).`,
    );
  }
  return Object.freeze({ shape, ...DEFAULTS });
}

function perChannel(who: string, name: string, value: unknown, channels: number, min: number): readonly number[] {
  if (typeof value === "number" || !Array.isArray(value)) {
    return Object.freeze(new Array<number>(channels).fill(finite(who, name, value, min)));
  }
  if (value.length !== channels) {
    throw new ArgumentError(
      `${who}: expected ${name} as one number, or one for each of ${channels} channels, got ${show(value)}.`,
    );
  }
  return Object.freeze(value.map((each, c) => finite(who, `${name}[${c}]`, each, min)));
}

/** Checks that class names are texts. */
export function readClasses(who: string, classes: unknown): readonly string[] {
  if (!Array.isArray(classes) || classes.length === 0) {
    throw new ArgumentError(`${who}: expected classes as an array of names, got ${show(classes)}.`);
  }
  const wrong = classes.findIndex((name) => typeof name !== "string");
  if (wrong >= 0) {
    throw new ArgumentError(`${who}: expected classes[${wrong}] to be a text, got ${show(classes[wrong])}.`);
  }
  return Object.freeze([...(classes as string[])]);
}
