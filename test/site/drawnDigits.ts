// Digits drawn as people write them: polylines with a pen, in their variants, slanted, thin and thick, anywhere on a canvas.
// Drawn from a seed; none of them is used in training. And scikit-learn's digits of 8x8 pixels, made large.
import { readFileSync } from "node:fs";
import type { InkPlane } from "../../src/pretrained/inkPlane.js";

type Point = readonly [number, number];
type Stroke = readonly Point[];

// An arc of an ellipse around [cx, cy], from one angle to another in degrees; 0 is to the right, 90 down.
const arc = (cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] =>
  Array.from({ length: 25 }, (_, n) => {
    const angle = ((from + ((to - from) * n) / 24) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });

/** The ways to write each digit, in a box of 1 by 1 (x to the right, y down). */
export const FORMS: readonly (readonly (readonly Stroke[])[])[] = [
  [[arc(0.5, 0.5, 0.33, 0.48, -90, 270)], [arc(0.5, 0.5, 0.42, 0.46, -60, 300)]],
  [
    [[[0.5, 0.02], [0.5, 0.98]]],
    [[[0.28, 0.25], [0.52, 0.02], [0.52, 0.98]]],
    [[[0.3, 0.24], [0.52, 0.02], [0.52, 0.98]], [[0.25, 0.98], [0.8, 0.98]]],
  ],
  [
    [[...arc(0.48, 0.3, 0.32, 0.28, -170, 40), [0.12, 0.97], [0.88, 0.97]]],
    [[...arc(0.5, 0.28, 0.3, 0.26, -180, 60), [0.3, 0.8], ...arc(0.25, 0.86, 0.1, 0.1, -60, -300), [0.5, 0.86], [0.9, 0.96]]],
  ],
  [
    [[...arc(0.45, 0.26, 0.3, 0.24, -150, 90), ...arc(0.45, 0.73, 0.34, 0.25, -90, 150)]],
    [[[0.18, 0.04], [0.78, 0.04], [0.42, 0.4], ...arc(0.45, 0.68, 0.33, 0.29, -80, 150)]],
  ],
  [
    [[[0.62, 0.02], [0.1, 0.65], [0.92, 0.65]], [[0.68, 0.35], [0.68, 0.98]]], // open at the top, crossing bar
    [[[0.66, 0.98], [0.66, 0.02], [0.08, 0.68], [0.94, 0.68]]], // closed
    [[[0.2, 0.04], [0.17, 0.5], [0.82, 0.5]], [[0.8, 0.04], [0.76, 0.98]]], // open
  ],
  [
    [[[0.82, 0.03], [0.26, 0.03], [0.22, 0.45], ...arc(0.45, 0.68, 0.36, 0.29, -130, 150)]],
    [[[0.24, 0.04], [0.2, 0.46], ...arc(0.45, 0.69, 0.34, 0.28, -120, 150)], [[0.24, 0.04], [0.84, 0.05]]],
  ],
  [
    [[[0.7, 0.03], [0.38, 0.3], [0.22, 0.6], ...arc(0.5, 0.7, 0.3, 0.27, 180, -180)]],
    [[...arc(0.62, 0.5, 0.42, 0.47, -110, -180), ...arc(0.5, 0.7, 0.3, 0.27, 180, -190)]],
  ],
  [
    [[[0.12, 0.05], [0.86, 0.05], [0.4, 0.98]]],
    [[[0.12, 0.05], [0.86, 0.05], [0.4, 0.98]], [[0.36, 0.5], [0.82, 0.5]]],
    [[[0.12, 0.17], [0.14, 0.04], [0.86, 0.04], [0.55, 0.5], [0.45, 0.98]]],
  ],
  [
    [[...arc(0.5, 0.26, 0.27, 0.24, 60, -240), ...arc(0.5, 0.74, 0.32, 0.25, -110, 250)]],
    [arc(0.5, 0.25, 0.26, 0.23, 90, 450), arc(0.5, 0.74, 0.32, 0.25, -90, 270)],
  ],
  [
    [[...arc(0.48, 0.3, 0.3, 0.27, -20, -340), [0.78, 0.25], [0.74, 0.97]]],
    [[...arc(0.48, 0.3, 0.3, 0.27, -20, -340), [0.79, 0.3], ...arc(0.42, 0.66, 0.36, 0.31, 0, 110)]],
  ],
]; // prettier-ignore

export interface Drawn {
  readonly digit: number;
  readonly plane: InkPlane;
}

/** `count` digits on a canvas of `size` pixels, each form in turn. */
export function* drawDigits(count: number, size = 140, seed = 1): Generator<Drawn, void, undefined> {
  let state = seed;
  // A linear congruential generator: its upper bits are good enough for pens.
  const between = (low: number, high: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  };
  for (let n = 0; n < count; n++) {
    const digit = n % 10;
    const forms = FORMS[digit];
    const form = forms[Math.floor(n / 10) % forms.length];
    const height = size * between(0.4, 0.85);
    const width = height * between(0.5, 0.8);
    const slant = between(-0.1, 0.4);
    const turn = between(-0.12, 0.12);
    const pen = height * between(0.05, 0.16);
    const left = between(pen, Math.max(pen, size - width - pen));
    const top = between(pen, Math.max(pen, size - height - pen));
    const strokes = form.map((stroke) =>
      stroke.map(([x, y]): Point => {
        const wobble = 0.012;
        const u = (x + between(-wobble, wobble) - 0.5) * width + slant * (0.5 - y) * height * 0.7;
        const v = (y + between(-wobble, wobble) - 0.5) * height;
        return [
          left + width / 2 + u * Math.cos(turn) - v * Math.sin(turn),
          top + height / 2 + u * Math.sin(turn) + v * Math.cos(turn),
        ];
      }),
    );
    yield { digit, plane: ink(strokes, pen, size) };
  }
}

// Round pen: a pixel is ink up to half the pen's width from a line, with a soft edge of one pixel.
function ink(strokes: readonly Stroke[], pen: number, size: number): InkPlane {
  const data = new Float32Array(size * size);
  for (const stroke of strokes) {
    for (let n = 1; n < stroke.length; n++) {
      const [[ax, ay], [bx, by]] = [stroke[n - 1], stroke[n]];
      const reach = pen / 2 + 1;
      const [x0, x1] = [
        Math.max(0, Math.floor(Math.min(ax, bx) - reach)),
        Math.min(size - 1, Math.ceil(Math.max(ax, bx) + reach)),
      ];
      const [y0, y1] = [
        Math.max(0, Math.floor(Math.min(ay, by) - reach)),
        Math.min(size - 1, Math.ceil(Math.max(ay, by) + reach)),
      ];
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      for (let y = y0; y <= y1; y++) {
        for (let x = x0; x <= x1; x++) {
          const along =
            length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
          const away = Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
          const value = Math.max(0, Math.min(1, pen / 2 + 0.5 - away));
          if (value > data[y * size + x]) data[y * size + x] = value;
        }
      }
    }
  }
  return { width: size, height: size, data };
}

/** The 1,797 digits of 8x8 pixels. */
export function enlargedDigits(): Drawn[] {
  const file = readFileSync(new URL("../fixtures/digits8.json", import.meta.url), "utf8");
  const { labels, images } = JSON.parse(file) as { labels: string; images: string[] };
  return images.map((hex, n) => ({ digit: Number(labels[n]), plane: enlarge(hex) }));
}

// A tiny picture made large, as a browser does it: between four pixels.
function enlarge(hex: string, side = 96): InkPlane {
  const small = Array.from({ length: 64 }, (_, n) => parseInt(hex.slice(2 * n, 2 * n + 2), 16) / 16);
  const out = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const place = (at: number): number => Math.max(0, Math.min(7, ((at + 0.5) * 8) / side - 0.5));
      const [u, v] = [place(x), place(y)];
      const [i, j] = [Math.min(6, Math.floor(u)), Math.min(6, Math.floor(v))];
      const [p, q] = [u - i, v - j];
      const row = (k: number): number => small[k * 8 + i] * (1 - p) + small[k * 8 + i + 1] * p;
      out[y * side + x] = row(j) * (1 - q) + row(j + 1) * q;
    }
  }
  return { width: side, height: side, data: out };
}
