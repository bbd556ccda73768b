// The options of trainInWorker: those of fit, as far as they can be sent. Here is only what the caller's side has to know; the worker
// checks the rest, by the same code as fit.
import { isRecord, knownKeys, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { CheckpointsOptions } from "../checkpoints/openCheckpoints.js";
import type { Optimizer } from "../optim/optimizer.js";
import { checkCallbacks, type Callback } from "../train/callbacks.js";
import { checkSignal } from "../train/checks.js";
import type { FitOptions } from "../train/fitOptions.js";
import { isOptimizer } from "./optimizerState.js";
import type { AverageSpec, LossSpec, MetricSpec, OptimizerSpec, ScheduleSpec } from "./specs.js";

/** What of {@link FitOptions} is the same here. */
type Same =
  | "epochs"
  | "classWeight"
  | "trainMetrics"
  | "callbacks"
  | "restoreBest"
  | "signal"
  | "checkpointEvery"
  | "resume"
  | "clipNorm"
  | "clipValue"
  | "accumulate"
  | "nanGuard"
  | "dryRun"
  | "overfitBatches"
  | "batchHistory"
  | "yieldEvery";

/** What a module names that calls `serveTraining`, with what it needs. */
export interface Named {
  /** The name there. */
  readonly name: string;
  /** Plain data for it. */
  readonly args?: unknown;
}

/**
 * Options of `trainInWorker`: those of `fit`, with losses, optimizers, schedules, metrics and averages as plain data, because
 * objects of classes and functions cannot be sent.
 */
export interface WorkerOptions<Data = unknown> extends Pick<FitOptions, Same> {
  /** `{ type: "Adam", lr: 1e-3 }`, an optimizer of yours (whose state comes back, too), or several. Has no default. */
  readonly optimizer: OptimizerSpec | Optimizer | readonly (OptimizerSpec | Optimizer)[];
  /** `{ type: "CrossEntropy", labelSmoothing: 0.1 }`, or a name. Default "CrossEntropy". A module's own: `{ name, args }`. */
  readonly loss?: LossSpec | Named;
  /** Data that are looked at after each epoch, as `data`. Default: none. */
  readonly validation?: Data;
  /** Metrics by the names of their results, or a list of names: `["accuracy"]`. Default: none. A module's own: `{ name, args }`. */
  readonly metrics?: Readonly<Record<string, MetricSpec | Named>> | readonly (MetricSpec & string)[];
  /** Schedules that step after every step of the optimizer. */
  readonly batchSchedule?: ScheduleSpec | readonly ScheduleSpec[];
  /** Schedules that step after every epoch. */
  readonly epochSchedule?: ScheduleSpec | readonly ScheduleSpec[];
  /** Averaged weights, in the model at the end. Default: none. */
  readonly average?: AverageSpec;
  /** Where the worker stores checkpoints: the path of a folder in Node, the name of an IndexedDB database in a browser. */
  readonly checkpoints?: string | ({ readonly place: string } & CheckpointsOptions);
  /** How many threads the kernels have in the worker, as `setThreads`. Default 1. */
  readonly threads?: number;
  /** Starts a worker of yours, whose module calls `serveTraining`. Default: one that comes with the package. */
  readonly worker?: () => unknown;
}

const SENT = [
  ...["epochs", "loss", "classWeight", "metrics", "trainMetrics", "batchSchedule", "epochSchedule", "restoreBest"],
  ...["checkpoints", "checkpointEvery", "resume", "clipNorm", "clipValue", "accumulate", "average", "nanGuard"],
  ...["dryRun", "overfitBatches", "batchHistory", "yieldEvery"],
] as const;
const KEPT = ["optimizer", "validation", "callbacks", "signal", "threads", "worker"];

/** Checked options. */
export interface WorkerSettings {
  readonly optimizers: readonly (Optimizer | { readonly spec: unknown })[];
  readonly callbacks: readonly Callback[];
  readonly signal: AbortSignal | undefined;
  readonly threads: number;
  readonly worker: (() => unknown) | undefined;
  /** What is sent as it is. */
  readonly sent: Readonly<Record<string, unknown>>;
}

/** Throws for what cannot be used, or cannot be sent. */
export function readWorkerOptions(who: string, options: WorkerOptions): WorkerSettings {
  knownKeys(who, options, [...KEPT, ...SENT]);
  const { optimizer, callbacks = [], signal, threads = 1, worker } = options;
  if (optimizer === undefined) {
    throw new ArgumentError(
      `${who}: expected an optimizer, got none (it has no default: { optimizer: { type: "Adam", lr: 1e-3 } }).`,
    );
  }
  if (worker !== undefined && typeof worker !== "function") {
    throw new ArgumentError(
      `${who}: expected worker to be a function that starts one, got ${show(worker)} (worker: () => new Worker(new ` +
        `URL("./train.js", import.meta.url), { type: "module" })).`,
    );
  }
  const list: readonly unknown[] = Array.isArray(optimizer) ? optimizer : [optimizer];
  const sent = Object.fromEntries(SENT.map((name) => [name, sendable(who, name, options[name])]));
  return {
    optimizers: list.map((each) => (isOptimizer(each) ? each : { spec: sendable(who, "optimizer", each) })),
    callbacks: checkCallbacks(who, "callbacks", callbacks),
    signal: signal === undefined ? undefined : checkSignal(who, "signal", signal),
    threads: whole(who, "threads", threads, 1, 64),
    worker,
    sent,
  };
}

const AS_DATA: Readonly<Record<string, string>> = {
  loss: '{ type: "CrossEntropy", labelSmoothing: 0.1 }',
  metrics: '{ accuracy: "accuracy", f1: { type: "F1", average: "macro" } }',
  batchSchedule: '{ type: "OneCycleLR", maxLr: 0.01, totalSteps: 1000 }',
  epochSchedule: '{ type: "StepLR", stepSize: 10 }',
  average: '{ type: "EMA", decay: 0.99 }',
  checkpoints: '"runs/digits"',
  optimizer: '{ type: "Adam", lr: 1e-3 }',
};

// Plain data, tensors and typed arrays go as they are; a metric of this package says what it was made with.
function sendable(who: string, name: string, value: unknown, place: string = name): unknown {
  if (value === null || ["undefined", "boolean", "number", "string", "bigint"].includes(typeof value)) return value;
  if (ArrayBuffer.isView(value)) return value;
  if (typeof value === "object" && "numbers" in value && "shape" in value) return value; // a tensor
  if (Array.isArray(value)) return value.map((each, i) => sendable(who, name, each, `${place}[${i}]`));
  if (isMetric(value)) return { ...value.options, type: value.type };
  if (isRecord(value) && isPlainObject(value)) {
    const entries = Object.entries(value).map(([key, each]) => [key, sendable(who, name, each, `${place}.${key}`)]);
    return Object.fromEntries(entries) as unknown;
  }
  const example = AS_DATA[name] === undefined ? "" : `such as ${name}: ${AS_DATA[name]}; `;
  throw new ArgumentError(
    `${who}: expected ${place} as plain data that can be sent to a worker, got ${show(value)} (${example}functions and classes of ` +
      `your own go by a module of yours and serveTraining of handgrad/serve).`,
  );
}

function isMetric(value: unknown): value is { readonly type: string; readonly options: object } {
  const metric = value as { readonly type?: unknown; readonly options?: unknown; readonly compute?: unknown };
  return typeof metric.type === "string" && isRecord(metric.options) && typeof metric.compute === "function";
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
