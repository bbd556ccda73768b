// Checkpoints of fit: a run that is stopped anywhere goes on bit for bit, with its history, schedules, callbacks and best weights.
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  CosineAnnealingLR,
  FormatError,
  Generator,
  OneCycleLR,
  ReduceLROnPlateau,
  SGD,
  Tensor,
  accuracy,
  fillNormal,
  type LRScheduler,
} from "../../src/index.js";
import { decodeCheckpoint, encodeCheckpoint, openCheckpoints, restoreCheckpoint } from "../../src/entries/io.js";
import {
  EMA,
  earlyStopping,
  fit,
  type Callback,
  type FitOptions,
  type FitResult,
  type TrainBatch,
} from "../../src/entries/train.js";
import { digest, images, make, memoryStore, timeless, type Parts } from "./support.js";

const EPOCHS = 4;

/** A run with everything that has state: schedules by batch and by epoch, an average, callbacks, accumulation, a metric. */
function everything(parts: Parts): FitOptions {
  const { optimizer, data, validation, model } = parts;
  let seen = 0;
  const counter: Callback = {
    name: "counter",
    onBatchEnd: () => void seen++,
    state: () => ({ seen }),
    restore: (state) => void (seen = (state as { seen: number }).seen),
    onEpochEnd: (_, record) => void Object.assign(record, { seen }),
  };
  return {
    ...{ optimizer, epochs: EPOCHS, validation, metrics: { accuracy }, accumulate: 2 },
    average: new EMA(model, { decay: 0.8 }),
    batchSchedule: new OneCycleLR(optimizer, 0.05, { totalSteps: (EPOCHS * data.length) / 2 }),
    epochSchedule: new ReduceLROnPlateau(new SGD(model.parameters(), { lr: 1 })) as LRScheduler,
    callbacks: [earlyStopping({ patience: 50 }), counter],
  };
}

// The plateau's optimizer must be one of the run's; the two share the parameters, so this one has a learning rate of 0.
function build(): { parts: Parts; options: FitOptions } {
  const parts = make(3);
  const still = new SGD(parts.model.parameters(), { lr: 0 });
  const options = everything(parts);
  const schedule = new ReduceLROnPlateau(still, { patience: 0 });
  return { parts, options: { ...options, optimizer: [parts.optimizer, still], epochSchedule: schedule } };
}

function outcome({ history, best, epochs }: FitResult, { parts: { model, optimizer } }: { parts: Parts }): object {
  return {
    ...{ epochs, best, weights: digest(model), optimizer: JSON.stringify(optimizer) },
    ...{ history: timeless(history.epochs), batches: history.batches },
  };
}

