// Reads a model file. Nothing in the file is evaluated: its texts choose among classes that are already here, whose
// constructors check what they are given; sizes are compared with the numbers in the file before anything is allocated.
import { namedState } from "../nn/walk.js";
import { checkBytes, knownKeys, show } from "../base/check.js";
import { FormatError, HandgradError } from "../base/errors.js";
import { describeBytes } from "../data/foreign.js";
import { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import { Graph } from "../nn/container/graph.js";
import { Sequential } from "../nn/container/sequential.js";
import { formatShape, sameShape } from "../base/shape.js";
import type { Tensor } from "../base/tensor.js";
import { ModelBuilder } from "./buildLayers.js";
import { readClasses, readInputSpec } from "./inputSpec.js";
import { LoadedModel } from "./loadedModel.js";
import type { LayerClass } from "../nn/layers.js";
import { CHECKSUM_KEY, MODEL_KEY, MODEL_VERSION, checksum, ownAndShared, type ModelHeader } from "./modelFormat.js";
import { parseJson } from "../files/json.js";
import { decodeAllSafetensors, type SafetensorsFile } from "../files/safetensors.js";

/** Options of {@link loadModel}. */
export interface LoadModelOptions {
  /** Classes of your own layers, by the type that their `config()` says. */
  readonly layers?: Readonly<Record<string, LayerClass>>;
}

const WHO = "loadModel";

/**
 * Brings back what {@link saveModel} wrote: a model that is ready to predict and, like every new model, in train mode and
 * ready to be trained on.
 *
 * No random number is drawn. The layers are made by their constructors, so each dropout layer and each parameter takes the
 * next stream number of its kind, as if the model had been written down in the program.
 *
 * @example
 * const response = await fetch("digits.safetensors");
 * const digits = loadModel(await response.arrayBuffer());
 * digits.classify(context.getImageData(0, 0, 28, 28), { top: 3 });
 *
 * @param bytes of the file: from `fetch` (arrayBuffer), `readFileSync`, IndexedDB
 * @throws FormatError when the bytes are no model file, are damaged, or are of a newer version
 * @throws ArgumentError when the class of a layer is not given
 */
export function loadModel(bytes: Uint8Array | ArrayBuffer, options: LoadModelOptions = {}): LoadedModel {
  knownKeys(WHO, options, ["layers"]);
  const { layers = {} } = options;
  const builder = new ModelBuilder(WHO, layers);
  const file = open(checkBytes(WHO, bytes));
  const header = readHeader(file);
  const { input, classes } = fromFile(() => ({
    input: header.input === null ? null : readInputSpec(WHO, header.input),
    classes: header.classes === null ? null : readClasses(WHO, header.classes),
  }));
  const model = builder.build(header.architecture);
  if (!(model instanceof Sequential || model instanceof Graph)) {
    throw new FormatError(`${WHO}: expected a Sequential or a Graph as the outermost layer, got ${show(model)}.`);
  }
  share(model, header.shared);
  fill(model, file.tensors);
  const texts = Object.entries(file.metadata).filter(([key]) => key !== MODEL_KEY && key !== CHECKSUM_KEY);
  return new LoadedModel(model, input, classes, Object.fromEntries(texts));
}

function open(bytes: Uint8Array): SafetensorsFile {
  let file: SafetensorsFile;
  try {
    file = decodeAllSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof HandgradError)) throw error;
    const looks = describeBytes(bytes);
    if (bytes.length < 8 || !looks.includes(";"))
      throw new FormatError(`${WHO}: expected a whole model file. ${error.message}`);
    throw new FormatError(
      `${WHO}: expected a model file that saveModel wrote, got bytes that begin with ${looks} (look at the path or ` +
        `address, and at response.ok).`,
    );
  }
  if (Object.hasOwn(file.metadata, MODEL_KEY)) return file;
  const count = Object.keys(file.tensors).length;
  const checkpoint = Object.hasOwn(file.metadata, "format") && file.metadata.format === "handgrad checkpoint";
  throw new FormatError(
    checkpoint
      ? `${WHO}: expected a model file, got a checkpoint (restoreCheckpoint reads it in the program that trains; saveModel ` +
          `writes model files).`
      : `${WHO}: expected a model file, got a safetensors file of ${count} tensors without an architecture (build the ` +
          `model, then model.loadStateDict(decodeSafetensors(bytes).tensors)).`,
  );
}

