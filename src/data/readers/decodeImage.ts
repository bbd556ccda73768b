// PNG and JPEG files as tensors: by the packages fast-png and jpeg-js where there are no images in the platform (Node), else by the
// platform's createImageBitmap. Both packages are optional, and are loaded when the first file asks for them.
import { checkBytes, show } from "../../base/check.js";
import { ArgumentError, FormatError } from "../../base/errors.js";
import { Tensor } from "../../base/tensor.js";
import { describeBytes } from "../foreign.js";
import { fromPixels, readPixelOptions, type PixelOptions, type PixelSettings } from "./rgba.js";

/** What a decoder makes of a file. */
export interface DecodedImage {
  /** Numbers of each pixel, row by row. */
  readonly data: ArrayLike<number>;
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Numbers a pixel: 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGBA). Default 4. */
  readonly channels?: number;
  /** Bits a number, 8 (default) or 16; fewer if the rows are packed as PNG packs them. */
  readonly depth?: number;
  /** The colors that the numbers stand for, [R, G, B] or [R, G, B, A] each, if they do. */
  readonly palette?: readonly (readonly number[])[];
  /** The one color that is transparent, if there is one. */
  readonly transparency?: ArrayLike<number>;
}

/** Decoders to use in the place of the packages: `decode` of fast-png and of jpeg-js fit. */
export interface Decoders {
  /** For PNG files. */
  readonly png?: (bytes: Uint8Array) => DecodedImage;
  /** For JPEG files. */
  readonly jpeg?: (bytes: Uint8Array) => DecodedImage;
}

/** Options of {@link decodeImage}. */
export interface DecodeImageOptions extends PixelOptions {
  /** Give them where packages cannot be loaded by name, as in a program that is bundled into one file. */
  readonly decoders?: Decoders;
}

type Kind = "png" | "jpeg";

const PACKAGES: Readonly<Record<Kind, string>> = { png: "fast-png", jpeg: "jpeg-js" };
const NAMES: Readonly<Record<Kind, string>> = { png: "PNG", jpeg: "JPEG" };
const MOST_PIXELS = 100_000_000; // a header may claim more than memory holds

/**
 * A PNG or JPEG file as a tensor [C, H, W] of numbers from 0 to 1. In Node it needs the package `fast-png` for PNG and `jpeg-js`
 * for JPEG (their last bits depend on the decoder: JPEG leaves rounding open); browsers decode by `createImageBitmap` whatever they
 * can show. Colors are taken as they are stored, without color management, and images as they are stored, without turning.
 *
 * @example
 * const image = await decodeImage(await readFile("digit.png"), { channels: 1 });
 *
 * @throws FormatError for what is no image, or damaged; ArgumentError that names the package to install, or for transparent pixels
 * without a background
 */
export async function decodeImage(bytes: Uint8Array | ArrayBuffer, options: DecodeImageOptions = {}): Promise<Tensor> {
  const who = "decodeImage";
  const settings = readPixelOptions(who, options, ["decoders"]);
  const { decoders = {} } = options;
  return decodeAs(who, checkBytes(who, bytes), settings, decoders);
}

