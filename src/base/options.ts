// Options as a table: name, check and default of each stand once, and whoever takes such options reads them through it.
import { flag, finite, knownKeys, oneOf, whole } from "./check.js";
import { pair, type Pair } from "./shape.js";

/** Throws unless the value is usable; returns it in its full form (a pair for a number). */
export type Check<T> = (who: string, name: string, value: unknown) => T;

/** One option: its check, and what it is where it is not given. */
export interface Option<T> {
  readonly check: Check<T>;
  /** In any form that the check takes, or a function of the checked arguments; undefined: there is none. */
  readonly otherwise: unknown;
}

/** Options by name. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** What {@link readOptions} gives for a table. */
export type OptionsOf<T extends OptionTable> = { readonly [K in keyof T]: ReturnType<T[K]["check"]> };

/** An option with a check and a default. */
export function option<T>(check: Check<T>, otherwise?: unknown): Option<T> {
  return { check, otherwise };
}

/** A function that works out a default from the arguments before it. */
export type FromArguments = (given: Readonly<Record<string, unknown>>) => unknown;

/**
 * The options in full, each checked; `args` is what defaults may depend on.
 *
 * @throws ArgumentError for an unknown name or an unusable value
 */
export function readOptions<T extends OptionTable>(
  who: string,
  table: T,
  given: unknown,
  args: Readonly<Record<string, unknown>> = {},
): OptionsOf<T> {
  knownKeys(who, given, Object.keys(table));
  const read: Record<string, unknown> = {};
  for (const [name, { check }] of Object.entries(table)) {
    const value = (given as Record<string, unknown>)[name];
    read[name] = value === undefined ? defaultOf(who, table, name, args) : check(who, name, value);
  }
  return read as OptionsOf<T>;
}

/** An option's default in its full form. */
export function defaultOf(
  who: string,
  table: OptionTable,
  name: string,
  args: Readonly<Record<string, unknown>>,
): unknown {
  const { check, otherwise } = table[name];
  const value: unknown = typeof otherwise === "function" ? (otherwise as FromArguments)(args) : otherwise;
  return value === undefined ? undefined : check(who, name, value);
}

/** A whole number in [min, max]. */
export function wholeFrom(min: number, max?: number): Check<number> {
  return (who, name, value) => whole(who, name, value, min, max);
}

/** A whole number of any sign. */
export const anyWhole: Check<number> = (who, name, value) => whole(who, name, value, -Infinity);

/** A finite number in [min, max]. */
export function finiteFrom(min?: number, max?: number): Check<number> {
  return (who, name, value) => finite(who, name, value, min, max);
}

/** One whole number of at least `min` for both directions, or [vertical, horizontal]. */
export function pairFrom(min: number): Check<Pair> {
  return (who, name, value) => pair(who, name, value, min);
}

/** true or false. */
export const trueOrFalse: Check<boolean> = flag;

/** One of some words. */
export function wordOf<T extends string>(...words: readonly T[]): Check<T> {
  return (who, name, value) => oneOf(who, name, value, words);
}

/** Whatever the check takes, or null. */
export function orNull<T>(check: Check<T>): Check<T | null> {
  return (who, name, value) => (value === null ? null : check(who, name, value));
}

/** Whatever the check takes, or nothing. */
export function orNone<T>(check: Check<T>): Check<T | undefined> {
  return check;
}
