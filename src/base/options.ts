// Options by a table: name, check and default of each stand once, and whoever takes such options reads them through it. What
// the options mean is not here.
import { finite, flag, knownKeys, show, whole } from "./check.js";
import { ArgumentError } from "./errors.js";
import { pair, type Pair } from "./shape.js";

/** Throws unless the value is usable; returns what is kept of it, in its full form (a pair for a number). */
export type Check<T> = (who: string, name: string, value: unknown) => T;

/** One option. */
export interface Option<T> {
  readonly check: Check<T>;
  /** In any form that the check takes, or a function of the checked arguments and options before it; undefined: there is none. */
  readonly default?: unknown;
  /** For an option that must be given: what the error says was expected. */
  readonly missing?: string;
}

/** The options of a type O, in the order in which messages and files list them. */
export type OptionTable<O = Readonly<Record<string, unknown>>> = { readonly [K in keyof O]-?: Option<Required<O>[K]> };

/** Checked options, complete. */
export type Settings<O> = { -readonly [K in keyof O]-?: Required<O>[K] };

/** The checked options of a table. */
export type OptionsOf<T> = { readonly [K in keyof T]: T[K] extends { readonly check: Check<infer V> } ? V : never };

/** A function that works out a default from the arguments before it. */
type FromArguments = (given: Readonly<Record<string, unknown>>) => unknown;

/**
 * The options in full, each checked; those not given have their defaults, which may depend on `args` and on the options
 * before them.
 *
 * @throws ArgumentError for an unknown name, an unusable value, or none for an option that must be given
 */
export function readOptions<O extends object>(
  who: string,
  table: OptionTable<O>,
  given: unknown,
  args: Readonly<Record<string, unknown>> = {},
): Settings<O> {
  const names = Object.keys(table) as (keyof O & string)[];
  knownKeys(who, given, names);
  const values = given as Readonly<Record<string, unknown>>;
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const { check, missing } = table[name];
    if (values[name] !== undefined) read[name] = check(who, name, values[name]);
    else if (missing !== undefined) throw new ArgumentError(`${who}: expected ${missing}.`);
    else read[name] = defaultOf(who, table[name], name, { ...args, ...read });
  }
  return read as Settings<O>;
}

/** An option's default in its full form (a copy, if that is one). */
export function defaultOf(
  who: string,
  { check, default: otherwise }: Option<unknown>,
  name: string,
  args: Readonly<Record<string, unknown>>,
): unknown {
  const value: unknown = typeof otherwise === "function" ? (otherwise as FromArguments)(args) : otherwise;
  return value === undefined ? undefined : check(who, name, value);
}

// Checks are plain functions and tables plain objects, without calls: a bundler then leaves out those that an app does not use.

/** A whole number of at least 1. */
export const positive: Check<number> = (who, name, value) => whole(who, name, value, 1);

/** A whole number of at least 0. */
export const wholeFrom0: Check<number> = (who, name, value) => whole(who, name, value, 0);

/** A whole number of any sign. */
export const anyWhole: Check<number> = (who, name, value) => whole(who, name, value, -Infinity);

/** A finite number of any sign. */
export const anyFinite: Check<number> = (who, name, value) => finite(who, name, value);

/** A finite number of at least 0. */
export const atLeast0: Check<number> = (who, name, value) => finite(who, name, value, 0);

/** A finite number above 0. */
export const above0: Check<number> = (who, name, value) => {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a finite number above 0, got ${show(value)}.`);
};

/** A finite number from 0 to 1. */
export const fraction: Check<number> = (who, name, value) => finite(who, name, value, 0, 1);

/** One whole number of at least 1 for both directions, or [vertical, horizontal]. */
export const positivePair: Check<Pair> = (who, name, value) => pair(who, name, value, 1);

/** One whole number of at least 0 for both directions, or [vertical, horizontal]. */
export const pairFrom0: Check<Pair> = (who, name, value) => pair(who, name, value, 0);

/** true or false. */
export const trueOrFalse: Check<boolean> = (who, name, value) => flag(who, name, value);
