// 42: transfer learning. A network learns the digits 0 to 4; its features, frozen, then serve for 5 to 9 with few examples, beside
// a network that begins anew with the same few. At last everything is trained a little further. Small and offline.
//
//   npx tsx examples/42-transfer-learning.ts
import {
  Adam,
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  accuracy,
  manualSeed,
} from "handgrad";
import { DataLoader, TensorDataset, makeDigits } from "handgrad/data";
import { evaluate, fit } from "handgrad/train";

const digits = makeDigits({ samples: 3000, size: 20, seed: 1 });
const known = only(0, 4, 0, 2000); // 0 to 4, as classes 0 to 4
const few = only(5, 9, 2000, 2100); // 5 to 9, as classes 0 to 4: some fifty images
const unseen = only(5, 9, 2100, 3000);

manualSeed(1);
const features = new Sequential(
  new Conv2d(1, 16, 3, { bias: false }), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2),
  new Conv2d(16, 32, 3, { bias: false }), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
  new Flatten(),
); // prettier-ignore
const first = new Sequential(["features", features], ["head", new Linear(32 * 3 * 3, 5)]);
await train(first, known, 5, 3e-3);
console.log(`0 to 4, ${known.length} images: the training images ${await percent(first, known)}.`);

// New classes: the old features as they are, and a head that learns.
const model = new Sequential(["features", features], ["head", new Linear(32 * 3 * 3, 5)]);
features.freeze(); // no gradients for its weights, and the backward pass stops above it
features.eval(); // its batch norms keep the statistics that they have seen
const before = features.stateDict()["0.weight"].clone();
await train(model, few, 20, 1e-2);
const kept = before.data.every((value, i) => value === features.stateDict()["0.weight"].data[i]);
console.log(
  `5 to 9, ${few.length} images, frozen features (${kept ? "unchanged" : "changed!"}): ${await percent(model, unseen)}.`,
);

// All of it a little further, with small steps.
features.unfreeze();
await train(model, few, 10, 3e-4);
console.log(`The same, then all weights with small steps: ${await percent(model, unseen)}.`);

manualSeed(1);
const anew = new Sequential(
  new Conv2d(1, 16, 3, { bias: false }), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2),
  new Conv2d(16, 32, 3, { bias: false }), new BatchNorm2d(32), new ReLU(), new MaxPool2d(2),
  new Flatten(), new Linear(32 * 3 * 3, 5),
); // prettier-ignore
await train(anew, few, 20, 3e-3);
console.log(`A new network, the same images: ${await percent(anew, unseen)}.`);

/** Images of these digits among those from `from` to `to`; the smallest digit is class 0. */
function only(lowest: number, highest: number, from: number, to: number): TensorDataset {
  const [, labels] = digits.all();
  const rows = [...labels.keys()].filter((i) => i >= from && i < to && labels[i] >= lowest && labels[i] <= highest);
  const [some] = digits.take(Int32Array.from(rows));
  return new TensorDataset(
    some,
    Int32Array.from(rows, (i) => labels[i] - lowest),
  );
}

async function train(network: Sequential, data: TensorDataset, epochs: number, lr: number): Promise<void> {
  const learned = network.parameters().filter(({ requiresGrad }) => requiresGrad);
  await fit(network, new DataLoader(data, { batchSize: 32, shuffle: true }), {
    optimizer: new Adam(learned, { lr }),
    epochs,
  });
}

async function percent(network: Sequential, data: TensorDataset): Promise<string> {
  const results = await evaluate(network, new DataLoader(data, { batchSize: 200 }), { metrics: { accuracy } });
  return `${(100 * (results.accuracy as number)).toFixed(1)} % right`;
}
