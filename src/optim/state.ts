// The state of an optimizer as numbers and tensors, and the checks on its way back in. What a step computes with it is not here.
import { finite, knownKeys, nearestHint, show, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Json } from "../nn/config.js";
import type { Parameter } from "../nn/parameter.js";
import { formatShape, sameShape } from "../base/shape.js";
import { checkTensor, type Tensor } from "../base/tensor.js";

/** What an optimizer keeps for one parameter: how many steps it made, and tensors of the parameter's shape. */
export type ParameterState = Readonly<Record<string, number | Tensor>>;

/**
 * An optimizer's options and what it keeps for each of its parameters, by the parameter's index as in PyTorch. All but the
 * tensors is plain JSON.
 */
export interface OptimizerState {
  /** Name of the class. */
  readonly type: string;
  /** Its options as they were, all of them; with several groups those of the first. */
  readonly options: { readonly [name: string]: Json };
  /** One entry for each parameter; null for one that has not been updated yet. */
  readonly state: readonly (ParameterState | null)[];
  /** With several groups of parameters: how many each has and its options, in order. Absent for one group. */
  readonly groups?: readonly GroupState[];
}

/** A group of parameters in the state of an optimizer. */
export interface GroupState {
  /** How many parameters it has: they follow those of the group before it. */
  readonly size: number;
  /** Its options, all of them. */
  readonly options: { readonly [name: string]: Json };
}

/**
 * What the state of a parameter has, by name: a count from 1, a number, a tensor of the parameter's shape, or such a tensor
 * that may be absent.
 */
export type StateFields = Readonly<Record<string, "count" | "number" | "tensor" | "optional tensor">>;

/** A copy: later steps do not change it. */
export function copyState({ state, ...rest }: OptimizerState): OptimizerState {
  const copy = (entry: ParameterState): ParameterState =>
    Object.fromEntries(Object.entries(entry).map(([name, x]) => [name, typeof x === "number" ? x : x.clone()]));
  return { ...rest, state: state.map((entry) => entry && copy(entry)) };
}

/** Throws unless `value` is a state of an optimizer of this type for these parameters; its options are not looked at. */
export function checkOptimizerState(
  who: string,
  type: string,
  parameters: readonly Parameter[],
  value: unknown,
): OptimizerState {
  const given = value as OptimizerState;
  knownKeys(who, given, ["type", "options", "state", ...(given?.groups === undefined ? [] : ["groups"])]);
  if (given.type !== type) {
    throw new ArgumentError(`${who}: expected the state of ${type}, got that of ${show(given.type)}.`);
  }
  if (!Array.isArray(given.state)) {
    throw new ArgumentError(`${who}: expected state to be a list, got ${show(given.state)}.`);
  }
  if (given.state.length !== parameters.length) {
    throw new ArgumentError(
      `${who}: expected the state of ${parameters.length} parameters, got that of ${given.state.length} (it belongs to ` +
        `another model).`,
    );
  }
  return given;
}

/** Throws unless `options` has exactly these names; the values are left to the optimizer. */
export function checkOptionNames(who: string, options: unknown, names: readonly string[]): void {
  knownKeys(who, options, names);
  const missing = names.filter((name) => !Object.hasOwn(options as object, name));
  if (missing.length === 0) return;
  throw new ArgumentError(
    `${who}: expected all of the options ${names.join(", ")}, got none of ${missing.join(", ")}.`,
  );
}

/** The options of each group of a state; throws unless the groups are of these sizes. */
export function checkGroups(
  who: string,
  sizes: readonly number[],
  { options, state, groups = [{ size: state.length, options }] }: OptimizerState,
): readonly OptimizerState["options"][] {
  const list = groups as readonly (GroupState | null)[];
  const given = Array.isArray(groups) ? list.map((group) => group?.size) : [groups];
  if (given.length !== sizes.length || given.some((size, i) => size !== sizes[i])) {
    throw new ArgumentError(
      `${who}: expected the state of groups of ${show(sizes)} parameters, got that of ${show(given)} (make the optimizer ` +
        `with the same groups).`,
    );
  }
  return (groups as readonly GroupState[]).map(({ options }) => options);
}

/** Throws unless the state of each parameter has these fields, and tensors of the parameter's shape and number format. */
export function checkParameterStates(
  who: string,
  parameters: readonly Parameter[],
  state: OptimizerState["state"],
  fields: StateFields,
): void {
  const known = Object.keys(fields);
  state.forEach((entry, i) => {
    const place = `state[${i}]`;
    if (entry === null) return;
    if (typeof entry !== "object") {
      throw new ArgumentError(`${who}: expected ${place} to be an object or null, got ${show(entry)}.`);
    }
    for (const name of Object.keys(entry)) {
      if (known.includes(name)) continue;
      const hint = nearestHint(name, known);
      throw new ArgumentError(`${who}: expected ${place} to have ${known.join(", ")}, got "${name}"${hint || "."}`);
    }
    for (const [name, kind] of Object.entries(fields)) {
      const field = `${place}.${name}`;
      if (kind === "count") whole(who, field, entry[name], 1);
      else if (kind === "number") finite(who, field, entry[name]);
      else if (kind === "tensor" || Object.hasOwn(entry, name)) checkLike(who, field, parameters[i], entry[name]);
    }
  });
}

function checkLike(who: string, name: string, parameter: Parameter, value: unknown): void {
  const { shape, dtype } = checkTensor(who, name, value);
  if (!sameShape(shape, parameter.shape)) {
    throw new ShapeError(
      `${who}: expected ${name} of the parameter's shape ${formatShape(parameter.shape)}, got ${formatShape(shape)} ` +
        `(the state belongs to another model).`,
    );
  }
  if (dtype !== parameter.value.dtype) {
    throw new ArgumentError(
      `${who}: expected ${name} in ${parameter.value.dtype} as its parameter, got ${dtype} (convert it with ` +
        `${parameter.value.dtype === "float32" ? "toFloat32" : "toFloat64"}()).`,
    );
  }
}
