// Writes a model file: architecture, weights, input spec and class names in one. The format is in modelFormat.ts.
import { isRecord, knownKeys, show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";
import { Layer } from "../nn/layer.js";
import type { Json, LayerConfig } from "../nn/config.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import type { Tensor } from "../base/tensor.js";
import { readClasses, readInputSpec, type FullInputSpec, type InputSpec } from "./inputSpec.js";
import { ownLayers } from "../nn/layerTable.js";
import { inPlace } from "../nn/place.js";
import {
  CHECKSUM_KEY,
  DEEPEST_JSON,
  MODEL_KEY,
  MODEL_VERSION,
  MOST_LAYERS,
  checksum,
  ownAndShared,
  type ModelHeader,
} from "./modelFormat.js";
import type { Bytes } from "../files/bytes.js";
import { encodeSafetensors } from "../files/safetensors.js";

/** Options of {@link saveModel}. */
export interface SaveModelOptions {
  /** What the model takes: shape of one sample, and for images how bytes become numbers. Not for a graph with several inputs. */
  readonly input?: InputSpec;
  /** Name of each class, in the order of the model's outputs. Not for a graph with several outputs. */
  readonly classes?: readonly string[];
  /** Texts of your own (author, licence, accuracy ...); keys that begin with "handgrad." are taken. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const WHO = "saveModel";

/**
 * The bytes of a model file, a Sequential or a Graph, which {@link loadModel} brings back: architecture, weights, input spec, class names. It is a
 * safetensors file, so that any reader of these gets the weights under PyTorch's names; docs/files.md has the format.
 *
 * Dropout generators, gradients and the mode are not stored; for those there are checkpoints.
 *
 * @example
 * const bytes = saveModel(model, { input: { shape: [1, 28, 28] }, classes: ["cat", "dog"] });
 * writeFileSync("pets.safetensors", bytes);
 *
 * @throws ArgumentError for a layer that cannot be written down, or class names that do not fit the outputs
 * @throws ShapeError when the model does not take the input's shape
 */
export function saveModel(model: Sequential | Graph, options: SaveModelOptions = {}): Bytes {
  if (!(model instanceof Sequential || model instanceof Graph)) {
    const other: unknown = model;
    const wrapped = ` (wrap it: new Sequential(["net", model]))`;
    const remedy = other instanceof Layer ? wrapped : fromOtherCopy(other, LAYER) || ` (new Sequential(...) makes one)`;
    throw new ArgumentError(`${WHO}: expected a Sequential or a Graph, got ${show(other)}${remedy}.`);
  }
  if (typeof options === "string") {
    throw new ArgumentError(
      `${WHO}: expected an options object, got ${show(options)} ` +
        `(it returns the bytes: writeFileSync(${show(options)}, saveModel(model))).`,
    );
  }
  knownKeys(WHO, options, ["input", "classes", "metadata"]);
  const input = options.input === undefined ? null : readInputSpec(WHO, options.input);
  const classes = options.classes === undefined ? null : readClasses(WHO, options.classes);
  if (model instanceof Graph) checkSingle(model, input, classes);
  checkFit(model, input, classes);

  const { own, shared } = ownAndShared(model);
  const header: ModelHeader = {
    version: MODEL_VERSION,
    architecture: architectureOf(model),
    shared: Object.fromEntries(shared),
    input,
    classes,
  };
  const metadata = {
    ...readMetadata(options.metadata === undefined ? {} : options.metadata),
    [MODEL_KEY]: JSON.stringify(header),
  };
  const tensors: Record<string, Tensor> = Object.fromEntries([...own].map(([name, { value }]) => [name, value]));
  return encodeSafetensors(tensors, { ...metadata, [CHECKSUM_KEY]: checksum(tensors, metadata) });
}

function readMetadata(metadata: unknown): Record<string, string> {
  if (!isRecord(metadata)) {
    throw new ArgumentError(`${WHO}: expected metadata as an object of texts, got ${show(metadata)}.`);
  }
  for (const [key, text] of Object.entries(metadata)) {
    if (key.startsWith("handgrad.")) {
      throw new ArgumentError(`${WHO}: expected metadata keys of your own, got "${key}" ("handgrad." is taken).`);
    }
    if (typeof text !== "string") {
      throw new ArgumentError(`${WHO}: expected metadata.${key} to be a text, got ${show(text)} (use String(...)).`);
    }
  }
  return metadata as Record<string, string>;
}

// A spec is of one input, and classes are of one output.
function checkSingle({ inputs, outputs }: Graph, input: FullInputSpec | null, classes: readonly string[] | null): void {
  const refuse = (option: string, what: string, names: readonly string[]): never => {
    throw new ArgumentError(
      `${WHO}: expected no ${option} for a graph with ${names.length} ${what}, got one (${names.join(", ")}: metadata can tell ` +
        `of each).`,
    );
  };
  if (input !== null && inputs.length > 1) refuse("input spec", "inputs", inputs);
  if (classes !== null && outputs.length > 1) refuse("class names", "outputs", outputs);
}

// A mistake in the spec shall not come to light in the app.
function checkFit(model: Layer, input: FullInputSpec | null, classes: readonly string[] | null): void {
  if (input === null) return;
  const [, outputs, ...rest] = model.outputShape([1, ...input.shape]);
  if (classes === null || (rest.length === 0 && outputs === classes.length)) return;
  throw new ArgumentError(
    `${WHO}: expected a class name for each output, got ${classes.length} names for the output shape ` +
      `${show([outputs, ...rest])} (one sample, without the batch axis).`,
  );
}

function architectureOf(model: Layer): LayerConfig {
  const count = [...model.layers()].length;
  if (count > MOST_LAYERS) {
    throw new ArgumentError(`${WHO}: expected at most ${MOST_LAYERS} layers, got ${count}.`);
  }
  const config = model.config();
  checkJson(config, "", 0);
  checkTypes(model, new Map(ownLayers()));
  return config;
}

// The file tells classes apart by what their config() says, so two of them must not say the same.
function checkTypes(layer: Layer, named: Map<string, unknown>): void {
  const Class: unknown = layer.constructor;
  const type = typeOf(layer);
  const other = type === undefined ? undefined : named.get(type);
  if (other !== undefined && other !== Class) {
    throw new ArgumentError(
      `${layer.constructor.name}: expected a config() with a type of its own, got "${type}", which is another class (the file ` +
        `must tell them apart).`,
    );
  }
  if (type !== undefined) named.set(type, Class);
  for (const [name, child] of layer.namedChildren()) inPlace(name, () => checkTypes(child, named));
}

// Undefined for a layer that says none: its container does not write it down.
function typeOf(layer: Layer): string | undefined {
  try {
    return layer.config().type;
  } catch {
    return undefined;
  }
}

// JSON.stringify would turn NaN into null and leave functions out.
function checkJson(value: unknown, place: string, depth: number): asserts value is Json {
  const bad = (got: string, remedy: string): never => {
    throw new ArgumentError(`${WHO}: expected config() to hold plain JSON, got ${got} at ${place} (${remedy}).`);
  };
  if (depth > DEEPEST_JSON) bad(`more than ${DEEPEST_JSON} levels`, "the layers are nested too deep");
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    value.forEach((each, i) => checkJson(each, `${place}[${i}]`, depth + 1));
    return;
  }
  const proto: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (proto !== Object.prototype && proto !== null) bad(show(value), "numbers, texts, arrays and plain objects can be");
  for (const [key, each] of Object.entries(value as object)) {
    if (key === "__proto__") bad(`the key "__proto__"`, "name it otherwise");
    checkJson(each, place === "" ? key : `${place}.${key}`, depth + 1);
  }
}
