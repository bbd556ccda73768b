// 12: cross-validation. Five networks, each trained on four fifths of the digits with augmentation and stopped when its own
// validation does not get better; their predictions on the parts they have not seen make one confusion matrix.
//
//   npm run build && npx tsx examples/12-k-fold.ts
import { Adam, Conv2d, CrossEntropy, Flatten, Linear, MaxPool2d, ReLU, Sequential, manualSeed } from "handgrad";
import { DataLoader, makeDigits, randomAffine, stratifiedKFold } from "handgrad/data";
import { Accuracy, ConfusionMatrix } from "handgrad/metrics";

const digits = makeDigits({ samples: 500, size: 16, seed: 1 });
const transform = randomAffine({ degrees: 8, translate: [0.06, 0.06], interpolation: "bilinear" });
const [most, patience] = [12, 2]; // epochs

function network(): Sequential {
  return new Sequential(
    new Conv2d(1, 8, 3), new ReLU(), new MaxPool2d(2),
    new Conv2d(8, 16, 3), new ReLU(), new Flatten(),
    new Linear(16 * 5 * 5, 10),
  ); // prettier-ignore
}

const all = new ConfusionMatrix({ classes: 10 });
const scores: number[] = [];
for (const { fold, train, validation } of stratifiedKFold(digits, 5, { seed: 1 })) {
  manualSeed(fold); // each fold has weights and batches of its own
  const model = network();
  const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
  const loss = new CrossEntropy();
  const batches = new DataLoader(train, { batchSize: 32, shuffle: true, transform });
  const unseen = new DataLoader(validation, { batchSize: 100 });

  let best = { score: 0, epoch: 0, weights: structuredClone(model.stateDict()) }; // a copy: what stateDict gives is live
  for (let epoch = 1; epoch <= most && epoch - best.epoch <= patience; epoch++) {
    for (const [x, labels] of batches) {
      loss.forward(model.forward(x), labels);
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    const accuracy = new Accuracy();
    for (const [x, labels] of unseen) accuracy.update(model.predict(x), labels);
    const score = accuracy.compute();
    if (score > best.score) best = { score, epoch, weights: structuredClone(model.stateDict()) };
  }

  model.loadStateDict(best.weights); // the best, not the last
  for (const [x, labels] of unseen) all.update(model.predict(x), labels);
  scores.push(best.score);
  console.log(
    `Fold ${fold}: ${train.length} to train on, accuracy ${best.score.toFixed(3)} after epoch ${best.epoch}.`,
  );
}

const mean = scores.reduce((a, b) => a + b) / scores.length;
const spread = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1));
console.log(`Accuracy ${mean.toFixed(3)} +- ${spread.toFixed(3)} over ${scores.length} folds.`);
console.log("Rows are the digits, columns what they were taken for:");
all
  .compute()
  .forEach((row, digit) => console.log(`${digit} ${row.map((count) => String(count).padStart(4)).join("")}`));
