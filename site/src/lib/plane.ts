// Paints numbers as pixels on a canvas, from a template: ink on paper, or signed numbers in two colors.
import { nothing } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";

export interface Painting {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  /** Blue below 0, orange above; else black on white from 0 to the largest. */
  readonly signed?: boolean;
  /** What is black; the largest number if left out. */
  readonly most?: number;
}

const BELOW = [29, 79, 143];
const ABOVE = [176, 103, 10];

/** RGBA of a painting. */
export function paint({ data, width, height, signed = false, most }: Painting): ImageData {
  const image = new ImageData(width, height);
  let largest = most ?? 1e-6;
  if (most === undefined) for (let n = 0; n < data.length; n++) largest = Math.max(largest, Math.abs(data[n]));
  for (let n = 0; n < width * height; n++) {
    const share = Math.min(1, Math.abs(data[n]) / largest);
    const color = signed ? (data[n] < 0 ? BELOW : ABOVE) : [0, 0, 0];
    for (let c = 0; c < 3; c++) image.data[4 * n + c] = 255 + (color[c] - 255) * share;
    image.data[4 * n + 3] = 255;
  }
  return image;
}

class PaintOn extends Directive {
  #last: ArrayLike<number> | undefined;

  override render(_: Painting): unknown {
    return nothing;
  }

  override update(part: ElementPart, [painting]: [Painting]): unknown {
    if (painting.data === this.#last) return nothing;
    this.#last = painting.data;
    const canvas = part.element as HTMLCanvasElement;
    if (canvas.width !== painting.width) canvas.width = painting.width;
    if (canvas.height !== painting.height) canvas.height = painting.height;
    canvas.getContext("2d")?.putImageData(paint(painting), 0, 0);
    return nothing;
  }
}

/** `<canvas ${paintOn({ data, width, height })}>` */
export const paintOn = directive(PaintOn);
