// Slice of sizes, or of an image for the Concat of a circular padding.
import { show } from "../../base/check.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";
import { sliceRows, sizesOf, type Range } from "./tables.js";
import { readImageSlice } from "./wrap.js";

export const slice: Operator = { reads: { Slice: readSlice } };

function readSlice(node: NodeView, graph: GraphReader): void {
  node.only("axes", "ends", "starts");
  const [starts, ends] = [graph.list(node, "starts", 1), graph.list(node, "ends", 2)];
  const [axes, steps] = [graph.list(node, "axes", 3) ?? [0], graph.list(node, "steps", 4) ?? [1]];
  if (starts?.length !== 1 || ends?.length !== 1 || axes.length !== 1 || steps.length !== 1) {
    node.fail(`expected a slice along one axis, got starts ${show(starts)}, ends ${show(ends)}, axes ${show(axes)}`);
  }
  const range: Range = { start: starts[0], end: ends[0], axis: axes[0], step: steps[0] };
  if (graph.find(node.input(0))?.kind === "computed") readImageSlice(node, graph, range);
  else sliceRows(node, graph, sizesOf(node, graph, 0), range);
}
