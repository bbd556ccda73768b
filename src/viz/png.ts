// A picture as a PNG file, by the package fast-png, which is optional and is loaded when the first file asks for it.
import { checkBytes } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type Check, type OptionTable } from "../base/options.js";
import { show } from "../base/check.js";
import type { Bytes } from "../files/bytes.js";
import { checkPicture, type Picture } from "./picture.js";

/** What an encoder is given: `encode` of fast-png fits. */
export type PngEncoder = (image: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
  readonly channels: 4;
  readonly depth: 8;
}) => Uint8Array;

/** Options of {@link encodePng}. */
export interface EncodePngOptions {
  /** Give it where packages cannot be loaded by name, as in a program that is bundled into one file: `encode` of fast-png. */
  readonly encoder?: PngEncoder;
}

const encoderCheck: Check<PngEncoder | undefined> = (who, name, value) => {
  if (typeof value === "function") return value as PngEncoder;
  throw new ArgumentError(`${who}: expected ${name} to be a function, such as encode of fast-png, got ${show(value)}.`);
};
const OPTIONS: OptionTable<{ encoder: PngEncoder | undefined }> = { encoder: { check: encoderCheck } };

/**
 * The bytes of a PNG file of a picture. Needs the package `fast-png`. In a page `new ImageData(data, width, height)` on a canvas
 * needs nothing.
 *
 * @example
 * const bytes = await encodePng(heatmapImage(new Tensor([[0, 1], [2, 3]])));
 * bytes[1]; // 80
 *
 * @throws ArgumentError for anything but a picture, or that names the package to install
 */
export async function encodePng(picture: Picture, options: EncodePngOptions = {}): Promise<Bytes> {
  const who = "encodePng";
  const { encoder } = readOptions(who, OPTIONS, options);
  const { width, height, data } = checkPicture(who, picture);
  const encode = encoder ?? (await packageEncoder(who));
  return checkBytes(who, encode({ width, height, data, channels: 4, depth: 8 })).slice();
}

async function packageEncoder(who: string): Promise<PngEncoder> {
  let loaded: { readonly encode?: PngEncoder; readonly default?: { readonly encode: PngEncoder } };
  try {
    loaded = (await importByName("fast-png")) as typeof loaded;
  } catch (cause) {
    throw new ArgumentError(
      `${who}: expected the package fast-png, got none (npm install fast-png, or give { encoder: encode }).`,
      { cause },
    );
  }
  return (loaded.encode ?? loaded.default?.encode) as PngEncoder;
}

// By a name that bundlers do not see, so that an app which writes no files need not have the package.
function importByName(name: string): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ name);
}
