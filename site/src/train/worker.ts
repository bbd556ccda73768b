// The worker of the page: trains lesson 4's network on real digits, answers questions in between, and never blocks for long.
import { Adam, CrossEntropy, Tensor, concat, manualSeed, type Sequential } from "handgrad";
import { batches, imagesFromIdx, labelsFromIdx, readIdx } from "handgrad/data";
import { saveModel } from "handgrad/io";
import { randomFrom, vary } from "./augment.js";
import type { FromWorker, Settings, ToWorker } from "./messages.js";
import { buildNetwork, confusionOf, lookAt } from "./network.js";

interface Port {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}
const port = self as unknown as Port;

interface Digits {
  readonly images: Tensor;
  readonly labels: Int32Array;
}

const EVALUATE_EVERY = 60; // steps
const QUICK = 500; // held-out digits in between; all at the end of an epoch
const REPORT_MS = 100;
const BREATH_MS = 30;

let run = 0; // a new start ends the training before it
let paused = false;
let wake: (() => void) | undefined;
let model: Sequential | undefined;
let training: Digits | undefined;
let test: Digits | undefined;
let predictions: Int32Array | undefined;

async function load(folder: string): Promise<void> {
  const read = async (name: string): Promise<ArrayBuffer> => {
    const response = await fetch(`${folder}/${name}.gz`);
    if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
    return response.arrayBuffer();
  };
  const part = async (name: string): Promise<Digits> => {
    const [images, labels] = await Promise.all([read(`${name}-images`), read(`${name}-labels`)]);
    return { images: imagesFromIdx(await readIdx(images)), labels: labelsFromIdx(await readIdx(labels)) };
  };
  [training, test] = await Promise.all([part("train"), part("test")]);
  port.postMessage({ type: "ready", training: training.labels.length, test: test.labels.length });
}

// Lets messages in: a message to oneself costs microseconds, where a timer would wait for milliseconds.
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

async function train(settings: Settings, mine: number): Promise<void> {
  if (training === undefined) return;
  manualSeed(settings.seed);
  const network = (model = buildNetwork());
  const optimizer = new Adam(network.parameters(), { lr: settings.lr });
  const loss = new CrossEntropy();
  const data = batches(training.images, training.labels, { size: settings.batch, shuffle: true });
  const random = randomFrom(settings.seed);
  const steps = Math.ceil(training.labels.length / settings.batch) * settings.epochs;
  let [step, sum, count, seen] = [0, 0, 0, 0];
  let [reported, breath] = [performance.now(), performance.now()];
  evaluate(0, 0, QUICK);
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    for (const [digits, labels] of data) {
      const x = settings.vary ? varied(digits, random) : digits;
      sum += loss.forward(network.forward(x), labels);
      optimizer.zeroGrad();
      network.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      step++;
      count++;
      seen += labels.length;
      const now = performance.now();
      if (now - reported > REPORT_MS || step === steps) {
        const samplesPerSecond = (1000 * seen) / (now - reported);
        port.postMessage({ type: "progress", step, steps, epoch, loss: sum / count, samplesPerSecond });
        [sum, count, seen, reported] = [0, 0, 0, now];
      }
      if (step % EVALUATE_EVERY === 0) evaluate(step, epoch, QUICK);
      if (now - breath > BREATH_MS) {
        await breathe();
        while (paused && run === mine) await new Promise<void>((resolve) => (wake = resolve));
        if (run !== mine) return;
        breath = performance.now();
      }
    }
    evaluate(step, epoch, Infinity);
  }
  port.postMessage({ type: "finished" });
}

function varied(digits: Tensor, random: () => number): Tensor {
  const out = new Float32Array(digits.size);
  vary(digits.data, out, 28, random);
  return new Tensor(out, digits.shape);
}

function evaluate(step: number, epoch: number, most: number): void {
  if (model === undefined || test === undefined) return;
  const count = Math.min(most, test.labels.length);
  const images = test.images.slice([0, count]);
  const labels = test.labels.subarray(0, count);
  const logits = [];
  for (const [x] of batches(images, labels, { size: 250 })) logits.push(model.predict(x));
  const scores = concat(logits);
  predictions = scores.argmax(1) as Int32Array;
  const loss = new CrossEntropy().forward(scores, labels);
  const { confusion, right } = confusionOf(predictions, labels);
  const filters = Float32Array.from(model.parameters()[0].value.data);
  port.postMessage({ type: "evaluation", step, epoch, count, accuracy: right / count, loss, confusion, filters });
}

function answerConfused(truth: number, taken: number): void {
  if (test === undefined || predictions === undefined) return;
  const found: number[] = [];
  predictions.forEach((prediction, n) => {
    if (prediction === taken && test?.labels[n] === truth && found.length < 24) found.push(n);
  });
  const images = new Float32Array(found.length * 784);
  found.forEach((n, i) => images.set(test?.images.data.subarray(n * 784, (n + 1) * 784) ?? [], i * 784));
  port.postMessage({ type: "confused", truth, taken, images, count: found.length });
}

async function answer(message: ToWorker): Promise<void> {
  if (message.type === "start") {
    const mine = ++run;
    paused = false;
    wake?.();
    if (training === undefined) await load(message.digits);
    if (mine === run) await train(message.settings, mine);
  } else if (message.type === "pause") {
    paused = true;
    port.postMessage({ type: "paused" });
  } else if (message.type === "resume") {
    paused = false;
    wake?.();
    port.postMessage({ type: "resumed" });
  } else if (message.type === "look" && model !== undefined) port.postMessage(lookAt(model, message.image));
  else if (message.type === "confused") answerConfused(message.truth, message.taken);
  else if (message.type === "digit" && test !== undefined) {
    const index = message.index % test.labels.length;
    const image = test.images.data.slice(index * 784, (index + 1) * 784);
    port.postMessage({ type: "digit", index, image, label: test.labels[index] });
  } else if (message.type === "save" && model !== undefined) {
    const bytes = saveModel(model, { input: { shape: [1, 28, 28] }, classes: [..."0123456789"] });
    port.postMessage({ type: "saved", bytes: new Uint8Array(bytes) });
  }
}

port.onmessage = ({ data }) => {
  answer(data).catch((error: unknown) => port.postMessage({ type: "error", message: String(error) }));
};