/** @internal The same with checked options. */
export async function decodeAs(
  who: string,
  bytes: Uint8Array,
  settings: PixelSettings,
  decoders: Decoders,
): Promise<Tensor> {
  const kind = kindOf(bytes);
  const own = kind === null ? undefined : decoders[kind];
  if (own === undefined && typeof globalThis.createImageBitmap === "function") return byPlatform(who, bytes, settings);
  if (kind === null) {
    throw new FormatError(`${who}: expected a PNG or JPEG image, got ${bytes.length} bytes: ${describeBytes(bytes)}.`);
  }
  if (kind === "png") checkPngSize(who, bytes);
  const decode = own ?? (await packageDecoder(who, kind));
  let image: DecodedImage;
  try {
    image = decode(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : show(cause);
    throw new FormatError(
      `${who}: expected a whole ${NAMES[kind]} image, got ${bytes.length} bytes that do not decode: ${why}.`,
      { cause },
    );
  }
  return toTensor(who, image, settings);
}

function kindOf(bytes: Uint8Array): Kind | null {
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "png";
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? "jpeg" : null;
}

function checkPngSize(who: string, bytes: Uint8Array): void {
  if (bytes.length < 33) {
    throw new FormatError(`${who}: expected a whole PNG image, got ${bytes.length} bytes (the file is cut short).`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height <= MOST_PIXELS) return;
  throw new FormatError(
    `${who}: expected at most ${MOST_PIXELS} pixels, got ${width} x ${height} (the header is damaged).`,
  );
}

async function packageDecoder(who: string, kind: Kind): Promise<(bytes: Uint8Array) => DecodedImage> {
  const name = PACKAGES[kind];
  let loaded: unknown;
  try {
    loaded = await importByName(name);
  } catch (cause) {
    throw new ArgumentError(
      `${who}: expected the package ${name} for ${NAMES[kind]} images, got none (npm install ${name}, or give ` +
        `{ decoders: { ${kind} } }).`,
      { cause },
    );
  }
  type Decode = (bytes: Uint8Array, options: object) => DecodedImage;
  const { decode, default: all } = loaded as {
    readonly decode?: Decode;
    readonly default?: { readonly decode: Decode };
  };
  const use = (decode ?? all?.decode) as Decode;
  return kind === "png"
    ? (bytes) => use(bytes, { checkCrc: true })
    : (bytes) => use(bytes, { useTArray: true, tolerantDecoding: false });
}

// By a name that bundlers do not see, so that an app which decodes no images need not have the packages.
function importByName(name: string): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ name);
}

function toTensor(who: string, image: DecodedImage, settings: PixelSettings): Tensor {
  const { width, height, palette, depth = 8, channels: parts = 4 } = image;
  const unpacked = depth < 8 ? unpack(image, depth, parts) : image.data;
  if (palette !== undefined) {
    const colors = palette[0].length;
    const data = new Uint8Array(width * height * colors);
    for (let i = 0; i < width * height; i++) {
      const color = palette[unpacked[i]];
      if (color === undefined) {
        throw new FormatError(
          `${who}: expected one of ${palette.length} colors, got number ${unpacked[i]} (the file is damaged).`,
        );
      }
      for (let c = 0; c < colors; c++) data[i * colors + c] = color[c];
    }
    const planes = fromPixels(who, { data, width, height }, 255, colors, settings);
    return Tensor.adopt(planes, [settings.channels, height, width]);
  }
  const most = (1 << depth) - 1;
  const { transparency } = image;
  const isKeyed = transparency !== undefined && transparency.length > 0 && (parts === 1 || parts === 3);
  const data = isKeyed ? withAlpha(unpacked, parts, transparency, most) : unpacked;
  const planes = fromPixels(who, { data, width, height }, most, parts + (isKeyed ? 1 : 0), settings);
  return Tensor.adopt(planes, [settings.channels, height, width]);
}

// Pixels of the transparent color have alpha 0, all others are opaque.
function withAlpha(data: ArrayLike<number>, parts: number, key: ArrayLike<number>, most: number): Float64Array {
  const out = new Float64Array((data.length / parts) * (parts + 1));
  for (let from = 0, to = 0; from < data.length; from += parts) {
    let isKey = true;
    for (let c = 0; c < parts; c++) {
      out[to++] = data[from + c];
      isKey &&= data[from + c] === key[c];
    }
    out[to++] = isKey ? 0 : most;
  }
  return out;
}

// Numbers of less than 8 bits, the first in the highest bits; each row begins with a byte of its own.
function unpack({ data, width, height }: DecodedImage, depth: number, parts: number): Uint8Array {
  const perRow = width * parts;
  const bytesPerRow = Math.ceil((perRow * depth) / 8);
  const out = new Uint8Array(perRow * height);
  for (let row = 0; row < height; row++) {
    for (let i = 0; i < perRow; i++) {
      const bit = i * depth;
      const byte = data[row * bytesPerRow + (bit >> 3)];
      out[row * perRow + i] = (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  }
  return out;
}

async function byPlatform(who: string, bytes: Uint8Array, settings: PixelSettings): Promise<Tensor> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
      imageOrientation: "none" as ImageOrientation,
    });
  } catch (cause) {
    throw new FormatError(
      `${who}: expected an image that the platform decodes, got ${bytes.length} bytes: ${describeBytes(bytes)}.`,
      { cause },
    );
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new ArgumentError(`${who}: expected a 2d canvas, got none here.`);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return Tensor.adopt(fromPixels(who, { data, width, height }, 255, 4, settings), [settings.channels, height, width]);
}
