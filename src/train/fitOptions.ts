// The options of fit: their meaning, their defaults, their checks.
import { finite, flag, isRecord, oneOf, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable, type Settings } from "../base/options.js";
import { Checkpoints, type ReadOptions } from "../checkpoints/checkpoints.js";
import { CrossEntropy } from "../loss/crossEntropy.js";
import { readClassWeight } from "../loss/labels.js";
import type { Generator } from "../numbers/random.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { LRScheduler } from "../optim/schedules/scheduler.js";
import { AveragedWeights } from "./averagedWeights.js";
import { checkCallbacks, type Callback } from "./callbacks.js";
import { checkGenerators, checkOptimizers, checkSchedules, checkSignal } from "./checks.js";
import { checkLoss, checkMetrics, type Metrics, type TrainLoss } from "./measure.js";
import { Monitor, type MonitorOptions } from "./monitor.js";
import type { DataSource } from "./source.js";

/** Options of {@link fit}. */
export interface FitOptions {
  /** The optimizer, or several of them that all step together. Has no default. */
  readonly optimizer: Optimizer | readonly Optimizer[];
  /** How many epochs there are to be in all, also before a resume. Has no default. */
  readonly epochs: number;
  /** What is minimized. Default `new CrossEntropy()`. */
  readonly loss?: TrainLoss;
  /** A factor for each class, for the default loss; see `classWeights`. Another loss takes its own weight. */
  readonly classWeight?: readonly number[];
  /** Data that are looked at after each epoch and never learned from. Default: none. */
  readonly validation?: DataSource;
  /** Metrics by name, of training and of validation. Default: none. */
  readonly metrics?: Metrics;
  /**
   * What is said of the training data: "running" means over the epoch while the weights change (`runningLoss`, ...), or "after":
   * the data once more after the epoch, in eval mode, as the validation data are (`trainLoss`, ... beside the `runningLoss`).
   * Default "running".
   */
  readonly trainMetrics?: "running" | "after";
  /** Schedules that step after every step of the optimizer, such as OneCycleLR. */
  readonly batchSchedule?: LRScheduler | readonly LRScheduler[];
  /** Schedules that step after every epoch; ReduceLROnPlateau is given the result that `restoreBest` looks at. */
  readonly epochSchedule?: LRScheduler | readonly LRScheduler[];
  /** What is called in between. Default: nothing. */
  readonly callbacks?: readonly Callback[];
  /**
   * Whether, however training ends, the weights and buffers of the best epoch are put back, and what the best is. Default: the
   * smallest `valLoss`; without validation data the last weights stay.
   */
  readonly restoreBest?: boolean | MonitorOptions;
  /** Ends training after the batch at hand: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Where checkpoints are stored: after every epoch, and when training is stopped or aborted within one. */
  readonly checkpoints?: Checkpoints;
  /** Also after so many batches within an epoch. Default: none there. */
  readonly checkpointEvery?: number;
  /**
   * Goes on from the latest checkpoint, or begins where there is none; an object says which one, and whether a damaged one is
   * passed over. Default false.
   */
  readonly resume?: boolean | ReadOptions;
  /** Generators of your own that loss, data or callbacks draw from: they go into checkpoints. */
  readonly generators?: Readonly<Record<string, Generator>>;
  /** The largest norm of all gradients together; larger ones are scaled down to it. Default: no limit. */
  readonly clipNorm?: number;
  /** The largest absolute value of a gradient; larger ones are cut. Default: no limit. */
  readonly clipValue?: number;
  /**
   * How many batches make one step: the gradient is that of the mean over all of them. The last step of an epoch takes what is
   * left. Default 1.
   */
  readonly accumulate?: number;
  /** Averaged weights: updated in training, looked at in validation, and in the model at the end. Default: none. */
  readonly average?: AveragedWeights;
  /** Whether a loss or gradient that is not finite ends training by an AnomalyError naming layer and batch. Default true. */
  readonly nanGuard?: boolean;
  /** Tries everything with one batch (or so many) of each data set, then puts all back: model, optimizers, data. Default false. */
  readonly dryRun?: boolean | number;
  /** Takes the same first so many batches in every epoch, for training and validation: a model that learns gets them right. */
  readonly overfitBatches?: number;
  /** Whether the history has a record for each batch. Default true. */
  readonly batchHistory?: boolean;
  /** Milliseconds of work between two moments in which others may run. Default 16. */
  readonly yieldEvery?: number;
}

interface Kept {
  readonly optimizer: readonly Optimizer[];
  readonly epochs: number;
  readonly loss: TrainLoss;
  readonly classWeight: readonly number[] | null | undefined;
  readonly validation: unknown;
  readonly metrics: Metrics;
  readonly trainMetrics: "running" | "after";
  readonly batchSchedule: readonly LRScheduler[];
  readonly epochSchedule: readonly LRScheduler[];
  readonly callbacks: readonly Callback[];
  readonly restoreBest: Monitor | null;
  readonly signal: AbortSignal | undefined;
  readonly checkpoints: Checkpoints | undefined;
  readonly checkpointEvery: number;
  readonly resume: ReadOptions | false;
  readonly generators: Readonly<Record<string, Generator>>;
  readonly clipNorm: number;
  readonly clipValue: number;
  readonly accumulate: number;
  readonly average: AveragedWeights | undefined;
  readonly nanGuard: boolean;
  readonly dryRun: number;
  readonly overfitBatches: number;
  readonly batchHistory: boolean;
  readonly yieldEvery: number;
}

/** Checked options, complete. */
export type FitSettings = Settings<Kept>;

