// Identity: another name for a constant, for sizes, or for what the last layer computes.
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { Identity } from "../../nn/container/identity.js";
import { layerExport, type Operator } from "./operator.js";

export const identity: Operator = {
  reads: {
    Identity: (node, graph) => {
      node.only();
      handOn(node, graph);
    },
  },
  writes: [layerExport("Identity", Identity, (_layer, x) => x.name)],
};

/** Gives one of the node's inputs its output's name, too. */
export function handOn(node: NodeView, graph: GraphReader, place = 0): void {
  const value = graph.find(node.input(place));
  if (value?.kind === "constant" || value?.kind === "sizes") graph.define(node.outputs[0] ?? "", value, node.label);
  else graph.put(node, graph.waiting(node, place));
}
