// What a recipe says, and how one is run for a seed: the library's own loader, fit and evaluate, nothing chosen by its result.
import { Conv2d, CrossEntropy, Linear, OneCycleLR, accuracy, manualSeed } from "handgrad";
import type { Adam, Parameter, Sequential } from "handgrad";
import { DataLoader, type Dataset, type Transform } from "handgrad/data";
import { EMA, evaluate, fit } from "handgrad/train";
import type { Digits } from "./mnistDigits.js";

/** One record: a network and all that its training depends on. */
export interface Recipe {
  /** What is to be reached. */
  readonly target: string;
  /** Share of the test digits that are to be right. */
  readonly wanted: number;
  readonly build: () => Sequential;
  readonly optimizer: (parameters: readonly Parameter[]) => Adam;
  readonly batchSize: number;
  readonly epochs: number;
  /** Of training digits. */
  readonly augment: readonly Transform[];
  /** Of all digits, behind it. */
  readonly prepare: readonly Transform[];
  /** The one cycle: largest learning rate, the share of steps up to it, and what it is divided by at the start. */
  readonly cycle: { readonly maxLr: number; readonly pctStart: number; readonly divFactor: number };
  readonly labelSmoothing: number;
  /** How much of the averaged weights stays in a step; 0 for no average. */
  readonly average: number;
}

/** What one seed gave. */
export interface Outcome {
  readonly seed: number;
  readonly accuracy: number;
  /** Seconds of training alone, and of looking at the test digits. */
  readonly training: number;
  readonly testing: number;
  /** Seconds that processors worked in training, all threads together: on a busy machine the better measure. */
  readonly work: number;
}

/** Trains by the recipe and tests once, at the end. */
export async function follow(recipe: Recipe, { train, test }: Digits, seed: number, workers: number): Promise<Outcome> {
  const begun = performance.now();
  const busy = process.cpuUsage();
  manualSeed(seed);
  const model = recipe.build();
  const { batchSize, epochs, cycle } = recipe;
  const load = (set: Dataset<Int32Array>, augment: readonly Transform[]): DataLoader =>
    new DataLoader(set, {
      ...(augment === recipe.augment ? { batchSize, shuffle: true, dropLast: true } : { batchSize: 500 }),
      transform: [...augment, ...recipe.prepare],
      numWorkers: augment === recipe.augment ? workers : 0,
    });
  const data = load(train, recipe.augment);
  const optimizer = recipe.optimizer(model.parameters());
  const batchSchedule = new OneCycleLR(optimizer, cycle.maxLr, {
    totalSteps: epochs * data.length,
    ...{ pctStart: cycle.pctStart, divFactor: cycle.divFactor, cycleMomentum: false },
  });
  const loss = new CrossEntropy({ labelSmoothing: recipe.labelSmoothing });
  const average = recipe.average > 0 ? { average: new EMA(model, { decay: recipe.average, warmUp: true }) } : {};
  await fit(model, data, { optimizer, epochs, loss, batchSchedule, batchHistory: false, ...average });
  const trained = performance.now();
  const { user, system } = process.cpuUsage(busy);
  const results = await evaluate(model, load(test, []), { metrics: { accuracy } });
  const [training, testing] = [trained - begun, performance.now() - trained].map((time) => time / 1000);
  return { seed, accuracy: results["accuracy"] as number, training, testing, work: (user + system) / 1e6 };
}

/** Floating-point operations of training on so many digits: 2 a multiply-add, of outputs, weight gradients and input gradients. */
export function trainingFlops(model: Sequential, inputShape: readonly number[], samples: number): number {
  let shape: readonly number[] = [1, ...inputShape];
  let sums = 0;
  for (const layer of model) {
    const out = layer.outputShape(shape);
    const terms = layer instanceof Conv2d || layer instanceof Linear ? layer.weight.value.size / out[1] : 0;
    const outputs = out.reduce((product, size) => product * size, 1);
    sums += outputs * terms * (sums === 0 ? 2 : 3); // the first layer's input needs no gradient
    shape = out;
  }
  return 2 * sums * samples;
}
