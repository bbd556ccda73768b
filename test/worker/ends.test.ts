// How a run in a worker is watched, paused, stopped, aborted, and how it dies.
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AnomalyError,
  BackendError,
  Flatten,
  Layer,
  Linear,
  Sequential,
  StateError,
  Tensor,
  setBackend,
} from "../../src/index.js";
import { reference } from "../../src/entries/reference.js";
import { DataLoader, batches } from "../../src/entries/data.js";
import { fit } from "../../src/entries/train.js";
import { trainInWorker, type TrainingProgress, type WorkerOptions } from "../../src/entries/worker.js";
import { digest, images, make } from "../train/support.js";
import { outcome } from "./support.js";

const adam = { type: "Adam", lr: 0.01 } as const;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Counts the workers that live, as whoever starts one sees them.
const threads = process.getBuiltinModule("node:worker_threads") as { Worker: typeof Worker };
let living = 0;
class Counted extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    living++;
    this.on("exit", () => living--);
  }
}
beforeAll(() => void (threads.Worker = Counted));
afterAll(() => void (threads.Worker = Worker));

// Long enough to be met while it runs.
function long(): {
  readonly model: Sequential;
  readonly data: ReturnType<typeof batches>;
  readonly options: WorkerOptions;
} {
  const { model } = make();
  const { x, y } = images(4000, 4);
  return {
    model,
    data: batches(x, y, { size: 8 }) as never,
    options: { optimizer: adam, epochs: 1000, batchHistory: false },
  };
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("it has not rejected"),
    (error: unknown) => error,
  );
}

