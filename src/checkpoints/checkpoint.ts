// A checkpoint: all that a training run needs to go on as if it had never stopped, in one file. Here it is read off the
// objects of the run and made bytes, and bytes are made data again; putting the data back is in restoreCheckpoint.ts.
import { checkBytes, flag, isRecord, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Json } from "../nn/config.js";
import type { Layer } from "../nn/layer.js";
import { randomState } from "../numbers/random.js";
import { checkTensor, numbersNow, type Tensor } from "../base/tensor.js";
import { joinCheckpoint, splitCheckpoint } from "./checkpointFile.js";
import { readState, type Checkpoint } from "./checkpointState.js";
import type { Bytes } from "../files/bytes.js";
import { parseJson } from "../files/json.js";
import { toJson } from "../files/plain.js";
import { namedLayers, parameterNames, readRun, type Run, type RunParts } from "./run.js";

/** A run, and what else goes into its checkpoint. */
export interface RunToSave extends Run {
  /** A list that you keep, such as the losses: plain data, NaN and infinities included. Default []. */
  readonly history?: readonly unknown[];
  /** Whatever else the loop needs, as plain data. Default null. */
  readonly extra?: unknown;
  /** Tensors beside the model's, by name, such as the weights of the best epoch. Default {}. */
  readonly tensors?: Readonly<Record<string, Tensor>>;
  /** How good the model is at this time, such as its validation accuracy. Default null: not known. */
  readonly metric?: number | null;
  /**
   * Whether the numbers of the gradients are kept. Without them they come back as zeros, which is the same to a loop that calls
   * `zeroGrad` before each backward, and the file is a quarter smaller. Default true.
   */
  readonly gradients?: boolean;
}

const NOTES = ["history", "extra", "tensors", "metric", "gradients"];

/**
 * The bytes of a checkpoint of this run as it is now. Nothing of them is shared with the run, and the same state gives the same
 * bytes. Call it between training steps: what a `forward` has saved for its `backward` is not part of it.
 *
 * @example
 * const bytes = encodeCheckpoint({ model, optimizer, batches: data, history: losses });
 *
 * @throws ArgumentError for what is not part of a run, state in float64, and history or extra that are not plain data
 */
export function encodeCheckpoint(run: RunToSave): Bytes {
  return encodeFor("encodeCheckpoint", run);
}

/**
 * The content of a checkpoint's bytes. To put it back into the objects of a run, use {@link restoreCheckpoint}.
 *
 * @example
 * model.loadStateDict(decodeCheckpoint(bytes).model); // the weights alone
 *
 * @throws FormatError for a file of another kind, a damaged one, and one by a newer version
 */
export function decodeCheckpoint(bytes: Uint8Array | ArrayBuffer): Checkpoint {
  return decodeFor("decodeCheckpoint", bytes);
}

/** @internal encodeCheckpoint for another caller's messages. */
export function encodeFor(who: string, run: RunToSave): Bytes {
  const parts = readRun(who, run, NOTES);
  const { history = [], extra = null, tensors = {}, metric = null, gradients = true } = run;
  if (!Array.isArray(history)) throw new ArgumentError(`${who}: expected history to be a list, got ${show(history)}.`);
  if (!isRecord(tensors)) {
    throw new ArgumentError(`${who}: expected tensors by name, such as { best }, got ${show(tensors)}.`);
  }
  if (metric !== null && typeof metric !== "number") {
    throw new ArgumentError(`${who}: expected metric to be a number or null, got ${show(metric)}.`);
  }
  const withGradients = flag(who, "gradients", gradients);
  const writer = new Writer(who);
  const state: Json = {
    model: Object.entries(parts.model.stateDict()).map(([name, tensor]) => [name, writer.add(`model.${name}`, tensor)]),
    gradients: gradientsOf(parts.model, withGradients, writer),
    evalLayers: namedLayers(parts.model).flatMap(([path, layer]) => (layer.training ? [] : [path])),
    optimizers: optimizersOf(parts, writer),
    ...schedulesOf(parts, who),
    batches: parts.batches.map(({ position }) => ({
      ...position,
      generator: position.generator && { ...position.generator },
    })),
    generators: Object.fromEntries([...parts.generators].map(([name, { state }]) => [name, { ...state }])),
    random: { ...randomState() },
    history: toJson(who, "history", history),
    extra: toJson(who, "extra", extra),
    ...tensorsOf(tensors, writer),
    metric: toJson(who, "metric", metric),
  };
  return joinCheckpoint({ tensors: writer.tensors, state: JSON.stringify(state) });
}

/** @internal decodeCheckpoint for another caller's messages. */
export function decodeFor(who: string, bytes: Uint8Array | ArrayBuffer): Checkpoint {
  const { tensors, state } = splitCheckpoint(who, checkBytes(who, bytes));
  return readState(who, parseJson(who, state, { what: "a state of JSON", halfPairs: true }), tensors);
}

/** Collects the tensors of a file and gives each its name there. */
class Writer {
  readonly tensors: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;

  constructor(readonly who: string) {}

  add(name: string, tensor: Tensor): string {
    if (checkTensor(this.who, name, tensor).dtype !== "float32") {
      throw new ArgumentError(`${this.who}: expected ${name} in float32, got ${tensor.dtype} (train in float32).`);
    }
    this.tensors[name] = tensor;
    return name;
  }
}

// The name of a tensor, or 0 for zeros. A parameter without a gradient is left out: an optimizer leaves it alone.
function gradientsOf(model: Layer, withNumbers: boolean, writer: Writer): Json {
  return model
    .namedParameters()
    .filter(([, { hasGrad }]) => hasGrad)
    .map(([name, { grad }]) => [name, withNumbers && !isZeros(grad) ? writer.add(`gradient.${name}`, grad) : 0]);
}

function optimizersOf({ model, optimizers }: RunParts, writer: Writer): Json {
  const names = parameterNames(model);
  return optimizers.map((optimizer, i) => {
    const { type, options, state, groups } = optimizer.liveState();
    const entries = state.map(
      (entry, index) =>
        entry &&
        Object.entries(entry).map(([key, value]): Json => {
          const place = `optimizer.${i}.${index}.${key}`;
          return [key, typeof value === "number" ? toJson(writer.who, place, value) : writer.add(place, value)];
        }),
    );
    return {
      type,
      options: toJson(writer.who, `optimizer.${i}.options`, options),
      ...(groups !== undefined && { groups: toJson(writer.who, `optimizer.${i}.groups`, groups) }),
      parameters: optimizer.parameters.map((parameter) => names.get(parameter) ?? ""),
      state: entries,
    };
  });
}

// Both are left out where there are none.
function schedulesOf({ schedules }: RunParts, who: string): Readonly<Record<string, Json>> {
  if (schedules.length === 0) return {};
  return { schedules: schedules.map((schedule, i) => toJson(who, `schedule ${i}`, schedule.stateDict())) };
}

function tensorsOf(tensors: Readonly<Record<string, Tensor>>, writer: Writer): Readonly<Record<string, Json>> {
  const entries = Object.entries(tensors);
  if (entries.length === 0) return {};
  return { tensors: entries.map(([name, tensor]) => [name, writer.add(`tensor.${name}`, tensor)]) };
}

// Only +0: the sign of a zero counts as its other bits do.
function isZeros(tensor: Tensor): boolean {
  return numbersNow(tensor).every((value) => value === 0 && 1 / value > 0);
}
