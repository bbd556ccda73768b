// importOnnx: a network from an ONNX file, if it is a chain of operators that we have.
import { checkBytes, flag, knownKeys, show } from "../base/check.js";
import { describeBytes } from "../data/foreign.js";
import { ArgumentError, FormatError } from "../base/errors.js";
import type { Sequential } from "../nn/container/sequential.js";
import { checkShape, formatShape, sameShape, type Shape } from "../base/shape.js";
import { GraphReader } from "./graphReader.js";
import { nameLayers } from "./importNames.js";
import { NodeView, showName } from "./nodeView.js";
import { READS } from "./operators/list.js";
import { DATA_TYPE, MODEL, typeName, type GraphMessage, type ModelMessage, type ValueInfoMessage } from "./schema.js";
import { decode } from "./wire.js";

/** Options of {@link importOnnx}. */
export interface ImportOnnxOptions {
  /** Shape of one sample, [C, H, W], for a file that leaves sizes open. */
  readonly inputShape?: Shape;
  /** Whether a float64 weight beyond float32's range becomes infinite; otherwise it is a FormatError. Default false. */
  readonly round?: boolean;
}

/** A network that was in an ONNX file. */
export interface OnnxImport {
  /** The layers, in train mode as every new model. */
  readonly model: Sequential;
  /** Shape of one sample, [C, H, W]. */
  readonly inputShape: Shape;
  /** What the file calls its input. */
  readonly inputName: string;
  /** What the file calls its output. */
  readonly outputName: string;
  /** The version of the operator set. */
  readonly opset: number;
  /** Who wrote the file, such as "pytorch 1.13.0"; empty if it does not say. */
  readonly producer: string;
  /** The texts that the file carries along. */
  readonly metadata: Readonly<Record<string, string>>;
}

const [LOWEST_OPSET, HIGHEST_OPSET] = [7, 21];
const WHO = "importOnnx";
const FIRST_BYTE = 0x08; // the version of the format comes first: field 1, a number

/**
 * The network of an ONNX file: a chain of operators that we have, from one input to one output, weights inside. Weights of
 * type float64, float16 and bfloat16 become float32. No code of the file is run, and nothing is read besides these bytes.
 *
 * @example
 * const { model, inputShape } = importOnnx(await readFile("digits.onnx"));
 * model.predict(images); // images [N, ...inputShape]
 *
 * @throws FormatError when the bytes are not an ONNX file, or hold something that we do not have; it is named
 * @throws ArgumentError for an unusable option
 * @see https://onnx.ai/onnx/operators/
 */
export function importOnnx(bytes: Uint8Array | ArrayBuffer, options: ImportOnnxOptions = {}): OnnxImport {
  knownKeys(WHO, options, ["inputShape", "round"]);
  const round = flag(WHO, "round", options.round ?? false);
  const given = options.inputShape === undefined ? undefined : checkShape(WHO, options.inputShape);
  const file = readFile(bytes);
  const opset = readOpset(file);
  const { graph } = file;
  const { input, output, batch, shape } = readEnds(graph, given);
  const nodes = graph.node.map((node, place) => new NodeView(WHO, node, place));
  const reader = new GraphReader(WHO, opset, batch, input.name ?? "", [1, ...shape], nodes, round);
  for (const tensor of graph.initializer) {
    const name = tensor.name ?? "";
    reader.define(name, { kind: "constant", tensor }, `weight ${showName(name)}`);
  }
  for (const node of nodes) {
    const read = READS.get(node.op) ?? unknown;
    read(node, reader);
  }
  checkEnd(reader, output);
  const producer = `${file.producerName ?? ""} ${file.producerVersion ?? ""}`.trim();
  const metadata = Object.fromEntries(file.metadataProps.map(({ key = "", value = "" }) => [key, value]));
  const model = nameLayers(reader.layers, file.producerName ?? "");
  const names = { inputName: input.name ?? "", outputName: output.name ?? "" };
  return { model, inputShape: shape, ...names, opset, producer, metadata };
}

function unknown(node: NodeView): never {
  return node.fail(`expected one of the operators ${[...READS.keys()].join(", ")}, got ${node.op.slice(0, 80)}`);
}

function refuse(text: string): never {
  throw new FormatError(`${WHO}: ${text}.`);
}

type WholeModel = ModelMessage & { readonly graph: GraphMessage };

function readFile(bytes: unknown): WholeModel {
  const file = checkBytes(WHO, bytes);
  if (file.length === 0) refuse("expected an ONNX file, got 0 bytes (the file is empty)");
  try {
    const model = decode(WHO, MODEL, file);
    if (model.graph !== undefined) return { ...model, graph: model.graph };
  } catch (error) {
    if (file[0] === FIRST_BYTE) throw error;
  }
  return refuse(`expected an ONNX file with a graph, got other bytes (${describeBytes(file)})`);
}

