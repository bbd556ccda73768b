// CIFAR-10 in plain Node, on the processor: 94 % of the 10,000 test images after eight epochs are wanted, or 93 % by a smaller network.
//
//   npm run record:cifar -- FOLDER [--recipe 94] [--seeds 1,2,3,4,5] [--epochs 8] [--threads 2] [--wide]
//
// FOLDER is "cifar-10-batches-bin" out of the binary version of https://www.cs.toronto.edu/~kriz/cifar.html. Network and training
// are those of Keller Jordan's "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (2024) in its form with Muon, but for one thing:
// each step of 2,000 images is the sum over parts of 250, so batch norm sees 250 at a time. Nothing was chosen by the test images:
// every number is that of the recipe.
import { parseArgs } from "node:util";
import {
  BatchNorm2d,
  Conv2d,
  CrossEntropy,
  Flatten,
  GELU,
  LambdaLR,
  Linear,
  MaxPool2d,
  Muon,
  SGD,
  Scale,
  Sequential,
  accuracy,
  backendInfo,
  diracInit,
  divide,
  manualSeed,
  torchDefault,
  variance,
  whiteningInit,
  type Initializer,
  type Parameter,
} from "handgrad";
import {
  DataLoader,
  Subset,
  alternatingHorizontalFlip,
  flipAndShiftViews,
  normalize,
  randomCrop,
  readCifar10,
  testTimeAugmentation,
} from "handgrad/data";
import { setThreads } from "handgrad/threads";
import { setWideVectors } from "handgrad/wide";

/** Widths of the three blocks, and epochs. */
const RECIPES = { "93": { widths: [64, 128, 128], epochs: 11 }, "94": { widths: [64, 256, 256], epochs: 8 } } as const;
const STEP = 2000; // images a step
const PART = 250; // images at a time
const WHITENING_EPOCHS = 3; // in which the bias of the whitening is trained
const NORMALIZE = normalize([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    recipe: { type: "string", default: "94" },
    seeds: { type: "string", default: "1,2,3,4,5" },
    epochs: { type: "string" },
    threads: { type: "string", default: "2" },
    wide: { type: "boolean", default: false }, // vectors of 256 bits, in Node 24 to 26
  },
});
const [folder] = positionals;
const recipe = RECIPES[values.recipe as keyof typeof RECIPES];
if (folder === undefined || recipe === undefined) {
  console.error(
    "Usage: npm run record:cifar -- FOLDER [--recipe 93|94] [--seeds 1,2] [--epochs 8] [--threads 2] [--wide]",
  );
  process.exit(2);
}
const epochs = Number(values.epochs ?? recipe.epochs);
const { train, test } = await readCifar10(folder);
if (values.wide) await setWideVectors();
await setThreads(Number(values.threads));
const { reason } = backendInfo();
console.log(`Recipe ${values.recipe}: ${epochs} epochs, Node ${process.versions.node}, ${reason}.`);

const results: { seed: number; plain: number; views: number; minutes: number }[] = [];
for (const seed of values.seeds.split(",").map(Number)) {
  const started = performance.now();
  const model = await run(seed);
  const minutes = (performance.now() - started) / 60_000;
  const result = { seed, ...evaluate(model), minutes };
  results.push(result);
  console.log(
    `Seed ${seed}: ${percent(result.views)} (without views ${percent(result.plain)}), ${minutes.toFixed(1)} min.`,
  );
}
console.table(results);
const mean = results.reduce((sum, { views }) => sum + views, 0) / results.length;
console.log(`Mean over ${results.length} seeds: ${percent(mean)}.`);

