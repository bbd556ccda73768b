// 50: trains twice on drawn digits, shows the curves and the confusion matrix in the terminal, and writes one HTML report of both runs
// side by side. Small and offline.
//
//   npx tsx examples/50-report.ts [report.html]
import { writeFile } from "node:fs/promises";
import { Adam, Conv2d, Flatten, Linear, MaxPool2d, OneCycleLR, ReLU, Sequential, accuracy, manualSeed } from "handgrad";
import { DataLoader, makeDigits } from "handgrad/data";
import { confusionMatrix } from "handgrad/metrics";
import { collectForReport, confusionTable, htmlReport, plotHistory } from "handgrad/report";
import { fit, predict } from "handgrad/train";

const EPOCHS = 6;
const digits = makeDigits({ samples: 1200, seed: 1, size: 20, noise: 0.25, variation: 1.4 });
const held = makeDigits({ samples: 500, seed: 2, size: 20, noise: 0.25, variation: 1.4 });
const validation = new DataLoader(held, { batchSize: 125 }); // in the same order every time

async function train(name: string, lr: number, oneCycle: boolean) {
  manualSeed(1);
  const model = new Sequential(
    ...[new Conv2d(1, 12, 5), new ReLU(), new MaxPool2d(2)], // [12, 8, 8]
    ...[new Conv2d(12, 16, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(16 * 3 * 3, 10)],
  );
  const optimizer = new Adam(model.parameters(), { lr });
  const data = new DataLoader(digits, { batchSize: 32, shuffle: true });
  const schedule = new OneCycleLR(optimizer, lr, { totalSteps: EPOCHS * data.length });
  const collected = collectForReport(validation); // the predictions after each epoch
  const result = await fit(model, data, {
    ...{ optimizer, epochs: EPOCHS, validation, metrics: { accuracy }, callbacks: [collected] },
    ...(oneCycle && { batchSchedule: schedule }),
  });
  const settings = { optimizer: "Adam", lr, schedule: oneCycle ? "one cycle" : "none", batch: 32 };
  return { ...result, name, model, data: validation, collected, settings };
}

const runs = [await train("one cycle up to 0.01", 0.01, true), await train("constant 0.003", 0.003, false)];
for (const { name, history, model } of runs) {
  console.log(`--- ${name}\n\n${await plotHistory(history)}`);
  const logits = await predict(model, validation);
  console.log(confusionTable(confusionMatrix(logits, held.labels ?? [])));
}

const page = await htmlReport(runs, { title: "Drawn digits, two schedules", classes: held.classes ?? [] });
const path = process.argv[2] ?? "report.html";
await writeFile(path, page);
console.log(`Wrote ${path}, ${Math.round(Buffer.byteLength(page) / 1000)} kB: open it in a browser.`);
