// A run from the caller's side: what the worker says becomes history, progress, calls of callbacks and state of the caller's model.
// It starts nothing (hire.ts) and trains nothing (serveTraining.ts).
import type { BackendInfo } from "../backend/kernels.js";
import type { Line } from "../data/loader/lines.js";
import type { Layer } from "../nn/layer.js";
import type { Optimizer } from "../optim/optimizer.js";
import { callAll, type Callback } from "../train/callbacks.js";
import { History, type BatchRecord, type EpochRecord } from "../train/history.js";
import type { TrainingHandle } from "../train/handle.js";
import type { FitResult } from "../train/result.js";
import type { Brought, Counted, FromWorker, Heard, ModelState, ToWorker } from "./messages.js";
import { buffersOf, readModel, sameState, writeModel } from "./modelState.js";
import { optionsOf, writeOptimizer } from "./optimizerState.js";
import { unpackError } from "./packedError.js";
import { Stream, type TrainingProgress } from "./stream.js";
import type { WorkerSettings } from "./workerOptions.js";

type Said<K extends FromWorker["kind"]> = Extract<FromWorker, { readonly kind: K }>;

/** How a run came to its end in the worker. */
export interface RunEnd {
  readonly result: FitResult;
  readonly positions: Said<"end">["positions"];
  /** What it rejects with; undefined: it was a success. */
  readonly error: unknown;
  readonly failed: boolean;
}

/** A run that a worker makes. */
export class WorkerRun implements TrainingHandle {
  readonly model: Layer;
  readonly optimizers: readonly Optimizer[];
  readonly stream = new Stream();
  /** What the worker computes with; null before it does. */
  backend: BackendInfo | null = null;
  history = new History();
  readonly #callbacks: readonly Callback[];
  readonly #own: readonly (Optimizer | undefined)[];
  readonly #keepsRecords: boolean;
  readonly #ended: (end: RunEnd) => void;
  #line: Line | undefined;
  readonly #unsent: ToWorker[] = [];
  #counted: Counted;
  #paused = false;
  #callbackError: { readonly error: unknown } | undefined;
  #work: Promise<void> = Promise.resolve(); // messages one after the other, callbacks included

  /** `own`: the optimizer of the caller's, or none, at each place; `ended` is called with the end. */
  constructor(
    model: Layer,
    own: readonly (Optimizer | undefined)[],
    { callbacks, sent }: WorkerSettings,
    ended: (end: RunEnd) => void,
  ) {
    this.model = model;
    this.#own = own;
    this.optimizers = own.filter((optimizer) => optimizer !== undefined);
    this.#callbacks = callbacks;
    this.#keepsRecords = sent.batchHistory !== false;
    this.#ended = ended;
    const epochs = Number(sent.epochs);
    this.#counted = { epoch: 0, epochs, batch: 0, batches: null, samples: 0, runningLoss: NaN, steps: 0 };
  }

  get epoch(): number {
    return this.#counted.epoch;
  }

  get epochs(): number {
    return this.#counted.epochs;
  }

  get batch(): number {
    return this.#counted.batch;
  }

  get batches(): number | undefined {
    return this.#counted.batches ?? undefined;
  }

  get samples(): number {
    return this.#counted.samples;
  }

  get runningLoss(): number {
    return this.#counted.runningLoss;
  }

  get steps(): number {
    return this.#counted.steps;
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
    this.#post({ kind: "pause" });
  }

  resume(): void {
    this.#paused = false;
    this.#post({ kind: "resume" });
  }

  stop(reason: string = ""): void {
    this.#post({ kind: "stop", reason });
  }

  /** Tells the run to end as by the signal of fit. */
  abort(): void {
    this.#post({ kind: "abort" });
  }

