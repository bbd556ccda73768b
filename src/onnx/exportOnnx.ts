// exportOnnx: a model as an ONNX file, for ONNX Runtime and whatever else reads that format.
import { flag, isRecord, knownKeys, show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { Graph } from "../nn/container/graph.js";
import { Layer } from "../nn/layer.js";
import type { Parameter } from "../nn/parameter.js";
import { foldBatchNorms } from "../nn/norm/fold.js";
import { inPlace } from "../nn/place.js";
import { PlainObject, type ForwardBackward } from "../nn/plainObject.js";
import { typeName } from "../nn/protocol.js";
import { checkShape, formatShape, type Shape } from "../base/shape.js";
import { exportOf } from "./exportTable.js";
import type { Bytes } from "../files/bytes.js";
import { GraphWriter, type OnnxContext } from "./graphWriter.js";
import type { Current, ExportMany } from "./operators/operator.js";
import { DATA_TYPE, MODEL, type ValueInfoDraft } from "./schema.js";
import { VERSION } from "./version.js";
import { encode } from "./wire.js";

/** Adds the nodes of a layer of your own and returns the name of its output. */
export type OnnxLayerExport = {
  /** The export of one layer. (A method, so that its parameter may be of a narrower type: the class of the layer.) */
  export(layer: Layer | ForwardBackward, onnx: OnnxContext): string;
}["export"];

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions {
  /** Name of the graph's input. Default "input". */
  readonly inputName?: string;
  /** Name of the graph's output. Default "output". */
  readonly outputName?: string;
  /** What layers of your own become, by the names of their classes. */
  readonly layers?: Readonly<Record<string, OnnxLayerExport>>;
  /**
   * Whether a batch norm right behind a Conv2d or Linear is folded into its weights: fewer nodes, the same numbers up to rounding.
   * Default false: it is a BatchNormalization.
   */
  readonly foldBatchNorm?: boolean;
  /** Texts that the file carries along (`metadata_props`), such as class names. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const OPTIONS = ["inputName", "outputName", "layers", "foldBatchNorm", "metadata"] as const;
const IR_VERSION = 8; // the one of opset 17's time
const OPSET = 17;

/**
 * The model as an ONNX file: opset 17, the batch size free ("N"), weights inside under their state-dict names, nodes named as
 * the layers. It computes what `model.predict` computes; dropout is left out.
 *
 * @param inputShape shape of one sample, without the batch axis: [C, H, W]; for a graph with several inputs one for each by name
 *
 * @example
 * await writeFile("digits.onnx", exportOnnx(model, [1, 28, 28]));
 *
 * @throws ArgumentError for a layer that ONNX export does not know, with its path, or an unusable option
 * @throws ShapeError when the layers do not fit the input
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */
export function exportOnnx(
  model: Layer,
  inputShape: Shape | Readonly<Record<string, Shape>>,
  options: ExportOnnxOptions = {},
): Bytes {
  if (!(model instanceof Layer)) {
    throw new ArgumentError(
      `exportOnnx: expected a model or a layer, got ${show(model)}${fromOtherCopy(model, LAYER)}.`,
    );
  }
  const { inputs, outputs } = endsOf(model, inputShape, options);
  const settings = readOptions(options);
  const { metadata } = settings;
  const names = new Map<Parameter, string>(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  const writer = new GraphWriter([...inputs.map(({ name }) => name), ...outputs], names);
  const ends = exportLayer(model, [], inputs, writer, settings);
  writer.nameOutputs(
    ends.map(({ name }) => name),
    outputs,
  );
  const graph = {
    ...{ name: "handgrad", node: writer.nodes, initializer: writer.initializers },
    input: inputs.map(({ name, shape }) => valueInfo(name, shape)),
    output: ends.map(({ shape }, i) => valueInfo(outputs[i], shape)),
  };
  return encode(MODEL, {
    ...{ irVersion: IR_VERSION, producerName: "handgrad", producerVersion: VERSION, graph },
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

interface Ends {
  readonly inputs: readonly Current[];
  /** Their names. */
  readonly outputs: readonly string[];
}

// What goes in and comes out. A graph with several of either has names for them.
function endsOf(model: Layer, inputShape: unknown, options: ExportOnnxOptions): Ends {
  const { inputName, outputName } = readOptions(options);
  const graph = model instanceof Graph ? model : undefined;
  const outputs = graph !== undefined && graph.outputs.length > 1 ? graph.outputs : [outputName];
  if (outputs.length > 1 && options.outputName !== undefined) refuseName("outputName", graph?.outputs ?? []);
  if (graph === undefined || (graph.inputs.length === 1 && !isRecord(inputShape))) {
    if (outputs.includes(inputName)) refuseName("inputName", outputs);
    return { inputs: [{ name: inputName, shape: [1, ...sampleShape(inputShape)] }], outputs };
  }
  if (options.inputName !== undefined) refuseName("inputName", graph.inputs);
  const keys = isRecord(inputShape) ? Object.keys(inputShape) : [];
  if (
    !isRecord(inputShape) ||
    keys.length !== graph.inputs.length ||
    !graph.inputs.every((name) => keys.includes(name))
  ) {
    throw new ArgumentError(
      `exportOnnx: expected the shape of one sample for each of the inputs ${graph.inputs.join(", ")}, got ` +
        `${isRecord(inputShape) ? `those of ${keys.join(", ")}` : show(inputShape)}.`,
    );
  }
  return { inputs: graph.inputs.map((name) => ({ name, shape: [1, ...sampleShape(inputShape[name])] })), outputs };
}

function refuseName(option: string, names: readonly string[]): never {
  throw new ArgumentError(
    `exportOnnx: expected no ${option} that the graph has itself (${names.join(", ")}), got one.`,
  );
}

function sampleShape(inputShape: unknown): Shape {
  const shape = checkShape("exportOnnx", inputShape);
  if (shape.length > 0 && !shape.includes(0)) return shape;
  throw new ShapeError(
    `exportOnnx: expected the shape of one sample, such as [C, H, W], got ${formatShape(shape)} (sizes of at least 1).`,
  );
}

type Settings = Required<ExportOnnxOptions>;

// One layer, or all of a container's by the container's rule; an error gets the path in front.
function exportLayer(
  layer: Layer,
  path: readonly string[],
  xs: readonly Current[],
  writer: GraphWriter,
  settings: Settings,
): readonly Current[] {
  const known = exportOf(layer);
  const type = known?.type ?? (layer instanceof PlainObject ? layer[typeName] : layer.constructor.name);
  const [x] = xs;
  const onnx = writer.contextFor(path.join("."), type, x.name, x.shape);
  const child: ExportMany = (name, each, from) => {
    const place = [...path, name];
    for (const [key, parameter] of each.namedParameters()) writer.name(parameter, [...place, key].join("."));
    return inPlace(name, () => exportLayer(each, place, from, writer, settings));
  };
  if (known?.many !== undefined) return known.many(layer, xs, child, onnx);
  if (known?.container !== undefined) {
    const children = settings.foldBatchNorm ? foldBatchNorms(layer.namedChildren()) : layer.namedChildren();
    return [known.container(layer, x, (name, each, from) => child(name, each, [from])[0], onnx, children)];
  }
  const shape = layer.outputShape(x.shape);
  const name: unknown = Object.hasOwn(settings.layers, type)
    ? settings.layers[type](layer instanceof PlainObject ? layer.wrapped : layer, onnx)
    : (known?.layer ?? unknown(type))(layer, x, shape, onnx);
  if (typeof name === "string") return [{ name, shape }];
  throw new ArgumentError(`${type}: expected its export to return the name of its output, got ${show(name)}.`);
}

function unknown(type: string): never {
  throw new ArgumentError(
    `${type}: expected a layer that can be exported to ONNX, got a ${type} from elsewhere (say what it becomes: ` +
      `exportOnnx(model, shape, { layers: { ${type}: ... } })).`,
  );
}

// The first axis is the batch, unless a layer joined it with others; then it has a name of its own.
function valueInfo(name: string, [first, ...rest]: Shape): ValueInfoDraft {
  const dim = [{ dimParam: first === 1 ? "N" : `N*${first}` }, ...rest.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: DATA_TYPE.float, shape: { dim } } } };
}

function readOptions(options: ExportOnnxOptions): Required<ExportOnnxOptions> {
  knownKeys("exportOnnx", options, OPTIONS);
  const { inputName = "input", outputName = "output", layers = {}, metadata = {}, foldBatchNorm = false } = options;
  for (const [key, name] of Object.entries({ inputName, outputName })) {
    if (typeof name === "string" && name !== "") continue;
    throw new ArgumentError(`exportOnnx: expected ${key} to be a text of at least one character, got ${show(name)}.`);
  }
  if (inputName === outputName) {
    throw new ArgumentError(
      `exportOnnx: expected different names for input and output, got ${show(inputName)} for both.`,
    );
  }
  checkValues("layers", layers, "function");
  checkValues("metadata", metadata, "string");
  flag("exportOnnx", "foldBatchNorm", foldBatchNorm);
  return { inputName, outputName, layers, metadata, foldBatchNorm };
}

function checkValues(name: string, object: unknown, type: "function" | "string"): void {
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    throw new ArgumentError(`exportOnnx: expected ${name} to be an object of ${type}s by name, got ${show(object)}.`);
  }
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === type) continue;
    throw new ArgumentError(`exportOnnx: expected ${name}.${key} to be a ${type}, got ${show(value)}.`);
  }
}