describe("A run in a worker", () => {
  it("tells its progress to every loop, each epoch to all, and ends the loops", async () => {
    const { model, data, validation } = make();
    const training = trainInWorker(model, data, { optimizer: adam, epochs: 5, validation });
    const listen = async (slow: number): Promise<TrainingProgress[]> => {
      const all: TrainingProgress[] = [];
      for await (const progress of training) {
        all.push(progress);
        await sleep(slow);
      }
      return all;
    };
    const heard = await Promise.all([listen(0), listen(30)]);
    const { history } = await training;
    for (const all of heard) {
      const records = all.filter(({ record }) => record !== null).map(({ record }) => record);
      expect(records).toEqual(history.epochs);
      expect(all.at(-1)).toMatchObject({ epoch: 5, epochs: 5, batch: 4, batches: 4, samples: 29, steps: 20 });
    }
  });

  it("can be looked at meanwhile, paused and resumed, and has the result of one that was not", async () => {
    const { model, data } = make();
    const training = trainInWorker(model, data, { optimizer: adam, epochs: 300 });
    for await (const { epoch } of training) if (epoch >= 2) break;
    training.pause();
    expect(training.paused).toBe(true);
    await sleep(100);
    const { steps } = training;
    await sleep(150);
    expect(training.steps).toBe(steps);
    expect(steps).toBeGreaterThan(0);
    expect(training).toMatchObject({ epochs: 300, batches: 4, model });
    training.resume();
    expect(training.paused).toBe(false);
    const result = await training;
    const other = make();
    const want = await fit(other.model, other.data, { optimizer: other.optimizer, epochs: 300 });
    expect(outcome(result, model)).toEqual(outcome(want, other.model));
  });

  it("stops with a reason as a success, also when it is told before it has begun", async () => {
    const early = long();
    const before = trainInWorker(early.model, early.data, early.options as never);
    before.stop("changed my mind");
    expect(await before).toMatchObject({ ended: "stopped", reason: "changed my mind", epochs: 0 });
    const { model, data, options } = long();
    const weights = digest(model);
    const training = trainInWorker(model, data, options as never);
    for await (const { steps } of training) if (steps > 20) training.stop("enough");
    expect(await training).toMatchObject({ ended: "stopped", reason: "enough" });
    expect(digest(model)).not.toBe(weights);
  });

  it("rejects with the signal's reason, and has the best weights by then", async () => {
    const { model, data, validation } = make();
    const controller = new AbortController();
    const reason = new Error("the user left");
    const ends: string[] = [];
    const weights: string[] = [];
    const training = trainInWorker(model, data, {
      ...{ optimizer: { type: "SGD", lr: 0.5 }, epochs: 500, validation, signal: controller.signal },
      callbacks: [
        {
          onEpochEnd: ({ model: trained, epoch }) => {
            weights.push(digest(trained));
            if (epoch === 8) controller.abort(reason);
          },
          onEnd: (_, { ended, best }) => void ends.push(`${ended} ${best?.epoch}`),
        },
      ],
    });
    expect(await rejection(training)).toBe(reason);
    const losses = training.history.column("valLoss");
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(ends).toEqual([`aborted ${best}`]);
    expect(digest(model)).toBe(weights[best - 1]);
  });

  it("never begins with an aborted signal, and ends while its worker starts", async () => {
    const { model, data, options } = long();
    const reason = new Error("too late");
    const weights = digest(model);
    const aborted = AbortSignal.abort(reason);
    expect(await rejection(trainInWorker(model, data, { ...options, signal: aborted } as never))).toBe(reason);
    const controller = new AbortController();
    const training = trainInWorker(model, data, { ...options, signal: controller.signal } as never);
    controller.abort(reason);
    expect(await rejection(training)).toBe(reason);
    expect(digest(model)).toBe(weights);
  });

  it("can be terminated: the model keeps what it had after its last epoch", async () => {
    const { model, data, validation } = make();
    let last = "";
    const training = trainInWorker(model, data, {
      ...{ optimizer: adam, epochs: 100_000, validation },
      callbacks: [{ onEpochEnd: ({ model: trained }) => void (last = digest(trained)) }],
    });
    for await (const { epoch } of training) if (epoch >= 3) break;
    training.terminate();
    const error = await rejection(training);
    expect(error).toBeInstanceOf(StateError);
    expect((error as Error).message).toBe("trainInWorker: expected the run to come to its end, got terminate().");
    expect(digest(model)).toBe(last);
  });

  it("fails with fit's errors: class, text and fields", async () => {
    const { x, y } = images(8, 1);
    const bad = new Tensor(Float32Array.from(x.data), x.shape);
    bad.data[5] = NaN;
    const cases: readonly (readonly [data: () => unknown, options: object])[] = [
      [() => batches(bad, y, { size: 8 }), {}],
      [() => batches(x.reshape([8, 36]), y, { size: 8 }), {}],
      [() => batches(x, new Int32Array(8).fill(7), { size: 8 }), {}],
      [() => batches(x, y, { size: 8 }), { epochs: 0 }],
      [() => batches(x, y, { size: 8 }), { restoreBest: { monitor: "valAccuracy", mode: "max" } }],
      [() => batches(x, y, { size: 8 }), { clipNorm: -1 }],
    ];
    for (const [data, options] of cases) {
      const [a, b] = [make(), make()];
      const run = async (): Promise<unknown> =>
        fit(a.model, data() as never, { optimizer: a.optimizer, epochs: 1, ...options });
      const want = (await rejection(run())) as Error;
      const got = (await rejection(
        trainInWorker(b.model, data() as never, { optimizer: adam, epochs: 1, ...options }),
      )) as Error;
      expect(got.constructor).toBe(want.constructor);
      expect(got.message).toBe(want.message);
      expect({ ...got }).toEqual({ ...want });
      if (want instanceof AnomalyError) expect((got as AnomalyError).index).toEqual([0, 0, 0, 5]);
    }
  });

  it("throws in a loop over it, too", async () => {
    const { model } = make();
    const { x, y } = images(8, 1);
    const training = trainInWorker(model, batches(x.reshape([8, 36]), y, { size: 8 }), { optimizer: adam, epochs: 1 });
    const loop = async (): Promise<void> => {
      for await (const progress of training) expect.fail(`there is no progress: ${progress.epoch}`);
    };
    await expect(loop()).rejects.toThrow("expected input");
  });

  it("is the only one of its model", async () => {
    const { model, data, optimizer } = make();
    const training = trainInWorker(model, data, { optimizer: adam, epochs: 1 });
    expect(() => trainInWorker(model, data, { optimizer: adam, epochs: 1 })).toThrow(StateError);
    expect(() => fit(model, data, { optimizer, epochs: 1 })).toThrow(
      "fit: expected a model that is not in training, got one that another fit trains (await it first).",
    );
    await training;
    await fit(model, data, { optimizer, epochs: 1 });
  });

  it("leaves no worker behind, however it ends", async () => {
    const { model, data, validation } = make();
    await trainInWorker(model, data, { optimizer: adam, epochs: 1, validation });
    await rejection(trainInWorker(model, data, { optimizer: { type: "SGD", lr: -1 }, epochs: 1 }));
    const { model: other, data: many, options } = long();
    const training = trainInWorker(other, many, options as never);
    for await (const { epoch } of training) if (epoch > 0) break;
    expect(living).toBeGreaterThan(0);
    training.terminate();
    await rejection(training);
    for (let i = 0; i < 100 && living > 0; i++) await sleep(20);
    expect(living).toBe(0);
  });
});

