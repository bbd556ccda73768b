// From the type that a file names to the class: the one place of the library that finds code by a string. It holds this
// package's layers; a user's own come with the call.
import { LAYERS, type OwnLayerClass } from "./layers.js";

/** This package's layers by type. A Map, so that "constructor" or "__proto__" are not found. */
export function ownLayers(): ReadonlyMap<string, OwnLayerClass> {
  return new Map(Object.entries(LAYERS as Readonly<Record<string, OwnLayerClass>>));
}
