// trainInWorker: fit in a worker, so that a page or a server never waits. This is the door on the caller's side: what is trained is made
// plain data, a worker is started, and what comes back goes into the caller's objects. What the worker does is serveTraining.ts.
import { convAlgorithm } from "../backend/convAlgorithm.js";
import { backendInfo } from "../backend/select.js";
import type { BackendInfo } from "../backend/kernels.js";
import { BackendError, StateError } from "../base/errors.js";
import type { DataLoader } from "../data/loader/dataLoader.js";
import type { Line } from "../data/loader/lines.js";
import type { Layer } from "../nn/layer.js";
import { randomState } from "../numbers/random.js";
import { callEnd, type Callback } from "../train/callbacks.js";
import { checkModel } from "../train/checks.js";
import { withHandle, type TrainingHandle } from "../train/handle.js";
import { claim } from "../train/inTraining.js";
import type { FitResult } from "../train/result.js";
import type { TrainBatch } from "../train/source.js";
import { hire } from "./hire.js";
import type { FromWorker, Setup, Waits } from "./messages.js";
import { packModel } from "./modelState.js";
import { isOptimizer, packOptimizer } from "./optimizerState.js";
import { follow, packSource } from "./packData.js";
import type { TrainingProgress } from "./stream.js";
import { readWorkerOptions, type WorkerOptions, type WorkerSettings } from "./workerOptions.js";
import { WorkerRun, type RunEnd } from "./workerRun.js";

/** Data that can be sent: what `batches` returns, a `DataLoader`, a list of batches, or those of a module that calls `serveTraining`. */
export type WorkerData =
  | { readonly length: number; readonly size: number; readonly samples: number; readonly position: object } // Batches
  | Pick<DataLoader<unknown>, "length" | "size" | "samples" | "position">
  | readonly TrainBatch[]
  | { readonly source: string; readonly args?: unknown };

/**
 * What {@link trainInWorker} returns: the promise of its result, which can be looked at and told to pause, go on or stop meanwhile,
 * and looped over with `for await`.
 */
export type WorkerTraining = Promise<FitResult> &
  TrainingHandle &
  AsyncIterable<TrainingProgress> & {
    /** What `backendInfo()` says in the worker, with its threads; null before training begins. */
    readonly backend: BackendInfo | null;
    /** Ends the worker at once; the promise rejects with a StateError. The model keeps what it had after its last epoch. */
    terminate(): void;
  };

const WHO = "trainInWorker";

/**
 * Trains a model in a worker, as `fit` does in this thread: the same steps, history and weights, bit for bit, while a page paints and
 * a server answers. The model stays yours. It has the run's weights after each epoch and at the end (the best ones, as in `fit`); between
 * them it may predict.
 *
 * Callbacks run in this thread. The run waits for `onStart`, `onEpochStart` and `onEpochEnd`, and takes over what they change in the
 * model or its optimizer; it does not wait for `onBatchEnd`, which is told of several batches at once. A `for await` loop gets the
 * progress some times a second, and each epoch.
 *
 * The worker is one of the package and ends with the run. A page must allow it: `worker-src 'self'` or `blob:`.
 *
 * @param data what `batches` returns, a `DataLoader` of data in memory or in a module, or a list of batches
 *
 * @example
 * const training = trainInWorker(model, batches(images, labels, { size: 64, shuffle: true }), {
 *   optimizer: { type: "Adam", lr: 1e-3 },
 *   epochs: 5,
 *   validation: batches(testImages, testLabels, { size: 500 }),
 *   metrics: ["accuracy"],
 * });
 * for await (const { epoch, runningLoss, record } of training) show(epoch, runningLoss, record);
 * const { best } = await training;
 *
 * @throws ArgumentError at once for what cannot be used or sent; the promise rejects with the error that ended training, a
 * BackendError where no worker starts or one dies, or the signal's reason
 * @throws StateError while this model is in training
 */
