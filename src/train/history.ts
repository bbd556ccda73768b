// The history of a training run as data: a row for each epoch and one for each batch, as JSON and as CSV.
import { oneOf, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { fromJson, toJson } from "../files/plain.js";
import type { Json } from "../nn/config.js";

/**
 * An epoch: its number from 1, batches and samples that it trained on, seconds, the learning rate of its last step (`lr1`, `lr2`, ...
 * of further groups), and the results under their names:
 *
 * - `runningLoss`, `runningAccuracy`: means over the epoch's batches, each by the weights of that moment (early batches by
 *   worse ones, and with dropout), so they are no result of one model
 * - `trainLoss`, `trainAccuracy`: by the weights after the epoch, in eval mode (`trainMetrics: "after"`)
 * - `valLoss`, `valAccuracy`: of the validation data, by the weights after the epoch, in eval mode
 */
export type EpochRecord = Readonly<Record<string, Json>> & {
  /** From 1. */
  readonly epoch: number;
};

/** A batch of training: the loss before its step. */
export interface BatchRecord {
  /** The epoch, from 1. */
  readonly epoch: number;
  /** The batch in its epoch, from 1. */
  readonly batch: number;
  /** The loss of this batch. */
  readonly loss: number;
  /** The learning rate of the first group. */
  readonly lr: number;
  /** The norm of all gradients before clipping; null for a batch without a step (accumulation), or where it is not looked at. */
  readonly gradNorm: number | null;
}

/** What {@link History.toJSON} gives: the batches by columns. */
export interface HistoryJson {
  /** The epochs. */
  readonly epochs: readonly Json[];
  /** A list of numbers for each column. */
  readonly batches: Readonly<Record<keyof BatchRecord, readonly Json[]>>;
}

const COLUMNS = ["epoch", "batch", "loss", "lr", "gradNorm"] as const;

/** The history of a run. */
export class History {
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #epochs: EpochRecord[] = [];
  readonly #batches: BatchRecord[] = [];

  /** One record for each epoch that was ended. */
  get epochs(): readonly EpochRecord[] {
    return this.#epochs;
  }

  /** One record for each batch, also of an epoch that was not ended. */
  get batches(): readonly BatchRecord[] {
    return this.#batches;
  }

  /** The names of the results in the epochs' records, in their order: `valLoss`, ... */
  get columns(): readonly string[] {
    return [...new Set(this.#epochs.flatMap((record) => Object.keys(record)))];
  }

  /** A column of the epochs, NaN where there is no number: `history.column("valLoss")`. */
  column(name: string): number[] {
    const values = this.#epochs.map((record) => record[name]);
    return values.map((value) => (typeof value === "number" ? value : NaN));
  }

  /** @internal */
  addEpoch(record: EpochRecord): void {
    this.#epochs.push(record);
  }

  /** @internal */
  addBatch(record: BatchRecord): void {
    this.#batches.push(record);
  }

  /** Plain data with every number, NaN and infinities too; {@link History.from} reads it. */
  toJSON(): HistoryJson {
    const json = (value: unknown): Json => toJson("History", "the history", value);
    const columns = COLUMNS.map((name) => [name, this.#batches.map((record) => json(record[name]))]);
    return { epochs: this.#epochs.map(json), batches: Object.fromEntries(columns) as HistoryJson["batches"] };
  }

  /**
   * The history that was written as JSON.
   *
   * @throws ArgumentError for anything else
   */
  static from(json: unknown): History {
    const { epochs, batches } = (json ?? {}) as Partial<HistoryJson>;
    const lists = COLUMNS.map((name) => batches?.[name]);
    const rows = lists[0]?.length ?? 0;
    if (!Array.isArray(epochs) || !lists.every((list) => Array.isArray(list) && list.length === rows)) {
      throw new ArgumentError(`History.from: expected what JSON.stringify(history) wrote, parsed, got ${show(json)}.`);
    }
    const history = new History();
    for (const record of epochs) history.addEpoch(fromJson(record) as EpochRecord);
    for (let i = 0; i < rows; i++) {
      const entries = COLUMNS.map((name, c) => [name, fromJson((lists[c] as readonly Json[])[i])]);
      history.addBatch(Object.fromEntries(entries) as BatchRecord);
    }
    return history;
  }

  /**
   * A table for spreadsheets: a header and a line for each record, commas between, the decimal point a point. What is no number
   * (a confusion matrix) is left out.
   *
   * @param rows "epochs" (default) or "batches"
   */
  toCSV(rows: "epochs" | "batches" = "epochs"): string {
    oneOf("History.toCSV", "rows", rows, ["epochs", "batches"]);
    const records = (rows === "epochs" ? this.#epochs : this.#batches) as readonly Readonly<Record<string, unknown>>[];
    const all = rows === "epochs" ? this.columns : COLUMNS;
    const names = all.filter(
      (name) => rows === "batches" || records.some((record) => typeof record[name] === "number"),
    );
    const cell = (value: unknown): string => (typeof value === "number" ? String(value) : "");
    const quoted = (name: string): string => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
    const lines = records.map((record) => names.map((name) => cell(record[name])).join(","));
    return [names.map(quoted).join(","), ...lines].join("\n") + "\n";
  }
}
