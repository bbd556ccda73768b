// A model's state as plain data, read and written on both sides: weights, buffers, modes, what is frozen, where its generators stand.
import { Tensor, numbersNow } from "../base/tensor.js";
import { layerGenerators, namedLayers } from "../checkpoints/run.js";
import { ownAndShared } from "../models/modelFormat.js";
import type { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import type { ModelState, PackedModel } from "./messages.js";

/** The model as it is now; nothing of it is shared with the model. */
export function readModel(model: Layer): ModelState {
  const { own } = ownAndShared(model);
  return {
    tensors: Object.fromEntries([...own].map(([name, { value }]) => [name, numbersNow(value).slice()])),
    evalLayers: namedLayers(model).flatMap(([path, layer]) => (layer.training ? [] : [path])),
    frozen: model.namedParameters().flatMap(([name, { requiresGrad }]) => (requiresGrad ? [] : [name])),
    generators: layerGenerators(model).map(([name, { state }]) => [name, state]),
  };
}

/** Architecture and state. */
export function packModel(model: Layer): PackedModel {
  const graded = model.namedParameters().flatMap(([name, { hasGrad }]) => (hasGrad ? [name] : []));
  const foreign = [...model.layers()].filter((layer) => !Object.hasOwn(layer.constructor, "spec"));
  return {
    config: model.config(),
    shared: [...ownAndShared(model).shared],
    foreign: foreign.map((layer) => layer.config().type),
    graded,
    state: readModel(model),
  };
}

/** Brings a model to a state that {@link readModel} read of one like it. */
export function writeModel(model: Layer, state: ModelState): void {
  for (const [name, part] of ownAndShared(model).own) {
    const numbers = state.tensors[name];
    if (!Parameter.isParameter(part)) numbersNow(part.value).set(numbers);
    else part.prepare(Tensor.adopt(numbers, part.shape))();
  }
  const inEval = new Set(state.evalLayers);
  // Outermost first, because train() reaches all inside; only where something differs, because it walks the whole model.
  const layers = namedLayers(model);
  if (layers.some(([path, layer]) => layer.training === inEval.has(path))) {
    for (const [path, layer] of layers) layer.train(!inEval.has(path));
  }
  const frozen = new Set(state.frozen);
  for (const [name, parameter] of model.namedParameters()) parameter.requiresGrad = !frozen.has(name);
  const generators = new Map(state.generators);
  for (const [name, generator] of layerGenerators(model)) {
    const stood = generators.get(name);
    if (stood !== undefined) generator.state = stood;
  }
}

/** Whether two states of one model are the same, bit for bit. */
export function sameState(a: ModelState, b: ModelState): boolean {
  const { tensors, ...rest } = a;
  const { tensors: others, ...theirs } = b;
  if (JSON.stringify(rest) !== JSON.stringify(theirs)) return false;
  return Object.entries(tensors).every(([name, numbers]) => sameBits(numbers, others[name]));
}

/** The buffers of a state: what a message hands over instead of copying it. */
export function buffersOf({ tensors }: ModelState): ArrayBuffer[] {
  return Object.values(tensors).map(({ buffer }) => buffer as ArrayBuffer);
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [x, y] = [a, b].map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length));
  return x.every((word, i) => word === y[i]);
}
