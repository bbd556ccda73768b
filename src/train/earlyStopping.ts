// earlyStopping: ends training when a result has not improved for some epochs.
import { finite, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { readOptions, type OptionTable } from "../base/options.js";
import type { Json } from "../nn/config.js";
import type { Callback } from "./callbacks.js";
import { Monitor, type MonitorOptions } from "./monitor.js";

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** How many epochs without improvement are waited for, at least 0: training ends with the one after. Default 3. */
  readonly patience?: number;
  /** Less than this is no improvement. Default 0. */
  readonly minDelta?: number;
  /** Epochs at the start that do not count. Default 0. */
  readonly startAfter?: number;
}

const atLeast0 = (who: string, name: string, value: unknown): number => whole(who, name, value, 0);
const any = (_who: string, _name: string, value: unknown): unknown => value; // the monitor checks these

const OPTIONS = {
  monitor: { check: any, default: "valLoss" },
  mode: { check: any },
  patience: { check: atLeast0, default: 3 },
  minDelta: { check: (who, name, value) => finite(who, name, value, 0), default: 0 },
  startAfter: { check: atLeast0, default: 0 },
} as OptionTable<EarlyStoppingOptions>;

/**
 * A callback that stops training after more than `patience` epochs in a row without a better value of what it monitors. The
 * weights of the best epoch are put back by `fit` itself (`restoreBest`).
 *
 * @example
 * const result = await fit(model, data, { ...options, validation, callbacks: [earlyStopping({ patience: 5 })] });
 * console.log(result.ended, result.reason, result.best);
 *
 * @throws ArgumentError for an unusable option; in training, for a result that does not exist
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const who = "earlyStopping";
  const { monitor: name, mode, patience, minDelta, startAfter } = readOptions(who, OPTIONS, options);
  const monitor = new Monitor(who, name, mode);
  let best: number | null = null;
  let bad = 0; // epochs in a row
  let resumed = false;
  const reason = (): string =>
    `${monitor.name} did not improve on ${String(best)} for ${bad} ${bad === 1 ? "epoch" : "epochs"}`;
  return {
    name: `earlyStopping ${monitor.name}`,
    onStart(training) {
      if (!resumed)
        [best, bad] = [null, 0]; // it may have served another run
      else if (bad > patience) training.stop(reason());
      resumed = false;
    },
    onEpochEnd(training, record) {
      const value = monitor.in(record);
      if (record.epoch <= startAfter) return;
      if (monitor.isBetter(value, best, minDelta)) [best, bad] = [value, 0];
      else bad++;
      if (bad > patience) training.stop(reason());
    },
    state: (): Json => ({ best, bad }),
    restore(state) {
      const given = state as { best?: unknown; bad?: unknown } | null;
      if (typeof given !== "object" || (given?.best !== null && typeof given?.best !== "number")) {
        throw new ArgumentError(`${who}: expected its state, got ${show(state)}.`);
      }
      [best, bad] = [given.best, whole(who, "bad", given.bad, 0)];
      resumed = true;
    },
  };
}