function readOpset({ opsetImport }: ModelMessage): number {
  const ours = opsetImport.filter(({ domain = "" }) => domain === "" || domain === "ai.onnx");
  const opset = ours.length === 1 ? (ours[0].version ?? 0) : 0;
  if (opset >= LOWEST_OPSET && opset <= HIGHEST_OPSET) return opset;
  const got = ours.length === 1 ? String(opset) : `${ours.length} of them`;
  return refuse(`expected one ONNX operator set of version ${LOWEST_OPSET} to ${HIGHEST_OPSET}, got ${got}`);
}

interface Ends {
  readonly input: ValueInfoMessage;
  readonly output: ValueInfoMessage;
  /** The batch size where it is fixed. */
  readonly batch: number | undefined;
  /** Of one sample. */
  readonly shape: Shape;
}

// One input that is no weight, one output. Files of the first versions list the weights among the inputs.
function readEnds(graph: GraphMessage, given: Shape | undefined): Ends {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name));
  const list = (infos: readonly ValueInfoMessage[]): string => {
    return `${infos.length}: ${infos
      .slice(0, 4)
      .map(({ name = "" }) => showName(name))
      .join(", ")}`;
  };
  if (inputs.length !== 1) refuse(`expected a graph with one input, got ${list(inputs)}`);
  if (graph.output.length !== 1) refuse(`expected a graph with one output, got ${list(graph.output)}`);
  if (graph.sparseInitializer.length > 0)
    refuse(`expected dense weights, got ${graph.sparseInitializer.length} sparse ones`);
  const [input] = inputs;
  const who = `input ${showName(input.name ?? "")}`;
  const type = input.type?.tensorType;
  const elemType = type?.elemType ?? 0;
  if (!INPUT_TYPES.includes(elemType))
    refuse(`${who}: expected a tensor of floating-point numbers, got ${typeName(elemType)}`);
  const dims = type?.shape?.dim.map(({ dimValue }) => dimValue);
  if (dims?.some((size) => size !== undefined && !(Number.isSafeInteger(size) && size >= 1)) === true) {
    refuse(`${who}: expected sizes of at least 1, got ${show(dims)}`);
  }
  return { input, output: graph.output[0], batch: dims?.[0], shape: sampleShape(who, dims?.slice(1), given) };
}

const INPUT_TYPES: readonly number[] = [DATA_TYPE.float, DATA_TYPE.double, DATA_TYPE.float16, DATA_TYPE.bfloat16];

function sampleShape(who: string, dims: readonly (number | undefined)[] | undefined, given: Shape | undefined): Shape {
  const said = formatShape((dims ?? []).map((size) => size ?? "?"));
  if (given !== undefined) {
    const fits =
      dims === undefined || (dims.length === given.length && given.every((size, i) => size === (dims[i] ?? size)));
    if (fits && given.length > 0 && !given.includes(0)) return given;
    throw new ArgumentError(
      `${WHO}: ${who}: expected inputShape to fit ${dims === undefined ? "a sample" : said}, got ${formatShape(given)}.`,
    );
  }
  const known = dims?.filter((size) => size !== undefined);
  if (known !== undefined && known.length > 0 && known.length === dims?.length) return known;
  return refuse(
    `${who}: expected a known shape of a sample, got ${said} (say it: importOnnx(bytes, { inputShape: [C, H, W] }))`,
  );
}

// The graph's output has to be what the last layer computes, in the shape that the file says.
function checkEnd(reader: GraphReader, { name = "", type }: ValueInfoMessage): void {
  if (reader.padding !== undefined) refuse("expected a layer behind the last Pad, got none");
  if (name !== reader.current) {
    const value = reader.find(name);
    const got =
      value === undefined
        ? "no node that makes it"
        : value.kind === "computed"
          ? "a branch: other nodes go on behind it"
          : `a ${value.kind}`;
    refuse(`expected output ${showName(name)} from the last layer, got ${got}`);
  }
  const dims = type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue);
  if (dims === undefined) return;
  const shape = reader.shape.slice(1);
  const said = dims.slice(1).map((size, i) => size ?? shape[i]);
  if (dims.length === shape.length + 1 && sameShape(said, shape)) return;
  refuse(
    `expected output ${showName(name)} of shape ${formatShape(["N", ...shape])}, got ${formatShape(dims.map((size) => size ?? "?"))}`,
  );
}
