// The spec of a layer class: its name, arguments and options stand once. config, describe, the messages about arguments, model
// files, state-dict names and ONNX read them here.
import { show, knownKeys, noArguments } from "../base/check.js";
import { defaultOf, readOptions, type OptionTable, type OptionsOf } from "../base/options.js";
import type { Json, LayerConfig } from "./config.js";
import type { Trait } from "./runOrder.js";

/** What an elementwise layer is in ONNX: the operator, and its attribute for each option of the layer. */
export interface OnnxName {
  /** Name of the operator. */
  readonly op: string;
  /** By the option: the attribute's name, and what counts in ONNX where it is left out. */
  readonly attributes?: Readonly<Record<string, { readonly name: string; readonly otherwise: number }>>;
}

/** All that is known of a layer class without an instance. */
export interface LayerSpec {
  /** Name of the class, in messages and files. */
  readonly type: string;
  /** Positional arguments, in their order. */
  readonly args: OptionTable;
  /** The options object behind them; absent for a constructor that takes none. */
  readonly options?: OptionTable;
  /** Names in the state dict of fields that are called otherwise: PyTorch's. */
  readonly stateNames?: Readonly<Record<string, string>>;
  /** Its output is a view of its input: it counts no bytes and has no number in a summary. */
  readonly isView?: boolean;
  /** What a summary says of a model that ends with it. */
  readonly noteOfLast?: string;
  /** Whether it reads the whole batch in a prediction, which then is not cut into parts. */
  readonly readsBatch?: (settings: Readonly<Record<string, unknown>>) => boolean;
  /** What allows it to trade places with a neighbor. */
  readonly trait?: (settings: Readonly<Record<string, unknown>>) => Trait;
  /** For an elementwise layer: what it is in ONNX. */
  readonly onnx?: OnnxName;
}

/** The checked arguments and options of a spec, by name. */
export type SettingsOf<S extends LayerSpec> = OptionsOf<S["args"]> &
  (S extends { readonly options: infer O } ? OptionsOf<O> : unknown);

/**
 * Checks what a constructor was given and returns it in full.
 *
 * @throws ArgumentError for an unknown option or an unusable value
 */
export function readSettings(spec: LayerSpec, args: readonly unknown[], given: unknown): Record<string, unknown> {
  const { type, options = {} } = spec;
  if (spec.options !== undefined) knownKeys(type, given, Object.keys(options));
  const names = Object.keys(spec.args);
  noArguments(type, args.slice(names.length));
  const read: Record<string, unknown> = {};
  names.forEach((name, i) => (read[name] = spec.args[name].check(type, name, args[i])));
  return spec.options === undefined ? read : { ...read, ...readOptions(type, options, given, read) };
}

/** The layer as plain JSON; an option that has no value is left out. */
export function configOf(spec: LayerSpec, settings: Readonly<Record<string, unknown>>): LayerConfig {
  const args = Object.keys(spec.args).map((name) => settings[name] as Json);
  if (spec.options === undefined) return { type: spec.type, args };
  const options = Object.keys(spec.options)
    .filter((name) => settings[name] !== undefined)
    .map((name): [string, Json] => [name, settings[name] as Json]);
  return { type: spec.type, args, options: Object.fromEntries(options) };
}

/** The constructor call that builds such a layer; options are said where they differ from their defaults. */
export function describeSpec(spec: LayerSpec, settings: Readonly<Record<string, unknown>>): string {
  const { options = {} } = spec;
  const args = Object.keys(spec.args).map((name) => show(settings[name]));
  const given = Object.keys(options)
    .filter((name) => show(settings[name]) !== show(defaultOf(spec.type, options[name], name, settings)))
    .map((name) => `${name}: ${show(settings[name])}`);
  return `${spec.type}(${[...args, ...(given.length === 0 ? [] : [`{ ${given.join(", ")} }`])].join(", ")})`;
}
