// Gather of sizes.
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";
import { defineSizes, sizesOf, tableShape } from "./tables.js";

export const gather: Operator = { reads: { Gather: readGather } };

function readGather(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  if (graph.find(node.input(0))?.kind === "computed") {
    node.fail(
      "expected places picked from sizes only, got ones of what a layer computes (we have no layer that picks)",
    );
  }
  node.intOf("axis", 0, [0]);
  const sizes = sizesOf(node, graph, 0);
  const picked = graph.wholes(node, 1, "the places").map((place) => {
    const size = sizes[place < 0 ? place + sizes.length : place];
    return size ?? node.fail(`expected a place from ${-sizes.length} to ${sizes.length - 1}, got ${place}`);
  });
  defineSizes(node, graph, picked, tableShape(node, graph, 1).length === 0 ? [] : undefined);
}