/** Training with one seed. */
async function run(seed: number): Promise<Sequential> {
  manualSeed(seed);
  const { model, whitening, head } = build();
  const loader = new DataLoader(train, {
    batchSize: PART,
    shuffle: true,
    dropLast: true,
    numWorkers: 1,
    transform: [alternatingHorizontalFlip(), randomCrop(32, { padding: 2, paddingMode: "reflect" }), NORMALIZE],
  });
  const loss = new CrossEntropy({ labelSmoothing: 0.2, reduction: "sum" });

  const whiteningBias = whitening.bias as Parameter;
  const learned = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  const filters = learned.filter(({ shape }) => shape.length === 4);
  const biases = learned.filter((each) => each.shape.length === 1 && each !== whiteningBias);
  const decay = 2e-6 * STEP;
  const others = new SGD(
    [
      { params: whiteningBias, lr: 0.053, weightDecay: decay / 0.053 },
      { params: biases, lr: 0.053, weightDecay: decay / 0.053 },
      { params: head.weight, lr: 0.67, weightDecay: decay / 0.67 },
    ],
    { lr: 0.053, momentum: 0.85, nesterov: true },
  );
  const muon = new Muon(filters, { lr: 0.24, momentum: 0.6, nsSteps: 3, weightDecay: 0, normalize: true });

  const stepsAnEpoch = Math.floor(train.length / STEP);
  const steps = epochs * stepsAnEpoch;
  const whiteningSteps = Math.min(steps, WHITENING_EPOCHS * stepsAnEpoch);
  const toZero = (t: number): number => Math.max(0, 1 - t / steps);
  const schedules = [
    new LambdaLR(others, [(t) => Math.max(0, 1 - t / whiteningSteps), toZero, toZero]),
    new LambdaLR(muon, toZero),
  ];

  for (let epoch = 1; epoch <= epochs; epoch++) {
    const started = performance.now();
    let [sum, right, parts] = [0, 0, 0];
    if (epoch > WHITENING_EPOCHS) whiteningBias.requiresGrad = false;
    for await (const [x, labels] of loader) {
      if (parts % (STEP / PART) === 0) for (const each of [others, muon]) each.zeroGrad();
      const logits = model.forward(x);
      sum += loss.forward(logits, labels);
      right += accuracy(logits, labels) * labels.length;
      model.backward(loss.backward(), { inputGrad: false });
      if (++parts % (STEP / PART) !== 0) continue;
      for (const each of [others, muon]) each.step();
      for (const each of schedules) each.step();
    }
    const seen = parts * PART;
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `Seed ${seed}, epoch ${epoch}: loss ${(sum / seen).toFixed(3)}, training accuracy ${percent(right / seen)}, ` +
        `${seconds.toFixed(0)} s.`,
    );
  }
  return model;
}

function build(): { model: Sequential; whitening: Conv2d; head: Linear } {
  const [first, second, third] = recipe.widths;
  const whitening = new Conv2d(3, 24, 2);
  const sample = new Subset(
    train,
    Array.from({ length: 5000 }, (_, i) => i),
  );
  for (const [images] of new DataLoader(sample, { batchSize: 5000, transform: NORMALIZE })) {
    whitening.weight.initialize(whiteningInit(images));
  }
  whitening.weight.requiresGrad = false;
  const head = new Linear(third, 10, { bias: false });
  head.weight.initialize(unitSpread);
  const model = new Sequential(
    ["whitening", whitening], new GELU(),
    block(24, first), block(first, second), block(second, third), new MaxPool2d(3), new Flatten(),
    ["head", head], new Scale(1 / third),
  ); // prettier-ignore
  return { model, whitening, head };
}

/** Convolution, pooling, normalization, activation, convolution, normalization, activation. */
function block(inputs: number, width: number): Sequential {
  const filters = (from: number): Conv2d => {
    const conv = new Conv2d(from, width, 3, { padding: "same", bias: false });
    conv.weight.initialize(handOn);
    return conv;
  };
  const norm = (): BatchNorm2d => new BatchNorm2d(width, { momentum: 0.4, eps: 1e-12, weight: false });
  return new Sequential(
    filters(inputs), new MaxPool2d(2), norm(), new GELU(),
    filters(width), norm(), new GELU(),
  ); // prettier-ignore
}

// PyTorch's random weights, scaled to a standard deviation of 1.
function unitSpread(...[tensor, generator]: Parameters<Initializer>): void {
  torchDefault(tensor.shape)(tensor, generator);
  const spread = Math.sqrt(variance(tensor, { correction: 1 }).item());
  tensor.data.set(divide(tensor, spread).data);
}

// PyTorch's random filters, of which the first hand their channels on.
function handOn(...[tensor, generator]: Parameters<Initializer>): void {
  torchDefault(tensor.shape)(tensor, generator);
  const [outputs, ...filter] = tensor.shape;
  const first = tensor.like([Math.min(outputs, filter[0]), ...filter]);
  diracInit()(first, generator);
  tensor.data.set(first.data);
}

/** Accuracy on the test images: of the images as they are, and of the mean over six views of each. */
function evaluate(model: Sequential): { plain: number; views: number } {
  model.eval();
  let [plain, views] = [0, 0];
  for (const [x, labels] of new DataLoader(test, { batchSize: 500, transform: NORMALIZE })) {
    plain += accuracy(model.predict(x), labels) * labels.length;
    views += accuracy(testTimeAugmentation(model, x, flipAndShiftViews()), labels) * labels.length;
  }
  return { plain: plain / test.length, views: views / test.length };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
