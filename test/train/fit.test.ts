// fit: the same numbers as the plain loop, the history, schedules, guards, and what it refuses. How it ends: fitEnds.test.ts.
import { describe, expect, it } from "vitest";
import {
  AnomalyError,
  ArgumentError,
  CrossEntropy,
  Linear,
  MSE,
  OneCycleLR,
  ReduceLROnPlateau,
  SGD,
  Sequential,
  StepLR,
  Tensor,
  accuracy,
  manualSeed,
} from "../../src/index.js";
import { batches } from "../../src/entries/data.js";
import { earlyStopping, evaluate, fit, type Callback, type FitOptions } from "../../src/entries/train.js";
import { digest, images, make, plainLoop } from "./support.js";

const message = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing was thrown",
    (error: unknown) => (error as Error).message,
  );

describe("fit", () => {
  it("gives the weights and losses of the plain loop, bit for bit", async () => {
    const [plain, fitted] = [make(), make()];
    const losses = plainLoop(make(), 4);
    plainLoop(plain, 4);
    const { history, ended, epochs } = await fit(fitted.model, fitted.data, { optimizer: fitted.optimizer, epochs: 4 });
    expect({ ended, epochs }).toEqual({ ended: "completed", epochs: 4 });
    expect(digest(fitted.model)).toBe(digest(plain.model));
    expect(history.batches.map(({ loss }) => loss)).toEqual(losses);
  });

  it("weighs a last batch that is not full by its samples, in losses and metrics", async () => {
    const { model, data, validation } = make();
    const { history } = await fit(model, data, {
      optimizer: new SGD(model.parameters(), { lr: 0 }),
      epochs: 1,
      validation,
      metrics: { accuracy },
      restoreBest: false,
    });
    const [{ runningLoss, valLoss, valAccuracy, samples }] = history.epochs;
    const weights = [8, 8, 8, 5];
    const mean = history.batches.reduce((sum, { loss }, i) => sum + loss * weights[i], 0) / 29;
    expect(runningLoss).toBeCloseTo(mean, 12);
    expect(samples).toBe(29);
    const held = images(17, 6);
    expect(valLoss).toBeCloseTo(new CrossEntropy().forward(model.predict(held.x), held.y), 6);
    expect(valAccuracy).toBeCloseTo(accuracy(model.predict(held.x), held.y), 12);
  });

  it("gives a weighted loss as that of the whole set, whatever classes each batch holds", async () => {
    const { model, validation } = make();
    const loss = new CrossEntropy({ weight: [0.2, 5, 1] });
    const held = images(17, 6);
    const { loss: mean } = await evaluate(model, validation, { loss });
    expect(mean).toBeCloseTo(loss.forward(model.predict(held.x), held.y), 6);
  });

  it("says what is a running mean, and with trainMetrics after what the weights after the epoch give", async () => {
    const run = make();
    const { history } = await fit(run.model, run.data, {
      ...{ optimizer: run.optimizer, epochs: 3, metrics: { accuracy }, trainMetrics: "after" },
    });
    const names = ["runningLoss", "trainLoss", "trainAccuracy"];
    expect(Object.keys(history.epochs[2])).toEqual(expect.arrayContaining(names));
    expect(history.columns).not.toContain("runningAccuracy");
    const { x, y } = images(29, 5);
    expect(history.epochs[2].trainLoss).toBeCloseTo(new CrossEntropy().forward(run.model.predict(x), y), 5);
    // The look at the data does not change the shuffles that follow.
    const plain = make();
    plainLoop(plain, 3);
    expect(digest(run.model)).toBe(digest(plain.model));
  });

  it("takes lists, functions, generators, and objects of images and labels, at once or later", async () => {
    const { x, y } = images(8, 5);
    const pairs = [0, 4].map((from) => [x.slice([from, from + 4]), y.subarray(from, from + 4)] as const);
    const objects = pairs.map(([images, labels]) => ({ images, labels }));
    async function* later(): AsyncGenerator<{ x: Tensor; y: Int32Array }> {
      for (const [x, y] of pairs) {
        await Promise.resolve();
        yield { x, y };
      }
    }
    const digests: string[] = [];
    for (const data of [pairs, objects, later, () => pairs[Symbol.iterator](), () => Promise.resolve(objects)]) {
      const { model } = make();
      await fit(model, data, { optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 2 });
      digests.push(digest(model));
    }
    expect(new Set(digests).size).toBe(1);
  });

  it("refuses a source without batches, also a generator that is used up", async () => {
    const { model, optimizer } = make();
    const options = { optimizer, epochs: 2 };
    expect(await message(fit(model, [], options))).toBe(
      "fit: expected data to give at least one batch, got none (is the data set empty?).",
    );
    const { x, y } = images(4, 5);
    const once = [[x, y] as const][Symbol.iterator]();
    expect(await message(fit(model, { [Symbol.iterator]: () => once }, options))).toContain(
      "a generator gives its batches once: give a function that makes one",
    );
    expect(await message(fit(model, [x] as never, options))).toBe(
      "fit: expected each batch of data as [x, y], { x, y } or { images, labels }, got an object (Tensor) (cut tensors and " +
        "labels into batches: batches(x, labels, { size: 64 })).",
    );
  });

  it("adds gradients up to the step of one large batch, also in a last group that is not full", async () => {
    for (const reduction of ["mean", "sum"] as const) {
      const build = (): Sequential => (manualSeed(3), new Sequential(new Linear(4, 3)));
      const x = new Tensor(
        Float32Array.from({ length: 40 }, (_, i) => ((i * 7) % 11) / 5 - 1),
        [10, 4],
      );
      const y = Int32Array.from({ length: 10 }, (_, i) => i % 3);
      const loss = new CrossEntropy({ weight: [1, 3, 0.5], reduction });
      const [whole, parts] = [build(), build()];
      const step = async (model: Sequential, size: number, accumulate: number): Promise<number> => {
        const optimizer = new SGD(model.parameters(), { lr: 0.1 });
        const run = fit(model, batches(x, y, { size }), { optimizer, loss, accumulate, epochs: 1 });
        await run;
        return run.steps;
      };
      expect(await step(whole, 6, 1)).toBe(2); // 6 and 4 samples
      expect(await step(parts, 2, 3)).toBe(2); // three batches of 2, and two
      Object.entries(whole.stateDict()).forEach(([name, { data }]) => {
        parts.stateDict()[name].data.forEach((value, i) => expect(value).toBeCloseTo(data[i], 6));
      });
    }
  });

  it("steps schedules after each step or each epoch, and gives the plateau what restoreBest looks at", async () => {
    const { model, optimizer, data, validation } = make();
    const totalSteps = 3 * data.length;
    await fit(model, data, { optimizer, epochs: 3, batchSchedule: new OneCycleLR(optimizer, 0.1, { totalSteps }) });
    const expected = make();
    const schedule = new OneCycleLR(expected.optimizer, 0.1, { totalSteps });
    for (let i = 0; i < totalSteps; i++) schedule.step();
    expect(optimizer.lr).toBe(expected.optimizer.lr);

    const sgd = new SGD(model.parameters(), { lr: 0.5 });
    const { history } = await fit(model, data, { optimizer: sgd, epochs: 4, epochSchedule: new StepLR(sgd, 2) });
    const rates = history.column("lr");
    [0.5, 0.5, 0.05, 0.05].forEach((lr, i) => expect(rates[i]).toBeCloseTo(lr, 12));

    sgd.lr = 1e-30; // nothing improves
    model.get(1).eval();
    const plateau = new ReduceLROnPlateau(sgd, { patience: 1, factor: 0.5, eps: 0 });
    await fit(model, data, { optimizer: sgd, epochs: 4, validation, epochSchedule: plateau });
    expect(sgd.lr).toBe(5e-31);
  });

  it("clips by norm and by value, and keeps the norm before", async () => {
    const move = async (options: Partial<FitOptions>): Promise<number> => {
      const model = new Sequential(new Linear(1, 1, { bias: false }));
      const { weight } = model.get(0) as Linear;
      weight.value.data.fill(0);
      const data = [[new Tensor([[10]]), new Tensor([[10]])] as const]; // the gradient is 2 * 10 * (0 - 10)
      const optimizer = new SGD(model.parameters(), { lr: 1 });
      const { history } = await fit(model, data, { optimizer, loss: new MSE(), epochs: 1, ...options });
      expect(history.batches[0].gradNorm).toBe(options.nanGuard === false ? null : 200);
      return weight.value.item();
    };
    expect(await move({})).toBe(200);
    expect(await move({ clipNorm: 3 })).toBeCloseTo(3, 5);
    expect(await move({ clipValue: 0.5 })).toBe(0.5);
    expect(await move({ clipValue: 0.5, nanGuard: false })).toBe(0.5);
  });

  it("names layer and batch of a number that is not finite, with the best weights in the model", async () => {
    const { model, optimizer, data, validation } = make();
    let best = "";
    const spoil: Callback = {
      onBatchEnd(_, { epoch, batch }) {
        if (epoch === 3 && batch === 2) (model.get(5) as Linear).weight.value.data[4] = NaN;
      },
      onEpochEnd(training, record) {
        if (record.valLoss === Math.min(...training.history.column("valLoss"))) best = digest(model);
      },
    };
    const options = { optimizer, epochs: 5, validation, callbacks: [spoil] };
    const error = (await fit(model, data, options).catch((e: unknown) => e)) as AnomalyError;
    expect(error).toBeInstanceOf(AnomalyError);
    expect(error.message).toMatch(/^fit: epoch 3, batch 3: 5 Linear\.forward: expected finite parameters/);
    expect(error.path).toBe("5");
    expect(digest(model)).toBe(best);

    const broken = make();
    const infinite = [[new Tensor(new Float32Array(72).fill(Infinity), [2, 1, 6, 6]), [0, 1]] as const];
    expect(await message(fit(broken.model, infinite, { optimizer: broken.optimizer, epochs: 1 }))).toMatch(
      /^fit: epoch 1, batch 1: 0 Conv2d\.forward: expected finite inputs/,
    );
  });

  it("finds gradients that overflow where the loss is still finite, before the step", async () => {
    const model = new Sequential(new Linear(1, 1, { bias: false }));
    (model.get(0) as Linear).weight.value.data.fill(1e18);
    const data = [[new Tensor([[1e10]]), new Tensor([[0]])] as const];
    const loss = { forward: () => 1, backward: () => new Tensor([[1e30]]) };
    const run = fit(model, data, { optimizer: new SGD(model.parameters(), { lr: 1e-9 }), loss, epochs: 1 });
    expect(await message(run)).toMatch(/^fit: epoch 1, batch 1: .*gradients of its parameters/);
    expect((model.get(0) as Linear).weight.value.item()).toBe(Math.fround(1e18));
  });

  it("trains a model in eval mode in train mode and puts it back; parts in eval mode stay so", async () => {
    const { model, optimizer, data } = make();
    const modes: boolean[][] = [];
    const seen: Callback = { onBatchEnd: () => void modes.push([...model.layers()].map((layer) => layer.training)) };
    model.eval();
    await fit(model, data, { optimizer, epochs: 1, callbacks: [seen] });
    expect(modes.flat().every((mode) => mode)).toBe(true);
    expect(model.training).toBe(false);

    model.train();
    model.get(1).eval();
    const before = digest(model);
    modes.length = 0;
    const leave: Callback = { onBatchEnd: () => void model.eval() };
    await fit(model, data, { optimizer: new SGD(model.parameters(), { lr: 0 }), epochs: 1, callbacks: [seen, leave] });
    expect(modes.map((each) => each.filter((mode) => !mode).length)).toEqual([1, 1, 1, 1]);
    expect(digest(model)).toBe(before); // batch norm in eval mode learns nothing
    expect([model.training, model.get(1).training, model.get(4).training]).toEqual([true, false, true]);
  });

  it("tries everything in a dry run, and puts all back", async () => {
    const plain = make();
    plainLoop(plain, 2);
    const { model, optimizer, data, validation } = make();
    const schedule = new StepLR(optimizer, 1);
    const state = (): string =>
      JSON.stringify([digest(model), optimizer, data.position, validation.position, schedule]);
    const before = state();
    const result = await fit(model, data, { optimizer, epochs: 7, validation, epochSchedule: schedule, dryRun: 2 });
    expect(result).toMatchObject({ ended: "dryRun", epochs: 1 });
    expect(result.history.epochs[0]).toMatchObject({ batches: 2 });
    expect(state()).toBe(before);
    await fit(model, data, { optimizer, epochs: 2, restoreBest: false });
    expect(digest(model)).toBe(digest(plain.model));
  });

  it("overfits the same first batches in every epoch, for training and validation", async () => {
    const { model, optimizer, data, validation } = make(1, 6);
    const { history } = await fit(model, data, {
      ...{ optimizer, epochs: 60, validation, metrics: { accuracy }, overfitBatches: 2, restoreBest: false },
    });
    expect(history.epochs[0]).toMatchObject({ batches: 2, samples: 12 });
    expect(history.epochs.at(-1)).toMatchObject({ valAccuracy: 1 });
    expect(history.batches.length).toBe(120);
  });

  it("lets others run by time, not by batch", async () => {
    const { model, optimizer, data } = make(1, 2, 300);
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await fit(model, data, { optimizer, epochs: 2, yieldEvery: 0 });
    const often = turns;
    turns = 0;
    await fit(model, data, { optimizer, epochs: 2, yieldEvery: 1000000 });
    over = true;
    expect(often).toBeGreaterThan(250); // after each of 300 batches
    expect(turns).toBeLessThan(10);
  });

  it("passes metrics as objects on to both sets, one after the other", async () => {
    const calls: string[] = [];
    let seen = 0;
    const count = {
      update: (outputs: Tensor) => void (seen += outputs.shape[0]),
      compute: () => (calls.push(`compute ${seen}`), new Tensor([[seen, 1]])),
      reset: () => void (seen = 0),
    };
    const { model, optimizer, data, validation } = make();
    const { history } = await fit(model, data, { optimizer, epochs: 1, validation, metrics: { count } });
    expect(history.epochs[0]).toMatchObject({ runningCount: [[29, 1]], valCount: [[17, 1]] });
    expect(calls).toEqual(["compute 29", "compute 17"]);
    expect(history.toCSV()).not.toContain("Count");
  });

  it("checks its arguments before it begins, and says what is missing", () => {
    const { model, optimizer, data, validation } = make();
    const good: FitOptions = { optimizer, epochs: 1 };
    const bad: [Partial<Record<keyof FitOptions | "epoch", unknown>>, string][] = [
      [{ optimizer: undefined }, "fit: expected an optimizer, got none (it has no default: { optimizer: new Adam(model.parameters()) })."],
      [{ epochs: undefined }, "fit: expected a number of epochs, got none (it has no default: { epochs: 10 })."],
      [{ epochs: 0 }, "fit: expected epochs to be a whole number of at least 1, got 0."],
      [{ epoch: 3 }, 'fit: unknown option "epoch", did you mean "epochs"?'],
      [{ loss: CrossEntropy }, "fit: expected loss to have forward and backward, such as new CrossEntropy(), got the class CrossEntropy (make one: new CrossEntropy())."],
      [{ loss: new MSE(), classWeight: [1, 2] }, "fit: expected classWeight for the default loss alone, got a loss beside it (give it the weight: new CrossEntropy({ weight }))."],
      [{ metrics: { accuracy: 3 } }, "fit: expected metrics.accuracy as a function (outputs, targets) => number or an object with update, compute and reset, got 3."],
      [{ callbacks: earlyStopping() }, "fit: expected callbacks as a list, got an object (Object) (write [callback])."],
      [{ callbacks: [earlyStopping] }, "fit: expected callback 0 to be an object with onStart, onEpochStart, onBatchEnd, onEpochEnd, onEnd, state, restore, got the function earlyStopping (a function is one as { onEpochEnd: f }; call earlyStopping(...))."],
      [{ callbacks: [earlyStopping(), earlyStopping()] }, 'fit: expected callbacks with state to have different names, got "earlyStopping valLoss" twice.'],
      [{ callbacks: [{ onEpochEnd: () => undefined, onBatchend: () => undefined }] }, 'fit: expected callback 0 to have onStart, onEpochStart, onBatchEnd, onEpochEnd, onEnd, state, restore, got "onBatchend", did you mean "onBatchEnd"?'],
      [{ callbacks: [{ onEnd: 3 }] }, "fit: expected onEnd of callback 0 to be a function, got 3."],
      [{ callbacks: [{ name: "mine", state: () => 1 }] }, "fit: expected callback 0 to have state, restore and a name, or none of them."],
      [{ resume: "latest" }, 'fit: expected resume to be true, false or { which, fallback }, got "latest".'],
      [{ resume: true }, "fit: expected checkpoints to resume from, got none (open some: await openCheckpoints(path))."],
      [{ checkpoints: "runs" }, 'fit: expected checkpoints as openCheckpoints gives them, got "runs" (await openCheckpoints("runs")).'],
      [{ restoreBest: { monitor: "valAccuracy" }, validation }, 'fit: restoreBest: expected mode "min" or "max" for monitor "valAccuracy", got none (it is known for losses alone).'],
      [{ restoreBest: true }, "fit: expected validation data for restoreBest, which looks at valLoss, got none."],
      [{ epochSchedule: new StepLR(new SGD(model.parameters(), { lr: 1 }), 1) }, "fit: expected schedules of the optimizers that are given, got one of another."],
      [{ validation: 3 }, "fit: expected validation to give batches, got 3 (batches(images, labels, { size: 64 }))."],
      [{ signal: new AbortController() }, "fit: expected signal to be an AbortSignal, got an object (AbortController) (give its signal)."],
    ]; // prettier-ignore
    for (const [options, text] of bad) {
      expect(() => fit(model, data, { ...good, ...options } as FitOptions)).toThrow(ArgumentError);
      expect(() => fit(model, data, { ...good, ...options } as FitOptions)).toThrow(text);
    }
    expect(() => fit(model, images(3, 1).x as never, good)).toThrow(
      "fit: expected data to give batches, got an object (Tensor) (cut them into batches: batches(images, labels, { size: 64 })).",
    );
    expect(() => fit({} as never, data, good)).toThrow("fit: expected a model, got an object (Object).");
  });
});
