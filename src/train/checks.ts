// Checks of the arguments that several functions of training take.
import { isRecord, show } from "../base/check.js";
import { LAYER, OPTIMIZER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { Layer } from "../nn/layer.js";
import { Generator } from "../numbers/random.js";
import { Optimizer } from "../optim/optimizer.js";
import { LRScheduler } from "../optim/schedules/scheduler.js";

/** Throws unless this is a model. */
export function checkModel(who: string, model: unknown): Layer {
  if (model instanceof Layer) return model;
  const hint = insideOf(model) === undefined ? fromOtherCopy(model, LAYER) : " (give its model: loaded.model)";
  throw new ArgumentError(`${who}: expected a model, got ${show(model)}${hint}.`);
}

/** A model, or the one in what loadModel gives: for those who only look. */
export function checkReadModel(who: string, model: unknown): Layer {
  return insideOf(model) ?? checkModel(who, model);
}

function insideOf(loaded: unknown): Layer | undefined {
  const inner = typeof loaded === "object" && loaded !== null && "model" in loaded ? loaded.model : undefined;
  return !(loaded instanceof Layer) && inner instanceof Layer ? inner : undefined;
}

/** Throws unless this is an AbortSignal. */
export function checkSignal(who: string, name: string, signal: unknown): AbortSignal {
  const given = signal as Partial<AbortSignal> | null;
  const isObject = typeof given === "object" && given !== null;
  if (isObject && typeof given.aborted === "boolean" && typeof given.addEventListener === "function") {
    return given as AbortSignal;
  }
  const remedy = isObject && "signal" in given ? " (give its signal)" : "";
  throw new ArgumentError(`${who}: expected ${name} to be an AbortSignal, got ${show(signal)}${remedy}.`);
}

/** Throws unless these are generators by name. */
export function checkGenerators(who: string, name: string, value: unknown): Readonly<Record<string, Generator>> {
  const odd = isRecord(value) ? Object.entries(value).find(([, each]) => !(each instanceof Generator)) : [name, value];
  if (odd === undefined) return value as Readonly<Record<string, Generator>>;
  throw new ArgumentError(
    `${who}: expected ${name} by name, such as { noise }, got ${show(odd[1])} as ${String(odd[0])}.`,
  );
}

/** One or several optimizers, as a list. */
export function checkOptimizers(who: string, name: string, value: unknown): readonly Optimizer[] {
  return listOf(who, name, value, Optimizer, "an Optimizer such as new Adam(model.parameters())", OPTIMIZER);
}

/** One or several schedules, or none, as a list. */
export function checkSchedules(who: string, name: string, value: unknown): readonly LRScheduler[] {
  if (Array.isArray(value) && value.length === 0) return [];
  return listOf(who, name, value, LRScheduler, "a schedule such as new OneCycleLR(...)");
}

function listOf<T>(
  who: string,
  name: string,
  value: unknown,
  type: abstract new (...args: never[]) => T,
  kind: string,
  brand?: symbol,
): readonly T[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new ArgumentError(`${who}: expected ${name} to be ${kind}, got none.`);
  list.forEach((item, i) => {
    const place = Array.isArray(value) ? `${name}[${i}]` : name;
    if (!(item instanceof type)) {
      const hint = brand === undefined ? "" : fromOtherCopy(item, brand);
      throw new ArgumentError(`${who}: expected ${place} to be ${kind}, got ${show(item)}${hint}.`);
    }
    if (list.indexOf(item) !== i) throw new ArgumentError(`${who}: expected each of ${name} once, got one twice.`);
  });
  return list as readonly T[];
}
