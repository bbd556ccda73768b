// Images as they stand in a report: PNG files by fast-png in data URLs, each once, as a symbol that figures refer to.
import { ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";
import { resizePlane } from "../ops/resizePlane.js";
import { markup, type Html } from "./html.js";
import { base64 } from "./policy.js";
import type { Tools } from "./tools.js";

/** The numbers that are drawn black and white. */
export type Range = readonly [low: number, high: number];

/** A picture: bytes of gray, RGB or RGBA pixels, row by row. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** The pictures of a report. */
export class Pictures {
  readonly #tools: Tools;
  readonly #symbols: Html[] = [];

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** Adds one, and gives the name of its symbol. */
  add(id: string, { data, width, height, channels }: Picture): string {
    const file = this.#tools.encode({ data, width, height, channels, depth: 8 });
    this.#symbols.push(
      markup`<symbol id="${id}" viewBox="0 0 ${width} ${height}"
        ><image width="${width}" height="${height}" href="data:image/png;base64,${base64(file)}"
      /></symbol>`,
    );
    return id;
  }

  /** All of them, out of sight. */
  get sheet(): Html {
    return markup`<svg class="sheet" aria-hidden="true" focusable="false">${this.#symbols}</svg>`;
  }
}

/** A figure with a picture of the sheet. */
export function figure(id: string, words: string, caption: Html | string, over?: string): Html {
  return markup`<figure>
    <svg class="picture" role="img" aria-label="${words}" viewBox="0 0 1 1">
      <use href="#${id}" width="1" height="1" />
      ${over === undefined ? "" : markup`<use href="#${over}" width="1" height="1" />`}
    </svg>
    <figcaption>${caption}</figcaption>
  </figure>`;
}

/** The smallest range that holds all numbers, [0, 1] if that does. */
export function rangeOf(images: readonly Tensor[]): Range {
  let [low, high] = [0, 1];
  for (const { data } of images) {
    for (let i = 0; i < data.length; i++) {
      if (data[i] < low) low = data[i];
      if (data[i] > high) high = data[i];
    }
  }
  return [low, high];
}

/** An image [C, H, W] as bytes, its longer side at most `most` pixels: RGB of three channels, else gray, the mean of channels. */
export function pictureOf(who: string, image: Tensor, [low, high]: Range, most: number): Picture {
  if (image.shape.length !== 3 || image.size === 0) {
    throw new ShapeError(`${who}: expected an image [C, H, W], got ${formatShape(image.shape)}.`);
  }
  const [c, h, w] = image.shape;
  const scale = Math.min(1, most / Math.max(h, w));
  const [height, width] = [Math.max(1, Math.round(h * scale)), Math.max(1, Math.round(w * scale))];
  const plane = h * w;
  const channels = c === 3 ? 3 : 1;
  const data = new Uint8Array(width * height * channels);
  for (let channel = 0; channel < channels; channel++) {
    const values = new Float64Array(plane);
    for (let i = 0; i < plane; i++) values[i] = c === 3 ? image.data[channel * plane + i] : meanAt(image, i, plane);
    const small = scale < 1 ? resizePlane(values, h, w, height, width) : values;
    for (let i = 0; i < width * height; i++) data[i * channels + channel] = toByte((small[i] - low) / (high - low));
  }
  return { data, width, height, channels };
}

function meanAt({ data, shape: [c] }: Tensor, i: number, plane: number): number {
  let sum = 0;
  for (let channel = 0; channel < c; channel++) sum += data[channel * plane + i];
  return sum / c;
}

// What is no number is black.
function toByte(share: number): number {
  return share > 0 ? Math.min(255, Math.round(share * 255)) : 0;
}
