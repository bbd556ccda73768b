// ONNX files made by hand, for what no exporter writes.
import {
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  MODEL,
  type AttributeDraft,
  type NodeDraft,
  type TensorDraft,
} from "../../src/io/onnx/schema.js";
import { encode } from "../../src/io/onnx/wire.js";

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
  readonly output?: string;
  readonly outputRank?: number;
  readonly opset?: number;
}

/** The bytes of a file with one input "x" and one output "y". */
export function onnxFile({
  nodes,
  weights = [],
  inputShape = [1, 4, 4],
  output = "y",
  outputRank,
  opset = 17,
}: FileParts): Uint8Array {
  const free = (rank: number): { dimParam: string }[] =>
    Array.from({ length: rank }, (_, i) => ({ dimParam: `d${i}` }));
  const type = (dim: readonly { dimParam?: string; dimValue?: number }[]): object => ({
    tensorType: { elemType: 1, shape: { dim } },
  });
  const outputs = outputRank === undefined ? { tensorType: { elemType: 1 } } : type(free(outputRank));
  return encode(MODEL, {
    ...{ irVersion: 8, producerName: "by hand" },
    graph: {
      ...{ name: "g", node: nodes, initializer: weights },
      input: [{ name: "x", type: type([{ dimParam: "N" }, ...inputShape.map((dimValue) => ({ dimValue }))]) }],
      output: [{ name: output, type: outputs }],
    },
    opsetImport: [{ domain: "", version: opset }],
  });
}