  /** From now on there is a worker; what was asked for meanwhile is sent behind `start`. */
  connect(line: Line, start: ToWorker): void {
    this.#line = line;
    line.post(start);
    for (const message of this.#unsent.splice(0)) line.post(message);
  }

  /** A message of the worker. */
  hear(said: FromWorker): void {
    this.#work = this.#work
      .then(() => this.#take(said))
      .catch((error: unknown) => {
        const result: FitResult = { ended: "failed", reason: "", epochs: 0, best: null, history: this.history };
        this.#ended({ result, positions: [], failed: true, error });
      });
  }

  #post(message: ToWorker): void {
    if (this.#line === undefined) this.#unsent.push(message);
    else this.#line.post(message);
  }

  async #take(said: FromWorker): Promise<void> {
    if (said.kind === "ready") return;
    if (said.counted !== null) this.#counted = said.counted;
    await this.#records(said.records);
    if (said.kind === "progress") this.stream.tell(this.#progress(null));
    else if (said.kind === "wait") await this.#wait(said);
    else this.#end(said);
  }

  async #records(records: readonly BatchRecord[]): Promise<void> {
    const heard = this.#callbacks.some((callback) => callback.onBatchEnd !== undefined);
    for (const record of records) {
      if (this.#keepsRecords) this.history.addBatch(record);
      if (!heard || this.#callbackError !== undefined) continue;
      await this.#guarded(() => callAll(this.#callbacks, "onBatchEnd", this, record));
    }
  }

  async #wait({ method, record, brought, resumed, backend }: Said<"wait">): Promise<void> {
    this.backend ??= backend;
    if (resumed !== null) this.#goOn(resumed);
    if (brought !== null) this.#bring(brought);
    if (record !== null) this.history.addEpoch(record);
    const looks = method !== "onBatchEnd" && this.#callbacks.some((callback) => callback[method] !== undefined);
    const before = looks ? { model: readModel(this.model), optimizers: this.#optionsOf() } : null;
    await this.#guarded(async () => {
      if (method === "onEpochEnd") await callAll(this.#callbacks, method, this, record as EpochRecord);
      else if (method !== "onBatchEnd") await callAll(this.#callbacks, method, this);
    });
    if (record !== null) this.stream.tell(this.#progress(record));
    let states: Heard["states"] = [];
    await this.#guarded(() => (states = this.states()));
    const changes =
      before === null ? { model: null, optimizers: null } : this.#changes(before.model, before.optimizers);
    const heard: Heard = { failed: this.#callbackError !== undefined, ...changes, states };
    this.#line?.post({ kind: "heard", heard }, changes.model === null ? [] : buffersOf(changes.model));
  }

  #goOn({ history, states }: NonNullable<Said<"wait">["resumed"]>): void {
    this.history = History.from(history);
    const byName = new Map(states);
    for (const callback of this.#callbacks) {
      const { name } = callback;
      if (name !== undefined && byName.has(name)) callback.restore?.(byName.get(name) ?? null);
    }
  }

  /** The states of the callbacks that have one. */
  states(): Heard["states"] {
    return this.#callbacks.flatMap((callback) => {
      return callback.state === undefined || callback.name === undefined ? [] : [[callback.name, callback.state()]];
    });
  }

  #bring({ model, optimizers }: Brought): void {
    writeModel(this.model, model);
    const own = this.#own.filter((optimizer) => optimizer !== undefined);
    optimizers.forEach(({ memory, ...options }, i) => writeOptimizer(own[i], options, memory));
  }

  #optionsOf(): Heard["optimizers"] & object {
    return this.optimizers.map(optionsOf);
  }

  #changes(model: ModelState, optimizers: Heard["optimizers"] & object): Pick<Heard, "model" | "optimizers"> {
    const [now, options] = [readModel(this.model), this.#optionsOf()];
    return {
      model: sameState(model, now) ? null : now,
      optimizers: JSON.stringify(options) === JSON.stringify(optimizers) ? null : options,
    };
  }

  // The first error of a callback ends the run, in the worker, which puts the best weights back.
  async #guarded(work: () => unknown): Promise<void> {
    if (this.#callbackError !== undefined) return;
    try {
      await work();
    } catch (error) {
      this.#callbackError = { error };
      this.#post({ kind: "abort" });
    }
  }

  #end(said: Said<"end">): void {
    if (said.brought !== null) this.#bring(said.brought);
    const { result, error, why, positions } = said;
    const ended = this.#callbackError === undefined ? result.ended : "failed";
    this.#ended({
      result: { ...result, ended, history: this.history },
      positions,
      failed: why !== null || this.#callbackError !== undefined,
      error: this.#callbackError?.error ?? (why === "error" && error !== null ? unpackError(error) : undefined),
    });
  }

  #progress(record: EpochRecord | null): TrainingProgress {
    const { batches, ...counted } = this.#counted;
    return { ...counted, batches: batches ?? undefined, record };
  }
}
