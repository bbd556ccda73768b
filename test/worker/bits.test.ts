// Training in a worker gives what fit gives in this thread: history, weights, and where everything stands afterwards.
import { describe, expect, it } from "vitest";
import {
  Adam,
  CrossEntropy,
  CosineAnnealingLR,
  Dropout,
  Flatten,
  Linear,
  Lookahead,
  OneCycleLR,
  ReLU,
  Residual,
  SGD,
  Sequential,
  SequentialLR,
  LinearLR,
  StepLR,
  manualSeed,
  setConvAlgorithm,
  Conv2d,
} from "../../src/index.js";
import {
  DataLoader,
  TensorDataset,
  batches,
  mixUp,
  randomCrop,
  randomHorizontalFlip,
  subset,
  weightedRandomSampler,
} from "../../src/entries/data.js";
import { F1, accuracy } from "../../src/entries/metrics.js";
import { EMA, SWA, fit, type FitOptions } from "../../src/entries/train.js";
import { trainInWorker, type WorkerOptions } from "../../src/entries/worker.js";
import { digest, images, make, type Parts } from "../train/support.js";
import { outcome } from "./support.js";

type Prepare = (parts: Parts) => { readonly here: Partial<FitOptions>; readonly there: Partial<WorkerOptions> };

// The same run twice from the same seed: by fit, and in a worker.
async function both(prepare: Prepare, build: () => Parts = make): Promise<readonly [fit: object, worker: object]> {
  const [a, b] = [build(), build()];
  const { here } = prepare(a);
  const want = await fit(a.model, a.data, { optimizer: a.optimizer, epochs: 3, ...here });
  const { there } = prepare(b);
  const options = { optimizer: { type: "Adam", lr: 0.01 }, epochs: 3, ...there } as WorkerOptions;
  const got = await trainInWorker(b.model, b.data, options as never);
  return [outcome(want, a.model), outcome(got, b.model)];
}

