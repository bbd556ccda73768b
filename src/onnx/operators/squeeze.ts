// Squeeze and Unsqueeze: axes of size 1 go and come. Of what layers compute only the file's axes change.
import { show } from "../../base/check.js";
import { hasBatch, lengthOf, type Axes } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { flattened } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";
import { defineNumbers, tableShape } from "./tables.js";

export const squeeze: Operator = { reads: { Squeeze: readSqueeze, Unsqueeze: readUnsqueeze } };

function readSqueeze(node: NodeView, graph: GraphReader): void {
  node.only("axes");
  const axes = fileAxes(node, graph);
  const sizes = axes?.map(lengthOf) ?? tableShape(node, graph, 0);
  const isOne = (i: number): boolean =>
    sizes[i] === 1 && (axes === undefined || !hasBatch(axes[i]) || graph.facts.batch === 1);
  const said = graph.list(node, "axes", 1);
  const gone = said === undefined ? [...sizes.keys()].filter(isOne) : node.axes(said, sizes.length);
  if (!gone.every(isOne)) node.fail(`expected axes of size 1 to squeeze, got ${show(said)} of ${show(sizes)}`);
  const rest = <T>(all: readonly T[]): T[] => all.filter((_, i) => !gone.includes(i));
  if (axes === undefined) defineNumbers(node, graph, rest(sizes));
  else settle(node, graph, rest(axes));
}

// Rows of features behind a pool are a Flatten; other axes wait for the layer that reads them.
function settle(node: NodeView, graph: GraphReader, axes: Axes): void {
  const turned = { ...graph.waiting(node), axes, turnedBy: node };
  const isFlat = turned.padding === undefined && turned.frame.isFixed && axes.length <= 2;
  graph.put(node, (isFlat ? flattened(graph, node, turned) : undefined) ?? turned);
}

function readUnsqueeze(node: NodeView, graph: GraphReader): void {
  node.only("axes");
  const axes = fileAxes(node, graph);
  const sizes = axes ?? tableShape(node, graph, 0);
  const said = graph.list(node, "axes", 1) ?? node.fail("expected axes, got none");
  const places = node.axes(said, sizes.length + said.length);
  const spread = <T>(all: readonly T[], one: T): T[] => {
    const rest = [...all];
    return Array.from({ length: all.length + said.length }, (_, i) => (places.includes(i) ? one : (rest.shift() as T)));
  };
  if (axes === undefined) defineNumbers(node, graph, spread(tableShape(node, graph, 0), 1));
  else graph.turn(node, graph.waiting(node), spread<Axes[number]>(axes, []));
}

// The axes of what a layer computes.
function fileAxes(node: NodeView, graph: GraphReader): Axes | undefined {
  return graph.find(node.input(0))?.kind === "computed" ? graph.waiting(node).axes : undefined;
}
