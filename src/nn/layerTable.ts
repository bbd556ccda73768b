// From the type that a file names to the class: the one place of the library that finds code by a string. It holds this
// package's layers; a user's own come with the call.
import type { Layer } from "./layer.js";
import * as layers from "./layers.js";
import type { LayerSpec } from "./spec.js";

/** A class of layers; its constructor takes what the class's `config()` says. */
export type LayerClass = new (...args: never[]) => Layer;

/** This package's layers by type. A Map, so that "constructor" or "__proto__" are not found. */
export function ownLayers(): ReadonlyMap<string, LayerClass & { readonly spec: LayerSpec }> {
  // The type is written out in the spec, because a minifier changes the names of classes.
  return new Map(Object.values(layers).map((Class) => [Class.spec.type, Class]));
}
