// Small tables of whole numbers, which exporters compute with: the sizes that flatten a batch of any size, and the pads that
// PyTorch's exporter puts together row by row. Helpers of the operators that read them.
import { show } from "../../base/check.js";
import { formatShape, sizeOf, type Shape } from "../../base/shape.js";
import type { GraphReader, Size } from "../graphReader.js";
import { showName, type NodeView } from "../nodeView.js";

/** The whole numbers that an input stands for. */
export function sizesOf(node: NodeView, graph: GraphReader, place: number): readonly Size[] {
  const sizes = graph.sizes(node, place);
  return sizes ?? node.fail(`expected sizes (input ${place}), got ${showName(node.input(place))}, which are none`);
}

/** Defines the node's output as whole numbers. */
export function defineSizes(node: NodeView, graph: GraphReader, sizes: readonly Size[], dims?: Shape): void {
  graph.define(
    node.outputs[0] ?? "",
    dims === undefined ? { kind: "sizes", sizes } : { kind: "sizes", sizes, dims },
    node.label,
  );
}

/** The shape of the table that input 0 stands for. */
export function tableShape(node: NodeView, graph: GraphReader, sizes: readonly Size[]): Shape {
  const value = graph.find(node.input(0));
  if (value?.kind === "constant") return graph.dims(node, value.tensor);
  return value?.kind === "sizes" && value.dims !== undefined ? value.dims : [sizes.length];
}

/** Reshape of whole numbers. */
export function reshapeTable(node: NodeView, graph: GraphReader, sizes: readonly Size[]): void {
  const target = graph.wholes(node, 1, "the shape");
  const rest = sizes.length / sizeOf(target.filter((size) => size !== -1));
  const dims = target.map((size) => (size === -1 ? rest : size));
  if (sizeOf(dims) !== sizes.length || !dims.every((size) => Number.isInteger(size) && size > 0)) {
    node.fail(`expected a shape for ${sizes.length} numbers, got ${show(target)}`);
  }
  defineSizes(node, graph, sizes, dims);
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
  const dims = tableShape(node, graph, sizes);
  const [rows = 1, ...row] = dims;
  const { start, end, axis, step } = range;
  if ((axis !== 0 && axis !== -dims.length) || (step !== 1 && step !== -1)) {
    node.fail(`expected axis 0 and step 1 or -1 for ${formatShape(dims)}, got axis ${axis} and step ${step}`);
  }
  // Backwards, `start` is the last row, and an end before the first row takes all of them.
  const [from, to] =
    step === 1 ? sliceBounds(start, end, rows) : sliceBounds(below(end, rows), below(start, rows), rows);
  const places = Array.from({ length: Math.max(to - from, 0) }, (_, i) => (step === 1 ? from + i : to - 1 - i));
  const size = sizeOf(row);
  defineSizes(
    node,
    graph,
    places.flatMap((place) => sizes.slice(place * size, (place + 1) * size)),
    [places.length, ...row],
  );
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
