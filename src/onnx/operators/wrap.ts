// Circular padding, which Pad can write only from opset 19 on: the last rows of an image, the image and its first rows, joined
// by Concat; then the same along columns.
import { formatShape, type Shape } from "../../base/shape.js";
import type { GraphReader, Value } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { showName, type NodeView } from "../nodeView.js";
import { sliceBounds, type Range } from "./tables.js";

/** Slice of an image, which only the Concat of a circular padding reads. */
export function readImageSlice(node: NodeView, graph: GraphReader, { start, end, axis: said, step }: Range): void {
  const of = node.input(0);
  const shape: Shape = graph.shape;
  const axis = said < 0 ? said + shape.length : said;
  if (of !== graph.current || !(axis >= 2 && axis < shape.length) || step !== 1) {
    node.fail(
      `expected a slice of rows or columns for a circular padding, got axis ${said}, step ${step} of ${showName(of)}`,
    );
  }
  const [from, to] = sliceBounds(start, end, shape[axis]);
  if (to <= from) node.fail(`expected a slice that holds something, got ${from} to ${to} of ${formatShape(shape)}`);
  graph.define(node.outputs[0] ?? "", { kind: "slice", of, axis, start: from, end: to }, node.label);
}

/** Concat of an image with slices of itself. */
export function readWrap(node: NodeView, graph: GraphReader, values: readonly (Value | undefined)[]): void {
  const place = node.inputs.indexOf(graph.current);
  const rank = graph.shape.length;
  const said = node.int("axis", 0);
  const axis = said < 0 ? said + rank : said;
  const size = graph.shape[axis];
  const isSlice = (value: Value | undefined): value is Value & { kind: "slice" } => {
    return value?.kind === "slice" && value.of === graph.current && value.axis === axis;
  };
  const [before, after] = [values[place - 1], values[place + 1]];
  const fits =
    place >= 0 &&
    place <= 1 &&
    values.length - place <= 2 &&
    values.length >= 2 &&
    rank === 4 &&
    axis >= 2 &&
    (place === 0 || (isSlice(before) && before.end === size)) &&
    (after === undefined || (isSlice(after) && after.start === 0));
  if (!fits) {
    node.fail(
      "expected a Concat only of an image with its own last and first rows or columns (a circular padding), got another " +
        "one: branches that are joined are not supported",
    );
  }
  const sides = [isSlice(before) ? before.end - before.start : 0, isSlice(after) ? after.end - after.start : 0];
  const x = graph.take(node, place);
  const padding = graph.padding ?? { mode: "circular" as const, pads: [0, 0, 0, 0], shape: x };
  const at = axis - 2;
  if (padding.mode !== "circular" || padding.pads[at] > 0 || padding.pads[at + 2] > 0) {
    node.fail(`expected one padding before a layer, got another one along axis ${axis}`);
  }
  const pads = [...padding.pads];
  [pads[at], pads[at + 2]] = sides;
  graph.padding = { ...padding, pads };
  graph.put(
    node,
    x.map((length, i) => (i === axis ? length + sides[0] + sides[1] : length)),
  );
}

/** Writes the padding along one axis of `size` rows or columns. */
export function writeWrap(
  x: string,
  axis: number,
  before: number,
  after: number,
  size: number,
  onnx: OnnxContext,
): string {
  const slice = (part: string, start: number, end: number): string => {
    const bounds = [onnx.constant("start", [start]), onnx.constant("end", [end]), onnx.constant("axis", [axis])];
    return onnx.node("Slice", [x, ...bounds], {}, `${part}${axis}`);
  };
  if (before === 0 && after === 0) return x;
  const parts = [
    ...(before > 0 ? [slice("last", size - before, size)] : []),
    x,
    ...(after > 0 ? [slice("first", 0, after)] : []),
  ];
  return onnx.node("Concat", parts, { axis }, `wrap${axis}`);
}
