// Lesson 1: the network for color images of 32x32, 241,802 parameters, built, counted and trained. Real digits, each in a color of its
// own on a ground of its own, so that the color says nothing and the shape everything.
// Run with: npx tsx examples/21-color-network.ts
import {
  accuracy,
  Conv2d,
  CrossEntropy,
  Flatten,
  Generator,
  Linear,
  manualSeed,
  MaxPool2d,
  ReLU,
  Sequential,
  SGD,
  Tensor,
} from "handgrad";
import { batches } from "handgrad/data";
import { readDigits, type Digits } from "./support/mnistData.js";

/** [N, 3, 32, 32]: each pixel lies between the ground's color and the stroke's, as gray as it was. */
function colored({ images, labels }: Digits, count: number, generator: Generator): Digits {
  const size = 32;
  const border = (size - 28) / 2;
  const data = new Float32Array(count * 3 * size * size);
  for (let n = 0; n < count; n++) {
    for (let channel = 0; channel < 3; channel++) {
      const ground = 0.5 * generator.uniform();
      const stroke = 0.5 + 0.5 * generator.uniform(); // brighter than the ground
      const plane = (3 * n + channel) * size * size;
      data.fill(ground, plane, plane + size * size);
      for (let i = 0; i < 28; i++) {
        for (let j = 0; j < 28; j++) {
          data[plane + (i + border) * size + j + border] = ground + images.at(n, 0, i, j) * (stroke - ground);
        }
      }
    }
  }
  return { images: new Tensor(data, [count, 3, size, size]), labels: labels.subarray(0, count) };
}

manualSeed(1);
const digits = await readDigits();
const generator = new Generator("draw");
const training = colored(digits.train, 768, generator);
const test = colored(digits.test, 256, generator);

const model = new Sequential(
  ...[new Conv2d(3, 64, 5), new ReLU(), new MaxPool2d(2)], // 32 - 5 + 1 = 28, halved 14
  ...[new Conv2d(64, 128, 5), new ReLU(), new MaxPool2d(2)], // 14 - 5 + 1 = 10, halved 5
  ...[new Flatten(), new Linear(128 * 5 * 5, 10)],
);
console.log(String(model.summary([3, 32, 32])));

const loss = new CrossEntropy();
const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
console.log("\nepoch   loss     right, of those it never saw");
for (let epoch = 1; epoch <= 3; epoch++) {
  let sum = 0;
  for (const [x, labels] of batches(training.images, training.labels, { size: 32, shuffle: true })) {
    sum += loss.forward(model.forward(x), labels) * labels.length;
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
  const right = accuracy(model.predict(test.images), test.labels);
  console.log(`${epoch}       ${(sum / training.labels.length).toFixed(4)}   ${right.toFixed(3)}`);
}

// One filter, three kernels: it sees red, green and blue, and adds them up.
const conv = model.get(0) as Conv2d;
console.log(`\nThe first of ${conv.weight.shape[0]} filters, its weights for red, green and blue:`);
for (let i = 0; i < 5; i++) {
  const rows = [0, 1, 2].map((channel) => Array.from({ length: 5 }, (_, j) => conv.weight.value.at(0, channel, i, j)));
  console.log(rows.map((row) => row.map((w) => w.toFixed(2).padStart(6)).join("")).join("    "));
}