function readHeader({ tensors, metadata }: SafetensorsFile): ModelHeader {
  const text = metadata[MODEL_KEY];
  const json = parseJson(WHO, text, { what: `JSON under ${show(MODEL_KEY)}` });
  const { version } = (json ?? {}) as { version?: unknown };
  if (typeof version === "number" && Number.isInteger(version) && version > MODEL_VERSION) {
    throw new FormatError(
      `${WHO}: expected a model file of version ${MODEL_VERSION}, got version ${version} (a newer handgrad wrote it; ` +
        `update the package).`,
    );
  }
  if (version !== MODEL_VERSION) throw damaged(`version ${MODEL_VERSION}`, `version ${show(version)}`);
  if (metadata[CHECKSUM_KEY] !== checksum(tensors, metadata)) {
    throw damaged(`the content that the checksum says`, `another one`);
  }
  refuseProto(json);
  fromFile(() => knownKeys(WHO, json, ["version", "architecture", "shared", "input", "classes"]));
  return json as ModelHeader;
}

function damaged(expected: string, got: string): FormatError {
  return new FormatError(
    `${WHO}: expected ${expected}, got ${got} (the file is damaged or was changed; get it again. Weights that another ` +
      `tool changed are loaded with model.loadStateDict(decodeSafetensors(bytes).tensors)).`,
  );
}

// No class may find the key in its options: Object.assign would make a prototype of it.
function refuseProto(value: unknown): void {
  if (value === null || typeof value !== "object") return;
  if (Object.hasOwn(value, "__proto__")) {
    throw new FormatError(`${WHO}: expected an architecture without the key "__proto__", got one.`);
  }
  Object.values(value).forEach(refuseProto);
}

// What is wrong inside the file is the file's fault, whatever the check calls it.
function fromFile<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof HandgradError ? new FormatError(error.message) : error;
  }
}

/** Gives layers the same Parameter or StateBuffer where the saved ones had the same. */
function share(model: Layer, shared: unknown): void {
  if (shared === null || typeof shared !== "object" || Array.isArray(shared)) {
    throw new FormatError(`${WHO}: expected shared names as an object, got ${show(shared)}.`);
  }
  const wanted = new Map(Object.entries(shared as Record<string, unknown>));
  const states = new Map(namedState(model));
  for (const [name, first] of wanted) {
    const [state, source] = [states.get(name), states.get(String(first))];
    if (state === undefined || source === undefined || state.constructor !== source.constructor) {
      throw new FormatError(
        `${WHO}: expected "${name}" and ${show(first)}, which are shared, to be two parameters or two buffers of the ` +
          `architecture, got another thing.`,
      );
    }
    if (state === source) continue;
    if (!sameShape(shapeOf(state), shapeOf(source))) {
      throw new FormatError(
        `${WHO}: expected "${name}", which shares the numbers of ${show(first)}, of its shape ` +
          `${formatShape(shapeOf(source))}, got ${formatShape(shapeOf(state))}.`,
      );
    }
    const owner = ownerOf(model, name);
    (owner.layer as unknown as Record<string, unknown>)[owner.field] = source;
  }
  const built = ownAndShared(model).shared;
  const odd = [...new Set([...built.keys(), ...wanted.keys()])].find((name) => built.get(name) !== wanted.get(name));
  if (odd === undefined) return;
  throw new FormatError(
    `${WHO}: expected "${odd}" to share ${wanted.has(odd) ? `the numbers of ${show(wanted.get(odd))}` : "no numbers"}, ` +
      `as in the saved model, got a layer that makes it otherwise.`,
  );
}

function shapeOf(state: { readonly value: Tensor }): readonly number[] {
  return Parameter.isParameter(state) ? state.shape : state.value.shape; // the shape alone draws no weights
}

/** @internal Follows names such as "features.0.weight" to the layer that has the field. A name of a layer may hold dots itself. */
export function ownerOf(model: Layer, name: string): { layer: Layer; field: string } {
  const inside = model.namedChildren().find(([child]) => name.startsWith(`${child}.`));
  return inside === undefined ? { layer: model, field: name } : ownerOf(inside[1], name.slice(inside[0].length + 1));
}

function fill(model: Layer, tensors: Readonly<Record<string, Tensor>>): void {
  const { own } = ownAndShared(model);
  for (const name of Object.keys(tensors)) {
    if (!own.has(name)) throw misfit(`no tensor "${name}"`, `one`);
  }
  for (const [name, state] of own) {
    if (!Object.hasOwn(tensors, name)) throw misfit(`a tensor "${name}"`, `none`);
    const [expected, got] = [shapeOf(state), tensors[name].shape];
    if (!sameShape(expected, got)) throw misfit(`"${name}" of shape ${formatShape(expected)}`, formatShape(got));
  }
  for (const [name, state] of own) {
    if (Parameter.isParameter(state)) state.value = tensors[name];
    else state.value.data.set(tensors[name].data);
  }
}

function misfit(expected: string, got: string): FormatError {
  return new FormatError(`${WHO}: expected ${expected} by the file's architecture, got ${got}.`);
}
