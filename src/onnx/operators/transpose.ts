// Transpose: of what layers compute only the file's axes change; weights and tables are turned here.
import { show } from "../../base/check.js";
import { transposed } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";
import { defineSizes, sizesOf, tableShape } from "./tables.js";

export const transpose: Operator = { reads: { Transpose: readTranspose } };

function readTranspose(node: NodeView, graph: GraphReader): void {
  node.only("perm");
  const isComputed = graph.find(node.input(0))?.kind === "computed";
  const value = isComputed ? graph.waiting(node) : undefined;
  const dims = value === undefined ? tableShape(node, graph, 0) : [];
  const rank = value?.axes.length ?? dims.length;
  const said = node.ints("perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (said.length !== rank) node.fail(`expected perm to name ${rank} axes, got ${show(said)}`);
  const perm = node.axes(said, rank);
  const weight = graph.weight(node, 0);
  const turned = perm.map((axis) => dims[axis]);
  if (value !== undefined) {
    graph.turn(
      node,
      value,
      perm.map((axis) => value.axes[axis]),
    );
  } else if (weight !== undefined) {
    graph.compute(node, turned, () => transposed(graph.floats(node, weight), dims, perm));
  } else {
    const sizes = sizesOf(node, graph, 0);
    const order = transposed(Float32Array.from(sizes.keys()), dims, perm); // places, 64 at most
    defineSizes(
      node,
      graph,
      [...order].map((place) => sizes[place]),
      turned,
    );
  }
}
