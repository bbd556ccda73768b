// Flatten: [product of the axes before `axis`, product of the others]. Other axes than all behind the batch are written as
// Reshape.
import { Flatten } from "../../nn/shape/flatten.js";
import { Unflatten } from "../../nn/shape/unflatten.js";
import type { Axes } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { checkBatch, fixFrame, flattened } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import type { Computed } from "../values.js";
import { shuffled } from "./channelShuffle.js";
import { layerExport, type Operator } from "./operator.js";
import { defineNumbers, tableShape } from "./tables.js";

export const flatten: Operator = {
  reads: { Flatten: readFlatten },
  writes: [
    // Any batch size: the first axis is copied (0), or it is what remains (-1) when it is joined with others.
    layerExport("Flatten", Flatten, (_layer, { name, shape }, out, onnx) => {
      if (shape.length >= 2 && out.length === 2 && out[0] === shape[0])
        return onnx.node("Flatten", [name], { axis: 1 });
      const first = out[0] === shape[0] ? 0 : -1;
      return onnx.node("Reshape", [name, onnx.constant("shape", [first, ...out.slice(1)])]);
    }),
    // One that splits the batch axis leaves its first part open.
    layerExport("Unflatten", Unflatten, (_layer, { name, shape }, out, onnx) =>
      onnx.node("Reshape", [name, onnx.constant("shape", [out[0] === shape[0] ? 0 : -1, ...out.slice(1)])]),
    ),
  ],
};

function readFlatten(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  if (graph.find(node.input(0))?.kind !== "computed") {
    const dims = tableShape(node, graph, 0);
    const axis = node.axis(node.int("axis", 1), dims.length + 1);
    const size = (part: readonly number[]): number => part.reduce((a, b) => a * b, 1);
    defineNumbers(node, graph, [size(dims.slice(0, axis)), size(dims.slice(axis))]);
    return;
  }
  const value = graph.computed(node);
  const { axes } = value;
  const said = node.int("axis", 1);
  const axis = said < 0 ? said + axes.length : said;
  if (axis < 1 || axis > axes.length) {
    node.fail(`expected axis from 1 to ${axes.length} (the batch axis stays), got ${said}`);
  }
  checkBatch(graph, node, axes);
  // For rows of features the layer does nothing, but it was written.
  if (axis === 1 && axes.length === 2 && value.frame.axes.length === 2) {
    const frame = value.frame.axes;
    graph.append(node, value, axes, frame, () => new Flatten());
  } else {
    settle(node, graph, value, [axes.slice(0, axis).flat(), axes.slice(axis).flat()]);
  }
}

/** Other axes of the file: a Flatten where one joins axes of the layers', a ChannelShuffle where the channels stand otherwise, else they wait for the layer that reads them. */
export function settle(node: NodeView, graph: GraphReader, value: Computed, axes: Axes): void {
  const turned = { ...value, axes, turnedBy: node };
  const joins = axes.length < value.axes.length || axes.length < value.frame.axes.length;
  if (joins) fixFrame(graph, value);
  const read = joins ? flattened(graph, node, turned) : undefined;
  graph.put(node, read ?? shuffled(graph, node, turned) ?? turned);
}
