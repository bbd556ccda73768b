// progress: says how training goes, by a bar with the time left where there is a terminal, else by one line an epoch.
import { flag, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import type { Callback } from "./callbacks.js";
import type { TrainingHandle } from "./handle.js";
import type { EpochRecord } from "./history.js";

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** Takes the text; lines end with "\n". Default: standard output, where there is one; in a page it must be given. */
  readonly write?: (text: string) => void;
  /** Whether the text goes to a terminal, where a line can be written over. Default: whether standard output is one. */
  readonly terminal?: boolean;
  /** Cells of the bar. Default 24. */
  readonly width?: number;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const OPTIONS: OptionTable<Required<ProgressOptions>> = {
  write: { check: checkWrite }, // standard output
  terminal: { check: flag },
  width: { check: (who, name, value) => whole(who, name, value, 1), default: 24 },
};

const EVERY = 100; // milliseconds between two drawings of the bar
const CLEAR = "\r\u001b[K"; // to the start of the line, and the rest of it away

/**
 * A callback that reports: in a terminal a bar with the running loss, samples a second and the time left, which becomes one line
 * at the epoch's end; elsewhere (a log, a file, a page) that one line alone.
 *
 * @example
 * await fit(model, data, { ...options, callbacks: [progress()] });
 * // epoch 3/10  runningLoss 0.1203  valLoss 0.0811  valAccuracy 0.9752  12.4 s
 *
 * @throws ArgumentError for an unusable option, and where there is no standard output and no `write`
 */
export function progress(options: ProgressOptions = {}): Callback {
  const who = "progress";
  const given = readOptions(who, OPTIONS, options);
  const { stdout } = ((globalThis as { process?: unknown }).process ?? {}) as { stdout?: Stream };
  if (given.write === undefined && stdout === undefined) {
    throw new ArgumentError(`${who}: expected { write } where there is no standard output, got none.`);
  }
  const write = given.write ?? ((text: string): void => void stdout?.write(text));
  const terminal = given.terminal ?? (given.write === undefined && stdout?.isTTY === true);
  let drawn = 0; // when the bar was drawn last; 0: it is not there
  let began = { at: 0, samples: 0, batch: 0 };
  const remove = (): void => {
    if (drawn > 0) write(CLEAR);
    drawn = 0;
  };
  return {
    onStart() {
      [began, drawn] = [{ at: 0, samples: 0, batch: 0 }, 0];
    },
    onEpochStart(training) {
      began = { at: performance.now(), samples: training.samples, batch: training.batch };
    },
    onBatchEnd(training) {
      const now = performance.now();
      if (began.at === 0) began = { at: now, samples: training.samples, batch: training.batch }; // resumed within an epoch
      if (!terminal || now - drawn < EVERY) return;
      drawn = now;
      write(CLEAR + bar(training, began, (now - began.at) / 1000, given.width));
    },
    onEpochEnd(training, record) {
      remove();
      write(`${lineOf(training.epochs, record)}\n`);
    },
    onEnd(_training, { ended, reason, best }) {
      remove();
      if (ended !== "completed") write(`${ended}${reason === "" ? "" : `: ${reason}`}\n`);
      if (best !== null) write(`best: epoch ${best.epoch}, ${best.monitor} ${short(best.value)}\n`);
    },
  };
}

function lineOf(epochs: number, record: EpochRecord): string {
  const skipped = ["epoch", "batches", "samples", "seconds", "lr"];
  const results = Object.entries(record).filter(([name, value]) => {
    return typeof value === "number" && !skipped.includes(name) && !/^lr\d+$/.test(name);
  });
  const parts = results.map(([name, value]) => `${name} ${short(value as number)}`);
  return [`epoch ${record.epoch}/${epochs}`, ...parts, `${(record.seconds as number).toFixed(1)} s`].join("  ");
}

// epoch 2/5 [======......] 310/938  loss 0.1031  5,120 samples/s  00:12 left
function bar(
  training: TrainingHandle,
  began: { readonly samples: number; readonly batch: number },
  seconds: number,
  width: number,
): string {
  const { epoch, epochs, batch, batches, samples, runningLoss } = training;
  const rate = seconds > 0 ? (samples - began.samples) / seconds : 0;
  const parts = [`loss ${short(runningLoss)}`, `${thousands(rate)} samples/s`];
  if (batches === undefined) return [`epoch ${epoch}/${epochs}`, `batch ${batch}`, ...parts].join("  ");
  const full = Math.min(width, Math.round((width * batch) / batches));
  const done = batch - began.batch;
  if (done > 0) parts.push(`${clock((seconds / done) * (batches - batch))} left`);
  const drawing = `[${"=".repeat(full)}${".".repeat(width - full)}]`;
  return [`epoch ${epoch}/${epochs} ${drawing} ${batch}/${batches}`, ...parts].join("  ");
}

// Four digits behind the point; those that would show as 0 in powers of ten.
function short(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(2) : value.toFixed(4);
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (part: number): string => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

function checkWrite(who: string, name: string, value: unknown): (text: string) => void {
  if (typeof value === "function") return value as (text: string) => void;
  throw new ArgumentError(`${who}: expected ${name} to be a function of a text, got ${show(value)}.`);
}

// 12345.6 as "12,346".
function thousands(rate: number): string {
  return String(Math.round(rate)).replace(/\B(?=(\d{3})+$)/g, ",");
}
