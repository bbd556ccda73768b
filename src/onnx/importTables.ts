// Small tables of whole numbers: PyTorch's exporter computes the pads of a Pad node from them, row by row.
import { show } from "../base/check.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import type { GraphReader, Size } from "./graphReader.js";
import type { NodeView } from "./nodeView.js";
import { intsOf } from "./numbers.js";

const MOST = 64;

/** ConstantOfShape: one whole number many times. */
export function importConstantOfShape(node: NodeView, graph: GraphReader): void {
  node.only("value");
  const dims = graph.wholes(node, 0, "the shape");
  const count = sizeOf(dims);
  if (!dims.every((size) => size >= 0) || !(count <= MOST))
    node.fail(`expected at most ${MOST} numbers, got ${show(dims)}`);
  const tensor = node.tensor("value");
  const values = tensor === undefined ? undefined : intsOf(`${node.who}: ${node.label}`, tensor);
  if (values?.length !== 1) node.fail("expected a value that is one whole number (INT64 or INT32), got another one");
  define(
    node,
    graph,
    Array.from({ length: count }, () => ({ value: values[0], batch: false })),
    dims,
  );
}

/** Transpose of a table. */
export function importTranspose(node: NodeView, graph: GraphReader): void {
  node.only("perm");
  const sizes = graph.sizes(node, 0);
  const [rows, columns, ...others] = sizes === undefined ? [] : dimsOf(node, graph, sizes);
  const perm = node.ints("perm") ?? [1, 0];
  if (sizes === undefined || columns === undefined || others.length > 0 || String(perm) !== "1,0") {
    node.fail(`expected a table of whole numbers with perm [1, 0], got another input or perm ${show(perm)}`);
  }
  define(
    node,
    graph,
    sizes.map((_, i) => sizes[(i % rows) * columns + Math.floor(i / rows)]),
    [columns, rows],
  );
}

/** Reshape of whole numbers. */
export function reshapeTable(node: NodeView, graph: GraphReader, sizes: readonly Size[]): void {
  const target = graph.wholes(node, 1, "the shape");
  const rest = sizes.length / sizeOf(target.filter((size) => size !== -1));
  const dims = target.map((size) => (size === -1 ? rest : size));
  if (sizeOf(dims) !== sizes.length || !dims.every((size) => Number.isInteger(size) && size > 0)) {
    node.fail(`expected a shape for ${sizes.length} numbers, got ${show(target)}`);
  }
  define(node, graph, sizes, dims);
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly axis: number;
  readonly step: number;
}

/** Slice of rows, forth or back. */
export function sliceRows(node: NodeView, graph: GraphReader, sizes: readonly Size[], range: Range): void {
  const dims = dimsOf(node, graph, sizes);
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
  define(
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

function dimsOf(node: NodeView, graph: GraphReader, sizes: readonly Size[]): Shape {
  const value = graph.find(node.input(0));
  if (value?.kind === "constant") return graph.dims(node, value.tensor);
  return value?.kind === "sizes" && value.dims !== undefined ? value.dims : [sizes.length];
}

function define(node: NodeView, graph: GraphReader, sizes: readonly Size[], dims: Shape): void {
  graph.define(node.outputs[0] ?? "", { kind: "sizes", sizes, dims }, node.label);
}
