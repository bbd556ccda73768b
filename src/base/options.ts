// Options by a table: each one once, with its check and its default. What the options mean is not here.
import { finite, knownKeys } from "./check.js";
import { ArgumentError } from "./errors.js";

/** Throws unless a value is usable; returns what is kept of it. */
export type Check<T> = (who: string, name: string, value: unknown) => T;

/** One option: how it is checked, and its default; or, where it has none, what the error says was expected. */
export type Option<T> =
  { readonly check: Check<T>; readonly default: T } | { readonly check: Check<T>; readonly missing: string };

/** The options of a type O, in the order in which messages and files list them. */
export type OptionTable<O> = { readonly [K in keyof O]-?: Option<Required<O>[K]> };

/** Checked options, complete. */
export type Settings<O> = { -readonly [K in keyof O]-?: Required<O>[K] };

/** Throws unless `options` has only options of the table, each of them usable; those not given have their defaults. */
export function readOptions<O extends object>(who: string, table: OptionTable<O>, options: object): Settings<O> {
  const names = Object.keys(table) as (keyof O & string)[];
  knownKeys(who, options, names);
  const given = options as Readonly<Record<string, unknown>>;
  const settings = names.map((name): [string, unknown] => {
    const option = table[name];
    if (given[name] !== undefined) return [name, option.check(who, name, given[name])];
    if ("missing" in option) throw new ArgumentError(`${who}: expected ${option.missing}.`);
    return [name, option.check(who, name, option.default)]; // what is kept may be a copy
  });
  return Object.fromEntries(settings) as Settings<O>;
}

/** A check for finite numbers of at least 0. */
export function atLeast0(who: string, name: string, value: unknown): number {
  return finite(who, name, value, 0);
}
