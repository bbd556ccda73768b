// A run of a model that leaves no trace: for looking at it in the middle of a training step.
import type { Layer } from "./layer.js";
import { PlainObject } from "./plainObject.js";
import { setAside, spec } from "./protocol.js";
import { StateBuffer } from "./stateBuffer.js";
import { namedState } from "./walk.js";
import { Generator } from "../numbers/random.js";

/** How the model runs meanwhile. */
export interface UndisturbedOptions {
  /** In train mode, as its parts are set, or in eval mode. */
  readonly training: boolean;
  /** Whether parameters get gradients, from zero. */
  readonly gradients: boolean;
}

/**
 * Runs `work`, in which forwards and backwards of the model may run; then modes, gradients, buffers, generators, and what a
 * forward kept for its backward, are as before.
 */
export function undisturbed<T>(model: Layer, { training, gradients }: UndisturbedOptions, work: () => T): T {
  const undo = [model[setAside](), keepFields(model), ...generatorsOf(model)];
  try {
    for (const [, state] of namedState(model)) {
      if (state instanceof StateBuffer) {
        undo.push(state.substitute(state.value.clone()));
        continue;
      }
      const { requiresGrad } = state;
      undo.push(state.substitute(state.value), () => (state.requiresGrad = requiresGrad)); // the same numbers, no gradient yet
      if (!gradients) state.requiresGrad = false;
    }
    if (!training) model.eval();
    return work();
  } finally {
    for (const each of undo.reverse()) each();
  }
}

/**
 * Remembers the public fields of layers from elsewhere, in which they may keep what their backward needs, and returns the way back.
 */
export function keepFields(model: Layer): () => void {
  const undo = [...model.layers()].filter((layer) => layer[spec] === null).map(fieldsOf);
  return () => undo.forEach((each) => each());
}

function fieldsOf(layer: object): () => void {
  const before = Object.entries(layer);
  return () => {
    for (const name of Object.keys(layer)) {
      if (!before.some(([each]) => each === name)) Reflect.deleteProperty(layer, name);
    }
    for (const [name, value] of before) if (Reflect.get(layer, name) !== value) Reflect.set(layer, name, value);
  };
}

// Generators that are public fields, as in every layer that draws; each with the way back.
function generatorsOf(model: Layer): (() => void)[] {
  const holders = [...model.layers()].map((layer) => (layer instanceof PlainObject ? layer.wrapped : layer));
  const found = holders.flatMap((holder) =>
    Object.values(holder).filter((value: unknown): value is Generator => value instanceof Generator),
  );
  return [...new Set(found)].map((generator) => {
    const { state } = generator;
    return () => void (generator.state = state);
  });
}
