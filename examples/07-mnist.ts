// 07: trains the CNN of lesson 4 on the 60,000 MNIST digits, tests it on 10,000 others, and looks at one of them.
//
//   npm run mnist -- --epochs 3
//   npm run mnist -- --epochs 3 --checkpoint runs/digits            and after Ctrl-C, a crash or a power cut:
//   npm run mnist -- --resume --checkpoint runs/digits
//
// The digits: Yann LeCun, Corinna Cortes and Christopher J. C. Burges, "The MNIST database of handwritten digits".
import { writeFileSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import {
  Adam,
  Conv2d,
  CrossEntropy,
  Dropout,
  Flatten,
  HandgradError,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  accuracy,
  concat,
  manualSeed,
  softmax,
} from "handgrad";
import { batches } from "handgrad/data";
import { restoreCheckpoint, saveModel } from "handgrad/io";
import { setThreads } from "handgrad/threads";
import { bar, drawImage, sideBySide } from "./support/draw.js";
import { checkDigits, findStart, weightsDigest, type MnistExtra, type Start } from "./support/mnistCheckpoints.js";
import { readDigits, type Digits } from "./support/mnistData.js";
import { readOptions } from "./support/mnistOptions.js";

const given = readOptions(process.argv.slice(2));
const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;

let stopped = false;
process.once("SIGINT", () => {
  stopped = true; // the loop ends after the batch at hand; a second Ctrl-C ends the process at once
});

function buildModel([channels, height, width]: readonly number[], classes: number): Sequential {
  const features = new Sequential(
    new Conv2d(channels, 16, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }),
    new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2, { stride: 2, padding: 1 }),
    new Flatten(),
  ); // prettier-ignore
  const [, flat] = features.outputShape([1, channels, height, width]);
  return new Sequential(...features, new Linear(flat, 32), new ReLU(), new Dropout(0.3), new Linear(32, classes));
}

function test(model: Sequential, { images, labels }: Digits): number {
  const logits = [];
  for (const [x] of batches(images, labels, { size: 500 })) logits.push(model.predict(x));
  return accuracy(concat(logits), labels);
}

async function train(model: Sequential, training: Digits, { options, checkpoints, from }: Start): Promise<void> {
  const { images, labels } = training;
  const loss = new CrossEntropy();
  const optimizer = new Adam(model.parameters(), { lr: options.lr });
  const data = batches(images, labels, { size: options.batchSize, shuffle: true });
  const run = { model, optimizer, batches: data };
  const digits = checkDigits(training, from);
  if (from !== undefined) restoreCheckpoint(run, from);
  const losses = [...((from?.history ?? []) as number[])]; // of each epoch
  let { seen, sum } = (from?.extra ?? { seen: 0, sum: 0 }) as MnistExtra;
  const save = (): void => {
    checkpoints?.saveSync({ ...run, history: losses, extra: { options, digits, seen, sum }, gradients: false });
  };
  const onTerminal = process.stdout.isTTY === true;
  while (data.position.epoch < options.epochs && !stopped) {
    const epoch = data.position.epoch + 1;
    const progress = new SingleBar({
      format: `epoch ${epoch}/${options.epochs} [{bar}] {value}/{total}  loss {loss}  {rate} samples/s  {eta_formatted} left`,
      barsize: 24,
      hideCursor: true,
      noTTYOutput: false,
      stream: process.stdout,
      gracefulExit: false,
    });
    if (onTerminal) progress.start(labels.length, seen, { loss: "-", rate: "-" });
    const begun = performance.now();
    const before = seen; // by the process that was stopped
    let breath = begun;
    for (const [x, y] of data) {
      const value = loss.forward(model.forward(x), y);
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();

      seen += y.length;
      sum += value * y.length;
      if (data.position.batch % given.saveEvery === 0) save();
      if (performance.now() - breath > 50) {
        const rate = Math.round((seen - before) / ((performance.now() - begun) / 1000));
        progress.update(seen, { loss: (sum / seen).toFixed(4), rate });
        await breathe(); // lets Ctrl-C through
        breath = performance.now();
      }
      if (stopped) break;
    }
    const took = (performance.now() - begun) / 1000;
    const rate = Math.round((seen - before) / took);
    progress.update(seen, { loss: (sum / seen).toFixed(4), rate });
    progress.stop();
    if (!onTerminal) {
      const share = `epoch ${epoch}/${options.epochs}: ${seen} samples`;
      console.log(`${share}, loss ${(sum / seen).toFixed(4)}, ${rate} samples/s, ${took.toFixed(1)} s`);
    }
    if (!stopped) {
      losses.push(sum / seen);
      seen = sum = 0;
    }
    save();
  }
}

function show(model: Sequential, { images, labels }: Digits): void {
  const digit = images.slice([0, 1]);
  const logits = model.predict(digit);
  const probabilities = softmax(logits, 1);
  const table = Array.from(logits.data, (logit, c) => {
    const p = probabilities.data[c];
    return `${c}  logit ${logit.toFixed(2).padStart(7)}  p ${p.toFixed(4)} ${bar(p, 20)}`;
  });
  const verdict = `prediction ${logits.argmax(1)[0]}, truth ${labels[0]}`;
  const picture = drawImage(digit.slice(0, 0));
  const lines = ["The first test digit:", "", ...table, "", verdict];
  console.log();
  console.log(picture.map((line, i) => `${line}   ${lines[i] ?? ""}`.trimEnd()).join("\n"));

  const maps = model.get(0).predict(digit); // [1, 16, 26, 26]
  const columns = process.stdout.columns ?? 80;
  console.log(`\nIts ${maps.shape[1]} feature maps after the first convolution:\n`);
  const drawn = Array.from({ length: maps.shape[1] }, (_, c) => drawImage(maps.slice(0, c), 2));
  console.log(sideBySide(drawn, columns));
}

/** Writes the model with what it takes and the digits' names, for an app: see 10-model-file.ts. */
function save(file: string, model: Sequential, shape: readonly number[], classes: number): void {
  const names = Array.from({ length: classes }, (_, c) => String(c));
  const bytes = saveModel(model, { input: { shape }, classes: names });
  writeFileSync(file, bytes);
  console.log(`saved as ${file}, ${bytes.length.toLocaleString("en-US")} bytes`);
}

try {
  const start = await findStart(given);
  const { options } = start;
  manualSeed(options.seed);
  const threads = await setThreads(given.threads);
  const { train: training, test: testing } = await readDigits(given.data);
  const classes = 1 + Math.max(...new Set(training.labels), ...new Set(testing.labels));
  const outputs = Math.max(10, classes);
  const model = buildModel(training.images.shape.slice(1), outputs);
  const { totalParameters } = model.summary(training.images.shape.slice(1));
  const [n, ...shape] = training.images.shape;
  console.log(
    `${n.toLocaleString("en-US")} training images of ${shape.join(" x ")}, ${totalParameters.toLocaleString("en-US")} ` +
      `parameters, seed ${options.seed}, ${threads} ${threads === 1 ? "thread" : "threads"}, batch size ${options.batchSize}, Adam with lr ${options.lr}`,
  );
  await train(model, training, start);
  if (stopped) console.log("Stopped by Ctrl-C; this is what was reached:");
  console.log(
    `test accuracy ${test(model, testing).toFixed(4)} on ${testing.labels.length} images, ${seconds()} in all`,
  );
  if (given.digest) console.log(`weights ${weightsDigest(model)}`);
  if (given.save !== undefined) save(given.save, model, shape, outputs);
  show(model, testing);
} catch (error) {
  if (!(error instanceof HandgradError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
