// Sqrt, Reciprocal, Neg, Abs and Pow of constants: exporters leave them before a multiplication (1 / sqrt(variance + eps)). Neg of
// what a layer computes is a multiplication by -1.
import { sizeOf } from "../../base/shape.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { Operator } from "./operator.js";

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Neg: (x) => -x,
  Reciprocal: (x) => 1 / x,
  Sqrt: Math.sqrt,
};

const POWERS: ReadonlyMap<number, (x: number) => number> = new Map([
  [2, (x: number) => x * x],
  [1, (x: number) => x],
  [0.5, Math.sqrt],
  [-0.5, (x: number) => 1 / Math.sqrt(x)],
  [-1, (x: number) => 1 / x],
]);

export const constantMath: Operator = {
  reads: { ...Object.fromEntries(Object.keys(FUNCTIONS).map((op) => [op, readFunction])), Pow: readPow },
};

function readFunction(node: NodeView, graph: GraphReader): void {
  node.only();
  const weight = graph.weight(node, 0);
  if (weight !== undefined) {
    graph.compute(node, graph.dims(node, weight), () => graph.floats(node, weight).map(FUNCTIONS[node.op]));
  } else if (node.op === "Neg") {
    graph.scale(node, graph.computed(node), [], Float64Array.of(-1), Float64Array.of(0));
  } else {
    refuse(node);
  }
}

function readPow(node: NodeView, graph: GraphReader): void {
  node.only("axis", "broadcast");
  const [weight, exponent] = [graph.weight(node, 0), graph.weight(node, 1)];
  if (weight === undefined || exponent === undefined) refuse(node);
  if (sizeOf(graph.dims(node, exponent)) !== 1) node.fail("expected one exponent for all numbers, got several");
  const power = POWERS.get(graph.floats(node, exponent)[0]);
  if (power === undefined) node.fail(`expected an exponent of ${[...POWERS.keys()].join(", ")}, got another one`);
  graph.compute(node, graph.dims(node, weight), () => graph.floats(node, weight).map(power));
}

function refuse(node: NodeView): never {
  return node.fail(`expected ${node.op} of a constant (we have no layer for it), got one of what a layer computes`);
}
