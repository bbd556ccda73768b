// What every consumer of the matrix runs: entries of the package together, from data to a stored model. The digest is the same
// wherever it runs.
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, SGD, Sequential, accuracy, manualSeed } from "handgrad";
import { DataLoader, makeDigits, randomCrop } from "handgrad/data";
import { loadModel, saveModel } from "handgrad/io";
import { Accuracy } from "handgrad/metrics";
import { evaluate, fit } from "handgrad/train";

export async function program() {
  manualSeed(1);
  const digits = makeDigits({ samples: 60, size: 16, seed: 1 });
  const model = new Sequential(
    ...[new Conv2d(1, 4, 3), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(4 * 7 * 7, 10)],
  );
  const data = new DataLoader(digits, { batchSize: 20, shuffle: true, transform: randomCrop(16, { padding: 1 }) });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  await fit(model, data, { optimizer, epochs: 2, metrics: { accuracy } });
  const file = saveModel(model, { input: { shape: [1, 16, 16] } });
  const again = loadModel(file);
  const metric = new Accuracy();
  let digest = 2166136261;
  for (const [x, labels] of new DataLoader(digits, { batchSize: 60 })) {
    const scores = again.predict(x);
    metric.update(scores, labels);
    for (const bits of new Uint32Array(scores.data.slice().buffer)) digest = Math.imul(digest ^ bits, 16777619) >>> 0;
  }
  const results = await evaluate(again, new DataLoader(digits, { batchSize: 60 }), { metrics: { accuracy } });
  return { digest, bytes: file.length > 1000, same: results.accuracy === metric.compute() };
}
