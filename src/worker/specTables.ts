// From plain data to losses, optimizers, schedules, metrics and averages: the classes by their names. It is on the worker's side alone.
import { isRecord, knownKeys, nearestHint, show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { revived } from "../base/tensor.js";
import { BCEWithLogits, CrossEntropy, Dice, Focal, HingeEmbedding, Huber, KLDiv, L1 } from "../loss/losses.js";
import { MSE, MultiMargin, NLL, SigmoidFocal, SmoothL1 } from "../loss/losses.js";
import { accuracy } from "../metrics/accuracy.js";
import type { Layer } from "../nn/layer.js";
import { Lookahead } from "../optim/lookahead.js";
import type { Optimizer } from "../optim/optimizer.js";
import { Adadelta, Adagrad, Adam, AdamW, LAMB, Lion, Muon, NAdam, RAdam, RMSprop, SGD } from "../optim/optimizers.js";
import { ChainedScheduler, CosineAnnealingLR, CosineAnnealingWarmRestarts } from "../optim/schedules/schedules.js";
import {
  CyclicLR,
  ExponentialLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  PolynomialLR,
} from "../optim/schedules/schedules.js";
import { ReduceLROnPlateau, SequentialLR, StepLR } from "../optim/schedules/schedules.js";
import type { LRScheduler } from "../optim/schedules/scheduler.js";
import { EMA, SWA, type AveragedWeights } from "../train/averagedWeights.js";
import type { Metric, TrainLoss } from "../train/measure.js";
import * as metrics from "./metricClasses.js";

type Make<T> = new (...args: never[]) => T;
type Classes = Readonly<Record<string, Make<unknown>>>;
type Own<F> = Readonly<Record<string, F>> | undefined;

interface Read {
  readonly type: string;
  readonly rest: Readonly<Record<string, unknown>>;
}

const WHO = "trainInWorker";

// By name, not as the namespaces of their modules: bundlers keep all of a namespace, in every app. A test holds the tables against them.
/** @internal Losses of one input. */
export const LOSSES = {
  ...{
    BCEWithLogits,
    CrossEntropy,
    Dice,
    Focal,
    HingeEmbedding,
    Huber,
    KLDiv,
    L1,
    MSE,
    MultiMargin,
    NLL,
    SigmoidFocal,
  },
  ...{ SmoothL1 },
};
/** @internal Optimizers with a rule of their own. */
export const OPTIMIZERS = { Adadelta, Adagrad, Adam, AdamW, LAMB, Lion, Muon, NAdam, RAdam, RMSprop, SGD };
/** @internal Schedules that are no combination of others. */
export const SCHEDULES = {
  ...{ CosineAnnealingLR, CosineAnnealingWarmRestarts, CyclicLR, ExponentialLR, LinearLR, MultiStepLR, OneCycleLR },
  ...{ PolynomialLR, ReduceLROnPlateau, StepLR },
};

/** A loss by its spec, or one of the module. */
export function makeLoss(spec: unknown, own: Own<(args: never) => TrainLoss>): TrainLoss {
  const named = ofModule("loss", "losses", spec, own);
  if (named !== undefined) return named.make(named.args as never);
  const { type, rest } = readSpec("loss", '{ type: "CrossEntropy" }', spec);
  return new (find("loss", type, LOSSES as unknown as Classes))(rest as never) as TrainLoss;
}

/** An optimizer of all parameters by its spec, or one of the module. */
export function makeOptimizer(
  spec: unknown,
  model: Layer,
  own: Own<(model: Layer, args: never) => Optimizer>,
): Optimizer {
  const named = ofModule("optimizer", "optimizers", spec, own);
  if (named !== undefined) return named.make(model, named.args as never);
  const { type, rest } = readSpec("optimizer", '{ type: "Adam", lr: 1e-3 }', spec);
  if (type === "Lookahead") {
    const { optimizer, ...options } = rest;
    return new Lookahead(makeOptimizer(optimizer, model, own), options);
  }
  const Class = optimizerClass(type);
  return new Class(model.parameters() as never, rest as never);
}

/** The class of an optimizer with a rule of its own. */
export function optimizerClass(type: string): Make<Optimizer> {
  return find("optimizer", type, OPTIMIZERS as unknown as Classes, ["Lookahead"]) as Make<Optimizer>;
}

// What the constructor of a schedule takes behind the optimizer, before its options, and whether it has options.
const PLACES: Readonly<Record<string, readonly [names: readonly string[], options: boolean]>> = {
  StepLR: [["stepSize"], true],
  MultiStepLR: [["milestones"], true],
  ExponentialLR: [["gamma"], false],
  CosineAnnealingLR: [["tMax"], true],
  CosineAnnealingWarmRestarts: [["t0"], true],
  CyclicLR: [["baseLr", "maxLr"], true],
  OneCycleLR: [["maxLr"], true],
  LinearLR: [[], true],
  PolynomialLR: [[], true],
  ReduceLROnPlateau: [[], true],
};

/** A schedule by its spec. `name` is that of the option. */
export function makeSchedule(name: string, spec: unknown, all: readonly Optimizer[]): LRScheduler {
  const { type, rest: given } = readSpec(name, '{ type: "StepLR", stepSize: 10 }', spec);
  const { optimizer: index = 0, ...rest } = given;
  const optimizer = all[whole(WHO, `${name}.optimizer`, index, 0, all.length - 1)] as never;
  const inner = (): LRScheduler[] => {
    if (!Array.isArray(rest.schedules)) {
      throw new ArgumentError(`${WHO}: expected schedules of ${type} as a list, got ${show(rest.schedules)}.`);
    }
    return rest.schedules.map((each: unknown) =>
      makeSchedule(name, isRecord(each) ? { optimizer: index, ...each } : each, all),
    );
  };
  if (type === "SequentialLR") {
    knownKeys(`${WHO}: ${type}`, rest, ["schedules", "milestones"]);
    return new SequentialLR(optimizer, inner(), rest.milestones as number[]);
  }
  if (type === "ChainedScheduler") {
    knownKeys(`${WHO}: ${type}`, rest, ["schedules"]);
    return new ChainedScheduler(inner());
  }
  const others = ["SequentialLR", "ChainedScheduler"];
  const Class = find(name, type, SCHEDULES as unknown as Classes, others) as Make<LRScheduler>;
  const [places, hasOptions] = PLACES[type];
  const options = Object.fromEntries(Object.entries(rest).filter(([key]) => !places.includes(key)));
  if (!hasOptions) knownKeys(`${WHO}: ${type}`, options, []);
  const args = [optimizer, ...places.map((place) => rest[place]), ...(hasOptions ? [options] : [])];
  return new Class(...(args as never[]));
}

/** A metric by its spec, or one of the module. */
export function makeMetric(name: string, spec: unknown, own: Own<(args: never) => Metric>): Metric {
  const place = `metrics.${name}`;
  const named = ofModule(place, "metrics", spec, own);
  if (named !== undefined) return named.make(named.args as never);
  const { type, rest } = readSpec(place, '"accuracy" or { type: "F1" }', spec);
  if (type === "accuracy" && Object.keys(rest).length === 0) return accuracy as Metric;
  return new (find(place, type, metrics as unknown as Classes, ["accuracy"]))(rest as never) as Metric;
}

/** Averaged weights by their spec. */
export function makeAverage(spec: unknown, model: Layer): AveragedWeights {
  const { type, rest } = readSpec("average", '{ type: "EMA", decay: 0.99 }', spec);
  return new (find("average", type, { EMA, SWA } as unknown as Classes))(
    model as never,
    rest as never,
  ) as AveragedWeights;
}

function readSpec(name: string, example: string, spec: unknown): Read {
  if (typeof spec === "string") return { type: spec, rest: {} };
  if (isRecord(spec) && typeof spec.type === "string") {
    const { type, ...rest } = spec;
    return { type, rest: Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, revived(value)])) };
  }
  throw new ArgumentError(
    `${WHO}: expected ${name} as plain data with its type, such as ${example}, got ${show(spec)}.`,
  );
}