describe("What cannot be sent to a worker is an error at once:", () => {
  class Mine extends Layer {
    forward(x: Tensor): Tensor {
      return x;
    }
    backward(dy: Tensor): Tensor {
      return dy;
    }
  }
  class Loader extends DataLoader {}
  const { model, data, optimizer } = make();
  const fine = { optimizer: adam, epochs: 1 };
  it.each<readonly [string, () => unknown, string]>([
    [
      "no model",
      () => trainInWorker({} as never, data, fine),
      "trainInWorker: expected a model, got an object (Object).",
    ],
    [
      "a layer without a config",
      () => trainInWorker(new Sequential(new Mine()), data, fine),
      "0 Mine: expected a layer that can be written down, got a class without a config() of its own (give it one that returns " +
        "{ type, args, options }).",
    ],
    [
      "a function as data",
      () => trainInWorker(model, (() => data) as never, fine),
      "trainInWorker: expected data to be what batches(...) returns, a DataLoader, a list of batches or { source } of a module, " +
        "got the function (anonymous) (classes, functions and iterators cannot be sent: put it into a module of yours that calls " +
        "serveTraining({ data }) of handgrad/serve).",
    ],
    [
      "a tensor as data",
      () => trainInWorker(model, new Tensor([[1]]) as never, fine),
      "(cut them into batches: batches(images, labels, { size: 64 })).",
    ],
    [
      "a transform that is a function",
      () => {
        const set = { length: 2, get: () => [new Tensor([1]), 0] as const };
        return trainInWorker(model, new DataLoader(set, { batchSize: 1 }) as never, fine);
      },
      "trainInWorker: expected data of a TensorDataset, a moduleDataset or a part of one, got an object",
    ],
    [
      "a subclass of DataLoader",
      () => {
        const set = { length: 2, get: () => [new Tensor([1]), 0] as const };
        return trainInWorker(model, new Loader(set, { batchSize: 1 }) as never, fine);
      },
      "got an object (Loader) (classes, functions",
    ],
    [
      "no optimizer",
      () => trainInWorker(model, data, { epochs: 1 } as never),
      'trainInWorker: expected an optimizer, got none (it has no default: { optimizer: { type: "Adam", lr: 1e-3 } }).',
    ],
    [
      "an unknown option",
      () => trainInWorker(model, data, { ...fine, epoch: 1 } as never),
      'trainInWorker: unknown option "epoch", did you mean "epochs"?',
    ],
    [
      "a loss that is an object of a class",
      () => trainInWorker(model, data, { ...fine, loss: optimizer } as never),
      'trainInWorker: expected loss as plain data that can be sent to a worker, got an object (Adam) (such as loss: { type: "CrossEntropy", ' +
        "labelSmoothing: 0.1 }; functions and classes of your own go by a module of yours and serveTraining of handgrad/serve).",
    ],
    [
      "a metric that is a function",
      () => trainInWorker(model, data, { ...fine, metrics: { mine: () => 1 } } as never),
      "trainInWorker: expected metrics.mine as plain data that can be sent to a worker, got the function mine",
    ],
    [
      "validation data that are none",
      () => trainInWorker(model, data, { ...fine, validation: 5 } as never),
      "trainInWorker: expected validation to be what batches(...) returns",
    ],
    [
      "threads that are no number",
      () => trainInWorker(model, data, { ...fine, threads: 0 }),
      "trainInWorker: expected threads to be a whole number",
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });

  it("another backend", () => {
    const before = setBackend(reference);
    try {
      const run = (): unknown => trainInWorker(new Sequential(new Flatten(), new Linear(36, 3)), data, fine);
      expect(run).toThrow(BackendError);
      expect(run).toThrow(
        "trainInWorker: expected the wasm backend, which a worker has, got reference (use fit with it).",
      );
    } finally {
      setBackend(before);
    }
  });
});

describe("What is wrong in plain data is an error of the promise:", () => {
  it.each<readonly [string, object, string]>([
    [
      "an unknown optimizer",
      { optimizer: { type: "Adem" } },
      "trainInWorker: expected optimizer of type Adadelta, Adagrad, Adam, AdamW, LAMB, Lion, Muon, NAdam, RAdam, RMSprop, SGD, " +
        'Lookahead, got "Adem", did you mean "Adam"?',
    ],
    ["an option of it", { optimizer: { type: "Adam", rate: 1 } }, 'Adam: unknown option "rate"'],
    [
      "a loss of several inputs",
      { loss: "TripletMargin" },
      "trainInWorker: expected loss of type BCEWithLogits, CrossEntropy",
    ],
    ["a loss without a type", { loss: { weight: [1] } }, "trainInWorker: expected loss as plain data with its type"],
    ["an unknown metric", { metrics: ["acuracy"] }, 'got "acuracy", did you mean "Accuracy"?'],
    ["a schedule with too much", { batchSchedule: { type: "ExponentialLR", gamma: 0.5, x: 1 } }, 'unknown option "x"'],
    [
      "a schedule with too little",
      { epochSchedule: { type: "StepLR" } },
      "StepLR: expected stepSize to be a whole number",
    ],
    [
      "a schedule of no optimizer",
      { epochSchedule: { type: "StepLR", stepSize: 1, optimizer: 1 } },
      "trainInWorker: expected epochSchedule.optimizer to be a whole number from 0 to 0, got 1.",
    ],
    [
      "a loss of a module that nobody serves",
      { loss: { name: "mine" } },
      'expected a worker that serves loss "mine", got a worker',
    ],
  ])("%s", async (_, options, message) => {
    const { model, data } = make();
    const training = trainInWorker(model, data, { optimizer: adam, epochs: 1, ...options } as never);
    await expect(training).rejects.toThrow(message);
  });
});
