// From a drawing to what a network of MNIST takes: each step by hand, all of them together, and what is ink.
import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/base/errors.js";
import { Tensor } from "../../src/base/tensor.js";
import { drawingSteps, drawingToDigit } from "../../src/pretrained/drawingToDigit.js";
import {
  centerOfMass,
  centered,
  crop,
  inkBox,
  scaleInto,
  transpose,
  type InkPlane,
} from "../../src/pretrained/inkPlane.js";
import { crisp, evenPen, softness, strokeWidth } from "../../src/pretrained/strokes.js";
import { drawDigits } from "../site/drawnDigits.js";

const plane = (rows: readonly (readonly number[])[]): InkPlane => ({
  width: rows[0].length,
  height: rows.length,
  data: Float32Array.from(rows.flat()),
});

function bar(width: number, height: number, thickness: number): InkPlane {
  const data = new Float32Array(width * height);
  const left = Math.floor((width - thickness) / 2);
  for (let y = 10; y < height - 10; y++) for (let x = left; x < left + thickness; x++) data[y * width + x] = 1;
  return { width, height, data };
}

/** Pixels of ink on paper, both [R, G, B, A]. */
function rgba({ width, height, data }: InkPlane, paper: readonly number[], ink: readonly number[]): ImageLike {
  const bytes = new Uint8ClampedArray(4 * width * height);
  data.forEach((share, n) => {
    for (let c = 0; c < 4; c++) bytes[4 * n + c] = paper[c] + share * (ink[c] - paper[c]);
  });
  return { data: bytes, width, height };
}
type ImageLike = { data: Uint8ClampedArray; width: number; height: number };

const WHITE = [255, 255, 255, 255];
const BLACK = [0, 0, 0, 255];
const NOTHING = [0, 0, 0, 0];

describe("the steps of MNIST", () => {
  it("crop to the ink", () => {
    const drawing = plane([[0, 0, 0, 0], [0, 0, 1, 0], [0, 0.05, 0.5, 0], [0, 0, 0, 0]]); // prettier-ignore
    expect(inkBox(drawing)).toEqual({ x: 2, y: 1, width: 1, height: 2 });
    expect([...crop(drawing, { x: 2, y: 1, width: 1, height: 2 }).data]).toEqual([1, 0.5]);
    expect([...crop(drawing, { x: 3, y: -1, width: 3, height: 2 }).data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...crop(drawing, { x: -1, y: 1, width: 4, height: 1 }).data]).toEqual([0, 0, 0, 1]);
    expect([...crop(drawing, { x: 9, y: 1, width: 2, height: 1 }).data]).toEqual([0, 0]);
    expect(inkBox(plane([[0, 0.05]]))).toBeNull();
  });

  it("scale: each pixel is the mean of what it covers, and the longer side has the size", () => {
    const { width, height, data } = scaleInto(plane([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]), 2); // prettier-ignore
    expect([width, height, ...data]).toEqual([2, 2, 1, 0, 0, 0.5]);
    const third = scaleInto(plane([[1, 0, 0]]), 2); // each of the two covers one and a half
    expect([third.width, third.height, ...third.data]).toEqual([2, 1, Math.fround(1 / 1.5), 0]);
    expect(scaleInto(bar(40, 90, 4), 20)).toMatchObject({ width: 9, height: 20 });
    expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2)]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("center: of mass, by whole pixels, and all of it stays inside", () => {
    expect(centerOfMass(plane([[0, 0, 0], [1, 0, 3]]))).toEqual([1.5, 1]); // prettier-ignore
    const dot = centered(plane([[1, 0.5]]), [0.25, 0], 4); // its mass, at 0.25, goes to 1.5
    expect([...dot.data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0.5, 0, 0, 0, 0, 0]);
    const tail = centered(plane([[1, 0, 0, 0.01]]), [0, 0], 4); // would lose its end in the middle
    expect([...tail.data.slice(8, 12)]).toEqual([1, 0, 0, Math.fround(0.01)]);
    for (const { plane: drawing } of drawDigits(60, 140, 5)) {
      const { image } = drawingSteps(drawing)!;
      expect([image.width, image.height]).toEqual([28, 28]);
      const [x, y] = centerOfMass(image);
      expect(Math.abs(x - 13.5)).toBeLessThanOrEqual(0.51);
      // A digit whose mass lies far up or down stays within the picture: then it is off the middle.
      expect(Math.abs(y - 13.5)).toBeLessThanOrEqual(1);
    }
  });
});

