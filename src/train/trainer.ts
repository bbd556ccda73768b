// A training run: the loop over epochs and batches, and how it ends. What a step computes is in stepper.ts, what goes into a
// checkpoint in runState.ts; fit.ts is its door.
import { ArgumentError } from "../base/errors.js";
import { decodeFor, encodeFor } from "../checkpoints/checkpoint.js";
import { prepareRestore } from "../checkpoints/restoreCheckpoint.js";
import type { Layer } from "../nn/layer.js";
import { SWA } from "./averagedWeights.js";
import { BestWeights } from "./bestWeights.js";
import { Breath } from "./breath.js";
import { callAll, callEnd } from "./callbacks.js";
import { measureAll } from "./evaluate.js";
import type { FitSettings } from "./fitOptions.js";
import type { TrainingHandle } from "./handle.js";
import { History, type EpochRecord } from "./history.js";
import { Measure, type Results } from "./measure.js";
import { Modes } from "./modes.js";
import { PauseGate } from "./pauseGate.js";
import type { FitResult } from "./result.js";
import { RunState } from "./runState.js";
import { Source, isThenable, type Feed } from "./source.js";
import { Stepper } from "./stepper.js";

/** What a run counts: all of it goes into checkpoints. */
export interface Counts {
  /** Epochs that were ended. */
  epochs: number;
  /** Batches of the epoch at work that are done; 0 between epochs. */
  batch: number;
  /** Steps of the optimizers. */
  steps: number;
  /** Batches since the last checkpoint within an epoch. */
  unsaved: number;
  /** Seconds that went into the epoch at work, before a resume. */
  seconds: number;
}

/** One run. */
export class Trainer implements TrainingHandle {
  readonly model: Layer;
  readonly settings: FitSettings;
  readonly counts: Counts = { epochs: 0, batch: 0, steps: 0, unsaved: 0, seconds: 0 };
  readonly train: Source;
  readonly validation: Source | null;
  readonly running: Measure;
  readonly best: BestWeights | null;
  history = new History();
  readonly #breath: Breath;
  readonly #gate = new PauseGate();
  readonly #modes: Modes;
  readonly #stepper: Stepper;
  readonly #state: RunState;
  #stopped: string | undefined; // the reason
  #kept: readonly unknown[] | undefined; // batches for overfitBatches
  #began = 0;
  #inEpoch = false;

  constructor(model: Layer, data: unknown, settings: FitSettings) {
    this.model = model;
    this.settings = settings;
    this.train = new Source("fit", "data", data);
    const { validation, metrics, restoreBest, trainMetrics } = settings;
    this.validation = validation === undefined ? null : new Source("fit", "validation", validation);
    this.running = new Measure("fit", trainMetrics === "running" ? metrics : {});
    this.best = restoreBest === null ? null : new BestWeights(model, restoreBest);
    this.#breath = new Breath(settings.yieldEvery);
    this.#modes = new Modes(model);
    this.#stepper = new Stepper(this);
    this.#state = new RunState(this);
  }

  get optimizers(): FitSettings["optimizer"] {
    return this.settings.optimizer;
  }

  get epoch(): number {
    return this.counts.epochs + (this.#inEpoch ? 1 : 0);
  }

  get epochs(): number {
    return this.settings.epochs;
  }

  get batch(): number {
    return this.counts.batch;
  }

  get batches(): number | undefined {
    const { dryRun, overfitBatches } = this.settings;
    const most = dryRun || overfitBatches || Infinity;
    const { length } = this.train;
    return length === undefined ? (most === Infinity ? undefined : most) : Math.min(length, most);
  }

  get samples(): number {
    return this.running.samples;
  }

  get runningLoss(): number {
    return this.running.loss;
  }

  get steps(): number {
    return this.counts.steps;
  }

  get paused(): boolean {
    return this.#gate.closed;
  }

  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
  }

  stop(reason: string = ""): void {
    this.#stopped ??= reason;
    this.#gate.open();
  }

