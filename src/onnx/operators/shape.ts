// Shape: the sizes of what a layer computes, the batch size unknown. Size: their product.
import { hasBatch, lengthOf } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { showName, type NodeView } from "../nodeView.js";
import type { Size } from "../values.js";
import type { Operator } from "./operator.js";
import { defineSizes } from "./tables.js";

export const shape: Operator = { reads: { Shape: readShape, Size: readSize } };

function readShape(node: NodeView, graph: GraphReader): void {
  node.only("start", "end");
  const sizes = sizesOf(node, graph);
  defineSizes(node, graph, sizes.slice(node.int("start", 0), node.has("end") ? node.int("end", 0) : sizes.length));
}

function readSize(node: NodeView, graph: GraphReader): void {
  node.only();
  const sizes = sizesOf(node, graph);
  const value = sizes.reduce((product, size) => product * size.value, 1);
  defineSizes(node, graph, [{ value, batch: sizes.some(({ batch }) => batch) }], []);
}

function sizesOf(node: NodeView, graph: GraphReader): readonly Size[] {
  const value = graph.find(node.input(0));
  if (value?.kind === "computed") return value.axes.map((axis) => ({ value: lengthOf(axis), batch: hasBatch(axis) }));
  if (value?.kind === "constant") return graph.dims(node, value).map((size) => ({ value: size, batch: false }));
  return node.fail(`expected its input to come from a layer, got ${showName(node.input(0))}`);
}
