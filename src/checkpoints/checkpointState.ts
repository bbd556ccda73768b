// What is in a checkpoint, and its text, checked, with the tensors it names. What cannot be known without the run (whether names
// and shapes are the model's, whether an option is usable) is checked when it is restored.
import { show } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import type { BatchesPosition } from "../data/epochs.js";
import type { Json } from "../nn/config.js";
import type { StateDict } from "../nn/stateDict.js";
import type { GroupState, OptimizerState, ParameterState } from "../optim/state.js";
import type { SchedulerState } from "../optim/schedules/scheduler.js";
import type { GeneratorState, RandomState } from "../numbers/random.js";
import type { Tensor } from "../base/tensor.js";
import { fromJson } from "../files/plain.js";

/** The state of an optimizer, and whose it is. */
export interface SavedOptimizer extends OptimizerState {
  /** Names of its parameters, in their order. */
  readonly parameters: readonly string[];
}

/** The content of a checkpoint's file. */
export interface Checkpoint {
  /** Parameters and buffers by name: `model.loadStateDict(checkpoint.model)` takes the weights alone. */
  readonly model: StateDict;
  /** The gradients that existed, by the parameter's name; null for zeros. */
  readonly gradients: Readonly<Record<string, Tensor | null>>;
  /** Paths of the layers in eval mode; "" is the model itself. */
  readonly evalLayers: readonly string[];
  /** The state of each optimizer. */
  readonly optimizers: readonly SavedOptimizer[];
  /** The state of each schedule. */
  readonly schedules: readonly SchedulerState[];
  /** The position of each of the batches. */
  readonly batches: readonly BatchesPosition[];
  /** Where each generator stood: those of layers, of initial weights, of the loop ("own."), and that of `rand` ("draws"). */
  readonly generators: Readonly<Record<string, GeneratorState>>;
  /** The global seed and the numbering of streams. */
  readonly random: RandomState;
  /** The user's list. */
  readonly history: readonly unknown[];
  /** What else the user gave. */
  readonly extra: unknown;
  /** Other tensors that the user gave, by name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** How good the model was, or null. */
  readonly metric: number | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** The content, from the parsed text and the tensors of the file. */
export function readState(who: string, json: unknown, tensors: Readonly<Record<string, Tensor>>): Checkpoint {
  const read = new Reader(who, tensors);
  const state = read.fields("state", json, [
    "model",
    "gradients",
    "evalLayers",
    "optimizers",
    "batches",
    "generators",
    "random",
    "history",
    "extra",
    "metric",
    // Where there are none, they are left out.
    ...["schedules", "tensors"].filter((name) => Object.hasOwn(read.object("state", json), name)),
  ]);
  const metric = fromJson(state.metric);
  if (metric !== null && typeof metric !== "number") throw read.fault("metric", "a number or null", metric);
  const checkpoint: Checkpoint = {
    model: read.named("model", state.model, (name, value) => read.tensor(`model.${name}`, value)),
    gradients: read.named("gradients", state.gradients, (name, value) =>
      value === 0 ? null : read.tensor(`gradients.${name}`, value),
    ),
    evalLayers: read.list("evalLayers", state.evalLayers).map((path) => read.text("evalLayers", path)),
    optimizers: read.list("optimizers", state.optimizers).map((value) => readOptimizer(read, value)),
    schedules: read.list("schedules", state.schedules ?? []).map((value) => {
      const schedule = read.object("schedules", fromJson(value));
      read.text("schedules.type", schedule.type);
      return schedule as SchedulerState;
    }),
    batches: read.list("batches", state.batches).map((value) => {
      const position = read.fields("batches", value, ["epoch", "batch", "size", "samples", "generator"]);
      if (position.generator !== null) readGenerator(read, "batches", position.generator);
      return position as unknown as BatchesPosition;
    }),
    generators: Object.fromEntries(
      Object.entries(read.object("generators", state.generators)).map(([name, value]) => {
        return [name, readGenerator(read, "generators", value)];
      }),
    ),
    random: readRandom(read, state.random),
    history: read.list("history", fromJson(state.history)),
    extra: fromJson(state.extra),
    tensors: read.named("tensors", state.tensors ?? [], (name, value) => read.tensor(`tensors.${name}`, value)),
    metric,
  };
  read.checkAllUsed();
  return checkpoint;
}

function readOptimizer(read: Reader, value: unknown): SavedOptimizer {
  const { type, options, parameters, state, groups } = read.fields("optimizers", value, [
    ...["type", "options", "parameters", "state"],
    ...(Object.hasOwn(read.object("optimizers", value), "groups") ? ["groups"] : []), // with one group there are none
  ]);
  return {
    type: read.text("optimizers.type", type),
    options: read.object("optimizers.options", fromJson(options)) as Readonly<Record<string, Json>>,
    ...(groups !== undefined && { groups: read.list("optimizers.groups", fromJson(groups)) as readonly GroupState[] }),
    parameters: read.list("optimizers.parameters", parameters).map((name) => read.text("optimizers.parameters", name)),
    state: read.list("optimizers.state", state).map((entry): ParameterState | null => {
      if (entry === null) return null;
      return read.named("optimizers.state", entry, (name, value) => {
        const number = fromJson(value);
        return typeof number === "number" ? number : read.tensor(`optimizers.state.${name}`, value);
      });
    }),
  };
}

function readGenerator(read: Reader, name: string, value: unknown): GeneratorState {
  return read.fields(name, value, ["seed", "kind", "stream", "counter"]) as unknown as GeneratorState;
}

function readRandom(read: Reader, value: unknown): RandomState {
  const random = read.fields("random", value, ["seed", "nextStream"]);
  read.object("random.nextStream", random.nextStream);
  return random as unknown as RandomState;
}

class Reader {
  readonly #tensors: Readonly<Record<string, Tensor>>;
  readonly #used = new Set<string>();

