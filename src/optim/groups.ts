// Groups of parameters: lists of them with options of their own, as PyTorch's. What a step does with them is not here.
import { knownKeys } from "../base/check.js";
import { readOptions, type OptionTable, type Settings } from "../base/options.js";
import type { Parameter } from "../nn/parameter.js";

/** Parameters with options of their own; what is not said is as in the optimizer's options. */
export type GroupOptions<O> = Partial<O> & {
  /** What it updates: a part of a model's parameters. */
  readonly params: Iterable<Parameter> | Parameter;
};

/** What an optimizer takes: parameters, or groups of them. */
export type ParametersOrGroups<O> = Iterable<Parameter | GroupOptions<O>>;

/** A group of an optimizer. Its options are live properties, checked when they are set. */
export type ParameterGroup<O> = Settings<O> & {
  /** What it updates. */
  readonly params: readonly Parameter[];
};

/** A group before its options are checked: `own` are those that were given with it. */
export interface GivenGroup {
  readonly who: string;
  readonly params: readonly Parameter[];
  readonly own: object;
}

/**
 * Parameters as one group, or the groups that were given; a parameter among groups is one by itself. Whether they are
 * parameters is left to the optimizer.
 */
export function splitGroups<O>(type: string, parameters: ParametersOrGroups<O>): readonly GivenGroup[] {
  if (!isIterable(parameters)) return [{ who: type, params: parameters, own: {} }];
  const list: readonly unknown[] = [...parameters];
  if (!list.some(isGroup)) return [{ who: type, params: list as Parameter[], own: {} }];
  return list.map((group, i) => {
    const { params, ...own } = isGroup(group) ? group : { params: group };
    return { who: list.length === 1 ? type : `${type} group ${i}`, params: listOf(params), own };
  });
}

/** The settings of each group: its own options and, for the rest, the optimizer's. */
export function readSettings<O extends object>(
  type: string,
  table: OptionTable<O>,
  groups: readonly GivenGroup[],
  options: object,
): Settings<O>[] {
  knownKeys(type, options, Object.keys(table));
  return groups.map(({ who, own }) => {
    const said = Object.entries(own).filter(([, value]) => value !== undefined);
    return readOptions(who, table, { ...options, ...Object.fromEntries(said) });
  });
}

function listOf(parameters: unknown): Parameter[] {
  return isIterable(parameters) ? ([...parameters] as Parameter[]) : [parameters as Parameter];
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && typeof value === "object" && Symbol.iterator in value;
}

function isGroup(value: unknown): value is { readonly params: unknown } {
  return value !== null && typeof value === "object" && Object.hasOwn(value, "params");
}
