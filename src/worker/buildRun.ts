// A run from plain data, on the worker's side: the model, the data, and all that fit takes.
import { isRecord, knownKeys, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { openCheckpoints } from "../checkpoints/openCheckpoints.js";
import { ModelBuilder } from "../models/buildLayers.js";
import { ownerOf } from "../models/loadModel.js";
import { ownAndShared } from "../models/modelFormat.js";
import type { Layer } from "../nn/layer.js";
import { ownLayers } from "../nn/layerTable.js";
import type { Parameter } from "../nn/parameter.js";
import { namedState } from "../nn/walk.js";
import { Lookahead, type LookaheadOptions } from "../optim/lookahead.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { GroupState } from "../optim/state.js";
import type { FitOptions } from "../train/fitOptions.js";
import type { Metric } from "../train/measure.js";
import type { OptimizerOptions, PackedModel, PackedOptimizer, Setup } from "./messages.js";
import { writeModel } from "./modelState.js";
import { writeOptimizer } from "./optimizerState.js";
import type { Served } from "./serveTraining.js";
import { makeAverage, makeLoss, makeMetric, makeOptimizer, makeSchedule, optimizerClass } from "./specTables.js";

const WHO = "trainInWorker";

/** A model like the caller's, in the same state. */
export function buildModel({ config, shared, foreign, graded, state }: PackedModel, layers: Served["layers"]): Layer {
  const taken = foreign.find((type) => ownLayers().has(type));
  if (taken !== undefined) {
    throw new ArgumentError(
      `${WHO}: expected a class of your own to have a config() with a type of its own, got "${taken}", which is another class.`,
    );
  }
  const remedy = (type: string): string =>
    `a worker of yours has to know its class: serveTraining({ layers: { ${type} } }) of handgrad/serve`;
  const model = new ModelBuilder(WHO, layers ?? {}, remedy).build(config);
  const states = new Map(namedState(model));
  for (const [name, first] of shared) {
    const source = states.get(first);
    const owner = ownerOf(model, name);
    if (source !== undefined) (owner.layer as unknown as Record<string, unknown>)[owner.field] = source;
  }
  const [built, wanted] = [[...ownAndShared(model).own.keys()], Object.keys(state.tensors)];
  if (built.join() !== wanted.join()) {
    throw new ArgumentError(
      `${WHO}: expected the model that is built from its config() to have the state ${show(wanted)}, got ${show(built)} (config() ` +
        `has to say all that makes a layer what it is).`,
    );
  }
  writeModel(model, state);
  const withGradient = new Set(graded);
  for (const [name, parameter] of model.namedParameters()) {
    if (withGradient.has(name)) parameter.prepareGrad(parameter.value.like())();
  }
  return model;
}

/** The optimizers, those of the caller with their state. */
export function buildOptimizers(packed: Setup["optimizers"], model: Layer, served: Served): Optimizer[] {
  return packed.map((each) => {
    if ("spec" in each) return makeOptimizer(each.spec, model, served.optimizers);
    return rebuild(each, model, served);
  });
}

function rebuild(packed: PackedOptimizer, model: Layer, served: Served): Optimizer {
  const { type, parameters: names, memory, groups } = packed;
  const byName = new Map(model.namedParameters());
  const parameters = names.map((name) => byName.get(name) as Parameter);
  const own = served.optimizers;
  const optimizer =
    own !== undefined && Object.hasOwn(own, type)
      ? own[type](model, packed.options as never)
      : construct(packed, parameters);
  writeOptimizer(optimizer, { type, options: packed.options, ...(groups !== undefined && { groups }) }, memory);
  return optimizer;
}

function construct({ type, options, groups }: OptimizerOptions, parameters: readonly Parameter[]): Optimizer {
  if (type === "Lookahead") {
    const { optimizer: inner, k, alpha } = options;
    return new Lookahead(construct(inner as unknown as OptimizerOptions, parameters), { k, alpha } as LookaheadOptions);
  }
  const Class = optimizerClass(type);
  if (groups === undefined) return new Class(parameters as never, options as never);
  let at = 0;
  const list = groups.map(({ size, options: theirs }: GroupState) => {
    return { ...theirs, params: parameters.slice(at, (at += size)) };
  });
  return new Class(list as never);
}

/** What fit takes, but for data, callbacks and signal. */
export async function buildOptions(setup: Setup, model: Layer, served: Served): Promise<FitOptions> {
  const { options } = setup;
  const optimizer = buildOptimizers(setup.optimizers, model, served);
  const { loss, metrics, batchSchedule, epochSchedule, average, checkpoints, ...plain } = options;
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  const schedulesOf = (name: string, specs: unknown): object => {
    const list: readonly unknown[] = Array.isArray(specs) ? specs : [specs];
    return { [name]: list.map((spec) => makeSchedule(name, spec, optimizer)) };
  };
  return {
    ...(given as unknown as FitOptions),
    optimizer,
    ...(loss !== undefined && { loss: makeLoss(loss, served.losses) }),
    ...(metrics !== undefined && { metrics: metricsOf(metrics, served) }),
    ...(batchSchedule !== undefined && schedulesOf("batchSchedule", batchSchedule)),
    ...(epochSchedule !== undefined && schedulesOf("epochSchedule", epochSchedule)),
    ...(average !== undefined && { average: makeAverage(average, model) }),
    ...(checkpoints !== undefined && { checkpoints: await openAt(checkpoints) }),
  };
}

function metricsOf(metrics: unknown, served: Served): Readonly<Record<string, Metric>> {
  const byName = Array.isArray(metrics)
    ? Object.fromEntries(metrics.map((name: unknown) => [String(name), name]))
    : metrics;
  if (!isRecord(byName)) {
    throw new ArgumentError(`${WHO}: expected metrics by name or as a list of names, got ${show(metrics)}.`);
  }
  return Object.fromEntries(
    Object.entries(byName).map(([name, spec]) => [name, makeMetric(name, spec, served.metrics)]),
  );
}

function openAt(checkpoints: unknown): ReturnType<typeof openCheckpoints> {
  if (typeof checkpoints === "string") return openCheckpoints(checkpoints);
  knownKeys(`${WHO}: checkpoints`, checkpoints, ["place", "keep", "best"]);
  const { place, ...options } = checkpoints as { readonly place: string };
  if (typeof place === "string") return openCheckpoints(place, options);
  throw new ArgumentError(`${WHO}: expected checkpoints at a place, a path or a name, got ${show(place)}.`);
}
