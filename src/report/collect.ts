// The callback that remembers for a report what a history does not hold: how each sample was predicted after each epoch.
import { isRecord, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import type { Json } from "../nn/config.js";
import { getSeed } from "../numbers/random.js";
import type { Callback } from "../train/callbacks.js";
import type { TrainingHandle } from "../train/handle.js";
import type { DataSource } from "../train/source.js";
import { gather } from "./predictions.js";

/** Options of {@link collectForReport}. */
export interface CollectOptions {
  /** After every so many epochs. Default 1. */
  readonly every?: number;
  /** Its name among the states of a checkpoint. Default "report". */
  readonly name?: string;
}

const checkName = (who: string, name: string, value: unknown): string => {
  if (typeof value === "string" && value !== "") return value;
  throw new ArgumentError(`${who}: expected ${name} as a text, got ${show(value)}.`);
};

const OPTIONS: OptionTable<{ every: number; name: string }> = {
  every: { check: (who, name, value) => whole(who, name, value, 1), default: 1 },
  name: { check: checkName, default: "report" },
};

/** The predictions after an epoch. */
export interface CollectedEpoch {
  /** From 1. */
  readonly epoch: number;
  /** The predicted class of each sample. */
  readonly predicted: readonly number[];
}

/** What was collected, as plain data. */
export interface Collected {
  /** The seed of the run. */
  readonly seed: number;
  /** How many classes the model tells apart. */
  readonly classes: number;
  /** The class of each sample. */
  readonly labels: readonly number[];
  /** By epoch. */
  readonly epochs: readonly CollectedEpoch[];
}

/** A callback of `fit`, and what it collected. */
export interface ReportCollector extends Callback {
  /** What was collected so far, as plain data for JSON. */
  toJSON(): Collected;
}

/**
 * A callback for `fit` that predicts `data` after each epoch, so that a report's confusion matrix can be looked at epoch by epoch,
 * and shows in its cells which pictures were there then. The data must come in the same order every time. A run that is resumed
 * goes on with what was collected before.
 *
 * @example
 * const collected = collectForReport(validation);
 * const result = await fit(model, data, { optimizer, epochs: 2, validation, callbacks: [collected] });
 * const page = await htmlReport({ ...result, model, data: validation, collected });
 *
 * @throws ArgumentError for an unusable option; while training, when the labels come in another order than before
 */
export function collectForReport(data: DataSource, options: CollectOptions = {}): ReportCollector {
  const who = "collectForReport";
  const { every, name } = readOptions(who, OPTIONS, options);
  let collected: Collected = { seed: getSeed(), classes: 0, labels: [], epochs: [] };
  return {
    name,
    onStart() {
      if (collected.epochs.length === 0) collected = { ...collected, seed: getSeed() };
    },
    async onEpochEnd(training: TrainingHandle, { epoch }) {
      if (epoch % every !== 0 && epoch !== training.epochs) return;
      const { labels, predicted, classes } = await gather(who, training.model, data, 0, 0);
      const before = collected.labels;
      if (before.length > 0 && (before.length !== labels.length || before.some((label, i) => label !== labels[i]))) {
        throw new ArgumentError(
          `${who}: expected the samples in the same order after every epoch, got other labels after epoch ${epoch} ` +
            `(give data that are not shuffled: batches(images, labels, { size: 500 })).`,
        );
      }
      const others = collected.epochs.filter((record) => record.epoch < epoch);
      collected = { ...collected, classes, labels, epochs: [...others, { epoch, predicted }] };
    },
    state: () => collected as unknown as Json,
    restore(state) {
      collected = readCollected(who, "state", state);
    },
    toJSON: () => collected,
  };
}

/** Throws unless this was written by a collector, or is one. */
export function readCollected(who: string, name: string, value: unknown): Collected {
  const given =
    isRecord(value) && typeof value.toJSON === "function" ? (value.toJSON as () => unknown).call(value) : value;
  const { seed, classes, labels, epochs } = (isRecord(given) ? given : {}) as Partial<Collected>;
  const isClass = (item: unknown): boolean => Number.isSafeInteger(item) && (item as number) >= 0 && (item as number) < Number(classes); // prettier-ignore
  const isList = (list: unknown): boolean =>
    Array.isArray(list) && list.length === labels?.length && list.every(isClass);
  const isEpoch = (record: Partial<CollectedEpoch> | null): boolean => Number.isSafeInteger(record?.epoch) && isList(record?.predicted); // prettier-ignore
  const holds =
    Number.isSafeInteger(seed) &&
    Number.isSafeInteger(classes) &&
    isList(labels) &&
    Array.isArray(epochs) &&
    epochs.every(isEpoch);
  if (holds) return given as Collected;
  throw new ArgumentError(
    `${who}: expected ${name} as collectForReport(...) or what JSON.stringify wrote of it, parsed, got ${show(value)}.`,
  );
}