const CASES: readonly (readonly [title: string, prepare: Prepare])[] = [
  ["with an optimizer as plain data", () => ({ here: {}, there: {} })],
  ["with an optimizer of the caller's", ({ optimizer }) => ({ here: {}, there: { optimizer } })],
  [
    "with validation data, metrics and the best weights",
    ({ validation }) => ({
      here: { validation, metrics: { accuracy, f1: new F1({ average: "macro" }) }, epochs: 6 },
      there: { validation, metrics: { accuracy: "accuracy", f1: { type: "F1", average: "macro" } }, epochs: 6 },
    }),
  ],
  [
    "with metrics that are objects",
    () => ({
      here: { metrics: { f1: new F1({ average: "macro" }) } },
      there: { metrics: { f1: new F1({ average: "macro" }) as never } },
    }),
  ],
  [
    "with a loss, clipping and accumulation",
    () => ({
      here: { loss: new CrossEntropy({ labelSmoothing: 0.1 }), clipNorm: 0.5, accumulate: 3 },
      there: { loss: { type: "CrossEntropy", labelSmoothing: 0.1 }, clipNorm: 0.5, accumulate: 3 },
    }),
  ],
  [
    "with weights of classes and training metrics after each epoch",
    () => {
      const options = { classWeight: [1, 2, 0.5], trainMetrics: "after" } as const;
      return { here: { ...options, metrics: { accuracy } }, there: { ...options, metrics: ["accuracy"] } };
    },
  ],
  [
    "with a schedule by batch and one by epoch",
    ({ model }) => {
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      return {
        here: {
          optimizer,
          batchSchedule: new OneCycleLR(optimizer, 0.1, { totalSteps: 40, cycleMomentum: false }),
          epochSchedule: new StepLR(optimizer, 1, { gamma: 0.5 }),
        },
        there: {
          optimizer: { type: "SGD", lr: 0.1, momentum: 0.9 },
          batchSchedule: { type: "OneCycleLR", maxLr: 0.1, totalSteps: 40, cycleMomentum: false },
          epochSchedule: [{ type: "StepLR", stepSize: 1, gamma: 0.5 }],
        },
      };
    },
  ],
  [
    "with schedules one after the other",
    ({ model }) => {
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const parts = [new LinearLR(optimizer, { totalIters: 2 }), new CosineAnnealingLR(optimizer, 5)];
      return {
        here: { optimizer, batchSchedule: new SequentialLR(optimizer, parts, [3]) },
        there: {
          optimizer: { type: "SGD", lr: 0.1 },
          batchSchedule: {
            type: "SequentialLR",
            schedules: [
              { type: "LinearLR", totalIters: 2 },
              { type: "CosineAnnealingLR", tMax: 5 },
            ],
            milestones: [3],
          },
        },
      };
    },
  ],
  [
    "with groups of parameters",
    ({ model }) => {
      const [first, ...others] = model.parameters();
      const optimizer = new SGD([{ params: [first], lr: 0.001, weightDecay: 0.1 }, { params: others }], { lr: 0.1 });
      return { here: { optimizer }, there: { optimizer } };
    },
  ],
  [
    "with a Lookahead of the caller's",
    ({ model }) => {
      const optimizer = new Lookahead(new Adam(model.parameters(), { lr: 0.02 }), { k: 3, alpha: 0.4 });
      return { here: { optimizer }, there: { optimizer } };
    },
  ],
  [
    "with a Lookahead as plain data",
    ({ model }) => ({
      here: { optimizer: new Lookahead(new Adam(model.parameters(), { lr: 0.02 }), { k: 3 }) },
      there: { optimizer: { type: "Lookahead", optimizer: { type: "Adam", lr: 0.02 }, k: 3 } },
    }),
  ],
  [
    "with an exponential average of the weights",
    ({ model, validation }) => ({
      here: { average: new EMA(model, { decay: 0.8 }), validation },
      there: { average: { type: "EMA", decay: 0.8 }, validation },
    }),
  ],
  [
    "with a plain average of the weights",
    ({ model }) => ({ here: { average: new SWA(model) }, there: { average: { type: "SWA" } } }),
  ],
  [
    "with a part that is frozen",
    ({ model }) => {
      [...model][0].freeze();
      return { here: {}, there: {} };
    },
  ],
  [
    "with a part that stays in eval mode",
    ({ model }) => {
      [...model][1].eval();
      return { here: {}, there: {} };
    },
  ],
  [
    "with a model in eval mode",
    ({ model }) => {
      model.eval();
      return { here: {}, there: {} };
    },
  ],
  ["of few batches again and again", () => ({ here: { overfitBatches: 2 }, there: { overfitBatches: 2 } })],
  ["of a dry run", ({ validation }) => ({ here: { dryRun: 2, validation }, there: { dryRun: 2, validation } })],
  ["without records of batches", () => ({ here: { batchHistory: false }, there: { batchHistory: false } })],
  [
    "with the training data as validation data",
    ({ data }) => ({ here: { validation: data }, there: { validation: data } }),
  ],
];

