// A run on the worker's side: fit, between what the caller's side asks for and what it is told. How it is built is in buildRun.ts.
import { setConvAlgorithm } from "../backend/convAlgorithm.js";
import { backendInfo } from "../backend/select.js";
import type { Json } from "../nn/config.js";
import type { Layer } from "../nn/layer.js";
import { prepareRandomState } from "../numbers/random.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { Callback } from "../train/callbacks.js";
import { fit, type Training } from "../train/fit.js";
import type { TrainingHandle } from "../train/handle.js";
import type { BatchRecord, EpochRecord } from "../train/history.js";
import type { FitResult } from "../train/result.js";
import type { DataSource } from "../train/source.js";
import { buildData, positionOf } from "./buildData.js";
import { buildModel, buildOptions } from "./buildRun.js";
import type { Brought, Counted, FromWorker, Heard, Setup, ToWorker } from "./messages.js";
import { buffersOf, readModel, writeModel } from "./modelState.js";
import { buffersOfMemory, memoryOf, optionsOf, writeOptimizer } from "./optimizerState.js";
import { packError } from "./packedError.js";
import type { Served } from "./serveTraining.js";

type Tell = (message: FromWorker, transfer?: ArrayBuffer[]) => void;
type Waited = Extract<FromWorker, { readonly kind: "wait" }>["method"];

const TELL_MS = 50; // between two messages of progress

/** Rejects the run when a callback on the other side has thrown: the error itself stays there. */
class CallbackFailed extends Error {}

/** The one run of a worker. */
export class ServedRun {
  readonly #setup: Setup;
  readonly #served: Served;
  readonly #tell: Tell;
  readonly #abort = new AbortController();
  readonly #early: ToWorker[] = []; // what was asked for before training began
  readonly #states: Map<string, Json>;
  #restored = false;
  #training: Training | undefined;
  #model: Layer | undefined;
  #sources: readonly DataSource[] = [];
  #optimizers: readonly Optimizer[] = [];
  #records: BatchRecord[] = [];
  #told = 0;
  #heard: ((heard: Heard) => void) | undefined;
  #result: FitResult | undefined;
  #endThreads: () => Promise<unknown> = () => Promise.resolve();

  constructor(setup: Setup, served: Served, tell: Tell) {
    this.#setup = setup;
    this.#served = served;
    this.#tell = tell;
    this.#states = new Map(setup.states);
  }

