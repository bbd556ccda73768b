// How the page varies digits while it trains.
import { describe, expect, it } from "vitest";
import { randomFrom, vary } from "../../site/src/train/augment.js";
import { drawingToDigit } from "../../src/pretrained/drawingToDigit.js";
import { drawDigits } from "./drawnDigits.js";

describe("variation", () => {
  const [digit] = [...drawDigits(1)].map(({ plane }) => drawingToDigit(plane)!.data);
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
