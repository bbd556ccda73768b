// A small training run with everything that a checkpoint must hold: dropout, shuffling, a remainder batch, noise from `randn`
// and from a generator of its own.
import { createHash } from "node:crypto";
import {
  Adam,
  Conv2d,
  CrossEntropy,
  Dropout,
  Dropout2d,
  Flatten,
  Generator,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Tensor,
  add,
  fillNormal,
  manualSeed,
  multiply,
  randn,
  type Optimizer,
} from "../../src/index.js";
import { batches, type Batches } from "../../src/entries/data.js";

export interface TrainingRun {
  readonly model: Sequential;
  readonly optimizer: Optimizer;
  readonly batches: Batches;
  readonly generators: { readonly noise: Generator };
}

export const SAMPLES = 21;
export const BATCH = 8; // leaves a remainder of 5

/** The same run for the same seed; another one draws other weights, orders and masks. */
export function makeRun(
  seed: number,
  optimizerOf = (model: Sequential): Optimizer => new Adam(model.parameters(), { lr: 0.01 }),
): TrainingRun {
  manualSeed(seed);
  const model = new Sequential(
    ...[new Conv2d(1, 3, 3), new ReLU(), new Dropout2d(0.25), new MaxPool2d(2), new Flatten()],
    ["head", new Sequential(new Dropout(0.3), new Linear(3 * 3 * 3, 4))],
  );
  const draws = new Generator("draw", { seed: 5 });
  const x = new Tensor(new Float32Array(SAMPLES * 64), [SAMPLES, 1, 8, 8]);
  fillNormal(draws, x.data, 0, 1);
  const labels = Int32Array.from({ length: SAMPLES }, () => draws.integer(4));
  const data = batches(x, labels, { size: BATCH, shuffle: true });
  return { model, optimizer: optimizerOf(model), batches: data, generators: { noise: new Generator("augment") } };
}

/** Steps from where the run is until `end` steps are made in all, or the epochs are over; returns the losses. */
export function train(run: TrainingRun, steps: number): number[] {
  const { model, optimizer, batches: data, generators } = run;
  const loss = new CrossEntropy();
  const losses: number[] = [];
  while (losses.length < steps) {
    for (const [x, y] of data) {
      const noise = add(multiply(randn(x.shape), 0.1), generators.noise.uniform());
      losses.push(loss.forward(model.forward(add(x, noise)), y));
      optimizer.zeroGrad();
      model.backward(loss.backward(), { inputGrad: false });
      optimizer.step();
      if (losses.length === steps) break;
    }
  }
  return losses;
}

/** The bits of these numbers. */
export function digestOf(...numbers: (ArrayLike<number> | Tensor)[]): string {
  const hash = createHash("sha256");
  for (const each of numbers) hash.update(new Uint8Array(Float64Array.from("data" in each ? each.data : each).buffer));
  return hash.digest("hex").slice(0, 16);
}

/** The bits of a model's parameters and buffers. */
export function weightsDigest(model: Sequential): string {
  return digestOf(...Object.values(model.stateDict()));
}
