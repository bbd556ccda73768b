// Slice: of sizes, or of what layers compute. The latter, and Split, are parts of a circular padding where a Concat reads them with
// the image itself, else Slice layers.
import { show } from "../../base/check.js";
import { Slice } from "../../nn/shape/slice.js";
import { core, hasBatch, lengthOf } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { axesText } from "../values.js";
import { layerExport, type Operator } from "./operator.js";
import { sliceBounds, sliceRows, sizesOf, type Range } from "./tables.js";

export const slice: Operator = {
  reads: { Slice: readSlice, Split: readSplit },
  writes: [
    layerExport("Slice", Slice, (layer, x, _out, onnx) => {
      const [start, end] = layer.config().args as [number, number | null];
      const { dim } = layer.config().options as { readonly dim: number };
      const bounds = { starts: [start], ends: [end ?? x.shape.at(dim) ?? 0], axes: [dim] };
      const inputs = Object.entries(bounds).map(([name, numbers]) => onnx.constant(name, numbers));
      return onnx.node("Slice", [x.name, ...inputs]);
    }),
  ],
};

function readSlice(node: NodeView, graph: GraphReader): void {
  node.only("axes", "ends", "starts");
  const [starts, ends] = [graph.list(node, "starts", 1), graph.list(node, "ends", 2)];
  const [axes, steps] = [graph.list(node, "axes", 3) ?? [0], graph.list(node, "steps", 4) ?? [1]];
  if (starts?.length !== 1 || ends?.length !== 1 || axes.length !== 1 || steps.length !== 1) {
    node.fail(`expected a slice along one axis, got starts ${show(starts)}, ends ${show(ends)}, axes ${show(axes)}`);
  }
  const range: Range = { start: starts[0], end: ends[0], axis: axes[0], step: steps[0] };
  const kind = graph.find(node.input(0))?.kind;
  if (kind === "computed" || kind === "slice") readRange(node, graph, range);
  else sliceRows(node, graph, sizesOf(node, graph, 0), range);
}

function readRange(node: NodeView, graph: GraphReader, { start, end, axis: said, step }: Range): void {
  const { axes } = graph.waiting(node);
  const axis = node.axis(said, axes.length);
  if (core(axes[axis]).length > 1 || hasBatch(axes[axis]) || step !== 1) {
    node.fail(
      `expected a slice of step 1 of channels, rows or columns, got axis ${said}, step ${step} of ${axesText(axes)}`,
    );
  }
  const [from, to] = sliceBounds(start, end, lengthOf(axes[axis]));
  if (to <= from) node.fail(`expected a slice that holds something, got ${from} to ${to} of ${axesText(axes)}`);
  graph.define(
    node.outputs[0] ?? "",
    { kind: "slice", node, of: node.input(0), axis, start: from, end: to },
    node.label,
  );
}

// Parts of given sizes, or as many as there are outputs, of one size but for the last.
function readSplit(node: NodeView, graph: GraphReader): void {
  node.only("axis", "num_outputs", "split");
  const { axes } = graph.waiting(node);
  const axis = node.axis(node.int("axis", 0), axes.length);
  const size = lengthOf(axes[axis]);
  if (core(axes[axis]).length > 1 || hasBatch(axes[axis])) {
    node.fail(`expected a split of channels, rows or columns, got axis ${axis} of ${axesText(axes)}`);
  }
  const count = node.outputs.length;
  const each = Math.ceil(size / count);
  const sizes =
    graph.list(node, "split", 1) ?? Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
  if (sizes.length !== count || sizes.some((part) => part < 1) || sizes.reduce((a, b) => a + b, 0) !== size) {
    node.fail(`expected ${count} parts that make up ${size}, got ${show(sizes)}`);
  }
  let start = 0;
  node.outputs.forEach((name, i) => {
    if (name !== "") {
      graph.define(name, { kind: "slice", node, of: node.input(0), axis, start, end: start + sizes[i] }, node.label);
    }
    start += sizes[i];
  });
}