const any = (_who: string, _name: string, value: unknown): never => value as never;
const from1 = (who: string, name: string, value: unknown): number => whole(who, name, value, 1);
const orNone = (who: string, name: string, value: unknown): number => (value === Infinity ? Infinity : from1(who, name, value)); // prettier-ignore
const limit = (who: string, name: string, value: unknown): number => (value === Infinity ? Infinity : finite(who, name, value, 0)); // prettier-ignore

const OPTIONS: OptionTable<Kept> = {
  optimizer: {
    check: checkOptimizers,
    missing: "an optimizer, got none (it has no default: { optimizer: new Adam(model.parameters()) })",
  },
  epochs: { check: from1, missing: "a number of epochs, got none (it has no default: { epochs: 10 })" },
  loss: { check: checkLoss }, // CrossEntropy, with the weights of classes
  classWeight: { check: readClassWeight }, // none
  validation: { check: any }, // none
  metrics: { check: checkMetrics, default: {} },
  trainMetrics: { check: (who, name, value) => oneOf(who, name, value, ["running", "after"]), default: "running" },
  batchSchedule: { check: checkSchedules, default: [] },
  epochSchedule: { check: checkSchedules, default: [] },
  callbacks: { check: checkCallbacks, default: [] },
  restoreBest: { check: readBest }, // depends on whether there are validation data
  signal: { check: checkSignal }, // none
  checkpoints: { check: checkCheckpoints }, // none
  checkpointEvery: { check: orNone, default: Infinity },
  resume: { check: readResume, default: false },
  generators: { check: checkGenerators, default: {} },
  clipNorm: { check: limit, default: Infinity },
  clipValue: { check: limit, default: Infinity },
  accumulate: { check: from1, default: 1 },
  average: { check: checkAverage }, // none
  nanGuard: { check: flag, default: true },
  dryRun: { check: readDryRun, default: false },
  overfitBatches: { check: (who, name, value) => whole(who, name, value, 0), default: 0 },
  batchHistory: { check: flag, default: true },
  yieldEvery: { check: (who, name, value) => whole(who, name, value, 0), default: 16 },
};

/** The options in full; throws for what cannot be used, or not together. */
export function readFitOptions(who: string, options: FitOptions): FitSettings {
  const settings = readOptions(who, OPTIONS, options);
  const { classWeight } = settings;
  const refuse = (expected: string, got: string): never => {
    throw new ArgumentError(`${who}: expected ${expected}, got ${got}.`);
  };
  if (settings.loss === undefined) {
    settings.loss = new CrossEntropy(classWeight ? { weight: classWeight } : {});
  } else if (classWeight !== undefined) {
    refuse(
      "classWeight for the default loss alone",
      "a loss beside it (give it the weight: new CrossEntropy({ weight }))",
    );
  }
  if (options.restoreBest === undefined && settings.validation !== undefined) settings.restoreBest = new Monitor(who);
  settings.restoreBest ??= null;
  const { restoreBest, validation } = settings;
  if (restoreBest?.name.startsWith("val") === true && validation === undefined) {
    refuse(`validation data for restoreBest, which looks at ${restoreBest.name}`, "none");
  }
  const { checkpoints, resume, checkpointEvery, dryRun, overfitBatches, batchSchedule, epochSchedule } = settings;
  if (checkpoints === undefined && resume !== false) {
    refuse("checkpoints to resume from", "none (open some: await openCheckpoints(path))");
  }
  if (checkpoints === undefined && checkpointEvery !== Infinity) refuse("checkpoints for checkpointEvery", "none");
  if (overfitBatches > 0 && checkpoints !== undefined) refuse("overfitBatches without checkpoints", "both");
  if (overfitBatches > 0 && dryRun > 0) refuse("dryRun or overfitBatches", "both");
  const both = batchSchedule.find((schedule) => epochSchedule.includes(schedule));
  if (both !== undefined) refuse("each schedule in batchSchedule or in epochSchedule", "one in both");
  const foreign = [...batchSchedule, ...epochSchedule].some(({ optimizer }) => !settings.optimizer.includes(optimizer));
  if (foreign) refuse("schedules of the optimizers that are given", "one of another");
  return settings;
}

function readBest(who: string, _name: string, value: unknown): Monitor | null {
  if (value === false) return null;
  if (value === true) return new Monitor(`${who}: restoreBest`);
  if (typeof value !== "object" || value === null) {
    throw new ArgumentError(`${who}: expected restoreBest to be true, false or { monitor, mode }, got ${show(value)}.`);
  }
  const { monitor, mode, ...others } = value as MonitorOptions & Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new ArgumentError(`${who}: unknown option "${unknown}" of restoreBest (options: monitor, mode).`);
  }
  return new Monitor(`${who}: restoreBest`, monitor, mode);
}

function readResume(who: string, name: string, value: unknown): ReadOptions | false {
  if (typeof value === "boolean") return value && {};
  if (isRecord(value)) return value; // the checkpoints check what is in it
  throw new ArgumentError(`${who}: expected ${name} to be true, false or { which, fallback }, got ${show(value)}.`);
}

function readDryRun(who: string, name: string, value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  return whole(who, name, value, 0);
}

function checkCheckpoints(who: string, name: string, value: unknown): Checkpoints {
  if (value instanceof Checkpoints) return value;
  const remedy = typeof value === "string" ? `await openCheckpoints(${show(value)})` : "await openCheckpoints(path)";
  throw new ArgumentError(`${who}: expected ${name} as openCheckpoints gives them, got ${show(value)} (${remedy}).`);
}

function checkAverage(who: string, name: string, value: unknown): AveragedWeights {
  if (value instanceof AveragedWeights) return value;
  throw new ArgumentError(`${who}: expected ${name} to be new EMA(model) or new SWA(model), got ${show(value)}.`);
}
