// What a training run is made of, as far as a checkpoint knows it: the objects that hold its state, each under a name.
import { isRecord, knownKeys, show } from "../base/check.js";
import { unseededDraws } from "../ops/create.js";
import { Epochs } from "../data/epochs.js";
import { BATCHES, GENERATOR, LAYER, OPTIMIZER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { Layer } from "../nn/layer.js";
import type { Parameter } from "../nn/parameter.js";
import { PlainObject } from "../nn/plainObject.js";
import { Optimizer } from "../optim/optimizer.js";
import { LRScheduler } from "../optim/schedules/scheduler.js";
import { Generator } from "../numbers/random.js";

/** Batches of any kind of samples and targets: what `batches` returns, or a `DataLoader`. */
export type AnyBatches = Epochs;

/** The objects that hold the state of a training run. */
export interface Run {
  /** The model: its parameters and their gradients, buffers, modes, and the generators of its layers. */
  readonly model: Layer;
  /** The optimizer, or several of them, in an order that stays. All their parameters are the model's. */
  readonly optimizer?: Optimizer | readonly Optimizer[];
  /** The schedule of the learning rate, or several of them, in an order that stays. */
  readonly schedule?: LRScheduler | readonly LRScheduler[];
  /** The batches that the loop takes, or several kinds of them, in an order that stays. */
  readonly batches?: AnyBatches | readonly AnyBatches[];
  /** Generators of your own that the loop draws from, by names that stay. */
  readonly generators?: Readonly<Record<string, Generator>>;
}

/** The keys of a {@link Run}. */
const RUN_KEYS = ["model", "optimizer", "schedule", "batches", "generators"];

/** A checked run. */
export interface RunParts {
  readonly model: Layer;
  readonly optimizers: readonly Optimizer[];
  readonly schedules: readonly LRScheduler[];
  readonly batches: readonly AnyBatches[];
  /** Those of the layers, of the initial weights, of the loop, and the one behind `rand` and its kin, each under a name. */
  readonly generators: ReadonlyMap<string, Generator>;
}

/** Throws unless `run` is one; `keys` are what else it may have. */
export function readRun(who: string, run: Run, keys: readonly string[] = []): RunParts {
  knownKeys(who, run, [...RUN_KEYS, ...keys]);
  const { model, generators = {} } = run;
  if (!(model instanceof Layer)) {
    const hint = fromOtherCopy(model, LAYER);
    throw new ArgumentError(`${who}: expected model to be a layer or a model, got ${show(model)}${hint}.`);
  }
  const optimizers = listOf(who, "optimizer", run.optimizer, Optimizer);
  const schedules = listOf(who, "schedule", run.schedule, LRScheduler);
  const batches: readonly AnyBatches[] = listOf(who, "batches", run.batches, Epochs);
  const own = ownGenerators(who, generators);
  const names = parameterNames(model);
  optimizers.forEach(({ parameters }, i) => {
    const foreign = parameters.findIndex((parameter) => !names.has(parameter));
    if (foreign < 0) return;
    throw new ArgumentError(
      `${who}: expected optimizer ${i} to have parameters of the model alone, got another one at index ${foreign} (make ` +
        `all that is trained part of one model).`,
    );
  });
  const foreign = schedules.findIndex(({ optimizer }) => !optimizers.includes(optimizer));
  if (foreign >= 0) {
    throw new ArgumentError(
      `${who}: expected schedules of the run's optimizers, got another one's at index ${foreign} (give its optimizer, too).`,
    );
  }
  return { model, optimizers, schedules, batches, generators: new Map([...modelGenerators(model), ...own]) };
}

/** The parameters of a model with their first names. */
export function parameterNames(model: Layer): Map<Parameter, string> {
  return new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
}

/** The model itself under "" and every layer in it under its path, outermost first. */
export function namedLayers(layer: Layer, path: string = ""): [path: string, layer: Layer][] {
  const children = layer.namedChildren();
  const below = children.flatMap(([name, child]) => namedLayers(child, path === "" ? name : `${path}.${name}`));
  return [[path, layer], ...below];
}

/** The generators that the layers of a model draw from, each under a name. */
export function layerGenerators(model: Layer): [string, Generator][] {
  return namedLayers(model).flatMap(([path, layer]) => {
    const holder = layer instanceof PlainObject ? layer.wrapped : layer;
    return Object.entries(holder)
      .filter((field): field is [string, Generator] => field[1] instanceof Generator)
      .map(([field, generator]): [string, Generator] => [`layers.${path}.${field}`, generator]);
  });
}

function modelGenerators(model: Layer): [string, Generator][] {
  const ofParameters = model
    .namedParameters()
    .map(([name, { generator }]): [string, Generator] => [`parameters.${name}`, generator]);
  return [["draws", unseededDraws()], ...layerGenerators(model), ...ofParameters];
}

function ownGenerators(who: string, generators: unknown): [string, Generator][] {
  if (!isRecord(generators) || generators instanceof Generator) {
    throw new ArgumentError(`${who}: expected generators by name, such as { noise }, got ${show(generators)}.`);
  }
  return Object.entries(generators).map(([name, generator]) => {
    if (generator instanceof Generator) return [`own.${name}`, generator];
    const hint = fromOtherCopy(generator, GENERATOR);
    throw new ArgumentError(`${who}: expected generators.${name} to be a Generator, got ${show(generator)}${hint}.`);
  });
}

function listOf<T>(
  who: string,
  name: string,
  value: unknown,
  type: abstract new (...args: never[]) => T,
): readonly T[] {
  const list: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  list.forEach((item, i) => {
    if (!(item instanceof type)) {
      const place = Array.isArray(value) ? `${name}[${i}]` : name;
      const kinds: Readonly<Record<string, string>> = { batches: "what batches() returns", schedule: "a schedule" };
      const kind = kinds[name] ?? "an Optimizer";
      const hint = fromOtherCopy(item, name === "batches" ? BATCHES : OPTIMIZER);
      throw new ArgumentError(`${who}: expected ${place} to be ${kind}, got ${show(item)}${hint}.`);
    }
    if (list.indexOf(item) !== i) throw new ArgumentError(`${who}: expected each of ${name} once, got one twice.`);
  });
  return list as readonly T[];
}
