// ONNX files made by hand, for what no exporter writes.
import {
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  MODEL,
  type AttributeDraft,
  type NodeDraft,
  type TensorDraft,
} from "../../src/onnx/schema.js";
import { encode } from "../../src/onnx/wire.js";

/** A number stands for an int, `{ float }` for a float. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>;

/** A node from "x" to "y" unless said otherwise. */
export function node(opType: string, attributes: Attributes = {}, more: NodeDraft = {}): NodeDraft {
  const attribute = Object.entries(attributes).map(([name, value]): AttributeDraft => {
    if (typeof value === "number") return { name, type: ATTRIBUTE_TYPE.int, i: value };
    if (typeof value === "string") return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
    if ("float" in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
    return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
  });
  return { name: `the_${opType}`, opType, input: ["x"], output: ["y"], attribute, ...more };
}

/** Float32 numbers as a weight. */
export function floats(name: string, dims: readonly number[], numbers: ArrayLike<number>): TensorDraft {
  return { name, dims, dataType: DATA_TYPE.float, rawData: new Uint8Array(Float32Array.from(numbers).buffer) };
}

/** Whole numbers as a constant. */
export function ints(
  name: string,
  numbers: readonly number[],
  dims: readonly number[] = [numbers.length],
): TensorDraft {
  return { name, dims, dataType: DATA_TYPE.int64, int64Data: numbers };
}

export interface FileParts {
  readonly nodes: readonly NodeDraft[];
  readonly weights?: readonly TensorDraft[];
  /** Of one sample; the batch size is free. */
  readonly inputShape?: readonly number[];
  /** All sizes of the input, batch included, instead of `inputShape`. */
  readonly dims?: readonly (number | undefined)[];
  /** Further inputs, of one number each. */
  readonly inputs?: readonly string[];
  readonly output?: string;
  readonly outputRank?: number;
  /** Further outputs. */
  readonly outputs?: readonly string[];
  readonly opset?: number;
  readonly irVersion?: number;
}

/** The bytes of a file with one input "x" and one output "y". */
export function onnxFile(parts: FileParts): Uint8Array {
  const { nodes, weights = [], inputShape = [1, 4, 4], dims = [undefined, ...inputShape], inputs = [] } = parts;
  const { output = "y", outputRank, outputs = [], opset = 17, irVersion = 8 } = parts;
  const free = (rank: number): { dimParam: string }[] =>
    Array.from({ length: rank }, (_, i) => ({ dimParam: `d${i}` }));
  const type = (dim: readonly { dimParam?: string; dimValue?: number }[]): object => ({
    tensorType: { elemType: 1, shape: { dim } },
  });
  const sizes = dims.map((dimValue, i) =>
    dimValue === undefined ? { dimParam: i === 0 ? "N" : `d${i}` } : { dimValue },
  );
  const outputType = outputRank === undefined ? { tensorType: { elemType: 1 } } : type(free(outputRank));
  return encode(MODEL, {
    ...{ irVersion, producerName: "by hand" },
    graph: {
      ...{ name: "g", node: nodes, initializer: weights },
      input: [...inputs.map((name) => ({ name, type: type([{ dimValue: 1 }]) })), { name: "x", type: type(sizes) }],
      output: [
        { name: output, type: outputType },
        ...outputs.map((name) => ({ name, type: { tensorType: { elemType: 1 } } })),
      ],
    },
    opsetImport: [{ domain: "", version: opset }],
  });
}

/** A convolution or pool with drawn attributes, often behind a Pad: what exporters may write and more. */
export function drawFile(random: () => number): { readonly bytes: Uint8Array; readonly inputShape: readonly number[] } {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(items: readonly T[]): T => items[int(0, items.length - 1)];
  const chance = (p: number): boolean => random() < p;
  const inputShape = [2, int(2, 10), int(2, 10)];
  const op = pick(["MaxPool", "AveragePool", "AveragePool", "Conv"]);
  const kernel = [int(1, 4), int(1, 4)];
  const auto = pick(["NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]);
  const attributes: Record<string, Attributes[string]> = {
    kernel_shape: kernel,
    strides: [int(1, 3), int(1, 3)],
    auto_pad: auto,
  };
  const before = kernel.map((size) => int(0, Math.min(size - 1, 2)));
  const after = chance(0.6) ? before : kernel.map((size, i) => (chance(0.5) ? before[i] : int(0, size - 1)));
  if (auto === "NOTSET") attributes.pads = [...before, ...after];
  if (op !== "AveragePool" && chance(0.3)) attributes.dilations = [int(1, 2), int(1, 2)];
  if (op !== "Conv" && chance(0.5)) attributes.ceil_mode = 1;
  if (op === "AveragePool" && chance(0.5)) attributes.count_include_pad = 1;
  const weights: TensorDraft[] = [];
  const nodes: NodeDraft[] = [];
  const input = ["x"];
  if (chance(0.3)) {
    const mode = pick(["constant", "constant", "reflect", "edge"]);
    const [top, left] = [int(0, 2), int(0, 2)];
    const rest = chance(0.7) ? [top, left] : [int(0, 1), int(0, 1)];
    weights.push(ints("pads", [0, 0, top, left, 0, 0, ...rest]), floats("lowest", [], [-Infinity]));
    const value = op === "MaxPool" && mode === "constant" ? ["lowest"] : [];
    nodes.push(node("Pad", { mode }, { input: ["x", "pads", ...value], output: ["padded"] }));
    input[0] = "padded";
  }
  if (op === "Conv") {
    const groups = pick([1, 2]);
    attributes.group = groups;
    const dims = [4, 2 / groups, ...kernel];
    weights.push(
      floats(
        "w",
        dims,
        Array.from({ length: (8 / groups) * kernel[0] * kernel[1] }, () => random() - 0.5),
      ),
    );
    input.push("w");
  }
  nodes.push(node(op, attributes, { input, output: ["y"] }));
  return { bytes: onnxFile({ nodes, weights, inputShape, outputRank: 4, opset: pick([11, 13, 17]) }), inputShape };
}
