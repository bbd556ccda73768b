// Constant: a tensor, or numbers as an attribute.
import { storedConstant } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { DATA_TYPE, type TensorMessage } from "../schema.js";
import type { Operator } from "./operator.js";

export const constant: Operator = { reads: { Constant: readConstant } };

function readConstant(node: NodeView, graph: GraphReader): void {
  node.only("value", "value_float", "value_floats", "value_int", "value_ints");
  const name = node.outputs[0] ?? "";
  const tensor = node.tensor("value") ?? listTensor(node);
  graph.define(name, storedConstant({ ...tensor, name }, graph.facts.numbers), node.label);
}

function listTensor(node: NodeView): TensorMessage {
  const empty = { floatData: [], int32Data: [], int64Data: [], doubleData: [], externalData: [] };
  const rest = { ...empty, name: undefined, rawData: undefined, dataLocation: undefined };
  const ints = node.has("value_int") ? [node.int("value_int", 0)] : node.ints("value_ints");
  if (ints !== undefined) {
    return {
      ...rest,
      dims: node.has("value_int") ? [] : [ints.length],
      dataType: DATA_TYPE.int64,
      int64Data: [...ints],
    };
  }
  const floats = node.has("value_float") ? [node.float("value_float", 0)] : node.floats("value_floats");
  if (floats === undefined) node.fail("expected a value, value_int(s) or value_float(s), got none");
  return {
    ...rest,
    dims: node.has("value_float") ? [] : [floats.length],
    dataType: DATA_TYPE.float,
    floatData: [...floats],
  };
}
