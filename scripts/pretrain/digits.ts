// `npm run pretrain:digits`: trains the digit classifier of handgrad/models and writes its weights to src/pretrained. The same
// file again, to the bit, on every machine and for any number of threads: seed, options and order are fixed here. MNIST's test
// digits are looked at once, at the end; drawn digits and those of other sets never (test/pretrained does that).
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Adam, BatchNorm2d, Conv2d, CrossEntropy, Flatten, Linear, MaxPool2d, OneCycleLR, ReLU } from "handgrad";
import { Sequential, Tensor, accuracy, manualSeed } from "handgrad";
import { DataLoader } from "handgrad/data";
import { setThreads } from "handgrad/threads";
import { EMA, evaluate, fit, progress } from "handgrad/train";
import { packWeights, unpackWeights } from "../../src/pretrained/packedWeights.js";
import { holdOut, readMnist } from "../records/mnistDigits.js";
import { varied } from "./variations.js";

const SEED = 1;
const EPOCHS = 10;
const BATCH = 128;
const CHANNELS = [16, 32, 48];
const FILE = new URL("../../src/pretrained/digitWeights.ts", import.meta.url);

const { values } = parseArgs({
  options: {
    threads: { type: "string", default: "2" },
    epochs: { type: "string", default: String(EPOCHS) }, // of another number nothing is written
    "held-out": { type: "boolean", default: false }, // judges by training digits that were held out, and writes nothing
  },
});
const epochs = Number(values.epochs);
await setThreads(Number(values.threads));
manualSeed(SEED);

// Trained with batch norm, which is in the convolutions' weights in the end.
const model = new Sequential();
for (const [n, to] of CHANNELS.entries()) {
  const convolution = new Conv2d(n === 0 ? 1 : CHANNELS[n - 1], to, 3, { padding: 1, bias: false });
  for (const layer of [convolution, new BatchNorm2d(to), new ReLU(), new MaxPool2d(2)]) model.add(layer);
}
model.add(new Flatten());
model.add(new Linear(CHANNELS[2] * 3 * 3, 10));

const digits = values["held-out"] ? holdOut(readMnist()) : readMnist();
const data = new DataLoader(digits.train, {
  ...{ batchSize: BATCH, shuffle: true, dropLast: true },
  transform: varied(),
});
const optimizer = new Adam(model.parameters(), { lr: 0.004 });
const schedule = new OneCycleLR(optimizer, 0.004, {
  ...{ epochs, stepsPerEpoch: data.length, pctStart: 0.25, cycleMomentum: false },
});
await fit(model, data, {
  ...{
    optimizer,
    epochs,
    batchSchedule: schedule,
    loss: new CrossEntropy({ labelSmoothing: 0.03 }),
    batchHistory: false,
  },
  average: new EMA(model, { decay: 0.999, warmUp: true }),
  callbacks: [progress()],
});

/** The same network without batch norm: (x - mean) / sqrt(var + eps) * weight + bias is a factor and a sum for each channel. */
function folded(trained: Sequential): Sequential {
  const plain = new Sequential();
  const layers = [...trained];
  layers.forEach((layer, n) => {
    if (layer instanceof Conv2d) plain.add(foldedConvolution(layer, layers[n + 1] as BatchNorm2d));
    else if (layer instanceof ReLU) plain.add(new ReLU());
    else if (layer instanceof MaxPool2d) plain.add(new MaxPool2d(2));
    else if (layer instanceof Flatten) plain.add(new Flatten());
    else if (layer instanceof Linear) {
      const [out, inputs] = layer.weight.value.shape;
      const copy = new Linear(inputs, out);
      copy.loadStateDict(layer.stateDict());
      plain.add(copy);
    }
  });
  return plain;
}

function foldedConvolution(layer: Conv2d, norm: BatchNorm2d): Conv2d {
  const [out, inputs] = layer.weight.value.shape;
  const state = norm.stateDict();
  const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
    (name) => state[name].data,
  );
  const { weight, bias } = layer.stateDict();
  if (bias !== undefined) throw new Error("a convolution with a bias before batch norm");
  const rowSize = weight.size / out;
  const factors = scale.map((factor, c) => factor / Math.sqrt(variance[c] + norm.eps));
  const convolution = new Conv2d(inputs, out, 3, { padding: 1 });
  convolution.loadStateDict({
    weight: new Tensor(
      weight.data.map((value, k) => value * factors[Math.floor(k / rowSize)]),
      weight.shape,
    ),
    bias: new Tensor(
      shift.map((value, c) => value - mean[c] * factors[c]),
      [out],
    ),
  });
  return convolution;
}

const test = new DataLoader(digits.test, { batchSize: 500 });
const share = async (of: Sequential): Promise<string> =>
  ((await evaluate(of, test, { metrics: { accuracy } }))["accuracy"] as number).toFixed(4);
console.log(`trained: ${await share(model)} of ${digits.test.length}`);
const plain = folded(model);
console.log(`batch norm folded: ${await share(plain)}`);
const text = packWeights(plain);
unpackWeights(plain, text);
const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
console.log(`in 8 bits: ${await share(plain)}, ${text.length.toLocaleString("en-US")} characters, digest ${digest}`);
if (!values["held-out"] && epochs === EPOCHS) {
  const header = "// Made by `npm run pretrain:digits`; packedWeights.ts tells how to read it.\n";
  writeFileSync(FILE, `${header}export const DIGIT_WEIGHTS =\n  "${text}";\n`);
}
