// Puts the content of a checkpoint back into the objects of a run: everything is checked first, then applied as a whole.
import { namedState } from "../nn/walk.js";
import { isRecord, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Layer } from "../nn/layer.js";
import { prepareStateDict } from "../nn/stateDict.js";
import { prepareRandomState } from "../numbers/random.js";
import { sameShape, formatShape } from "../base/shape.js";
import { checkTensor, revived } from "../base/tensor.js";
import type { Checkpoint } from "./checkpointState.js";
import { namedLayers, parameterNames, readRun, type Run, type RunParts } from "./run.js";

const REMEDY = "the checkpoint is of another model; build the same one";

/**
 * Puts the run back to where it was: weights, buffers, gradients, modes, optimizers, positions of batches, generators, the
 * global seed. The next step is then the one that followed, bit for bit, whatever this process has drawn before. The run must
 * have been built by the same code: what is not state (layers, sizes, loss) is not in a checkpoint.
 *
 * Every part that the checkpoint holds must be given. After an error nothing has changed.
 *
 * @example
 * const checkpoint = decodeCheckpoint(bytes);
 * restoreCheckpoint({ model, optimizer, batches: data }, checkpoint);
 * losses.push(...(checkpoint.history as number[]));
 *
 * @throws ArgumentError when a part is missing, or the checkpoint is of another model, optimizer or data
 * @throws ShapeError when a tensor has another shape than the model's
 */
export function restoreCheckpoint(run: Run, checkpoint: Checkpoint): void {
  prepareRestore("restoreCheckpoint", run, checkpoint)();
}

/** @internal All checks and all memory; the function that is returned cannot fail. */
export function prepareRestore(who: string, run: Run, checkpoint: Checkpoint): () => void {
  const parts = readRun(who, run);
  checkContent(who, checkpoint);
  const { model, optimizers, schedules, batches, generators } = parts;
  const saved = checkpoint.schedules ?? []; // one made by hand may have none
  const weights = prepareStateDict(who, namedState(model), checkpoint.model, true, REMEDY);
  checkCount(who, "optimizer", optimizers.length, checkpoint.optimizers.length);
  checkCount(who, "schedule", schedules.length, saved.length);
  checkCount(who, "batches", batches.length, checkpoint.batches.length);
  checkOptimizers(who, parts, checkpoint);
  checkGenerators(who, generators, checkpoint.generators);
  const steps = [
    prepareRandomState(who, checkpoint.random), // first: generators may start over
    weights.apply,
    prepareGradients(who, model, checkpoint),
    prepareModes(who, model, checkpoint),
    ...optimizers.map((optimizer, i) => {
      const { type, options, state, groups } = checkpoint.optimizers[i];
      return optimizer.prepareLoad(who, { type, options, state, ...(groups && { groups }) });
    }),
    ...schedules.map((schedule, i) => schedule.prepareLoad(`${who}: schedule ${i}`, saved[i])),
    ...batches.map((each, i) => each.preparePosition(checkpoint.batches[i])),
    ...[...generators].map(([name, generator]) => generator.prepareState(checkpoint.generators[name])),
  ];
  return () => steps.forEach((step) => step());
}

// As far as it is used before its parts are checked one by one; it may be made by hand, or by JSON.
function checkContent(who: string, checkpoint: unknown): void {
  const remedy = isRecord(checkpoint) ? "" : " (restoreCheckpoint(run, decodeCheckpoint(bytes)))";
  const content: Readonly<Record<string, unknown>> = isRecord(checkpoint) ? checkpoint : {};
  const object = ["model", "gradients", "generators", "random"].find((name) => !isRecord(content[name]));
  const list = ["evalLayers", "optimizers", "batches"].find((name) => !Array.isArray(content[name]));
  if (object === undefined && list === undefined) return;
  const got = remedy === "" ? `${object ?? list} ${show(content[object ?? list ?? ""])}` : show(checkpoint);
  throw new ArgumentError(`${who}: expected what decodeCheckpoint returns, got ${got}${remedy}.`);
}

function prepareGradients(who: string, model: Layer, { gradients }: Checkpoint): () => void {
  const parameters = new Map(model.namedParameters());
  refuseForeign(who, "gradients", Object.keys(gradients), [...parameters.keys()]);
  const steps = [...parameters].map(([name, parameter]) => {
    if (!Object.hasOwn(gradients, name)) return parameter.prepareGrad(null);
    const { value } = parameter;
    const saved = gradients[name];
    const grad = saved === null ? value.like() : checkTensor(who, `the gradient of "${name}"`, revived(saved));
    if (sameShape(grad.shape, value.shape)) return parameter.prepareGrad(grad);
    const [wanted, got] = [formatShape(value.shape), formatShape(grad.shape)];
    throw new ShapeError(`${who}: expected the gradient of "${name}" of shape ${wanted}, got ${got} (${REMEDY}).`);
  });
  return () => steps.forEach((step) => step());
}

// Outermost first, because train() reaches all inside.
function prepareModes(who: string, model: Layer, { evalLayers }: Checkpoint): () => void {
  const layers = namedLayers(model);
  const paths = layers.map(([path]) => path);
  refuseForeign(who, "layers in eval mode", evalLayers, paths);
  const inEval = new Set(evalLayers);
  return () => layers.forEach(([path, layer]) => layer.train(!inEval.has(path)));
}

function checkOptimizers(who: string, { model, optimizers }: RunParts, checkpoint: Checkpoint): void {
  const names = parameterNames(model);
  optimizers.forEach(({ parameters }, i) => {
    const own = parameters.map((parameter) => names.get(parameter));
    const saved = checkpoint.optimizers[i].parameters;
    const other = own.findIndex((name, index) => name !== saved[index]);
    if (other < 0 && own.length === saved.length) return;
    const at = other < 0 ? own.length : other;
    throw new ArgumentError(
      `${who}: expected optimizer ${i} to update what it did, ${saved[at] ?? "nothing"} at index ${at}, got ` +
        `${own[at] ?? "nothing"} (give it the same parameters in the same order).`,
    );
  });
}

function checkCount(who: string, name: string, given: number, saved: number): void {
  if (given === saved) return;
  const remedy =
    given < saved
      ? "give what was saved; for the weights alone use model.loadStateDict(checkpoint.model)"
      : "the checkpoint was made without it";
  throw new ArgumentError(
    `${who}: expected as many of ${name} as the checkpoint has, ${saved}, got ${given} (${remedy}).`,
  );
}

function checkGenerators(who: string, own: ReadonlyMap<string, unknown>, saved: Checkpoint["generators"]): void {
  const list = (names: readonly string[]): string => names.slice(0, 4).join(", ") + (names.length > 4 ? ", ..." : "");
  const missing = [...own.keys()].filter((name) => !Object.hasOwn(saved, name));
  const unexpected = Object.keys(saved).filter((name) => !own.has(name));
  if (missing.length + unexpected.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`${missing.length} missing (${list(missing)})`] : []),
    ...(unexpected.length > 0 ? [`${unexpected.length} unexpected (${list(unexpected)})`] : []),
  ];
  throw new ArgumentError(
    `${who}: expected the ${own.size} generators of this run, got ${parts.join(" and ")} (${REMEDY}, and give the same ` +
      `generators).`,
  );
}

function refuseForeign(who: string, what: string, names: readonly string[], known: readonly string[]): void {
  const foreign = names.find((name) => !known.includes(name));
  if (foreign === undefined) return;
  throw new ArgumentError(`${who}: expected ${what} of this model, got "${foreign}" (${REMEDY}).`);
}