  /** All of it, from the restored checkpoint to the weights that are put back. */
  async run(): Promise<FitResult> {
    const { callbacks, signal, dryRun } = this.settings;
    const wake = (): void => this.#gate.open();
    signal?.addEventListener("abort", wake);
    const errors: unknown[] = [];
    let undo: (() => void) | undefined;
    try {
      signal?.throwIfAborted();
      if (dryRun > 0) undo = this.#remember();
      await this.#state.resume();
      this.#modes.begin();
      await callAll(callbacks, "onStart", this);
      while (this.counts.epochs < (dryRun > 0 ? 1 : this.epochs) && this.#stopped === undefined) await this.#epoch();
    } catch (error) {
      errors.push(error);
    }
    signal?.removeEventListener("abort", wake);
    // From here on nothing may keep the weights from being put back.
    const result = this.#result(errors.length > 0, signal?.aborted === true && errors[0] === signal.reason);
    this.#modes.end();
    this.#finish(result, errors);
    undo?.();
    errors.push(...(await callEnd(callbacks, this, result)));
    if (errors.length > 0) throw errors[0];
    return result;
  }

  async #epoch(): Promise<void> {
    const { callbacks, dryRun, metrics, trainMetrics, average } = this.settings;
    const most = dryRun > 0 ? dryRun : Infinity;
    this.#inEpoch = true;
    this.#began = performance.now();
    if (this.counts.batch === 0) {
      this.running.reset();
      await callAll(callbacks, "onEpochStart", this);
    }
    if (!(await this.#batches(most))) return;
    const [train, validation] = [await this.#trainSource(), await this.#validationSource()];
    const common = { loss: this.settings.loss, signal: this.settings.signal, breath: this.#breath, most };
    const results: Results = this.running.results("running");
    const evaluate = async (source: Source, prefix: string): Promise<void> => {
      const measure = new Measure("fit", metrics);
      await measureAll("fit", this.model, source, { measure, ...common });
      Object.assign(results, measure.results(prefix));
    };
    if (average instanceof SWA && this.epoch >= average.startEpoch) average.update();
    const averaged = average !== undefined && average.count > 0;
    if (averaged) average.apply();
    try {
      if (trainMetrics === "after") {
        const before = train.hasPosition ? [train.position] : [];
        await evaluate(train, "train");
        for (const position of before) train.moveTo(position); // the next epoch is that of a run without this look
      }
      if (validation !== null) await evaluate(validation, "val");
      const record = this.#record(results);
      this.history.addEpoch(record);
      this.best?.consider(record);
      if (averaged) average.restore();
      this.#stepper.endEpoch(record);
      await callAll(callbacks, "onEpochEnd", this, record);
    } finally {
      if (averaged) average.restore();
    }
    this.#modes.check();
    this.#inEpoch = false;
    Object.assign(this.counts, { epochs: this.counts.epochs + 1, batch: 0, unsaved: 0, seconds: 0 });
    await this.#state.save();
    await this.#between();
  }

  /** The batches of an epoch; false when training was stopped before the last. */
  async #batches(most: number): Promise<boolean> {
    const source = await this.#trainSource();
    const { callbacks, checkpointEvery, accumulate } = this.settings;
    const heard = callbacks.some((callback) => callback.onBatchEnd !== undefined);
    const resumedAt = this.counts.batch;
    const feed = await source.open();
    try {
      if (!source.hasPosition) await skip(feed, resumedAt);
      while (this.counts.batch < most) {
        const asked = feed.next();
        const { done, value } = (isThenable(asked) ? await asked : asked) as IteratorResult<unknown>;
        if (done === true) break;
        const { x, y } = source.read(value);
        const record = this.#stepper.batch(x, y);
        this.counts.batch++;
        this.counts.unsaved++;
        if (this.settings.batchHistory) this.history.addBatch(record);
        if (heard) {
          await callAll(callbacks, "onBatchEnd", this, record);
          this.#modes.check();
        }
        if (this.#stepper.pending > 0) continue;
        if (this.counts.unsaved >= checkpointEvery) await this.#saveWithin();
        if (await this.#between()) return false;
      }
      if (this.counts.batch === 0) source.refuseEmpty(this.counts.epochs > 0);
      if (accumulate > 1) this.#stepper.finish();
    } finally {
      await feed.close();
    }
    return true;
  }

  /** Gives way, waits while paused, and says whether to stop; an abort throws. What would be lost is saved first. */
  async #between(): Promise<boolean> {
    const { signal } = this.settings;
    if (this.#gate.closed) await this.#gate.opened(signal);
    if (this.#breath.due) await this.#breath.take();
    const aborted = signal?.aborted === true;
    if (!aborted && this.#stopped === undefined) return false;
    if (this.counts.batch > 0) await this.#saveWithin();
    signal?.throwIfAborted();
    return true;
  }

  async #saveWithin(): Promise<void> {
    this.counts.unsaved = 0;
    this.counts.seconds += (performance.now() - this.#began) / 1000;
    this.#began = performance.now();
    await this.#state.save();
  }

  #record(results: Results): EpochRecord {
    const rates = this.optimizers.flatMap((optimizer) => {
      const groups = (optimizer as unknown as { groups?: readonly { lr?: unknown }[] }).groups ?? [optimizer];
      return groups.map(({ lr }: { lr?: unknown }) => lr);
    });
    const lrs = rates.map((lr, i): [string, number] => [i === 0 ? "lr" : `lr${i}`, typeof lr === "number" ? lr : NaN]);
    return {
      epoch: this.epoch,
      batches: this.counts.batch,
      samples: this.running.samples,
      seconds: this.counts.seconds + (performance.now() - this.#began) / 1000,
      ...Object.fromEntries(lrs),
      ...results,
    };
  }

  async #trainSource(): Promise<Source> {
    const { overfitBatches } = this.settings;
    if (overfitBatches === 0) return this.train;
    this.#kept ??= await firstOf(this.train, overfitBatches);
    return new Source("fit", "data", this.#kept);
  }

  // With overfitBatches the same batches, so that both numbers should come to agree.
  async #validationSource(): Promise<Source | null> {
    if (this.validation === null) return null;
    return this.settings.overfitBatches > 0 ? this.#trainSource() : this.validation;
  }

  #result(failed: boolean, aborted: boolean): FitResult {
    const stopped = this.#stopped !== undefined;
    const ended = failed
      ? aborted
        ? "aborted"
        : "failed"
      : this.settings.dryRun > 0
        ? "dryRun"
        : stopped
          ? "stopped"
          : "completed";
    const best = this.best?.best ?? null;
    return { ended, reason: this.#stopped ?? "", epochs: this.counts.epochs, best, history: this.history };
  }

  // The best weights, or the averages, or as they are.
  #finish(result: FitResult, errors: unknown[]): void {
    const { average, dryRun } = this.settings;
    if (dryRun > 0) return;
    try {
      if (result.best !== null) this.best?.putBack();
      else if (average !== undefined && average.count > 0 && !average.applied) average.apply();
    } catch (error) {
      errors.push(error);
    }
  }

  // The whole run as it is now, and the way back: for a dry run.
  #remember(): () => void {
    const run = this.#state.parts();
    const bytes = encodeFor("fit", { ...run, gradients: true });
    const others = [this.train, ...(this.validation === null ? [] : [this.validation])]
      .filter((source) => source.hasPosition)
      .map((source): [Source, unknown] => [source, source.position]);
    const averages = this.settings.average?.state();
    return () => {
      prepareRestore("fit", run, decodeFor("fit", bytes))();
      for (const [source, position] of others) source.moveTo(position);
      if (averages !== undefined) this.settings.average?.loadState(averages);
    };
  }
}

async function firstOf(source: Source, count: number): Promise<readonly unknown[]> {
  const batches: unknown[] = [];
  const feed = await source.open();
  try {
    while (batches.length < count) {
      const { done, value } = (await feed.next()) as IteratorResult<unknown>;
      if (done === true) break;
      batches.push(value);
    }
  } finally {
    await feed.close();
  }
  if (batches.length === 0) source.refuseEmpty(false);
  return batches;
}

// A source without a position begins anew when a run is resumed within an epoch.
async function skip(feed: Feed, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (((await feed.next()) as IteratorResult<unknown>).done !== true) continue;
    throw new ArgumentError(
      `fit: expected at least the ${count} batches that were done before the resume, got ${i} (give the same data).`,
    );
  }
}