export function trainInWorker(model: Layer, data: WorkerData, options: WorkerOptions<WorkerData>): WorkerTraining {
  checkModel(WHO, model);
  const settings = readWorkerOptions(WHO, options);
  const { name } = backendInfo();
  if (name !== "wasm") {
    throw new BackendError(`${WHO}: expected the wasm backend, which a worker has, got ${name} (use fit with it).`);
  }
  const { validation } = options;
  const setup: Setup = {
    model: packModel(model),
    data: packSource(WHO, "data", data),
    validation:
      validation === undefined ? null : validation === data ? "data" : packSource(WHO, "validation", validation),
    optimizers: settings.optimizers.map((each) => (isOptimizer(each) ? packOptimizer(WHO, each, model) : each)),
    options: settings.sent,
    threads: settings.threads,
    algorithm: convAlgorithm(),
    random: randomState(),
    waits: waitsOf(settings),
    states: [],
  };
  const release = claim(WHO, model.parameters());
  const own = settings.optimizers.map((each) => (isOptimizer(each) ? each : undefined));
  let ended: (end: RunEnd) => void = () => undefined;
  const end = new Promise<RunEnd>((resolve) => (ended = resolve));
  const run = new WorkerRun(model, own, settings, ended);
  let terminate: () => void = () => undefined;
  const terminated = new Promise<never>((_, reject) => {
    terminate = () => reject(new StateError(`${WHO}: expected the run to come to its end, got terminate().`));
  });
  terminated.catch(() => undefined);
  const promise = train({ run, setup: { ...setup, states: run.states() }, settings, end, terminated }, (positions) => {
    [data, validation].forEach((source, i) => follow(source, positions[i] ?? null));
  }).finally(release);
  void promise.then(
    () => run.stream.end(false),
    (error: unknown) => run.stream.end(true, error),
  );
  const open = (): AsyncIterator<TrainingProgress> => {
    promise.catch(() => undefined); // the loop throws it
    return run.stream.open();
  };
  Object.defineProperty(promise, Symbol.asyncIterator, { value: open });
  Object.defineProperty(promise, "terminate", { value: terminate });
  Object.defineProperty(promise, "backend", { get: () => run.backend, enumerable: true });
  return withHandle(promise, run) as WorkerTraining;
}

interface Parts {
  readonly run: WorkerRun;
  readonly setup: Setup;
  readonly settings: WorkerSettings;
  readonly end: Promise<RunEnd>;
  readonly terminated: Promise<never>;
}

// From the start of the worker to its end. Whatever happens, the worker is ended and every callback's onEnd is called.
async function train(
  { run, setup, settings, end, terminated }: Parts,
  moveTo: (positions: RunEnd["positions"]) => void,
): Promise<FitResult> {
  const { signal, callbacks, worker } = settings;
  const abort = (): void => run.abort();
  let died: (why: string) => void = () => undefined;
  const dead = new Promise<never>((_, reject) => {
    died = (why) => reject(new BackendError(`${WHO}: expected a worker that trains to the end, got ${why} (${KEPT}).`));
  });
  dead.catch(() => undefined);
  let line: Line | undefined;
  let result: FitResult = { ended: "failed", reason: "", epochs: 0, best: null, history: run.history };
  const errors: unknown[] = [];
  try {
    signal?.throwIfAborted();
    const hired = hire(worker, { message: (said: FromWorker) => run.hear(said), failed: died });
    line = await unlessAborted(hired, signal, terminated);
    signal?.addEventListener("abort", abort);
    run.connect(line, { kind: "start", setup });
    const { positions, error, failed, result: got } = await Promise.race([end, dead, terminated]);
    result = got;
    moveTo(positions);
    if (failed) errors.push(error ?? signal?.reason);
  } catch (error) {
    errors.push(error);
    const aborted = signal?.aborted === true && error === signal.reason;
    result = { ...result, ended: aborted ? "aborted" : "failed", epochs: run.history.epochs.length };
  }
  signal?.removeEventListener("abort", abort);
  line?.end();
  errors.push(...(await callEnd(callbacks, run, { ...result, history: run.history })));
  if (errors.length > 0) throw errors[0];
  return result;
}

const KEPT = "the model has the weights of the last epoch that ended";

// A worker that comes when nobody wants it any more is ended.
async function unlessAborted(
  hired: Promise<Line>,
  signal: AbortSignal | undefined,
  terminated: Promise<never>,
): Promise<Line> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([hired, aborted, terminated]);
  } catch (error) {
    hired.then(
      (line) => line.end(),
      () => undefined,
    );
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

// A run whose checkpoints hold states of callbacks waits for each of their calls, so that state and weights are of one moment.
function waitsOf({ callbacks, sent }: WorkerSettings): Waits {
  const has = (method: keyof Callback): boolean => callbacks.some((callback) => callback[method] !== undefined);
  const stored = sent.checkpoints !== undefined && callbacks.some(({ state, onBatchEnd }) => state && onBatchEnd);
  return {
    onStart: "now",
    onEpochStart: has("onEpochStart") ? "now" : "never",
    onBatchEnd: stored ? "now" : "later",
    onEpochEnd: "now",
  };
}