describe("strokes", () => {
  it("are measured", () => {
    for (const thickness of [5, 9, 15])
      expect(Math.abs(strokeWidth(bar(60, 120, thickness)) - thickness)).toBeLessThan(1.1);
    expect(strokeWidth(plane([[0.1, 0.2]]))).toBe(1); // no stroke at all
  });

  it("of thin and thick pens give nearly the same image, wherever it was drawn", () => {
    const images = [5, 9, 15].map((thickness) => drawingToDigit(bar(60, 120, thickness))!.data);
    const distance = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, n) => sum + Math.abs(v - b[n]), 0);
    const ink = images[1].reduce((sum, v) => sum + v, 0);
    expect(ink).toBeGreaterThan(20);
    expect(distance(images[0], images[1]) / ink).toBeLessThan(0.4);
    expect(distance(images[1], images[2]) / ink).toBeLessThan(0.4);
    const moved = (dx: number): Float32Array =>
      drawingToDigit(crop(bar(60, 120, 9), { x: -dx, y: 0, width: 160, height: 120 }))!.data;
    expect(moved(70)).toEqual(moved(3));
  });

  it("grow and shrink to an eighth of the longer side", () => {
    for (const thickness of [6, 20]) {
      const box = { x: 20, y: 20, width: 80, height: 80 };
      const data = new Float32Array(120 * 120);
      for (let n = 0; n < 80; n++) for (let k = 0; k < thickness; k++) data[(20 + n) * 120 + 20 + k] = data[(20 + k) * 120 + 20 + n] = 1; // prettier-ignore
      const even = evenPen(crop({ width: 120, height: 120, data }, box));
      const after = (0.125 * Math.max(even.width, even.height)) / strokeWidth(even);
      expect(after).toBeGreaterThan(0.7);
      expect(after).toBeLessThan(1.4);
    }
  });

  it("of a soft picture are made crisp, and its gray holes open", () => {
    const hole = plane([0, 1, 2, 3, 4].map((y) => [0, 1, 2, 3, 4].map((x) => (x === 2 && y === 2 ? 0.55 : 0.9)))); // prettier-ignore
    expect(softness(hole)).toBeCloseTo(1 / 25);
    const { data } = crisp(hole);
    expect(data[12]).toBeLessThan(0.2);
    expect(data[0]).toBe(1);
  });
});

describe("what is ink", () => {
  const drawn = bar(40, 60, 6);
  const wanted = drawingToDigit(drawn)!;

  it("is found: dark on light, light on dark, gray, and whatever lies on a transparent canvas", () => {
    expect(wanted.shape).toEqual([1, 1, 28, 28]);
    expect(Math.max(...wanted.data)).toBe(1);
    expect(Math.min(...wanted.data)).toBe(0);
    for (const [paper, ink] of [
      [WHITE, BLACK],
      [BLACK, WHITE],
      [NOTHING, BLACK],
      [NOTHING, WHITE],
      [
        [255, 250, 200, 255],
        [20, 20, 90, 255],
      ], // a blue pen on yellow paper
      [
        [0, 60, 30, 255],
        [200, 200, 180, 255],
      ], // chalk on a board
    ]) {
      const { data } = drawingToDigit(rgba(drawn, paper, ink))!;
      data.forEach((value, n) => expect(Math.abs(value - wanted.data[n])).toBeLessThan(1e-6));
    }
    const inverted = drawn.data.map((ink) => 1 - ink);
    expect(drawingToDigit({ ...drawn, data: inverted })).toEqual(wanted);
    expect(drawingToDigit({ ...drawn, data: Uint8Array.from(inverted, (level) => 255 * level) })).toEqual(wanted);
    expect(drawingToDigit({ ...drawn, data: Float64Array.from(drawn.data) })).toEqual(wanted);
    expect(drawingToDigit(new Tensor(drawn.data, [1, 60, 40]))).toEqual(wanted);
    expect(drawingToDigit(new Tensor(inverted, [60, 40]))).toEqual(wanted);
  });

  it("may be said: light strokes on light paper are none when ink is dark", () => {
    const chalk = rgba(drawn, [100, 100, 100, 255], WHITE);
    expect(drawingToDigit(chalk, { ink: "light" })).toEqual(wanted);
    expect(drawingToDigit(chalk, { ink: "dark" })).toBeNull();
    expect(drawingToDigit(rgba(drawn, NOTHING, [9, 9, 9, 255]), { ink: "alpha" })).toEqual(wanted);
    expect(drawingToDigit(rgba(drawn, WHITE, WHITE), { ink: "alpha" })!.data).not.toEqual(wanted.data); // all of it
  });

  it("is as dark as the darkest of it: a faint pencil is a pen", () => {
    const faint = { ...drawn, data: drawn.data.map((ink) => 0.3 * ink) };
    drawingToDigit(faint)!.data.forEach((value, n) => expect(Math.abs(value - wanted.data[n])).toBeLessThan(1e-6));
  });

  it("a half transparent stroke on white is half ink, and transparent pixels are paper", () => {
    const image = rgba(drawn, WHITE, BLACK);
    image.data[3] = 0; // a corner that was left out, black beneath
    image.data[0] = 0;
    expect(drawingToDigit(image)).toEqual(wanted);
  });

  it("an empty drawing has none: null, and so has paper with noise on it", () => {
    for (const color of [WHITE, BLACK, NOTHING]) expect(drawingToDigit(rgba(drawn, color, color))).toBeNull();
    expect(drawingToDigit({ ...drawn, data: drawn.data.map((ink) => 0.9 + 0.05 * ink) })).toBeNull();
    expect(drawingSteps(plane([[0, 0], [0, 0.01]]))).toBeNull(); // prettier-ignore
  });

  it("a dot and a line fill what there is; a picture of one pixel is nothing but paper", () => {
    const sum = ({ data }: Tensor): number => data.reduce((total, value) => total + value, 0);
    expect(sum(drawingToDigit(plane([[0, 0, 0], [0, 1, 0], [0, 0, 0]]))!)).toBe(400); // prettier-ignore
    expect(sum(drawingToDigit(plane([[0], [1], [1], [0]]))!)).toBe(200);
    expect(drawingToDigit(plane([[1]]))).toBeNull();
    expect(drawingToDigit(plane([[1]]), { ink: "light" })).toBeNull();
  });
});

