// Flatten, Reshape and Pad: changes of shape. Of all reshapes we have the one that joins neighboring axes.
import { show } from "../base/check.js";
import { Flatten } from "../nn/shape/flatten.js";
import { formatShape, sameShape, sizeOf, type Shape } from "../base/shape.js";
import type { GraphReader, Padding, Size } from "./graphReader.js";
import { reshapeTable } from "./importTables.js";
import type { NodeView } from "./nodeView.js";

/** Flatten: [product of the axes before `axis`, product of the others]. */
export function importFlatten(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  const x = graph.take(node);
  const said = node.int("axis", 1);
  const axis = said < 0 ? said + x.length : said;
  if (axis < 1 || axis > x.length) {
    node.fail(`expected axis from 1 to ${x.length} (the batch axis stays), got ${said}`);
  }
  if (axis === 1 && x.length >= 2) graph.append(node, x, () => new Flatten());
  else appendJoin(node, graph, x, [sizeOf(x.slice(0, axis)), sizeOf(x.slice(axis))]);
}

/** Reshape to a shape of the file, or to one that nodes before it computed from the batch size. */
export function importReshape(node: NodeView, graph: GraphReader): void {
  node.only("allowzero");
  node.intOf("allowzero", 0, [0]);
  const table = graph.sizes(node, 0);
  if (table !== undefined) {
    reshapeTable(node, graph, table);
    return;
  }
  const target = graph.sizes(node, 1) ?? node.fail("expected a shape of known sizes (input 1), got another one");
  const x = graph.take(node);
  appendJoin(node, graph, x, resolve(node, x, target, graph.batch));
}

// The shape for one sample. 0 copies the size at its place, -1 is what remains; the batch size has to end up in axis 0.
function resolve(node: NodeView, x: Shape, target: readonly Size[], batch: number | undefined): Shape {
  const got = formatShape(target.map(({ value, batch: times }) => (times ? (value === 1 ? "N" : `${value}N`) : value)));
  const fail = (): never => {
    return node.fail(
      `expected a shape that keeps the batch axis, from ${formatShape(["N", ...x.slice(1)])}, got ${got}`,
    );
  };
  const sizes = target.map((size, i): Size => {
    if (size.batch) return size;
    if (size.value === 0) return { value: x[i] ?? fail(), batch: i === 0 };
    if (size.value < -1 || !Number.isSafeInteger(size.value)) fail();
    // A file with a fixed batch size may say it as a number.
    if (i === 0 && batch !== undefined && size.value > 0 && size.value % batch === 0) {
      return { value: size.value / batch, batch: true };
    }
    return size;
  });
  const known = sizes.filter(({ value }) => value !== -1);
  const rest = sizeOf(x) / sizeOf(known.map(({ value }) => value));
  const hasBatch = known.some((size) => size.batch);
  const full = sizes.map((size) => (size.value === -1 ? { value: rest, batch: !hasBatch } : size));
  const keeps = full.length > 0 && full.every((size, i) => size.batch === (i === 0) && Number.isInteger(size.value));
  const shape = full.map(({ value }) => value);
  return keeps && sizeOf(shape) === sizeOf(x) && sizes.length - known.length <= 1 ? shape : fail();
}

function appendJoin(node: NodeView, graph: GraphReader, x: Shape, y: Shape): void {
  if (sameShape(x, y)) {
    graph.put(node, x);
    return;
  }
  const more = x.length - y.length;
  // The batch axis is joined only if nothing else gives the shape.
  const starts = [...y.keys()].slice(1).concat(0);
  const start = starts.find((s) => {
    return more > 0 && sameShape(y, [...x.slice(0, s), sizeOf(x.slice(s, s + more + 1)), ...x.slice(s + more + 1)]);
  });
  if (start === undefined) {
    const [from, to] = [
      formatShape(["N", ...x.slice(1)]),
      formatShape(y.map((size, i) => (i > 0 ? size : size > 1 ? `${size}N` : "N"))),
    ];
    node.fail(`expected neighboring axes to be joined into one, got ${from} to ${to}`);
  }
  const isAll = start === 1 && y.length === 2;
  graph.append(node, x, () => new Flatten(isAll ? {} : { startDim: start, endDim: start + more }));
}

const PAD_MODES: Readonly<Record<string, Padding["mode"]>> = {
  constant: "zeros",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

/** Pad: kept for the Conv or pool behind it. */
export function importPad(node: NodeView, graph: GraphReader): void {
  node.only("mode", "pads", "value");
  const said = node.string("mode", "constant");
  if (!Object.hasOwn(PAD_MODES, said)) {
    node.fail(`expected mode to be ${Object.keys(PAD_MODES).join(", ")}, got ${said.slice(0, 40)}`);
  }
  const list = node.ints("pads") ?? graph.wholes(node, 1, "pads");
  const x = graph.take(node);
  const pads = imagePads(node, graph, list, x.length);
  if (pads.every((side) => side === 0)) {
    graph.put(node, x);
    return;
  }
  if (graph.padding !== undefined) node.fail("expected one padding before a layer, got a second one");
  graph.padding = { mode: said === "constant" ? filledWith(node, graph) : PAD_MODES[said], pads, shape: x };
  const [top, left, bottom, right] = pads;
  graph.put(node, [x[0], x[1], x[2] + top + bottom, x[3] + left + right]);
}

// All axes' pads before, then all after; since opset 18 perhaps of some axes only.
function imagePads(node: NodeView, graph: GraphReader, list: readonly number[], rank: number): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const axes =
    node.input(3) === "" ? all : graph.wholes(node, 3, "the axes").map((axis) => (axis < 0 ? axis + rank : axis));
  const pads = [0, 0, 0, 0];
  const known = rank === 4 || list.every((size) => size === 0);
  if (!known || list.length !== 2 * axes.length || new Set(axes).size !== axes.length) {
    node.fail(`expected pads of an image [N, C, H, W], got ${show(list)} for ${rank} axes`);
  }
  axes.forEach((axis, i) => {
    const [before, after] = [list[i], list[i + axes.length]];
    if (axis >= 2 && axis < 4 && before >= 0 && after >= 0) [pads[axis - 2], pads[axis]] = [before, after];
    else if (before !== 0 || after !== 0)
      node.fail(`expected pads of at least 0 for rows and columns only, got ${show(list)}`);
  });
  return pads;
}

function filledWith(node: NodeView, graph: GraphReader): "zeros" | "lowest" {
  const value = node.input(2) === "" ? node.float("value", 0) : graph.scalar(node, 2, "the value");
  if (value === 0) return "zeros";
  if (value === -Infinity) return "lowest";
  return node.fail(`expected a padding of 0 (or -Infinity before MaxPool), got ${value}`);
}
