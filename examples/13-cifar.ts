// 13: a ResNet on CIFAR-10 in its binary layout, with the augmentation of fast CIFAR training: reflected padding and cuts, flips that alternate
// from epoch to epoch, cutout; prepared in a worker while the network trains, and flips at test time.
//
//   npm run build && npx tsx examples/13-cifar.ts [FOLDER]
//
// FOLDER is "cifar-10-batches-bin" out of the binary version of https://www.cs.toronto.edu/~kriz/cifar.html; without it, small
// files of drawn shapes in the same layout are made and read, so that the example runs offline.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Adam, CrossEntropy, accuracy, manualSeed } from "handgrad";
import * as data from "handgrad/data";
import { resnet20 } from "handgrad/models";

const given = process.argv[2];
const folder = given ?? mkdtempSync(join(tmpdir(), "handgrad-cifar-"));
if (given === undefined) {
  ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"].forEach((name, i) => {
    writeFileSync(join(folder, `${name}.bin`), drawnBatch(100, i));
  });
}

const { train, test } = await data.readCifar10(folder);
console.log(`${train.length} images to train on, ${test.length} to test, [${train.sampleShape}].`);
const [sample] = train.take(Int32Array.from({ length: Math.min(train.length, 5000) }, (_, i) => i));
const { mean, std } = data.channelStatistics(sample);

manualSeed(1);
const loader = new data.DataLoader(train, {
  batchSize: 50,
  shuffle: true,
  dropLast: true,
  numWorkers: 1,
  transform: [
    data.alternatingHorizontalFlip(),
    data.randomCrop(32, { padding: 2, paddingMode: "reflect" }),
    data.normalize(mean, std),
    data.cutout(6),
  ],
});

const model = resnet20(); // the one of the paper for CIFAR: 272,474 parameters
const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
const loss = new CrossEntropy({ labelSmoothing: 0.1 });

for (let epoch = 1; epoch <= 3; epoch++) {
  let sum = 0;
  for await (const [x, labels] of loader) {
    sum += loss.forward(model.forward(x), labels);
    optimizer.zeroGrad();
    model.backward(loss.backward(), { inputGrad: false });
    optimizer.step();
  }
  console.log(`Epoch ${epoch}: mean loss of the batches ${(sum / loader.length).toFixed(3)}.`);
}

model.eval();
let [plain, withFlips] = [0, 0];
for (const [x, labels] of new data.DataLoader(test, { batchSize: 100, transform: data.normalize(mean, std) })) {
  plain += accuracy(model.predict(x), labels) * labels.length;
  withFlips += accuracy(data.testTimeAugmentation(model, x, data.flipAndShiftViews()), labels) * labels.length;
}
console.log(
  `Test accuracy ${(plain / test.length).toFixed(3)}, with six views of each image ${(withFlips / test.length).toFixed(3)}.`,
);
if (given === undefined) rmSync(folder, { recursive: true });

/** Shapes and stripes in ten colors: the label is the color, whatever is drawn in it. */
function drawnBatch(samples: number, seed: number): Uint8Array {
  const [shapes] = data.makeShapes({ samples, size: 32, seed }).all();
  const images = new Uint8Array(samples * 3072);
  const labels = Uint8Array.from({ length: samples }, (_, i) => i % 10);
  for (let i = 0; i < samples; i++) {
    for (let p = 0; p < 3072; p++) {
      const [channel, pixel] = [Math.floor(p / 1024), p % 1024];
      const tint = 0.5 + 0.5 * Math.cos(2 * Math.PI * (labels[i] / 10 + channel / 3));
      images[i * 3072 + p] = Math.round(255 * shapes.data[i * 1024 + pixel] * tint);
    }
  }
  return data.encodeCifar10({ data: images, shape: [samples, 3, 32, 32] }, labels);
}
