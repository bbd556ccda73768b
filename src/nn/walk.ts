// Walks over what a layer holds: its parameters, buffers and sub-layers are its public fields, in order of declaration.
import { Parameter } from "./parameter.js";
import type { Layer } from "./layer.js";
import { spec } from "./protocol.js";
import type { LayerSpec } from "./spec.js";
import { StateBuffer } from "./stateBuffer.js";

/** What a state dict holds. */
export type State = Parameter | StateBuffer;

/** Parameters and buffers under all of their names ("features.3.bias"). */
export function namedState(layer: Layer): [name: string, state: State][] {
  return walk(layer, (value): value is State => Parameter.isParameter(value) || value instanceof StateBuffer);
}

/** All parameters with their names, a shared one under each of them. */
export function allParameters(layer: Layer): [name: string, parameter: Parameter][] {
  return walk(layer, (value): value is Parameter => Parameter.isParameter(value));
}

/**
 * Whether a backward has anything to do in a layer, beside the gradient of its input: a parameter that is not frozen. A layer
 * from elsewhere that has no parameters is not known, and is run.
 */
export function learns(layer: Layer): boolean {
  let parameters = 0;
  for (const value of Object.values(layer) as unknown[]) {
    if (!Parameter.isParameter(value)) continue;
    if (value.requiresGrad) return true;
    parameters++;
  }
  const children = layer.namedChildren();
  if (children.some(([, child]) => learns(child))) return true;
  return layer[spec] === null && parameters === 0 && children.length === 0;
}

function walk<T>(layer: Layer, wanted: (value: unknown) => value is T): [name: string, value: T][] {
  const names = (layer.constructor as { spec?: LayerSpec }).spec?.stateNames;
  const own = Object.entries(layer).filter((field): field is [string, T] => wanted(field[1]));
  const named = names === undefined ? own : own.map(([name, value]): [string, T] => [names[name] ?? name, value]);
  const below = layer
    .namedChildren()
    .flatMap(([name, child]) => walk(child, wanted).map(([rest, value]): [string, T] => [`${name}.${rest}`, value]));
  return [...named, ...below];
}
