// Branches: nodes that join what others compute. Where all inputs order their axes alike they become a join of a graph.
import { Add } from "../../nn/container/add.js";
import { Concat } from "../../nn/container/concat.js";
import type { Join } from "../../nn/container/join.js";
import { Multiply } from "../../nn/container/multiply.js";
import { Subtract } from "../../nn/container/subtract.js";
import { walkMany } from "../../nn/protocol.js";
import type { LayerSpec } from "../../nn/spec.js";
import { Piece, core, hasBatch, lengthOf, sameAxis, shapeOf, type Axes, type Axis } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { fixFrame, flattened, paddedByLayer, withBatch } from "../layout.js";
import { showName, type NodeView } from "../nodeView.js";
import { Frame, JoinStep, atNode } from "../steps.js";
import { axesText, type Computed } from "../values.js";

type AnyJoin = Join<unknown, LayerSpec>;

const JOINS: Readonly<Record<string, () => AnyJoin>> = {
  Add: () => new Add(),
  Sum: () => new Add(),
  Sub: () => new Subtract(),
  Mul: () => new Multiply(),
};

/** Joins computed values number by number. */
export function joinByNumber(node: NodeView, graph: GraphReader): void {
  const make = JOINS[node.op];
  if (make === undefined) {
    node.fail(
      `expected a number computed from the input divided by a constant, got two that are computed`,
      "we have no layer for it",
    );
  }
  const sides = sidesOf(node, graph);
  const shapes = sides.map(({ value }) => axesText(value.axes));
  if (node.opset < 7 && node.int("broadcast", 0) === 1 && new Set(shapes).size > 1) {
    node.fail(`expected inputs of one shape with opset ${node.opset}, got ${textOf(sides)}`);
  }
  put(node, graph, sides, atNode(node, make));
}

/** Concat of computed values. */
export function joinAlong(node: NodeView, graph: GraphReader): void {
  const sides = sidesOf(node, graph);
  const [{ value, order, added }] = sides;
  const said = node.int("axis", 1);
  const dim = order[node.axis(said, value.axes.length) + added];
  if (dim === 0) node.fail(`expected parts along another axis than the batch, got axis ${said}`);
  put(
    node,
    graph,
    sides,
    atNode(node, () => new Concat({ dim })),
  );
}

/** One input of a join. */
interface Side {
  readonly value: Computed;
  /** For each axis of the file that of the layers. */
  readonly order: readonly number[];
  /** How many axes the file leaves out in front. */
  readonly added: number;
}

function put(node: NodeView, graph: GraphReader, sides: readonly Side[], layer: AnyJoin): void {
  const shapes = sides.map(({ value }) => shapeOf(value.frame.axes));
  const names = node.inputs.map(showName);
  const [shape] = atNode(node, () => layer[walkMany](shapes, () => undefined, "", names));
  // What comes out has axes of its own, in the order of the inputs.
  const frame = shape.map((size, i): Axis => {
    const axis = sides[0].value.frame.axes[i];
    return hasBatch(axis) ? axis : size === 1 ? [] : [new Piece(size)];
  });
  const [{ order, added }] = sides;
  const rank = Math.max(...sides.map(({ value }) => value.axes.length));
  const axes = order.map((place) => frame[place]).slice(added);
  if (axes.length !== rank) node.fail(`expected inputs of one rank, got ${textOf(sides)}`);
  const step = new JoinStep(
    node,
    sides.map(({ value }) => value.step),
    layer,
    shapes,
  );
  graph.put(node, { kind: "computed", axes, frame: new Frame(frame, true), step });
}

// The inputs, once their axes stand alike.
function sidesOf(node: NodeView, graph: GraphReader): readonly Side[] {
  const values = node.inputs.map((_, place) => {
    const value = arranged(graph, node, paddedByLayer(graph, graph.waiting(node, place)));
    value.frame.isFixed = true;
    return value;
  });
  const full = values.map((value) => withBatch(graph, value.axes));
  const ranks = values.map(({ frame }) => frame.axes.length);
  const isEven = full.every((axes, i) => axes.length === full[0].length && ranks[i] === ranks[0]);
  const orders = isEven ? ordersOf(full[0].length, ranks[0]) : [];
  const order = orders.find((each) => values.every(({ frame }, i) => stands(full[i], frame.axes, each)));
  if (order !== undefined) {
    return values.map((value, i) => ({ value, order, added: full[i].length - value.axes.length }));
  }
  const layers = values.map(({ frame }) => axesText(frame.axes)).join(" and ");
  return node.fail(
    `expected inputs whose axes stand as the layers before them give them, and in one order, got ${textOf(values.map((value) => ({ value })))} ` +
      `where the layers give ${layers}`,
  );
}

// Axes that the file has joined may be a Flatten.
function arranged(graph: GraphReader, node: NodeView, value: Computed): Computed {
  fixFrame(graph, value);
  const axes = withBatch(graph, value.axes);
  const fits = ordersOf(axes.length, value.frame.axes.length).some((order) => stands(axes, value.frame.axes, order));
  return fits ? value : (flattened(graph, value.turnedBy ?? node, value) ?? value);
}

// In which orders a file may have the axes of a layer: as they are, with the channels last, and both without the height of 1.
function ordersOf(theirs: number, ours: number): readonly (readonly number[])[] {
  const plain = Array.from({ length: theirs }, (_, i) => i);
  if (ours === 4 && theirs === 3) return [[0, 1, 3], [0, 3, 1]]; // prettier-ignore
  if (ours !== theirs) return [];
  return ours === 4 ? [plain, [0, 2, 3, 1]] : [plain];
}

function stands(theirs: Axes, ours: Axes, order: readonly number[]): boolean {
  const isComplete = ours.every((axis, i) => order.includes(i) || core(axis).length === 0);
  return (
    isComplete &&
    theirs.every((axis, i) => sameAxis(axis, ours[order[i]]) && lengthOf(axis) === lengthOf(ours[order[i]]))
  );
}

function textOf(sides: readonly { readonly value: Computed }[]): string {
  return sides.map(({ value }) => axesText(value.axes)).join(" and ");
}
