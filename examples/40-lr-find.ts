// 40: finds a learning rate, looks at the curve, and trains with one cycle of it. Small and offline.
//
//   npx tsx examples/40-lr-find.ts
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Flatten,
  Generator,
  Linear,
  MaxPool2d,
  OneCycleLR,
  ReLU,
  Sequential,
  Tensor,
  accuracy,
  fillNormal,
  manualSeed,
} from "handgrad";
import { batches } from "handgrad/data";
import { fit, lrFind, progress } from "handgrad/train";

const SIZE = 16;
const EPOCHS = 4;

// Stripes in four directions, in noise.
function stripes(count: number, seed: number) {
  const draws = new Generator("draw", { seed });
  const images = new Tensor(new Float32Array(count * SIZE * SIZE), [count, 1, SIZE, SIZE]);
  fillNormal(draws, images.data, 0, 1.5);
  const labels = Int32Array.from({ length: count }, () => draws.integer(4));
  labels.forEach((label, i) => {
    const phase = draws.integer(6);
    for (let h = 0; h < SIZE; h++) {
      for (let w = 0; w < SIZE; w++) {
        const along = [h, w, h + w, h - w + SIZE][label];
        if ((along + phase) % 6 < 3) images.data[(i * SIZE + h) * SIZE + w] += 1;
      }
    }
  });
  return { images, labels };
}

manualSeed(1);
const training = stripes(2000, 1);
const held = stripes(500, 2);
const data = batches(training.images, training.labels, { size: 50, shuffle: true });
const model = new Sequential(
  ...[new Conv2d(1, 8, 3), new BatchNorm2d(8), new ReLU(), new MaxPool2d(2)],
  ...[new Conv2d(8, 16, 3), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2)],
  ...[new Flatten(), new Linear(64, 4)],
);
const optimizer = new Adam(model.parameters(), { lr: 0.001 });

const { points, suggestion } = await lrFind(model, data, { optimizer, from: 1e-6, to: 3 });
console.log("The smoothed loss over the learning rate:\n");
for (const { lr, smoothed } of points.filter((_, i) => i % 4 === 0)) {
  console.log(`${lr.toExponential(1)}  ${smoothed.toFixed(3)} ${"=".repeat(Math.min(60, Math.round(30 * smoothed)))}`);
}
// The hint is where the loss falls fastest, which is close to where it explodes: a quarter of it is a careful peak of the cycle.
const highest = (suggestion ?? 0.04) / 4;
console.log(`\na hint: ${suggestion?.toExponential(1) ?? "none"}; one cycle up to ${highest.toExponential(1)}\n`);

const result = await fit(model, data, {
  optimizer,
  epochs: EPOCHS,
  batchSchedule: new OneCycleLR(optimizer, highest, { totalSteps: EPOCHS * data.length }),
  validation: batches(held.images, held.labels, { size: 250 }),
  metrics: { accuracy },
  callbacks: [progress()],
});
console.log(`learning rates: ${result.history.column("lr").map((lr) => lr.toExponential(1)).join(", ")}`); // prettier-ignore
