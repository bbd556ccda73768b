// 48: LeNet-5 on MNIST by `fit`, from the zoo of known networks: a validation split, one cycle of the learning rate, the best weights
// in the end, a confusion matrix in the terminal.
//
//   npx tsx examples/48-lenet.ts [DIGITS]       how many training digits, 6000 unless said otherwise
//
// LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.
import { Adam, OneCycleLR, accuracy, manualSeed } from "handgrad";
import { DataLoader, TensorDataset, normalize, stratifiedSplit } from "handgrad/data";
import { confusionMatrix } from "handgrad/metrics";
import { lenet5 } from "handgrad/models";
import { confusionTable } from "handgrad/report";
import { evaluate, fit, predict } from "handgrad/train";
import { readDigits } from "./support/mnistData.js";

const EPOCHS = 4;
const count = Number(process.argv[2] ?? 6000);
const { train, test } = await readDigits();
const digits = new TensorDataset(train.images.slice([0, count]), train.labels.subarray(0, count));
const [learned, held] = stratifiedSplit(digits, [0.9, 0.1], { seed: 1 });
const transform = normalize(0.1307, 0.3081);

manualSeed(1);
const model = lenet5();
const data = new DataLoader(learned, { batchSize: 64, shuffle: true, transform });
const optimizer = new Adam(model.parameters());
const { best, history } = await fit(model, data, {
  optimizer,
  epochs: EPOCHS,
  batchSchedule: new OneCycleLR(optimizer, 5e-3, { epochs: EPOCHS, stepsPerEpoch: data.length }),
  validation: new DataLoader(held, { batchSize: 250, transform }),
  metrics: { accuracy },
});
for (const { epoch, valLoss, valAccuracy } of history.epochs) {
  console.log(
    `Epoch ${epoch}: validation loss ${Number(valLoss).toFixed(4)}, accuracy ${Number(valAccuracy).toFixed(4)}.`,
  );
}
console.log(`Best: epoch ${best?.epoch}, whose weights are in the model again.`);

const unseen = new DataLoader(new TensorDataset(test.images, test.labels), { batchSize: 500, transform });
const results = await evaluate(model, unseen, { metrics: { accuracy } });
console.log(`On 10,000 digits that it never saw: ${Number(results.accuracy).toFixed(4)} right.`);
console.log(confusionTable(confusionMatrix(await predict(model, unseen), test.labels)));
