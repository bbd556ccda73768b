// The runs that a report is about: what may be said of one, and how it is read.
import { isRecord, knownKeys, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";
import { toJson } from "../files/plain.js";
import type { Json } from "../nn/config.js";
import type { Layer } from "../nn/layer.js";
import { Summary } from "../nn/summary.js";
import { checkModel } from "../train/checks.js";
import { History, type EpochRecord, type HistoryJson } from "../train/history.js";
import { Monitor, type MonitorOptions } from "../train/monitor.js";
import type { BestEpoch, FitResult } from "../train/result.js";
import type { DataSource } from "../train/source.js";
import { readCollected, type Collected, type ReportCollector } from "./collect.js";
import { gather, gatherGiven, type Gathered, type ReportPredictions } from "./predictions.js";

/**
 * A run: what `fit` resolved with, and what else there is to be shown, `{ ...result, model, data: validation }`. Only the history
 * has to be there.
 */
export interface ReportRun extends Partial<Omit<FitResult, "history">> {
  /** Epochs and batches, or what JSON.stringify wrote of them, parsed. */
  readonly history: History | HistoryJson;
  /** What the run is called. Default "run 1", ... */
  readonly name?: string;
  /** For its layers and its first filters; with `data`, also for confusion matrix, mistakes and calibration. */
  readonly model?: Layer;
  /** Batches of images and classes that the model is judged by, as it is now: those of validation. */
  readonly data?: DataSource;
  /** The same where the predictions are there already. */
  readonly predictions?: ReportPredictions;
  /** What `collectForReport` collected, or its JSON: the confusion matrix by epoch. */
  readonly collected?: ReportCollector | Collected;
  /** Shape of an input [C, H, W] for the table of layers. Default: that of the images. */
  readonly inputShape?: Shape;
  /** Settings of the run, any plain data. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Default: the seed that was collected. */
  readonly seed?: number;
  /**
   * Where the model looked: for mistaken images [K, C, H, W] and the classes that were predicted, heat maps [K, H, W] from 0 to 1.
   * False for none. Default: Grad-CAM of the model.
   */
  readonly heatmaps?: false | ((images: Tensor, classes: Int32Array) => Tensor | Promise<Tensor>);
}

/** A run that has been read. */
export interface ReadRun {
  readonly name: string;
  readonly history: History;
  readonly ended: FitResult["ended"] | null;
  readonly reason: string;
  readonly model: Layer | null;
  readonly summary: Summary | null;
  readonly gathered: Gathered | null;
  readonly collected: Collected | null;
  readonly settings: readonly (readonly [name: string, value: Json])[];
  readonly seed: number | null;
  readonly heatmaps: ReportRun["heatmaps"];
  /** The epoch whose weights are in the model, by fit. */
  readonly best: BestEpoch | null;
}

const KEYS = [
  ...[
    "history",
    "ended",
    "reason",
    "epochs",
    "best",
    "name",
    "model",
    "data",
    "predictions",
    "collected",
    "inputShape",
  ],
  ...["settings", "seed", "heatmaps"],
];

/** Reads a run, and predicts its data. */
export async function readRun(
  who: string,
  run: unknown,
  number: number,
  most: number,
  first: number,
): Promise<ReadRun> {
  const place = `${who} run ${number}`;
  if (run instanceof History) {
    throw new ArgumentError(`${who}: expected a run as { history }, got a History (write htmlReport({ history })).`);
  }
  knownKeys(place, run, KEYS);
  const {
    history,
    name = `run ${number}`,
    ended = null,
    reason = "",
    best = null,
    heatmaps,
    ...rest
  } = run as ReportRun;
  if (typeof name !== "string") throw new ArgumentError(`${place}: expected name as a text, got ${show(name)}.`);
  if (heatmaps !== undefined && heatmaps !== false && typeof heatmaps !== "function") {
    throw new ArgumentError(
      `${place}: expected heatmaps as a function of images and classes, or false, got ${show(heatmaps)}.`,
    );
  }
  const model = rest.model === undefined ? null : checkModel(place, rest.model);
  const collected = rest.collected === undefined ? null : readCollected(place, "collected", rest.collected);
  const read = readHistory(place, history);
  const gathered = await predictionsOf(place, rest, model, most, first);
  if (gathered !== null && collected !== null && gathered.labels.some((label, i) => label !== collected.labels[i])) {
    throw new ArgumentError(
      `${place}: expected the samples in the order in which they were collected, got other labels (give the same data).`,
    );
  }
  const shape = rest.inputShape ?? gathered?.sampleShape;
  return {
    ...{ name, history: read, ended, reason, model, collected, gathered, heatmaps, best },
    summary: model === null || shape === undefined || shape === null ? null : new Summary(model, shape),
    settings: flattened(place, rest.settings),
    seed: readSeed(place, rest.seed) ?? collected?.seed ?? null,
  };
}

function readHistory(who: string, history: unknown): History {
  if (history instanceof History) return history;
  if (isRecord(history)) return History.from(history);
  // Of another copy of the package: read through its JSON.
  const { toJSON } = (history ?? {}) as { toJSON?: () => unknown };
  if (typeof toJSON === "function") return History.from(toJSON.call(history));
  throw new ArgumentError(`${who}: expected history as fit gives it, or its JSON, got ${show(history)}.`);
}

async function predictionsOf(
  who: string,
  { data, predictions }: Omit<ReportRun, "history">,
  model: Layer | null,
  most: number,
  first: number,
): Promise<Gathered | null> {
  if (data !== undefined && predictions !== undefined) {
    throw new ArgumentError(`${who}: expected data or predictions, got both.`);
  }
  if (predictions !== undefined) {
    knownKeys(`${who} predictions`, predictions, ["outputs", "labels", "images", "probabilities"]);
    return gatherGiven(who, predictions, most, first);
  }
  if (data === undefined) return null;
  if (model === null) throw new ArgumentError(`${who}: expected a model for the data, got none.`);
  return gather(who, model, data, most, first);
}

function readSeed(who: string, seed: unknown): number | undefined {
  if (seed === undefined || typeof seed === "number") return seed;
  throw new ArgumentError(`${who}: expected seed as a number, got ${show(seed)}.`);
}

// { optimizer: { lr: 0.1 } } as ["optimizer.lr", 0.1].
function flattened(who: string, settings: unknown): [string, Json][] {
  if (settings === undefined) return [];
  if (!isRecord(settings)) throw new ArgumentError(`${who}: expected settings by name, got ${show(settings)}.`);
  toJson(who, "settings", settings); // throws for what is no plain data
  const walk = (prefix: string, value: unknown): [string, Json][] => {
    if (!isRecord(value) || Object.keys(value).length === 0) return [[prefix, value as Json]];
    return Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .flatMap(([key, item]) => walk(prefix === "" ? key : `${prefix}.${key}`, item));
  };
  return Object.keys(settings).length === 0 ? [] : walk("", settings);
}

/** Which result decides what the best epoch is: the one that is asked for, else what fit looked at, else a loss. */
export function monitorOf(who: string, runs: readonly ReadRun[], given: MonitorOptions | undefined): Monitor | null {
  if (given !== undefined) {
    knownKeys(`${who} best`, given, ["monitor", "mode"]);
    return new Monitor(who, given.monitor, given.mode);
  }
  const fitted = runs.find(({ best }) => best !== null);
  if (fitted !== undefined && fitted.best !== null) {
    const { monitor, value } = fitted.best;
    const all = fitted.history.column(monitor);
    return new Monitor(who, monitor, all.some((other) => other < value) ? "max" : "min");
  }
  const names = ["valLoss", "trainLoss", "runningLoss"];
  const found = names.find((name) => runs.some(({ history }) => history.columns.includes(name)));
  return found === undefined ? null : new Monitor(who, found);
}

/** The best epoch of a run by a monitor; null where there is no value. */
export function bestOf(
  history: History,
  monitor: Monitor | null,
): { readonly record: EpochRecord; readonly value: number } | null {
  let best: { record: EpochRecord; value: number } | null = null;
  for (const record of history.epochs) {
    const value = monitor === null ? undefined : record[monitor.name];
    if (typeof value === "number" && monitor?.isBetter(value, best?.value ?? null) === true) best = { record, value };
  }
  return best;
}
