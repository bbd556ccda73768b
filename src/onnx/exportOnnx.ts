// exportOnnx: a model as an ONNX file, for ONNX Runtime and whatever else reads that format.
import { flag, knownKeys, show } from "../base/check.js";
import { LAYER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
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
 * @param inputShape shape of one sample, without the batch axis: [C, H, W]
 *
 * @example
 * await writeFile("digits.onnx", exportOnnx(model, [1, 28, 28]));
 *
 * @throws ArgumentError for a layer that ONNX export does not know, with its path, or an unusable option
 * @throws ShapeError when the layers do not fit the input
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */
export function exportOnnx(model: Layer, inputShape: Shape, options: ExportOnnxOptions = {}): Bytes {
  if (!(model instanceof Layer)) {
    throw new ArgumentError(
      `exportOnnx: expected a model or a layer, got ${show(model)}${fromOtherCopy(model, LAYER)}.`,
    );
  }
  const settings = readOptions(options);
  const { inputName, outputName, metadata } = settings;
  const shape = checkShape("exportOnnx", inputShape);
  if (shape.length === 0 || shape.includes(0)) {
    throw new ShapeError(
      `exportOnnx: expected the shape of one sample, such as [C, H, W], got ${formatShape(shape)} (sizes of at least 1).`,
    );
  }
  const names = new Map<Parameter, string>(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  const writer = new GraphWriter([inputName, outputName], names);
  const [last] = exportLayer(model, [], [{ name: inputName, shape: [1, ...shape] }], writer, settings);
  nameOutput(writer, last.name, outputName);
  const graph = {
    ...{ name: "handgrad", node: writer.nodes, initializer: writer.initializers },
    input: [valueInfo(inputName, [1, ...shape])],
    output: [valueInfo(outputName, last.shape)],
  };
  return encode(MODEL, {
    ...{ irVersion: IR_VERSION, producerName: "handgrad", producerVersion: VERSION, graph },
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
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

// The last node's output gets the graph's output name; a graph that computes nothing gets a node that hands its input on.
function nameOutput(writer: GraphWriter, last: string, outputName: string): void {
  const node = writer.nodes.at(-1);
  const makesLast = node?.output?.length === 1 && node.output[0] === last;
  if (makesLast) writer.nodes[writer.nodes.length - 1] = { ...node, output: [outputName] };
  else writer.nodes.push({ name: outputName, opType: "Identity", input: [last], output: [outputName] });
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
