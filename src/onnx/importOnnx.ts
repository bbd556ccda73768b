// importOnnx: a network from an ONNX file, if it is made of operators that we have.
import { checkBytes, flag, knownKeys, show } from "../base/check.js";
import { describeBytes } from "../data/foreign.js";
import { ArgumentError, FormatError } from "../base/errors.js";
import type { Sequential } from "../nn/container/sequential.js";
import { checkShape, formatShape, sameShape, type Shape } from "../base/shape.js";
import { hasBatch, shapeOf, type Axes } from "./axes.js";
import { storedConstant } from "./constants.js";
import { ExternalFiles } from "./externalFiles.js";
import { fuseActivations } from "./fuse.js";
import { finish, type Finished } from "./finish.js";
import { GraphReader, type FileFacts } from "./graphReader.js";
import { buildModel } from "./importModel.js";
import { BatchError, type OnnxLayout } from "./layout.js";
import { liveGraph, refuseMl, type LiveGraph } from "./liveGraph.js";
import { NodeView, showName } from "./nodeView.js";
import { causeOf } from "./operators/causes.js";
import { READS } from "./operators/list.js";
import {
  DATA_TYPE,
  MODEL,
  typeName,
  type GraphMessage,
  type ModelMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from "./schema.js";
import { axesText } from "./values.js";
import { decode } from "./wire.js";

/** Options of {@link importOnnx}. */
export interface ImportOnnxOptions {
  /** Shape of one sample as the file has it, such as [C, H, W], for a file that leaves sizes open. */
  readonly inputShape?: Shape;
  /** The output to import, for a file with several; that of any node will do, to leave out what comes behind it. */
  readonly output?: string;
  /** The bytes of the files beside the model, by name, for weights that lie there: `{ "model.onnx.data": bytes }`. */
  readonly files?: Readonly<Record<string, Uint8Array | ArrayBuffer>> | ReadonlyMap<string, Uint8Array | ArrayBuffer>;
  /** Whether a float64 weight beyond float32's range becomes infinite; otherwise it is a FormatError. Default false. */
  readonly round?: boolean;
}

/** A network that was in an ONNX file. */
export interface OnnxImport {
  /** The layers, in train mode as every new model. */
  readonly model: Sequential;
  /** Shape of one sample as the model takes it, [C, H, W]. */
  readonly inputShape: Shape;
  /**
   * How the file orders the axes of its input. For "NHWC", channels last, what fed the file goes through `nhwcToNchw` first: the
   * model takes [N, C, H, W] in any case.
   */
  readonly layout: OnnxLayout;
  /** How the file orders the axes of its output: for "NHWC" the model's is the file's with its channels first. */
  readonly outputLayout: OnnxLayout;
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
  /** What is otherwise than in the file, one sentence each: another order of axes, nodes that became part of a layer. */
  readonly notes: readonly string[];
}

const [LOWEST_OPSET, HIGHEST_OPSET] = [1, 25];
const WHO = "importOnnx";
const FIRST_BYTE = 0x08; // the version of the format comes first: field 1, a number
const OPTIONS = ["inputShape", "output", "files", "round"] as const;

/**
 * The network of an ONNX file: operators that we have, from one input to one output. A chain becomes a Sequential; in it, two ways to
 * an Add become a Residual, several ways to a Concat a Parallel, and branches of any other form a Graph. Weights of type float64, float16
 * and bfloat16 become float32. No code of the file is run, and nothing is read besides these bytes.
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
  knownKeys(WHO, options, OPTIONS);
  const round = flag(WHO, "round", options.round === undefined ? false : options.round);
  const given = options.inputShape === undefined ? undefined : checkShape(WHO, options.inputShape);
  const wanted: unknown = options.output;
  if (wanted !== undefined && typeof wanted !== "string") {
    throw new ArgumentError(`${WHO}: expected output to be the name of an output, got ${show(wanted)}.`);
  }
  const files = new ExternalFiles(WHO, options.files);
  const source = checkBytes(WHO, bytes);
  const file = readFile(source);
  const opset = readOpset(file);
  const numbers = { round, files };
  const live = liveGraph(WHO, fuseActivations(file.graph, numbers), opset, wanted);
  // Numbers computed from those of the file: as many as it has bytes, so four times its size.
  const facts = { opset, producer: file.producerName ?? "", room: source.length + files.size + 4096, numbers };
  const { model, notes, ...ends } = readGraph(live, file.graph.initializer, given, facts);
  const producer = `${file.producerName ?? ""} ${file.producerVersion ?? ""}`.trim();
  return {
    model,
    inputShape: ends.inputShape,
    layout: ends.input.layout,
    outputLayout: ends.output.layout,
    inputName: live.input.name ?? "",
    outputName: live.output.name ?? "",
    opset,
    producer,
    metadata: Object.fromEntries(file.metadataProps.map(({ key = "", value = "" }) => [key, value])),
    notes,
  };
}

function refuse(text: string): never {
  throw new FormatError(`${WHO}: ${text}.`);
}

type WholeModel = ModelMessage & { readonly graph: GraphMessage };

function readFile(file: Uint8Array): WholeModel {
  if (file.length === 0) refuse("expected an ONNX file, got 0 bytes (the file is empty)");
  try {
    const model = decode(WHO, MODEL, file);
    if (model.graph !== undefined) return { ...model, graph: model.graph };
  } catch (error) {
    if (file[0] === FIRST_BYTE) throw error;
  }
  return refuse(`expected an ONNX file with a graph, got other bytes (${describeBytes(file)})`);
}

// Files from before version 3 of the format do not say it: they are of the first operator set.
function readOpset({ opsetImport, irVersion = 0, graph }: WholeModel): number {
  const ours = opsetImport.filter(({ domain = "" }) => domain === "" || domain === "ai.onnx");
  const versions = [...new Set(ours.map(({ version = 0 }) => version))];
  if (opsetImport.length === 0 && irVersion < 3) versions.push(1);
  const [opset] = versions;
  if (versions.length === 1 && opset >= LOWEST_OPSET && opset <= HIGHEST_OPSET) return opset;
  const others = opsetImport.map(({ domain = "" }) => domain.slice(0, 80)).filter((domain) => domain !== "");
  if (versions.length === 0) refuseMl(graph.node, refuse);
  if (versions.length === 0 && others.length > 0) {
    refuse(`expected a network of ONNX's operators, got only those of ${others.slice(0, 4).join(", ")}`);
  }
  const got = versions.length === 1 ? String(opset) : `${versions.length} of them`;
  return refuse(`expected one ONNX operator set of version ${LOWEST_OPSET} to ${HIGHEST_OPSET}, got ${got}`);
}

interface Read extends Finished {
  readonly model: Sequential;
  readonly notes: readonly string[];
}

// With the first axis of the input as the batch; where that does not fit, as one of the sample.
function readGraph(
  live: LiveGraph,
  weights: readonly TensorMessage[],
  given: Shape | undefined,
  facts: Pick<FileFacts, "opset" | "producer" | "room" | "numbers">,
): Read {
  const who = `input ${showName(live.input.name ?? "")}`;
  const dims = readInput(who, live.input);
  const read = (hasBatchAxis: boolean): Read => {
    const [batch, ...rest] = dims ?? [];
    const shape = sampleShape(who, hasBatchAxis ? dims && rest : dims, given);
    return walk(live, weights, { ...facts, shape, hasBatchAxis, batch: hasBatchAxis ? batch : undefined });
  };
  if (dims?.length === 1) return read(false);
  try {
    return read(true);
  } catch (error) {
    if (!(error instanceof FormatError) || dims?.[0] === undefined) throw asFormatError(error);
    try {
      return read(false);
    } catch (second) {
      // The cause is that of the second reading only if the first one failed by the batch.
      throw asFormatError(error instanceof BatchError ? second : error);
    }
  }
}

function asFormatError(error: unknown): unknown {
  return error instanceof BatchError ? new FormatError(error.message) : error;
}

function walk(live: LiveGraph, weights: readonly TensorMessage[], facts: FileFacts): Read {
  const { nodes, input, output } = live;
  const reader = new GraphReader(WHO, facts, input.name ?? "", nodes);
  for (const tensor of weights) {
    const name = tensor.name ?? "";
    reader.define(name, storedConstant(tensor, facts.numbers), `weight ${showName(name)}`);
  }
  for (const node of nodes) {
    const read = READS.get(node.op) ?? unknown;
    read(node, reader);
  }
  const name = output.name ?? "";
  const value = reader.settled(name);
  if (value?.kind !== "computed") {
    const got = value === undefined ? "no node that makes it" : `a ${value.kind}`;
    return refuse(`expected output ${showName(name)} from a layer, got ${got}`);
  }
  checkEnd(output, value.axes, axesText(value.axes));
  const end = new NodeView(WHO, { ...END, name }, -1, facts.opset);
  const finished = finish(reader, value, end);
  const model = buildModel(finished.layers, finished.found, facts.producer);
  return { ...finished, model, notes: [...notesOf(finished, facts), ...reader.notes] };
}

const END = { opType: "output", input: [], output: [], attribute: [], domain: undefined };

function notesOf({ input, output }: Finished, { hasBatchAxis }: FileFacts): string[] {
  const notes: string[] = [];
  if (!hasBatchAxis) notes.push("The file takes one sample without a batch axis; the model takes batches of them.");
  const note = (name: string, verb: string, { layout, file, layers }: Finished["input"]): void => {
    const same = "the same numbers in the same order";
    if (layout === "NHWC") notes.push(`The file's ${name} is channels-last, ${file}; the model ${verb} ${layers}.`);
    else if (file !== layers) notes.push(`The file's ${name} is ${file}; the model ${verb} ${layers}, ${same}.`);
  };
  note("input", "takes", input);
  note("output", "gives", output);
  return notes;
}

function unknown(node: NodeView): never {
  const why = causeOf(node.op);
  const known = [...READS.keys()].join(", ");
  return node.fail(`expected one of the operators ${known}, got ${node.op.slice(0, 80)}`, why);
}

// The sizes of the input's axes, undefined for an open one or for all.
function readInput(who: string, { type }: ValueInfoMessage): readonly (number | undefined)[] | undefined {
  const elemType = type?.tensorType?.elemType ?? 0;
  if (!INPUT_TYPES.includes(elemType)) {
    refuse(`${who}: expected a tensor of floating-point numbers, got ${typeName(elemType)}`);
  }
  const dims = type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue);
  if (dims?.some((size = 0) => !(Number.isSafeInteger(size) && size >= -1)) === true) {
    refuse(`${who}: expected sizes of at least 1, got ${show(dims)}`);
  }
  return dims?.map((size = 0) => (size >= 1 ? size : undefined)); // some exporters say 0 or -1 for an open one
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

// The output has to be of the shape that the file says.
function checkEnd({ name = "", type }: ValueInfoMessage, axes: Axes, text: string): void {
  const dims = type?.tensorType?.shape?.dim.map(({ dimValue }) => dimValue);
  if (dims === undefined) return;
  const shape = shapeOf(axes);
  const said = dims.map((size, i) => (hasBatch(axes[i] ?? []) ? shape[i] : (size ?? shape[i])));
  if (sameShape(said, shape)) return;
  const got = formatShape(dims.map((size) => size ?? "?"));
  refuse(`expected output ${showName(name)} of shape ${text}, got ${got}`);
}
