// Add (Sum of two), Sub, Mul and Div: of a computed value and a constant, of two constants, or of sizes.
import { broadcastShapes, formatShape, sizeOf, type Shape } from "../../base/shape.js";
import { stretched, type Constant } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Size } from "../values.js";
import { addConstant, applyConstant, type Affine } from "./affine.js";
import { joinByNumber } from "./branches.js";
import { handOn } from "./identity.js";
import type { Operator, ReadNode } from "./operator.js";
import { defineSizes, tableShape } from "./tables.js";

interface Arithmetic {
  /** Of two numbers. */
  readonly of: (a: number, b: number) => number;
  /** Of a computed number and a constant, and the other way round. */
  readonly right: Affine;
  readonly left?: Affine;
}

const OPERATIONS: Readonly<Record<string, Arithmetic>> = {
  Add: { of: (a, b) => a + b, right: (c) => [1, c], left: (c) => [1, c] },
  Sum: { of: (a, b) => a + b, right: (c) => [1, c], left: (c) => [1, c] },
  Sub: { of: (a, b) => a - b, right: (c) => [1, -c], left: (c) => [-1, c] },
  Mul: { of: (a, b) => a * b, right: (c) => [c, 0], left: (c) => [c, 0] },
  Div: { of: (a, b) => a / b, right: (c) => [1 / c, 0] },
};

export const arithmetic: Operator = {
  reads: Object.fromEntries(Object.entries(OPERATIONS).map(([op, operation]) => [op, reader(operation)])),
};

function reader(operation: Arithmetic): ReadNode {
  return (node, graph) => {
    node.only("axis", "broadcast");
    const values = node.inputs.map((name) => graph.find(name));
    if (values.length > 1 && values.every((value) => value?.kind === "computed") && !graph.absorbed.has(node)) {
      joinByNumber(node, graph);
      return;
    }
    const [left, right, ...others] = values;
    if (node.inputs.length < 2 || others.length > 0) node.fail(`expected two inputs, got ${node.inputs.length}`);
    if (left?.kind === "computed" || right?.kind === "computed") {
      const place = left?.kind === "computed" ? 0 : 1;
      if (graph.absorbed.has(node)) handOn(node, graph, place);
      else withConstant(node, graph, operation, place);
      return;
    }
    const [a, b] = [graph.weight(node, 0), graph.weight(node, 1)];
    if (a !== undefined && b !== undefined) ofConstants(node, graph, a, b, operation);
    else ofSizes(node, graph, operation);
  };
}

function withConstant(node: NodeView, graph: GraphReader, operation: Arithmetic, place: number): void {
  const value = graph.computed(node, place);
  const constant = graph.constant(node, 1 - place, "the other number");
  const affine = place === 0 ? operation.right : operation.left;
  if (affine === undefined) {
    return node.fail(`expected a computed number divided by a constant, got a constant divided by a computed one`);
  }
  const dims = aligned(node, graph.dims(node, constant), value.axes.length, place);
  if (operation === OPERATIONS.Add || operation === OPERATIONS.Sum) addConstant(node, graph, value, constant, 1, dims);
  else applyConstant(node, graph, value, constant, dims, affine);
}

// Before opset 7 the second input's first axis stood at `axis` of the first one's.
function aligned(node: NodeView, dims: Shape, rank: number, place: number): Shape {
  if (node.opset >= 7 || node.int("broadcast", 0) === 0 || !node.has("axis") || place !== 0) return dims;
  const said = node.int("axis", 0);
  const axis = said < 0 ? said + rank : said;
  const behind = rank - axis - dims.length;
  if (axis < 0 || behind < 0) node.fail(`expected axis to leave room for ${formatShape(dims)}, got ${said}`);
  return [...dims, ...Array.from({ length: behind }, () => 1)];
}

function ofConstants(node: NodeView, graph: GraphReader, a: Constant, b: Constant, { of }: Arithmetic): void {
  const left = graph.dims(node, a);
  const right = aligned(node, graph.dims(node, b), left.length, 0);
  const dims = broadcast(node, left, right);
  graph.spend(node, 2 * sizeOf(dims));
  graph.compute(node, dims, () => {
    const x = stretched(graph.floats(node, a), left, dims);
    const y = stretched(graph.floats(node, b), right, dims);
    return x.map((value, i) => of(value, y[i]));
  });
}

function broadcast(node: NodeView, a: Shape, b: Shape): Shape {
  try {
    return broadcastShapes("", a, b);
  } catch {
    return node.fail(`expected shapes that broadcast, got ${formatShape(a)} and ${formatShape(b)}`);
  }
}

// Sizes of a shape: the batch size may be multiplied and divided by others. Whole numbers divide towards 0.
function ofSizes(node: NodeView, graph: GraphReader, { of }: Arithmetic): void {
  const [a, b] = [0, 1].map((place) => {
    return graph.sizes(node, place) ?? node.fail(`expected numbers to compute with (input ${place}), got others`);
  });
  const count = Math.max(a.length, b.length);
  if ((a.length !== count && a.length !== 1) || (b.length !== count && b.length !== 1)) {
    node.fail(`expected as many numbers on both sides, got ${a.length} and ${b.length}`);
  }
  const sizes = Array.from({ length: count }, (_, i): Size => {
    const [x, y] = [a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]];
    const value = Math.trunc(of(x.value, y.value));
    const batch = x.batch || y.batch;
    const isProduct = node.op === "Mul" || (node.op === "Div" && !y.batch && x.value % y.value === 0);
    if (batch && (!isProduct || (x.batch && y.batch))) {
      node.fail("expected the batch size only multiplied or divided, got another use of it");
    }
    return { value: Number.isSafeInteger(value) ? value : node.fail(`expected a whole number, got ${value}`), batch };
  });
  const isSingle = [0, 1].every((place) => tableShape(node, graph, place).length === 0);
  defineSizes(node, graph, sizes, isSingle ? [] : undefined);
}