function find(name: string, type: string, classes: Classes, others: readonly string[] = []): Make<unknown> {
  if (Object.hasOwn(classes, type)) return classes[type];
  const names = [...Object.keys(classes), ...others];
  throw new ArgumentError(
    `${WHO}: expected ${name} of type ${names.join(", ")}, got "${type}"${nearestHint(type, names) || "."}`,
  );
}

function ofModule<F>(
  place: string,
  kind: string,
  spec: unknown,
  own: Own<F>,
): { readonly make: F; readonly args: unknown } | undefined {
  if (!isRecord(spec) || typeof spec.name !== "string" || "type" in spec) return undefined;
  const { name, args, ...others } = spec;
  knownKeys(`${WHO}: ${place}`, others, []);
  if (own !== undefined && Object.hasOwn(own, name as string)) return { make: own[name as string], args };
  throw unknownName(place, kind, name as string, own);
}

/** The error for a name that the module does not know. */
export function unknownName(place: string, kind: string, name: string, own: Own<unknown>): ArgumentError {
  const names = Object.keys(own ?? {});
  const got = names.length === 0 ? "a worker that serves none" : `one that serves ${names.join(", ")}`;
  return new ArgumentError(
    `${WHO}: expected a worker that serves ${place} "${name}", got ${got} (name it there: serveTraining({ ${kind}: { ${name} } })).`,
  );
}
