// What containers are given: layers, or objects with forward and backward, each in one place only.
import { show } from "../../base/check.js";
import { LAYER, fromOtherCopy } from "../../base/copies.js";
import { ArgumentError } from "../../base/errors.js";
import { Layer } from "../layer.js";
import { PlainObject, isForwardBackward, type ForwardBackward } from "../plainObject.js";
import { typeName } from "../protocol.js";

/** A layer, or an object with `forward` and `backward`. */
export type LayerLike = Layer | ForwardBackward;

/** A layer, or an object with `forward` and `backward`; or one of them with a name. */
export type SequentialEntry = LayerLike | readonly [name: string, layer: LayerLike];

/** An entry as a named layer; without a name it is called by its place. */
export function readEntry(
  who: string,
  entry: unknown,
  before: readonly (readonly [name: string, layer: Layer])[],
): [name: string, layer: Layer] {
  const named = Array.isArray(entry);
  const name: unknown = named ? entry[0] : String(before.length);
  const layer: unknown = named ? entry[1] : entry;
  if (typeof name !== "string" || (named && entry.length !== 2)) {
    throw new ArgumentError(
      `${who}: expected a named layer as ["name", layer], got ${show(entry)} (layers without names stand one by one, ` +
        `without brackets).`,
    );
  }
  if (name === "" || name.includes(".")) {
    throw new ArgumentError(
      `${who}: expected a name without dots, got ${show(name)} (a dot leads into a layer: "features.0.weight").`,
    );
  }
  if (before.some(([other]) => other === name))
    throw new ArgumentError(`${who}: expected each name once, got "${name}" twice.`);
  return [name, asLayer(who, `layer ${name}`, layer)];
}

/** A value as a layer; an object with forward and backward becomes one. */
export function asLayer(who: string, what: string, value: unknown): Layer {
  if (value instanceof Layer) return value;
  const hint = fromOtherCopy(value, LAYER);
  if (hint !== "") throw new ArgumentError(`${who}: expected ${what} to be a layer, got ${show(value)}${hint}.`);
  if (isForwardBackward(value)) return new PlainObject(value);
  throw new ArgumentError(
    `${who}: expected ${what} to be a layer, or an object with forward and backward, got ${show(value)}${layerRemedy(value)}.`,
  );
}

/** Throws when a layer stands twice in a container: it keeps what its latest forward saved, so it can stand in one place only. */
export function checkUnique(who: string, container: Layer): void {
  const places = new Map<unknown, string>();
  const visit = (layer: Layer, path: string): void => {
    if (layer === container) throw new ArgumentError(`${who}: expected layers, got the model itself among them.`);
    const object = layer instanceof PlainObject ? layer.wrapped : layer;
    const before = places.get(object);
    if (before !== undefined) {
      const type = layer[typeName];
      const remedy = type === "Layer" ? "make one" : `write new ${type}()`;
      throw new ArgumentError(
        `${who}: expected each layer once, layers ${before} and ${path} are the same ${type} object; ${remedy} for each ` +
          `(weights are shared by sharing Parameters).`,
      );
    }
    places.set(object, path);
    for (const [name, child] of layer.namedChildren()) visit(child, `${path}.${name}`);
  };
  for (const [name, layer] of container.namedChildren()) visit(layer, name);
}

// What people give instead of a layer.
function layerRemedy(value: unknown): string {
  if (value === undefined) return " (is its import right?)";
  if (typeof value === "string") return " (the layer itself, as new ReLU())";
  if (typeof value === "function") {
    return show(value).startsWith("the class")
      ? " (write new before it)"
      : " (the layer of it, as new ReLU() for relu)";
  }
  const named =
    typeof value === "object" && value !== null && Object.values(value).some((each) => each instanceof Layer);
  return named ? ' (named layers are pairs: ["name", layer])' : "";
}
