// A result of an epoch that decides something: its name, which direction is better, and its value in a record.
import { oneOf, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { EpochRecord } from "./history.js";

/** Which result of an epoch is looked at, and which direction is better. */
export interface MonitorOptions {
  /** A name of the epoch's record. Default "valLoss". */
  readonly monitor?: string;
  /** "min" for losses, which is the default for names that end in "Loss"; all others say it. */
  readonly mode?: "min" | "max";
}

/** A checked monitor. */
export class Monitor {
  readonly name: string;
  readonly mode: "min" | "max";
  readonly #who: string;

  constructor(who: string, monitor: unknown = "valLoss", mode?: unknown) {
    if (typeof monitor !== "string" || monitor === "") {
      throw new ArgumentError(`${who}: expected monitor as a name such as "valLoss", got ${show(monitor)}.`);
    }
    if (mode === undefined && !/loss$/i.test(monitor)) {
      throw new ArgumentError(
        `${who}: expected mode "min" or "max" for monitor "${monitor}", got none (it is known for losses alone).`,
      );
    }
    this.#who = who;
    this.name = monitor;
    this.mode = mode === undefined ? "min" : oneOf(who, "mode", mode, ["min", "max"]);
  }

  /** Its value in a record; throws when there is none. */
  in(record: EpochRecord): number {
    const value = record[this.name];
    if (typeof value === "number") return value;
    const names = Object.keys(record).filter((name) => typeof record[name] === "number");
    throw new ArgumentError(
      `${this.#who}: expected a number "${this.name}" in the results of an epoch, got ${show(value)} (there are ` +
        `${names.join(", ")}${this.name.startsWith("val") ? "; val... needs validation data" : ""}).`,
    );
  }

  /** Whether a value is better than the best so far by more than `minDelta`; a NaN never is. */
  isBetter(value: number, best: number | null, minDelta: number = 0): boolean {
    if (Number.isNaN(value)) return false;
    if (best === null) return true;
    return this.mode === "min" ? value < best - minDelta : value > best + minDelta;
  }
}