describe("what is no drawing", () => {
  const refused = (drawing: unknown, options?: object): unknown => {
    try {
      return drawingToDigit(drawing as InkPlane, options as object);
    } catch (error) {
      return error;
    }
  };
  it.each([
    [null, ArgumentError, 'drawingToDigit: expected a drawing { data, width, height } or a Tensor [H, W], got null (context.getImageData gives one).'],
    [{ data: new Float32Array(5), width: 2, height: 2 }, ShapeError, "drawingToDigit: expected 4 gray levels for 2 x 2 pixels, got 5 (check width and height)."],
    [{ data: new Uint8Array(12), width: 2, height: 2 }, ShapeError, "drawingToDigit: expected 16 bytes for 2 x 2 pixels of R, G, B, A, got 12 (add an alpha byte to each pixel)."],
    [{ data: Float32Array.of(0, 0, NaN, 1), width: 2, height: 2 }, ArgumentError, "drawingToDigit: expected gray levels from 0 to 1, got NaN at index 2 (bytes in a Uint8Array are 0 to 255)."],
    [{ data: Float32Array.of(0, 255, 3, 1), width: 2, height: 2 }, ArgumentError, "drawingToDigit: expected gray levels from 0 to 1, got 255 at index 1 (bytes in a Uint8Array are 0 to 255)."],
    [{ data: [0, 1, 1, 0], width: 2, height: 2 }, ArgumentError, "drawingToDigit: expected bytes or floats in a typed array, got [0, 1, 1, 0] (Float32Array.from(levels), from 0 to 1)."],
    [{ data: new Uint8Array(4), width: 0, height: 4 }, ArgumentError, "drawingToDigit: expected width to be a whole number of at least 1, got 0."],
    [new Tensor(new Float32Array(8), [2, 2, 2]), ShapeError, "drawingToDigit: expected one gray image [H, W], got [2, 2, 2]."],
  ])("%o is refused", (drawing, type, message) => {
    const error = refused(drawing);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toBe(message);
  }); // prettier-ignore

  it("options that are none are refused", () => {
    const drawn = plane([[0, 1]]);
    expect((refused(drawn, { ink: "black" }) as Error).message).toContain('expected ink to be one of "auto", "dark", "light", "alpha"');
    expect((refused(drawn, { Ink: "dark" }) as Error).message).toContain('unknown option "Ink"');
    expect((refused(drawn, { ink: "alpha" }) as Error).message).toBe(
      'drawingToDigit: expected pixels R, G, B, A for ink "alpha", got gray levels (they have no transparency).',
    );
    expect(() => drawingSteps(null as unknown as InkPlane)).toThrow("drawingSteps: expected a drawing");
  }); // prettier-ignore
});