describe("fit with checkpoints", () => {
  it("goes on bit for bit from wherever it was stopped or aborted, within epochs too", async () => {
    const whole = build();
    const expected = outcome(await fit(whole.parts.model, whole.parts.data, whole.options), whole);
    for (const how of ["stop", "abort"] as const) {
      for (const [epoch, batch] of [
        [1, 2],
        [2, 4],
        [3, 0],
        [4, 2],
      ]) {
        // prettier-ignore
        const checkpoints = await openCheckpoints(memoryStore());
        const first = build();
        const controller = new AbortController();
        const end: Callback = {
          onBatchEnd: (run) => void (run.epoch === epoch && run.batch === batch && (how === "stop" ? run.stop() : controller.abort())),
          onEpochEnd: (run) => void (run.epoch === epoch && batch === 0 && (how === "stop" ? run.stop() : controller.abort())),
        }; // prettier-ignore
        const callbacks = [...(first.options.callbacks ?? []), end];
        const { signal } = controller;
        const run = fit(first.parts.model, first.parts.data, { ...first.options, checkpoints, callbacks, signal });
        if (how === "stop") expect((await run).ended).toBe("stopped");
        else await expect(run).rejects.toMatchObject({ name: "AbortError" });

        const second = build();
        const options = { ...second.options, checkpoints, resume: true };
        const result = await fit(second.parts.model, second.parts.data, options);
        expect(outcome(result, second), `${how} in epoch ${epoch} after batch ${batch}`).toEqual(expected);
      }
    }
  });

  it("goes on from the checkpoint before a crash, also within an epoch, to the same end", async () => {
    const whole = build();
    const expected = outcome(await fit(whole.parts.model, whole.parts.data, whole.options), whole);
    const checkpoints = await openCheckpoints(memoryStore(true));
    for (const crash of [
      [1, 3],
      [2, 4],
      [4, 1],
    ]) {
      // prettier-ignore
      const { parts, options } = build();
      const fail: Callback = {
        onBatchEnd(_, { epoch, batch }) {
          if (epoch === crash[0] && batch === crash[1]) throw new Error("power cut");
        },
      };
      const callbacks = [...(options.callbacks ?? []), fail];
      const all = { ...options, callbacks, checkpoints, checkpointEvery: 2, resume: true };
      await expect(fit(parts.model, parts.data, all)).rejects.toThrow("power cut");
    }
    const last = build();
    const result = await fit(last.parts.model, last.parts.data, { ...last.options, checkpoints, resume: true });
    expect(outcome(result, last)).toEqual(expected);
    const again = build(); // all epochs are made: nothing is trained, and the same comes out
    const same = await fit(again.parts.model, again.parts.data, { ...again.options, checkpoints, resume: true });
    expect(outcome(same, again)).toEqual(expected);
  });

  it("ends a checkpoint that an abort comes into, and goes on from it", async () => {
    const store = memoryStore(true);
    const checkpoints = await openCheckpoints(store);
    const controller = new AbortController();
    const { model, optimizer, data } = make();
    const { write } = store;
    store.write = (name, bytes) => {
      controller.abort();
      return write(name, bytes);
    };
    await expect(fit(model, data, { optimizer, epochs: 5, checkpoints, signal: controller.signal })).rejects.toThrow();
    expect(store.files.size).toBe(1);
    expect(decodeCheckpoint([...store.files.values()][0]).history.length).toBe(1);
  });

  it("puts the best weights back after a resume, also those of an epoch before it", async () => {
    const checkpoints = await openCheckpoints(memoryStore());
    const first = make(4);
    let value = 0;
    const metrics = { rank: () => [0.75, 0.25, 0.125, 0.5][value++] };
    const common = { checkpoints, metrics, trainMetrics: "after" as const };
    const restoreBest = { monitor: "trainRank", mode: "max" as const };
    const one = (parts: Parts): Parameters<typeof fit>[2] => ({
      ...common,
      optimizer: parts.optimizer,
      epochs: 1,
      restoreBest,
    });
    const data = [images(6, 1)].map(({ x, y }): TrainBatch => [x, y]);
    await fit(first.model, data, one(first));
    const best = digest(first.model);
    const second = make(4);
    const result = await fit(second.model, data, { ...one(second), epochs: 3, resume: true });
    expect(result.best).toEqual({ epoch: 1, monitor: "trainRank", value: 0.75 });
    expect(result.history.column("trainRank")).toEqual([0.75, 0.25, 0.125]);
    expect(digest(second.model)).toBe(best);
  });

  it("stays stopped by early stopping when it is resumed", async () => {
    const checkpoints = await openCheckpoints(memoryStore());
    const run = async (): Promise<FitResult> => {
      const { model, data, validation } = make();
      model.get(1).eval();
      const optimizer = new SGD(model.parameters(), { lr: 0 });
      const callbacks = [earlyStopping({ patience: 1 })];
      return fit(model, data, { optimizer, epochs: 9, validation, callbacks, checkpoints, resume: true });
    };
    const [first, second] = [await run(), await run()];
    expect(first).toMatchObject({ ended: "stopped", epochs: 3 });
    expect(second).toMatchObject({ ended: "stopped", epochs: 3, reason: first.reason });
  });

  it("stores the place of loaders that say it, skips in those that do not, and the state of your generators", async () => {
    const { x, y } = images(12, 5);
    const loader = (kind: "position" | "state" | "none"): Iterable<TrainBatch> => {
      let place = 0;
      const rows = (i: number): TrainBatch => [x.slice([3 * i, 3 * i + 3]), y.subarray(3 * i, 3 * i + 3)];
      const loop = function* (): IterableIterator<TrainBatch> {
        if (kind === "none") place = 0;
        while (place < 4) yield rows(place++);
        place = 0;
      } as unknown as () => Iterator<TrainBatch>;
      if (kind === "position") {
        return { [Symbol.iterator]: loop, get position() { return place; }, set position(to) { place = to; } } as never; // prettier-ignore
      }
      const state = { state: () => place, restore: (to: number) => void (place = to) };
      return { [Symbol.iterator]: loop, ...(kind === "state" && state) };
    };
    const start = (): { parts: Parts; noise: Generator; callback: Callback } => {
      const parts = make();
      const noise = new Generator("augment");
      const callback: Callback = {
        onBatchEnd(run) {
          const bias = run.model.parameters().at(-1)!.value;
          const draws = new Tensor(new Float32Array(bias.size));
          fillNormal(noise, draws.data, 0, 0.01);
          bias.data.forEach((value, i) => (bias.data[i] = value + draws.data[i]));
        },
      };
      return { parts, noise, callback };
    };
    for (const kind of ["position", "state", "none"] as const) {
      const whole = start();
      const options = ({ parts, noise, callback }: ReturnType<typeof start>): FitOptions => ({
        ...{ optimizer: parts.optimizer, epochs: 3, generators: { noise }, callbacks: [callback] },
      });
      const result = await fit(whole.parts.model, loader(kind), options(whole));
      const checkpoints = await openCheckpoints(memoryStore());
      const first = start();
      const stop: Callback = { onBatchEnd: (run) => void (run.epoch === 2 && run.batch === 3 && run.stop()) };
      const callbacks = [first.callback, stop];
      await fit(first.parts.model, loader(kind), { ...options(first), callbacks, checkpoints });
      const second = start();
      const rest = await fit(second.parts.model, loader(kind), { ...options(second), checkpoints, resume: true });
      expect(digest(second.parts.model), kind).toBe(digest(whole.parts.model));
      expect(timeless(rest.history.epochs)).toEqual(timeless(result.history.epochs));
    }
  });

  it("goes on within an epoch with metrics that have a state, and leaves out those that do not", async () => {
    class Count {
      state: number[] = [0];
      update = ({ shape }: Tensor): void => void (this.state = [this.state[0] + shape[0]]);
      compute = (): number => this.state[0];
      reset = (): void => void (this.state = [0]);
    }
    const bare = (): object => {
      const { update, compute, reset } = new Count();
      return { update, compute, reset };
    };
    const checkpoints = await openCheckpoints(memoryStore());
    const run = async (callbacks: readonly Callback[]): Promise<FitResult> => {
      const { model, optimizer, data } = make();
      const metrics = { count: new Count(), bare: bare() as Count };
      return fit(model, data, { optimizer, epochs: 2, metrics, callbacks, checkpoints, resume: true });
    };
    await run([{ onBatchEnd: (training, { batch }) => void (batch === 3 && training.stop()) }]);
    const { history } = await run([]);
    expect(history.column("runningCount")).toEqual([29, 29]);
    expect(history.column("runningBare")).toEqual([NaN, 29]);
  });

  it("passes over a damaged checkpoint if it is told to", async () => {
    const store = memoryStore();
    const checkpoints = await openCheckpoints(store, { keep: 5 });
    const first = make();
    const options = { epochs: 3, checkpoints };
    const whole = await fit(first.model, first.data, { ...options, optimizer: first.optimizer });
    const newest = [...store.files.keys()].sort().at(-1)!;
    store.files.get(newest)![200] ^= 1;
    const second = make();
    const again = { ...options, optimizer: second.optimizer };
    await expect(fit(second.model, second.data, { ...again, resume: true })).rejects.toThrow("{ fallback: true }");
    const result = await fit(second.model, second.data, { ...again, resume: { fallback: true } });
    expect(digest(second.model)).toBe(digest(first.model));
    expect(timeless(result.history.epochs)).toEqual(timeless(whole.history.epochs));
  });

  it("refuses a checkpoint of a plain loop, and one that does not fit, and changes nothing", async () => {
    const store = memoryStore();
    const checkpoints = await openCheckpoints(store);
    const { model, optimizer, data } = make();
    checkpoints.save({ model, optimizer, batches: data });
    const plain = make();
    const options = { optimizer: plain.optimizer, epochs: 1, checkpoints, resume: true };
    await expect(fit(plain.model, plain.data, options)).rejects.toThrow(FormatError);
    const schedule = new CosineAnnealingLR(plain.optimizer, 3);
    await expect(fit(plain.model, plain.data, { ...options, epochSchedule: schedule })).rejects.toThrow(
      "expected as many of schedule as the checkpoint has, 0, got 1 (the checkpoint was made without it)",
    );
  });
});

