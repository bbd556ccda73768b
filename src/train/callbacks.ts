// Callbacks: the one type of them, and how a run calls them.
import { nearestHint, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Json } from "../nn/config.js";
import type { FitResult } from "./result.js";
import type { BatchRecord, EpochRecord } from "./history.js";
import type { TrainingHandle } from "./handle.js";

/**
 * What is called while a model is trained. Each method may be left out, may be async, and is waited for. Callbacks are called one
 * after the other, in the order of the list. An error in one ends the training: the best weights are put back, every callback's
 * `onEnd` is called, and `fit` rejects with the error.
 *
 * With `state` and `restore` it goes on where it was when a run is resumed: they are called for every checkpoint.
 */
export interface Callback {
  /** Its name among the states of a checkpoint: needed with `state`, different from the others'. */
  readonly name?: string;
  /** Before the first batch, when all is checked; after `restore` when the run is resumed. */
  onStart?(training: TrainingHandle): void | Promise<void>;
  /** Before the first batch of an epoch. */
  onEpochStart?(training: TrainingHandle): void | Promise<void>;
  /** After each batch of training. */
  onBatchEnd?(training: TrainingHandle, record: BatchRecord): void | Promise<void>;
  /** After each epoch, with its validation. */
  onEpochEnd?(training: TrainingHandle, record: EpochRecord): void | Promise<void>;
  /** However training ends: the best weights are in the model then. `result.ended` says how. */
  onEnd?(training: TrainingHandle, result: FitResult): void | Promise<void>;
  /** What it needs to go on, as plain data. */
  state?(): Json;
  /** Goes on from what `state` gave. */
  restore?(state: Json): void;
}

const METHODS = ["onStart", "onEpochStart", "onBatchEnd", "onEpochEnd", "onEnd", "state", "restore"] as const;
type Called = "onStart" | "onEpochStart" | "onBatchEnd" | "onEpochEnd";

/** Throws unless these are callbacks; a copy of the list. */
export function checkCallbacks(who: string, _name: string, value: unknown): readonly Callback[] {
  if (!Array.isArray(value)) {
    throw new ArgumentError(`${who}: expected callbacks as a list, got ${show(value)} (write [callback]).`);
  }
  const names = new Set<string>();
  return (value as unknown[]).map((item, i) => {
    const callback = item as Callback | null;
    const known = typeof callback === "object" && callback !== null && METHODS.some((name) => name in callback);
    if (!known) {
      const remedy =
        typeof item === "function" ? " (a function is one as { onEpochEnd: f }; call earlyStopping(...))" : "";
      throw new ArgumentError(
        `${who}: expected callback ${i} to be an object with ${METHODS.join(", ")}, got ${show(item)}${remedy}.`,
      );
    }
    const wrong = METHODS.find((name) => callback[name] !== undefined && typeof callback[name] !== "function");
    if (wrong !== undefined) {
      throw new ArgumentError(
        `${who}: expected ${wrong} of callback ${i} to be a function, got ${show(callback[wrong])}.`,
      );
    }
    const odd = keysOf(callback).find((key) => /^on[A-Z]/.test(key) && !METHODS.includes(key as "onEnd"));
    if (odd !== undefined) {
      const hint = nearestHint(odd, METHODS);
      throw new ArgumentError(
        `${who}: expected callback ${i} to have ${METHODS.join(", ")}, got "${odd}"${hint || "."}`,
      );
    }
    if (callback.state === undefined && callback.restore === undefined) return callback;
    const { name } = callback;
    const complete = callback.state !== undefined && callback.restore !== undefined;
    if (!complete || typeof name !== "string" || name === "") {
      throw new ArgumentError(`${who}: expected callback ${i} to have state, restore and a name, or none of them.`);
    }
    if (names.has(name)) {
      throw new ArgumentError(`${who}: expected callbacks with state to have different names, got "${name}" twice.`);
    }
    names.add(name);
    return callback;
  });
}

// Of the object and, for one of a class, of its methods.
function keysOf(callback: object): string[] {
  const prototype = Object.getPrototypeOf(callback) as object | null;
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return [...Object.keys(callback), ...(isPlain ? [] : Object.getOwnPropertyNames(prototype))];
}

/** Calls a method of all that have it, one after the other. */
export async function callAll<K extends Called>(
  callbacks: readonly Callback[],
  method: K,
  ...args: Parameters<NonNullable<Callback[K]>>
): Promise<void> {
  for (const callback of callbacks) {
    await (callback[method] as ((...args: unknown[]) => void | Promise<void>) | undefined)?.(...args);
  }
}

/** Calls `onEnd` of all, whatever they throw; the first error. */
export async function callEnd(
  callbacks: readonly Callback[],
  training: TrainingHandle,
  result: FitResult,
): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  for (const callback of callbacks) {
    try {
      await callback.onEnd?.(training, result);
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}
