// Circular padding, which Pad can write only from opset 19 on: the last rows of an image, the image and its first rows, joined
// by Concat; then the same along columns.
import { Piece, core } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { paddedByLayer } from "../layout.js";
import { showName, type NodeView } from "../nodeView.js";
import type { ImageSlice, Value } from "../values.js";

/** Concat of an image with slices of itself; false where it is another one. */
export function readWrap(node: NodeView, graph: GraphReader, values: readonly (Value | undefined)[]): boolean {
  const computed = values.filter((value) => value?.kind === "computed");
  const place = values.findIndex((value) => value?.kind === "computed");
  const rank = computed[0]?.axes.length ?? 0;
  const axis = computed[0] === undefined ? -1 : node.axis(node.int("axis", 0), rank);
  const isSlice = (value: Value | undefined): value is ImageSlice => {
    return value?.kind === "slice" && value.of === node.inputs[place] && value.axis === axis;
  };
  const [was = new Piece(1)] = core(computed[0]?.axes[axis] ?? []);
  const [before, after] = [values[place - 1], values[place + 1]];
  const fits =
    place >= 0 &&
    place <= 1 &&
    values.length - place <= 2 &&
    values.length >= 2 &&
    (place === 0 || (isSlice(before) && before.end === was.size)) &&
    (after === undefined || (isSlice(after) && after.start === 0));
  if (!fits) {
    const isOfItself = values.every((value, i) => i === place || (isSlice(value) && value.axis !== 1));
    if (place < 0 || !isOfItself) return false;
    return node.fail(
      "expected a Concat of what layers compute, or of an image with its own last and first rows or columns (a circular " +
        `padding), got another one, with parts of ${showName(node.input(place))}`,
    );
  }
  const sides = [isSlice(before) ? before.end - before.start : 0, isSlice(after) ? after.end - after.start : 0];
  const waiting = graph.waiting(node, place);
  const known = waiting.padding;
  const goesOn = known?.mode === "circular" && known.sides.every(({ now }) => now !== was);
  const value = goesOn ? waiting : paddedByLayer(graph, waiting);
  const now = new Piece(was.size + sides[0] + sides[1]);
  const all = [...(goesOn ? known.sides : []), { now, was, before: sides[0], behind: sides[1] }];
  const axes = value.axes.map((each, i) => (i === axis ? [now] : each));
  graph.put(node, { ...value, axes, padding: { node, mode: "circular", axes, sides: all } });
  return true;
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