describe("Schedules and tensors in checkpoints", () => {
  it("come back: the next step of the schedule is the one that followed", () => {
    const { model, optimizer } = make();
    const schedule = new CosineAnnealingLR(optimizer, 7);
    for (let i = 0; i < 3; i++) schedule.step();
    const tensors = { mine: new Tensor([1, NaN, -0]) };
    const bytes = encodeCheckpoint({ model, optimizer, schedule, tensors });
    const rates = [1, 2, 3].map(() => (schedule.step(), optimizer.lr));
    const other = make();
    const again = new CosineAnnealingLR(other.optimizer, 7);
    const checkpoint = decodeCheckpoint(bytes);
    restoreCheckpoint({ model: other.model, optimizer: other.optimizer, schedule: again }, checkpoint);
    expect([1, 2, 3].map(() => (again.step(), other.optimizer.lr))).toEqual(rates);
    expect(checkpoint.tensors.mine.toArray()).toEqual([1, NaN, -0]);
    expect(encodeCheckpoint({ model, optimizer, schedule })).not.toEqual(bytes);
  });

  it("are refused where they do not fit", () => {
    const { model, optimizer } = make();
    const other = new SGD(model.parameters(), { lr: 1 });
    const schedule = new CosineAnnealingLR(other, 7);
    expect(() => encodeCheckpoint({ model, optimizer, schedule })).toThrow(
      "encodeCheckpoint: expected schedules of the run's optimizers, got another one's at index 0 (give its optimizer, too).",
    );
    expect(() => encodeCheckpoint({ model, optimizer, schedule: 3 as never })).toThrow(
      "encodeCheckpoint: expected schedule to be a schedule, got 3.",
    );
    expect(() => encodeCheckpoint({ model, tensors: [] as never })).toThrow(ArgumentError);
    const bytes = encodeCheckpoint({ model, optimizer: other, schedule });
    expect(() => restoreCheckpoint({ model, optimizer: other }, decodeCheckpoint(bytes))).toThrow(
      "expected as many of schedule as the checkpoint has, 1, got 0 (give what was saved",
    );
  });
});