describe("Training in a worker gives what fit gives, bit for bit,", () => {
  it.each(CASES)("%s", async (_, prepare) => {
    const [want, got] = await both(prepare);
    expect(got).toEqual(want);
  });

  it("would tell another seed", async () => {
    const seeds = [1, 2];
    const [want, got] = await both(
      () => ({ here: {}, there: {} }),
      () => make(seeds.shift()),
    );
    expect(got).not.toEqual(want);
  });

  it("with convolutions by direct sums", async () => {
    const build = (): Parts => {
      manualSeed(1);
      const model = new Sequential(
        new Conv2d(1, 16, 3, { padding: 1 }),
        new Conv2d(16, 16, 3, { padding: 1 }),
        new Flatten(),
        new Linear(576, 3),
      );
      const { x, y } = images(16, 3);
      const data = batches(x, y, { size: 4 });
      return { model, optimizer: new Adam(model.parameters(), { lr: 0.01 }), data, validation: data };
    };
    const auto = await both(() => ({ here: {}, there: {} }), build);
    const before = setConvAlgorithm("direct");
    const direct = await both(() => ({ here: {}, there: {} }), build);
    setConvAlgorithm(before);
    expect(direct[1]).toEqual(direct[0]);
    expect(direct[0]).not.toEqual(auto[0]);
  });

  it("with parameters that two layers share", async () => {
    const build = (): Parts => {
      const parts = make();
      const [first, second] = [new Linear(36, 36), new Linear(36, 36)];
      second.weight = first.weight;
      const model = new Sequential(
        new Flatten(),
        first,
        new ReLU(),
        new Residual(second),
        new Dropout(0.1),
        new Linear(36, 3),
      );
      return { ...parts, model, optimizer: new Adam(model.parameters(), { lr: 0.01 }) };
    };
    const [want, got] = await both(() => ({ here: {}, there: {} }), build);
    expect(got).toEqual(want);
  });

  it("in a second run with the same objects, also after another manualSeed", async () => {
    const run = async (train: typeof fit): Promise<readonly unknown[]> => {
      const { model, optimizer, data } = make();
      const outcomes = [];
      for (const seed of [null, null, 7]) {
        if (seed !== null) manualSeed(seed);
        outcomes.push(outcome(await train(model, data, { optimizer, epochs: 2 }), model), data.position);
      }
      const { state, ...rest } = optimizer.stateDict();
      return [...outcomes, rest, state.map((entry) => entry && Object.values(entry).map(String))];
    };
    expect(await run(trainInWorker as never)).toEqual(await run(fit));
  });

  it("with data of a DataLoader: bytes, a part of them, a sampler, augmentation, mixtures", async () => {
    const bytes = Uint8Array.from({ length: 40 * 36 }, (_, i) => (i * 97) % 251);
    const labels = Int32Array.from({ length: 40 }, (_, i) => i % 3);
    const set = new TensorDataset({ data: bytes, shape: [40, 1, 6, 6] }, labels);
    const part = subset(
      set,
      Array.from({ length: 30 }, (_, i) => 39 - i),
    );
    const loaders = [
      () => new DataLoader(set, { batchSize: 7, shuffle: true, dropLast: true }),
      () => new DataLoader(part, { batchSize: 7, seed: 5, shuffle: true, transform: randomHorizontalFlip() }),
      () =>
        new DataLoader(set, {
          batchSize: 8,
          sampler: weightedRandomSampler(
            Array.from(labels, (label) => label + 1),
            { numSamples: 24 },
          ),
          transform: [randomCrop(6, { padding: 1 }), randomHorizontalFlip({ p: 0.3 })],
          batchTransform: mixUp({ numClasses: 3, alpha: 0.4 }),
        }),
      () => new DataLoader(part, { batchSize: 7, numWorkers: 1, transform: randomHorizontalFlip() }),
    ];
    for (const loader of loaders) {
      const [want, got] = await both(
        () => ({ here: {}, there: {} }),
        () => ({ ...make(), data: loader() as never }),
      );
      expect(got).toEqual(want);
    }
  });

  it("with targets that are a tensor, and with a list of batches", async () => {
    const { x, y } = images(12, 9);
    const targets = () => batches(x, x.reshape([12, 36]), { size: 5, shuffle: true });
    const list = [[x.slice([0, 6]), y.slice(0, 6)], { images: x.slice([6, 12]), labels: Array.from(y.slice(6)) }];
    const build = (data: () => unknown, outputs: number) => (): Parts => {
      manualSeed(3);
      const model = new Sequential(new Flatten(), new Linear(36, outputs));
      return { ...make(), model, optimizer: new Adam(model.parameters(), { lr: 0.01 }), data: data() as never };
    };
    const { MSE } = await import("../../src/index.js");
    const regression = await both(() => ({ here: { loss: new MSE() }, there: { loss: "MSE" } }), build(targets, 36));
    expect(regression[1]).toEqual(regression[0]);
    const listed = await both(
      () => ({ here: {}, there: {} }),
      build(() => list, 3),
    );
    expect(listed[1]).toEqual(listed[0]);
  });

  it("in two runs at once", async () => {
    const runs = [make(1), make(2)];
    const wanted = await Promise.all(
      [make(1), make(2)].map(async (parts) => {
        const result = await fit(parts.model, parts.data, { optimizer: parts.optimizer, epochs: 2 });
        return outcome(result, parts.model);
      }),
    );
    const got = await Promise.all(
      runs.map(async ({ model, data }) => {
        return outcome(await trainInWorker(model, data, { optimizer: { type: "Adam", lr: 0.01 }, epochs: 2 }), model);
      }),
    );
    expect(got).toEqual(wanted);
  });

  it("with two threads in the worker", async () => {
    const { model, data, optimizer } = make();
    const training = trainInWorker(model, data, { optimizer, epochs: 2, threads: 2 });
    await training;
    expect(training.backend?.threads).toBe(2);
    const other = make();
    await fit(other.model, other.data, { optimizer: other.optimizer, epochs: 2 });
    expect(digest(model)).toBe(digest(other.model));
  });
});