  constructor(
    readonly who: string,
    tensors: Readonly<Record<string, Tensor>>,
  ) {
    this.#tensors = tensors;
  }

  fault(name: string, expected: string, got: unknown): FormatError {
    return new FormatError(`${this.who}: expected ${name} to be ${expected}, got ${show(got)}.`);
  }

  object(name: string, value: unknown): Fields {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Fields;
    throw this.fault(name, "an object", value);
  }

  /** An object with exactly these keys. */
  fields(name: string, value: unknown, keys: readonly string[]): Fields {
    const object = this.object(name, value);
    const complete = keys.every((key) => Object.hasOwn(object, key)) && Object.keys(object).length === keys.length;
    if (complete) return object;
    throw this.fault(name, `an object with ${keys.join(", ")}`, Object.keys(object));
  }

  list(name: string, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value as readonly unknown[];
    throw this.fault(name, "a list", value);
  }

  text(name: string, value: unknown): string {
    if (typeof value === "string") return value;
    throw this.fault(name, "a text", value);
  }

  /** A list of [name, value] as an object; a list, because objects do not keep the order of names like "1". */
  named<T>(name: string, value: unknown, read: (name: string, value: unknown) => T): Record<string, T> {
    const entries = this.list(name, value).map((entry): [string, T] => {
      if (!Array.isArray(entry) || entry.length !== 2) throw this.fault(name, "[name, value] in each entry", entry);
      const key = this.text(name, entry[0]);
      return [key, read(key, entry[1])];
    });
    const object = Object.fromEntries(entries);
    if (Object.keys(object).length !== entries.length) throw this.fault(name, "of different names", "one twice");
    return object;
  }

  /** The tensor of the file that is meant; each is used once. */
  tensor(name: string, place: unknown): Tensor {
    if (typeof place !== "string" || !Object.hasOwn(this.#tensors, place) || this.#used.has(place)) {
      throw this.fault(name, "a tensor of its own", place);
    }
    this.#used.add(place);
    return this.#tensors[place];
  }

  checkAllUsed(): void {
    const unused = Object.keys(this.#tensors).find((name) => !this.#used.has(name));
    if (unused !== undefined) throw this.fault("every tensor", "used", unused);
  }
}
