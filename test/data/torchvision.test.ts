// Transforms against torchvision's numbers (test/fixtures/make_augment.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  affine,
  elastic,
  grayscale,
  normalize,
  padImages,
  resize,
  rotate,
  type Transform,
} from "../../src/entries/data.js";
import { Tensor } from "../../src/base/tensor.js";
import { blurPlane } from "../../src/data/augment/elastic.js";
import { Draws } from "../../src/data/augment/transform.js";
import { expectClose } from "../support/close.js";

interface Case {
  readonly shape: number[];
  readonly x: number[];
  readonly options: Record<string, never>;
  readonly out: number[];
  readonly y: number[];
}

const fixtures = JSON.parse(
  readFileSync(new URL("../fixtures/torchvision/augment.json", import.meta.url), "utf8"),
) as Record<string, Case[]>;

const BOUND = 3e-7; // of float32 results between 0 and 1
const NO_DRAWS = new Draws({ seed: 0, stream: 0, epoch: 0 }, 0, [0]);

const apply = (transform: Transform, x: Tensor): Tensor =>
  transform.apply(x.reshape([1, ...x.shape]), NO_DRAWS).slice(0);

const functions: Record<string, (x: Tensor, options: Case["options"]) => Tensor> = {
  rotate: (x, { angle, ...rest }) => rotate(x, angle, rest),
  affine: (x, options) => affine(x, options),
  elastic: (x, { displacement, ...rest }) => elastic(x, new Tensor(displacement, [2, ...x.shape.slice(1)]), rest),
  adjustBrightness: (x, { factor }) => adjustBrightness(x, factor),
  adjustContrast: (x, { factor }) => adjustContrast(x, factor),
  adjustSaturation: (x, { factor }) => adjustSaturation(x, factor),
  adjustHue: (x, { factor }) => adjustHue(x, factor),
  grayscale: (x) => apply(grayscale(), x),
  padImages: (x, { padding, ...rest }) => apply(padImages(padding, rest), x),
  resize: (x, { size }) => apply(resize(size), x),
  normalize: (x, { mean, std }) => apply(normalize(mean, std), x),
  blur: (x, { sigma }) =>
    new Tensor(Float32Array.from(blurPlane(Float64Array.from(x.data), x.shape[1], x.shape[2], sigma)), x.shape),
};

describe("transforms agree with torchvision", () => {
  it("in all of these functions", () => {
    expect(Object.keys(fixtures).sort()).toEqual([...Object.keys(functions), "made_by"].sort());
  });

  it.each(Object.keys(functions))("%s", (name) => {
    const cases = fixtures[name];
    expect(cases.length).toBeGreaterThan(0);
    for (const { shape, x, options, out, y } of cases) {
      const image = new Tensor(x, shape);
      const before = image.clone();
      const got = functions[name](image, options);
      expect(got.shape).toEqual(out);
      const largest = Math.max(...y.map(Math.abs), 1);
      expectClose(got.data, y, BOUND * largest * 4, { name: `${name} ${JSON.stringify(options).slice(0, 90)}` });
      if (name !== "normalize") expect(image).toEqual(before);
    }
  });
});
