// From a drawing to the network's input: each step by hand, and properties of all of them together.
import { describe, expect, it } from "vitest";
import { randomFrom, vary } from "../../site/src/train/augment.js";
import {
  centerOfMass,
  crop,
  inkBox,
  prepare,
  scaleInto,
  strokeWidth,
  type Plane,
} from "../../site/src/train/preprocess.js";
import { drawDigits } from "./drawnDigits.js";

const plane = (rows: readonly (readonly number[])[]): Plane => ({
  width: rows[0].length,
  height: rows.length,
  data: Float32Array.from(rows.flat()),
});

function bar(width: number, height: number, thickness: number): Plane {
  const data = new Float32Array(width * height);
  const left = Math.floor((width - thickness) / 2);
  for (let y = 10; y < height - 10; y++) for (let x = left; x < left + thickness; x++) data[y * width + x] = 1;
  return { width, height, data };
}

describe("the steps of MNIST", () => {
  it("crop to the ink", () => {
    const drawing = plane([[0, 0, 0, 0], [0, 0, 1, 0], [0, 0.05, 0.5, 0], [0, 0, 0, 0]]); // prettier-ignore
    expect(inkBox(drawing)).toEqual({ x: 2, y: 1, width: 1, height: 2 });
    expect([...crop(drawing, { x: 2, y: 1, width: 1, height: 2 }).data]).toEqual([1, 0.5]);
    expect(inkBox(plane([[0, 0.05]]))).toBeUndefined();
  });

  it("scale: each pixel is the mean of what it covers", () => {
    const { width, height, data } = scaleInto(plane([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]), 2); // prettier-ignore
    expect([width, height, ...data]).toEqual([2, 2, 1, 0, 0, 0.5]);
    expect(scaleInto(bar(40, 90, 4), 20)).toMatchObject({ width: 9, height: 20 });
  });

  it("the center of mass, and it lies in the middle of 28x28 in the end", () => {
    expect(centerOfMass(plane([[0, 0, 0], [1, 0, 3]]))).toEqual([1.5, 1]); // prettier-ignore
    for (const { plane: drawing } of drawDigits(60, 140, 5)) {
      const { image } = prepare(drawing)!;
      expect([image.width, image.height]).toEqual([28, 28]);
      const [x, y] = centerOfMass(image);
      expect(Math.abs(x - 13.5)).toBeLessThanOrEqual(0.51);
      // A digit whose mass lies far up or down stays within the picture: then it is off the middle.
      expect(Math.abs(y - 13.5)).toBeLessThanOrEqual(1);
    }
  });

  it("measures a pen's width", () => {
    for (const thickness of [5, 9, 15])
      expect(Math.abs(strokeWidth(bar(60, 120, thickness)) - thickness)).toBeLessThan(1.1);
  });

  it("thin and thick pens give nearly the same image, wherever it was drawn", () => {
    const images = [5, 9, 15].map((thickness) => prepare(bar(60, 120, thickness))!.image.data);
    const distance = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, n) => sum + Math.abs(v - b[n]), 0);
    const ink = images[1].reduce((sum, v) => sum + v, 0);
    expect(distance(images[0], images[1]) / ink).toBeLessThan(0.4);
    expect(distance(images[1], images[2]) / ink).toBeLessThan(0.4);
    const moved = (dx: number): Float32Array => prepare(crop(bar(60, 120, 9), { x: -dx, y: 0, width: 160, height: 120 }))!.image.data;
    expect(moved(70)).toEqual(moved(3));
  }); // prettier-ignore

  it("an empty drawing is none", () => {
    expect(prepare(plane([[0, 0], [0, 0.01]]))).toBeUndefined(); // prettier-ignore
  });
});

describe("variation", () => {
  const [digit] = [...drawDigits(1)].map(({ plane: drawing }) => prepare(drawing)!.image.data);
  it("of nothing is the identity; the same seed gives the same images, another one others", () => {
    const out = new Float32Array(784);
    vary(digit, out, 28, randomFrom(1), { turn: 0, slant: 0, stretch: 0, shift: 0 });
    out.forEach((value, n) => expect(Math.abs(value - digit[n])).toBeLessThan(1e-6));
    const varied = (seed: number): Float32Array => {
      const image = new Float32Array(784);
      vary(digit, image, 28, randomFrom(seed));
      return image;
    };
    expect(varied(3)).toEqual(varied(3));
    expect(varied(3)).not.toEqual(varied(4));
  });

  it("the generator's numbers lie in [0, 1) and are spread evenly", () => {
    const random = randomFrom(9);
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n++) counts[Math.floor(10 * random())]++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
