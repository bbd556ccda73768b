// From an architecture as JSON to layers: each type is looked up in the table or among the classes that the caller gave,
// and its constructor gets the arguments.
import { isRecord, nearestHint, show } from "../base/check.js";
import { ArgumentError, FormatError, HandgradError } from "../base/errors.js";
import { Layer } from "../nn/layer.js";
import { ownLayers } from "../nn/layerTable.js";
import type { LayerClass } from "../nn/layers.js";
import { MOST_LAYERS } from "./modelFormat.js";

interface Config {
  readonly type: string;
  readonly args: readonly unknown[];
  readonly options?: object;
}

/** Builds the layers of one file. */
export class ModelBuilder {
  readonly #who: string;
  readonly #classes: Map<string, LayerClass>;
  readonly #remedy: (type: string) => string;
  #built = 0;

  /** `remedy` says how the class of a layer is given. */
  constructor(
    who: string,
    layers: unknown,
    remedy = (type: string): string => `give its class: loadModel(bytes, { layers: { ${type} } })`,
  ) {
    this.#who = who;
    this.#remedy = remedy;
    this.#classes = new Map(ownLayers());
    if (!isRecord(layers)) {
      throw new ArgumentError(`${who}: expected layers as an object such as { MyLayer }, got ${show(layers)}.`);
    }
    for (const [type, Class] of Object.entries(layers)) {
      if (this.#classes.has(type)) {
        throw new ArgumentError(
          `${who}: expected layers of your own, got "${type}", which handgrad has (rename yours).`,
        );
      }
      if (typeof Class !== "function" || !(Class.prototype instanceof Layer)) {
        throw new ArgumentError(
          `${who}: expected layers.${type} to be a class that extends Layer, got ${show(Class)} (the class itself, ` +
            `from one copy of handgrad).`,
        );
      }
      this.#classes.set(type, Class as LayerClass);
    }
  }

  /** The layer of this config, with all in it. */
  build(architecture: unknown): Layer {
    if (isConfig(architecture)) return this.#layer(architecture, "");
    throw new FormatError(`${this.#who}: expected an architecture { type, args }, got ${show(architecture)}.`);
  }

  #layer(config: Config, path: string): Layer {
    const at = path === "" ? "" : ` at layer ${path}`;
    if (++this.#built > MOST_LAYERS) {
      throw new FormatError(`${this.#who}: expected at most ${MOST_LAYERS} layers, got more.`);
    }
    const { type, options } = config;
    const Class = this.#classes.get(type);
    if (Class === undefined) {
      const hint = nearestHint(type, [...this.#classes.keys()]);
      const remedy = `(${this.#remedy(type.slice(0, 40))})`;
      throw new ArgumentError(
        `${this.#who}: expected a known class for each layer, got ${show(type)}${at}${hint.replace("?", "")} ${remedy}.`,
      );
    }
    const args = config.args.map((arg, i) => this.#revive(arg, path === "" ? String(i) : `${path}.${i}`, path));
    try {
      return Reflect.construct(Class, options === undefined ? args : [...args, options]) as Layer;
    } catch (error) {
      if (!(error instanceof HandgradError)) throw error;
      throw new FormatError(`${this.#who}: expected usable arguments${at}. ${error.message}`);
    }
  }

  // An object { type, args } among the arguments stands for a layer, with a name in front as [name, { type, args }] and what a node
  // of a graph reads behind it.
  #revive(arg: unknown, place: string, parent: string): unknown {
    if (isConfig(arg)) return this.#layer(arg, place);
    if (!Array.isArray(arg)) return arg;
    const [name, config, ...reads] = arg as unknown[];
    if (typeof name === "string" && isConfig(config)) {
      return [name, this.#layer(config, parent === "" ? name : `${parent}.${name}`), ...reads];
    }
    return arg.map((each, i) => this.#revive(each, `${place}.${i}`, parent));
  }
}

function isConfig(value: unknown): value is Config {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const { type, args, options } = value as Partial<Config>;
  if (typeof type !== "string" || !Array.isArray(args)) return false;
  const keys = Object.keys(value).length;
  if (options === undefined) return keys === 2;
  return keys === 3 && options !== null && typeof options === "object" && !Array.isArray(options);
}
