// Shape: the sizes of what a layer computes, the batch size unknown.
import type { GraphReader } from "../graphReader.js";
import { showName, type NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";
import { defineSizes } from "./tables.js";

export const shape: Operator = { reads: { Shape: readShape } };

function readShape(node: NodeView, graph: GraphReader): void {
  node.only("start", "end");
  const value = graph.find(node.input(0));
  if (value?.kind !== "computed") {
    node.fail(`expected its input to come from a layer, got ${showName(node.input(0))}`);
  }
  const sizes = value.shape.map((size, axis) => ({ value: size, batch: axis === 0 }));
  const part = sizes.slice(node.int("start", 0), node.has("end") ? node.int("end", 0) : sizes.length);
  defineSizes(node, graph, part);
}
