// 10: a trained model as one file, and what an app does with it: load, predict from pixels, survive a damaged download.
//
//   npm run build && npx tsx examples/10-model-file.ts [FILE]
//
// FILE is where the model goes (a temporary folder if it is left out). `npm run mnist -- --save FILE` writes such a file, too.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Adam,
  Conv2d,
  CrossEntropy,
  Flatten,
  FormatError,
  Layer,
  Linear,
  MaxPool2d,
  Sequential,
  Tensor,
  manualSeed,
  type LayerConfig,
} from "handgrad";
import { batches } from "handgrad/data";
import { decodeSafetensors, loadModel, saveModel, type RgbaImage } from "handgrad/io";
import { readDigits } from "./support/mnistData.js";

/** y = x where x > 0, else slope * x: a layer of our own. `config` is what lets it go into a file. */
class Leaky extends Layer<Tensor> {
  constructor(readonly slope: number) {
    super();
  }
  forward(x: Tensor): Tensor {
    this.save(x.clone());
    return new Tensor(x.data.map((value) => (value > 0 ? value : this.slope * value)), x.shape); // prettier-ignore
  }
  backward(dy: Tensor): Tensor {
    const x = this.saved();
    return new Tensor(dy.data.map((value, i) => (x.data[i] > 0 ? value : this.slope * value)), dy.shape); // prettier-ignore
  }
  override config(): LayerConfig {
    return { type: "Leaky", args: [this.slope] };
  }
}

manualSeed(1);
const { train, test } = await readDigits(undefined);
const model = new Sequential(
  ...[new Conv2d(1, 8, 3), new Leaky(0.1), new MaxPool2d(2), new Flatten(), new Linear(8 * 13 * 13, 10)],
);
const loss = new CrossEntropy();
const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
for (const [x, labels] of batches(train.images.slice([0, 4000]), train.labels.slice(0, 4000), { size: 50 })) {
  loss.forward(model.forward(x), labels);
  optimizer.zeroGrad();
  model.backward(loss.backward(), { inputGrad: false });
  optimizer.step();
}

console.log("--- Written: architecture, weights, what the model takes, the names of its classes\n");
const file = process.argv[2] ?? join(mkdtempSync(join(tmpdir(), "handgrad-")), "digits.safetensors");
const classes = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
writeFileSync(file, saveModel(model, { input: { shape: [1, 28, 28] }, classes, metadata: { author: "Ada" } }));
const bytes = readFileSync(file);
console.log(`${file}: ${bytes.length.toLocaleString("en-US")} bytes, to any other program a safetensors file of`);
for (const [name, { shape }] of Object.entries(decodeSafetensors(bytes).tensors)) {
  console.log(`  ${name.padEnd(9)} [${shape.join(", ")}]`);
}

console.log("\n--- Loaded: in an app the bytes come from fetch; a class of our own is given along\n");
const digits = loadModel(bytes, { layers: { Leaky } });
console.log(digits.model.describe());
const hundred = test.images.slice([0, 100]);
const before = model.predict(hundred).data;
const same = digits.predict(hundred).data.every((logit, i) => logit === before[i]);
console.log(`the same numbers for 100 digits: ${same}`);

console.log("\n--- Pixels: a canvas of 140 x 140 pixels, resized and normalized by the file's input spec\n");
for (let n = 0; n < 3; n++) {
  const found = digits.classify(canvasOf(test.images.slice(n, 0), 5), { top: 3, resize: true });
  const text = found.map(({ name, probability }) => `${name} ${(100 * probability).toFixed(1)} %`).join(", ");
  console.log(`digit ${test.labels[n]}: ${text}`);
}

console.log("\n--- A damaged download is named as such\n");
bytes[bytes.length - 100] ^= 1;
try {
  loadModel(bytes, { layers: { Leaky } });
} catch (error) {
  if (!(error instanceof FormatError)) throw error;
  console.log(error.message);
}
if (!same) process.exitCode = 1;

/** What getImageData gives for a digit drawn `times` as large. */
function canvasOf(digit: Tensor, times: number): RgbaImage {
  const [height, width] = digit.shape.map((length) => length * times);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    const level = 255 * digit.at(Math.floor(i / width / times), Math.floor((i % width) / times));
    data.fill(level, 4 * i, 4 * i + 3);
  }
  return { data, width, height };
}
