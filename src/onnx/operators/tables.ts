// Constants and small tables of whole numbers under other shapes: the sizes that flatten a batch of any size, the pads that
// PyTorch's exporter puts together row by row, weights that are reshaped before they are used. Helpers of operators.
import { show } from "../../base/check.js";
import { sizeOf, type Shape } from "../../base/shape.js";
import { reshapedConstant } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import { showName, type NodeView } from "../nodeView.js";
import type { Size } from "../values.js";

/** The whole numbers that an input stands for. */
export function sizesOf(node: NodeView, graph: GraphReader, place: number): readonly Size[] {
  const sizes = graph.sizes(node, place);
  return sizes ?? node.fail(`expected sizes (input ${place}), got ${showName(node.input(place))}, which are none`);
}

/** Defines the node's output as whole numbers, in rows where a shape is given. */
export function defineSizes(node: NodeView, graph: GraphReader, sizes: readonly Size[], dims?: Shape): void {
  graph.define(node.outputs[0] ?? "", { kind: "sizes", sizes, dims: dims ?? [sizes.length] }, node.label);
}

/** The shape of the constant or table that an input stands for. */
export function tableShape(node: NodeView, graph: GraphReader, place: number): Shape {
  const value = graph.find(node.input(place));
  if (value?.kind === "constant") return graph.dims(node, value);
  if (value?.kind === "sizes") return value.dims;
  return node.fail(`expected sizes or a constant (input ${place}), got ${showName(node.input(place))}`);
}

/** Defines the node's output as the constant or table that is its input 0, under another shape. */
export function defineNumbers(node: NodeView, graph: GraphReader, dims: Shape): void {
  const value = graph.find(node.input(0));
  const from = tableShape(node, graph, 0);
  if (sizeOf(dims) !== sizeOf(from)) node.fail(`expected a shape for ${sizeOf(from)} numbers, got ${show(dims)}`);
  const name = node.outputs[0] ?? "";
  if (value?.kind === "constant") graph.define(name, reshapedConstant(name, value, dims), node.label);
  else defineSizes(node, graph, sizesOf(node, graph, 0), dims);
}

/** What a Slice takes, along one axis. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly axis: number;
  readonly step: number;
}

/** Slice of rows, forth or back. */
export function sliceRows(node: NodeView, graph: GraphReader, sizes: readonly Size[], range: Range): void {
  const dims = tableShape(node, graph, 0);
  const [rows = 1, ...row] = dims;
  const { start, end, axis, step } = range;
  if ((axis !== 0 && axis !== -dims.length) || (step !== 1 && step !== -1)) {
    node.fail(`expected axis 0 and step 1 or -1 for ${show(dims)}, got axis ${axis} and step ${step}`);
  }
  // Backwards, `start` is the last row, and an end before the first row takes all of them.
  const [from, to] =
    step === 1 ? sliceBounds(start, end, rows) : sliceBounds(below(end, rows), below(start, rows), rows);
  const places = Array.from({ length: Math.max(to - from, 0) }, (_, i) => (step === 1 ? from + i : to - 1 - i));
  const size = sizeOf(row);
  const taken = places.flatMap((place) => sizes.slice(place * size, (place + 1) * size));
  defineSizes(node, graph, taken, [places.length, ...row]);
}

// The bound of the mirrored slice: behind the row that it names.
function below(place: number, rows: number): number {
  return Math.max((place < 0 ? place + rows : place) + 1, 0);
}

/** Python's rule for the bounds of a slice: negative from the end, cut to the list. */
export function sliceBounds(start: number, end: number, size: number): [start: number, end: number] {
  const cut = (place: number): number => Math.min(Math.max(place < 0 ? place + size : place, 0), size);
  return [cut(start), cut(end)];
}
