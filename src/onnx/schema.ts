// The messages of an ONNX file, as far as we read and write them: names and numbers are those of onnx.proto.
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
//
// Written by hand, not generated from onnx.proto: of its some 200 fields these are all that a network needs, each list has a
// limit here that a hostile file meets while it is read, and what generated code would read beyond that (strings, sparse
// tensors, functions, training) it would also have to hold.
import { many, one, type Draft, type Message } from "./wire.js";

/** Numbers with a shape: a weight, or a constant. They lie in `rawData` (little-endian) or in one of the lists. */
export const TENSOR = {
  dims: many(1, "int64", 64),
  dataType: one(2, "int32"),
  floatData: many(4, "float"),
  int32Data: many(5, "int32"),
  int64Data: many(7, "int64"),
  name: one(8, "string"),
  rawData: one(9, "bytes"),
  doubleData: many(10, "double"),
  externalData: many(13, { key: one(1, "string"), value: one(2, "string") }, 64),
  dataLocation: one(14, "int32"),
};

/** A setting of a node. `type` says which of the others counts. */
const ATTRIBUTE = {
  name: one(1, "string"),
  f: one(2, "float"),
  i: one(3, "int64"),
  s: one(4, "bytes"),
  t: one(5, TENSOR),
  floats: many(7, "float"),
  ints: many(8, "int64"),
  type: one(20, "int32"),
  refAttrName: one(21, "string"),
};

/** One operation. */
const NODE = {
  input: many(1, "string"),
  output: many(2, "string"),
  name: one(3, "string"),
  opType: one(4, "string"),
  attribute: many(5, ATTRIBUTE, 256),
  domain: one(7, "string"),
};

/** An axis: a size, or the name of one that is not known. */
const DIM = { dimValue: one(1, "int64"), dimParam: one(2, "string") };

/** Name, type and shape of an input or output. */
const VALUE_INFO = {
  name: one(1, "string"),
  type: one(2, { tensorType: one(1, { elemType: one(1, "int32"), shape: one(2, { dim: many(1, DIM, 64) }) }) }),
};

/** How many nodes are read at most: far more than a chain of layers has, and few enough to stay quick. */
const MOST_NODES = 10_000;

/** The nodes in the order of their work, and the weights. */
const GRAPH = {
  node: many(1, NODE, MOST_NODES),
  name: one(2, "string"),
  initializer: many(5, TENSOR, 4 * MOST_NODES),
  input: many(11, VALUE_INFO, 5 * MOST_NODES),
  output: many(12, VALUE_INFO, MOST_NODES),
  sparseInitializer: many(15, "bytes", MOST_NODES),
};

/** The file. */
export const MODEL = {
  irVersion: one(1, "int64"),
  producerName: one(2, "string"),
  producerVersion: one(3, "string"),
  graph: one(7, GRAPH),
  metadataProps: many(14, { key: one(1, "string"), value: one(2, "string") }, 65_536),
  // Fields may stand in any order. This one is indispensable and written last, so that no file of ours can be cut short unseen.
  opsetImport: many(8, { domain: one(1, "string"), version: one(2, "int64") }, 1024),
};

export type TensorMessage = Message<typeof TENSOR>;
export type AttributeMessage = Message<typeof ATTRIBUTE>;
export type NodeMessage = Message<typeof NODE>;
export type ValueInfoMessage = Message<typeof VALUE_INFO>;
export type GraphMessage = Message<typeof GRAPH>;
export type ModelMessage = Message<typeof MODEL>;

export type TensorDraft = Draft<typeof TENSOR>;
export type AttributeDraft = Draft<typeof ATTRIBUTE>;
export type NodeDraft = Draft<typeof NODE>;
export type ValueInfoDraft = Draft<typeof VALUE_INFO>;

/** TensorProto.DataType. */
export const DATA_TYPE = { float: 1, int32: 6, int64: 7, bool: 9, float16: 10, double: 11, bfloat16: 16 } as const;

/** TensorProto.DataType as ONNX spells it, for messages. */
const TYPE_NAMES: readonly string[] = [
  ...["UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16"],
  ...["DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16"],
];

/** `FLOAT16`, or `type 99`. */
export function typeName(dataType: number | undefined): string {
  return TYPE_NAMES[dataType ?? 0] ?? `type ${String(dataType)}`;
}

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;
