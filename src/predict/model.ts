// A model that only predicts: built from a model file out of the makers of its layers.
import type { Workspace } from "../backend/kernels.js";
import { storeArray } from "../backend/wasm/runtime/storedNumbers.js";
import { workspace } from "../backend/wasm/runtime/storage.js";
import { isRecord, knownKeys, nearestHint, show } from "../base/check.js";
import { ArgumentError, HandgradError, ShapeError } from "../base/errors.js";
import { formatShape, sameShape, sizeOf, type Shape } from "../base/shape.js";
import type { Stored } from "../base/stored.js";
import { readClasses, readInputSpec, type FullInputSpec } from "../models/inputSpec.js";
import { bad, readModelFile, type Stated } from "./file.js";
import { only, type Layer, type Maker, type Value } from "./layer.js";
import { isConfig } from "./shapes.js";
import type { PredictLayers } from "./kit/table.js";
import { KIT_NAMES, commonMakers } from "./table.js";

const MOST_LAYERS = 10_000;
const DEEPEST = 60;

/** Options of {@link loadModel}. */
export interface PredictOptions {
  /** `kit` of handgrad/predict, for a model with a layer of it. */
  readonly layers?: PredictLayers;
}

/** A model that came from a file and only predicts. */
export class PredictModel {
  /** What it takes; null if the file does not say it. */
  readonly input: FullInputSpec | null;
  /** Name of each output; null if the file does not say it. */
  readonly classes: readonly string[] | null;
  /** The texts that were given to `saveModel`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #run: Layer;
  readonly #room: Workspace;

  /** @internal Made by loadModel. */
  constructor(run: Layer, said: Pick<PredictModel, "input" | "classes" | "metadata">) {
    [this.input, this.classes, this.metadata] = [said.input, said.classes, said.metadata];
    this.#run = run;
    this.#room = workspace(this);
  }

  /**
   * What the model predicts (logits for a classifier), one row for each sample: the bits of `predict` of the model that was saved.
   *
   * @param x numbers and their shape [N, ...]: a Tensor, or { data, shape }
   * @throws ShapeError when a layer does not take the shape
   */
  predict(x: Value): { data: Float32Array; shape: Shape } {
    const { data, shape } = checkValue(x, this.input);
    const room = this.#room;
    room.begin();
    const copy = room.floats(data.length);
    copy.set(data);
    const y = only(this.#run, { data: copy, shape }, room);
    const result = { data: y.data.slice(), shape: [...y.shape] };
    room.idle();
    return result;
  }
}

function checkValue(x: unknown, input: FullInputSpec | null): Value {
  const { data, shape } = ((typeof x === "object" && x) || {}) as Partial<Value>;
  if (!ArrayBuffer.isView(data) || Object.prototype.toString.call(data) !== "[object Float32Array]") {
    throw new ArgumentError(`predict: expected a Tensor, or { data, shape } with a Float32Array, got ${show(x)}.`);
  }
  const isShape =
    Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isSafeInteger(size) && size > 0);
  if (!isShape || sizeOf(shape as Shape) !== data.length) {
    throw new ShapeError(`predict: expected a shape of ${data.length} numbers, got ${show(shape)}.`);
  }
  if (input !== null && !sameShape((shape as Shape).slice(1), input.shape)) {
    throw new ShapeError(
      `predict: expected input ${formatShape(["N", ...input.shape])}, got ${formatShape(shape as Shape)} (one batch axis first).`,
    );
  }
  return { data, shape: shape as Shape };
}

/**
 * A model file that `saveModel` of handgrad/io wrote, ready to predict and nothing else: every layer of the package, in a third of
 * the bytes that `loadModel` of handgrad/io takes, with the same bits. No layers of your own, no training; for those there is
 * handgrad/io.
 *
 * @example
 * import { Flatten, Linear, Sequential } from "handgrad";
 * import { saveModel } from "handgrad/io";
 * import { loadModel } from "handgrad/predict";
 * const bytes = saveModel(new Sequential(new Flatten(), new Linear(784, 10))); // in an app: fetched
 * loadModel(bytes).predict({ data: new Float32Array(784), shape: [1, 1, 28, 28] }).shape; // [1, 10]
 *
 * @throws FormatError when the bytes are no model file, are damaged, or hold a layer that is not of this package
 */
export function loadModel(bytes: Uint8Array | ArrayBuffer, options: PredictOptions = {}): PredictModel {
  knownKeys("loadModel", options, ["layers"]);
  const { layers } = options;
  if (layers !== undefined && !isRecord(layers.makers)) {
    throw new ArgumentError(`loadModel: expected layers to be kit of handgrad/predict, got ${show(layers)}.`);
  }
  const { tensors, header, metadata } = readModelFile(bytes);
  const { input, classes, architecture, shared } = header;
  const said = {
    input: input === null ? null : readInputSpec("loadModel", input),
    classes: classes === null ? null : readClasses("loadModel", classes),
    metadata,
  };
  return new PredictModel(
    build(architecture, tensors, isRecord(shared) ? shared : {}, { ...commonMakers(), ...layers?.makers }),
    said,
  );
}

function build(
  architecture: unknown,
  tensors: ReadonlyMap<string, Stated>,
  shared: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, Maker>>,
): Layer {
  const makers = new Map(Object.entries(table)); // so that "constructor" is not found
  const stored = new Map<string, Stored>();
  const used = new Set<string>();
  let count = 0;

  const numbers = (name: string, shape: Shape): [first: string, data: Float32Array] => {
    const first = Object.hasOwn(shared, name) ? String(shared[name]) : name;
    const tensor = tensors.get(first);
    if (tensor === undefined || !sameShape(tensor.shape, shape)) {
      throw bad(`"${name}" of shape ${formatShape(shape)}`, tensor === undefined ? "none" : formatShape(tensor.shape));
    }
    used.add(first);
    return [first, tensor.data];
  };
  const make = (config: unknown, path: string, depth: number): Layer => {
    if (!isConfig(config) || ++count > MOST_LAYERS || depth > DEEPEST) {
      throw bad(`a layer { type, args }${path && ` at ${path}`}`, show(config));
    }
    const { type, args, options = {} } = config;
    const maker = makers.get(type);
    if (maker === undefined) {
      if (KIT_NAMES.split(" ").includes(type)) {
        const remedy = `import { kit } from "handgrad/predict" and give { layers: kit }`;
        throw new ArgumentError(`loadModel: expected the kit for layer ${path}, a ${type}, got no kit (${remedy}).`);
      }
      throw bad(`a layer of this package at ${path}`, `${show(type)}${nearestHint(type, [...makers.keys()])}`);
    }
    const under = (name: string): string => (path === "" ? name : `${path}.${name}`);
    try {
      return maker({
        ...{ type, args, options },
        parameter(name, shape) {
          const [first, data] = numbers(under(name), shape);
          const made = stored.get(first) ?? storeArray(data);
          stored.set(first, made);
          return made;
        },
        buffer: (name, shape) => numbers(under(name), shape)[1],
        inside: (name, inner) => make(inner, under(name), depth + 1),
      });
    } catch (error) {
      // What a layer inside said is said; what a maker says of its arguments is the file's fault.
      if (!(error instanceof HandgradError) || error.message.startsWith("loadModel: ")) throw error;
      throw bad(`usable arguments${path && ` at layer ${path}`}`, error.message);
    }
  };
  const model = make(architecture, "", 0);
  for (const name of tensors.keys()) if (!used.has(name)) throw bad(`no tensor ${show(name)}`, "one");
  return model;
}