  /** What the other side asks for. */
  hear(said: ToWorker): void {
    if (said.kind === "abort") this.#abort.abort();
    else if (said.kind === "heard") this.#heard?.(said.heard);
    else if (this.#training === undefined) this.#early.push(said);
    else if (said.kind === "stop") this.#training.stop(said.reason);
    else if (said.kind === "resume") this.#training.resume();
    else if (said.kind === "pause") {
      this.#training.pause();
      this.#progress(this.#training);
    }
  }

  /** The run, to its end; what came of it is told. */
  async run(): Promise<void> {
    let error: unknown;
    let failed = false;
    try {
      await this.#train();
    } catch (cause) {
      [error, failed] = [cause, true];
    }
    await this.#endThreads(); // a page ends them with the worker, but not at once
    try {
      this.#end(failed, error);
    } catch (cause) {
      this.#end(true, cause, false);
    }
  }

  async #train(): Promise<void> {
    const { model: packed, data, validation, random, algorithm, threads } = this.#setup;
    prepareRandomState("trainInWorker", random)();
    setConvAlgorithm(algorithm);
    if (threads > 1) {
      const { setThreads } = await import("../backend/wasm/runtime/threads.js");
      await setThreads(threads);
      this.#endThreads = () => setThreads(1);
    }
    const model = buildModel(packed, this.#served.layers);
    const source = await buildData(data, this.#served.data);
    const held = validation === "data" ? source : validation && (await buildData(validation, this.#served.data));
    const options = await buildOptions(this.#setup, model, this.#served);
    this.#model = model;
    this.#sources = held === null ? [source] : [source, held];
    this.#optimizers = options.optimizer as readonly Optimizer[];
    const { signal } = this.#abort;
    const callbacks = [this.#teller(), ...this.#keepers()];
    this.#training = fit(model, source, { ...options, ...(held !== null && { validation: held }), callbacks, signal });
    for (const said of this.#early.splice(0)) this.hear(said);
    await this.#training;
  }

  // Tells the other side, and waits where it wants that.
  #teller(): Callback {
    const { onEpochStart, onBatchEnd } = this.#setup.waits;
    return {
      onStart: (training) => this.#wait("onStart", training),
      ...(onEpochStart === "now" && { onEpochStart: (training) => this.#wait("onEpochStart", training) }),
      onBatchEnd: (training, record) => {
        this.#records.push(record);
        if (onBatchEnd === "now") return this.#wait("onBatchEnd", training);
        if (performance.now() - this.#told >= TELL_MS) this.#progress(training);
      },
      onEpochEnd: (training, record) => this.#wait("onEpochEnd", training, record),
      onEnd: (_training, result) => {
        this.#result = result;
      },
    };
  }

  // Stand in checkpoints for the callbacks with a state, under their names.
  #keepers(): Callback[] {
    return this.#setup.states.map(([name]) => ({
      name,
      state: () => this.#states.get(name) ?? null,
      restore: (state) => {
        this.#states.set(name, state);
        this.#restored = true;
      },
    }));
  }

  async #wait(method: Waited, training: TrainingHandle, record: EpochRecord | null = null): Promise<void> {
    const resumes = method === "onStart" && this.#setup.options.resume !== undefined;
    const brought = method === "onEpochEnd" || resumes ? this.#bring(false) : null;
    const answer = new Promise<Heard>((resolve) => (this.#heard = resolve));
    this.#tell(
      {
        kind: "wait",
        method,
        counted: countedOf(training),
        records: this.#takeRecords(),
        record,
        brought,
        resumed: resumes
          ? { history: training.history.toJSON(), states: this.#restored ? [...this.#states] : [] }
          : null,
        backend: method === "onStart" ? { ...backendInfo() } : null,
      },
      brought === null ? [] : transferOf(brought),
    );
    const { failed, model, optimizers, states } = await answer;
    this.#heard = undefined;
    if (failed) throw new CallbackFailed("a callback threw");
    for (const [name, state] of states) this.#states.set(name, state);
    if (model !== null && this.#model !== undefined) writeModel(this.#model, model);
    this.#own().forEach((optimizer, i) => optimizers !== null && writeOptimizer(optimizer, optimizers[i]));
  }

  #progress(training: TrainingHandle): void {
    // The latest record may still change: with accumulation an epoch's last step comes after its last batch was told.
    const latest = this.#records.pop();
    this.#tell({ kind: "progress", counted: countedOf(training), records: this.#takeRecords() });
    if (latest !== undefined) this.#records.push(latest);
  }

  #takeRecords(): BatchRecord[] {
    this.#told = performance.now();
    const records = this.#records;
    this.#records = [];
    return records;
  }

  // The optimizers that the caller has, too.
  #own(): readonly Optimizer[] {
    return this.#optimizers.filter((_, i) => !("spec" in this.#setup.optimizers[i]));
  }

  #bring(withMemory: boolean): Brought | null {
    if (this.#model === undefined) return null;
    return {
      model: readModel(this.#model),
      optimizers: this.#own().map((optimizer) => {
        return { ...optionsOf(optimizer), ...(withMemory && { memory: memoryOf(optimizer) }) };
      }),
    };
  }

  #end(failed: boolean, error: unknown, withState: boolean = true): void {
    const { signal } = this.#abort;
    const aborted = failed && signal.aborted && error === signal.reason;
    const why = !failed ? null : aborted ? "abort" : error instanceof CallbackFailed ? "callback" : "error";
    const brought = withState ? this.#bring(true) : null;
    const training = this.#training;
    const { ended, reason, epochs, best } = this.#result ?? { ended: "failed", reason: "", epochs: 0, best: null };
    this.#tell(
      {
        kind: "end",
        counted: training === undefined ? null : countedOf(training),
        records: this.#takeRecords(),
        result: { ended, reason, epochs, best },
        error: why === "error" ? packError(error) : null,
        why,
        brought,
        positions: this.#sources.map(positionOf),
      },
      brought === null ? [] : transferOf(brought),
    );
  }
}

function countedOf(training: TrainingHandle): Counted {
  const { epoch, epochs, batch, batches, samples, runningLoss, steps } = training;
  return { epoch, epochs, batch, batches: batches ?? null, samples, runningLoss, steps };
}

function transferOf({ model, optimizers }: Brought): ArrayBuffer[] {
  return [
    ...buffersOf(model),
    ...optimizers.flatMap(({ memory }) => (memory === undefined ? [] : buffersOfMemory(memory))),
  ];
}
