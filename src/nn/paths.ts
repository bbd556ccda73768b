// Layers by their paths: the names that lead to them from their model, as in summaries, state dicts and messages.
import { nearestHint, show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { Layer } from "./layer.js";
import { PlainObject } from "./plainObject.js";
import { typeName } from "./protocol.js";

const MOST_SHOWN = 12; // paths in a message

/** Every layer of a model with its path, outermost first; the model's own is "". */
export function namedLayers(model: Layer): [path: string, layer: Layer][] {
  const inner = model
    .namedChildren()
    .flatMap(([name, child]) =>
      namedLayers(child).map(([rest, layer]): [string, Layer] => [rest === "" ? name : `${name}.${rest}`, layer]),
    );
  return [["", model], ...inner];
}

/** The path of a layer in a model; undefined for one that is not in it. */
export function pathOf(model: Layer, layer: Layer): string | undefined {
  return namedLayers(model).find(([, each]) => each === layer)?.[0];
}

/**
 * The layer of a path, or the path of a layer: the model itself is "".
 *
 * @throws ArgumentError for a path that leads nowhere, with the nearest one, and for a layer that is not in the model
 */
export function layerAt(who: string, model: Layer, name: string, given: unknown): [path: string, layer: Layer] {
  const all = namedLayers(model);
  const found = all.find(([path, layer]) => {
    if (typeof given === "string") return path === given;
    return layer === given || (layer instanceof PlainObject && layer.wrapped === given);
  });
  if (found !== undefined) return found;
  if (typeof given === "string") {
    const paths = all.slice(1).map(([path]) => path);
    const more = paths.length > MOST_SHOWN ? ", ..." : "";
    const list = paths.length === 0 ? "which has none inside" : `${paths.slice(0, MOST_SHOWN).join(", ")}${more}`;
    const hint = nearestHint(given, paths);
    throw new ArgumentError(
      `${who}: expected ${name} to be the path of a layer of the model (${list}), got ${show(given)}${hint === "" ? "." : hint}`,
    );
  }
  if (given instanceof Layer) {
    throw new ArgumentError(`${who}: expected ${name} to be a layer of the model, got another ${given[typeName]}.`);
  }
  throw new ArgumentError(
    `${who}: expected ${name} to be the path of a layer, such as "features.3", or the layer itself, got ` +
      `${show(given)}${fromOtherCopy(given, LAYER)}.`,
  );
}
