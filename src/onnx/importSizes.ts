// Nodes that compute no layer: constants, and the sizes that exporters compute to flatten a batch of any size. The rows that a
// circular padding repeats are found here, too.
import { show } from "../base/check.js";
import { formatShape, type Shape } from "../base/shape.js";
import type { GraphReader, Size, Value } from "./graphReader.js";
import { sliceBounds, sliceRows } from "./importTables.js";
import { showName, type NodeView } from "./nodeView.js";
import { DATA_TYPE, typeName, type TensorMessage } from "./schema.js";

/** Constant: a tensor, or numbers as an attribute. */
export function importConstant(node: NodeView, graph: GraphReader): void {
  node.only("value", "value_float", "value_floats", "value_int", "value_ints");
  const name = node.outputs[0] ?? "";
  const tensor = node.tensor("value") ?? listTensor(node);
  graph.define(name, { kind: "constant", tensor: { ...tensor, name } }, node.label);
}

function listTensor(node: NodeView): TensorMessage {
  const empty = { floatData: [], int32Data: [], int64Data: [], doubleData: [], externalData: [] };
  const rest = { ...empty, name: undefined, rawData: undefined, dataLocation: undefined };
  const ints = node.has("value_int") ? [node.int("value_int", 0)] : node.ints("value_ints");
  if (ints !== undefined) {
    return {
      ...rest,
      dims: node.has("value_int") ? [] : [ints.length],
      dataType: DATA_TYPE.int64,
      int64Data: [...ints],
    };
  }
  const floats = node.has("value_float") ? [node.float("value_float", 0)] : node.floats("value_floats");
  if (floats === undefined) node.fail("expected a value, value_int(s) or value_float(s), got none");
  return {
    ...rest,
    dims: node.has("value_float") ? [] : [floats.length],
    dataType: DATA_TYPE.float,
    floatData: [...floats],
  };
}

/** Identity: another name for a constant, for sizes, or for what the last layer computes. */
export function importIdentity(node: NodeView, graph: GraphReader): void {
  node.only();
  handOn(node, graph);
}

/** Cast between types of floating-point numbers (all are float32 here) or of sizes. */
export function importCast(node: NodeView, graph: GraphReader): void {
  node.only("to", "saturate");
  const to = node.int("to", 0);
  const sizes = graph.sizes(node, 0) !== undefined;
  const types = sizes ? SIZE_TYPES : FLOAT_TYPES;
  if (!types.includes(to)) node.fail(`expected to as ${types.map(typeName).join(" or ")}, got ${typeName(to)}`);
  handOn(node, graph);
}

const SIZE_TYPES: readonly number[] = [DATA_TYPE.int64, DATA_TYPE.int32];
const FLOAT_TYPES: readonly number[] = [DATA_TYPE.float, DATA_TYPE.double, DATA_TYPE.float16, DATA_TYPE.bfloat16];

function handOn(node: NodeView, graph: GraphReader): void {
  const value = graph.find(node.input(0));
  if (value?.kind === "constant" || value?.kind === "sizes") graph.define(node.outputs[0] ?? "", value, node.label);
  else graph.put(node, graph.take(node));
}

/** Shape: the sizes of what a layer computes, the batch size unknown. */
export function importShape(node: NodeView, graph: GraphReader): void {
  node.only("start", "end");
  const value = graph.find(node.input(0));
  if (value?.kind !== "computed") {
    node.fail(`expected its input to come from a layer, got ${showName(node.input(0))}`);
  }
  const sizes = value.shape.map((size, axis) => ({ value: size, batch: axis === 0 }));
  const part = sizes.slice(node.int("start", 0), node.has("end") ? node.int("end", 0) : sizes.length);
  defineSizes(node, graph, part);
}

/** Gather of sizes. */
export function importGather(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  node.intOf("axis", 0, [0]);
  const sizes = sizesOf(node, graph, 0);
  const picked = graph.wholes(node, 1, "the places").map((place) => {
    const size = sizes[place < 0 ? place + sizes.length : place];
    return size ?? node.fail(`expected a place from ${-sizes.length} to ${sizes.length - 1}, got ${place}`);
  });
  defineSizes(node, graph, picked);
}

/** Squeeze and Unsqueeze of sizes: between a number and a list of one. */
export function importSqueeze(node: NodeView, graph: GraphReader): void {
  node.only("axes");
  const axes = node.ints("axes") ?? (node.input(1) === "" ? [0] : graph.wholes(node, 1, "the axes"));
  if (axes.length !== 1 || (axes[0] !== 0 && axes[0] !== -1)) node.fail(`expected axes [0], got ${show(axes)}`);
  const sizes = sizesOf(node, graph, 0);
  if (sizes.length !== 1) node.fail(`expected one size, got ${sizes.length}`);
  defineSizes(node, graph, sizes);
}

/** Concat of sizes, or of an image with its own last and first rows or columns: a circular padding. */
export function importConcat(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  const values = node.inputs.map((name) => graph.find(name));
  if (values.some((value) => value?.kind === "computed" || value?.kind === "slice")) {
    importWrap(node, graph, values);
    return;
  }
  node.intOf("axis", 0, [0]);
  const sizes = node.inputs.flatMap((_, place) => sizesOf(node, graph, place));
  if (sizes.length > 64) node.fail(`expected at most 64 sizes, got ${sizes.length}`);
  defineSizes(node, graph, sizes);
}

// [last rows] + image + [first rows] is what padding mode circular does along one axis.
function importWrap(node: NodeView, graph: GraphReader, values: readonly (Value | undefined)[]): void {
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

/** Slice of sizes, or of an image for the Concat of a circular padding. */
export function importSlice(node: NodeView, graph: GraphReader): void {
  node.only("axes", "ends", "starts");
  const list = (name: string, place: number): readonly number[] | undefined => {
    return node.ints(name) ?? (node.input(place) === "" ? undefined : graph.wholes(node, place, name));
  };
  const [starts, ends, axes, steps] = [
    list("starts", 1),
    list("ends", 2),
    list("axes", 3) ?? [0],
    list("steps", 4) ?? [1],
  ];
  if (starts?.length !== 1 || ends?.length !== 1 || axes.length !== 1 || steps.length !== 1) {
    node.fail(`expected a slice along one axis, got starts ${show(starts)}, ends ${show(ends)}, axes ${show(axes)}`);
  }
  const [start, end, said, step] = [starts[0], ends[0], axes[0], steps[0]];
  const sizes = graph.sizes(node, 0);
  if (sizes !== undefined) {
    sliceRows(node, graph, sizes, { start, end, axis: said, step });
    return;
  }
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

function sizesOf(node: NodeView, graph: GraphReader, place: number): readonly Size[] {
  const sizes = graph.sizes(node, place);
  return sizes ?? node.fail(`expected sizes (input ${place}), got ${showName(node.input(place))}, which are none`);
}

function defineSizes(node: NodeView, graph: GraphReader, sizes: readonly Size[]): void {
  graph.define(node.outputs[0] ?? "", { kind: "sizes", sizes }, node.label);
}
