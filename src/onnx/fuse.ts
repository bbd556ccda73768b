// Activations that exporters write as several nodes, because ONNX had no operator for them when the file was made: x Sigmoid(x),
// x Tanh(Softplus(x)), and GELU by Erf. The last of their nodes is read as the operator that newer versions have; what the others
// compute then reaches no output, unless something else reads it.
import { floatsOf, type NumberOptions } from "./numbers.js";
import { sizeOf } from "../base/shape.js";
import type { GraphMessage, NodeMessage, TensorMessage } from "./schema.js";

type Makers = ReadonlyMap<string, NodeMessage>;
type Numbers = ReadonlyMap<string, TensorMessage>;

/** The graph with such nodes in the places of the last ones. */
export function fuseActivations(graph: GraphMessage, options: NumberOptions): GraphMessage {
  if (!graph.node.some(({ opType }) => opType === "Erf" || opType === "Sigmoid" || opType === "Softplus")) return graph;
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const numbers = new Map(graph.initializer.map((tensor) => [tensor.name ?? "", tensor] as const));
  for (const { opType, output, attribute } of graph.node) {
    const tensor = attribute.find(({ name }) => name === "value")?.t;
    if (opType === "Constant" && tensor !== undefined) numbers.set(output[0] ?? "", tensor);
  }
  const read = (name: string): number | undefined => numberOf(name, numbers, options);
  const node = graph.node.map((each) => {
    if (each.opType !== "Mul" || each.input.length !== 2) return each;
    return gated(each, makers) ?? gelu(each, makers, read) ?? each;
  });
  return { ...graph, node };
}

// x Sigmoid(x), x Tanh(Softplus(x)).
function gated(node: NodeMessage, makers: Makers): NodeMessage | undefined {
  for (const [x, gate] of bothWays(node.input)) {
    const maker = makers.get(gate);
    if (maker?.opType === "Sigmoid" && maker.input[0] === x) return fused(node, "Swish", x);
    const bent = maker?.opType === "Tanh" ? makers.get(maker.input[0] ?? "") : undefined;
    if (bent?.opType === "Softplus" && bent.input[0] === x) return fused(node, "Mish", x);
  }
  return undefined;
}

// 0.5 x (1 + Erf(x / sqrt 2)), whatever of the three factors are multiplied first.
function gelu(node: NodeMessage, makers: Makers, read: (name: string) => number | undefined): NodeMessage | undefined {
  const factors = node.input.flatMap((name) => {
    const maker = makers.get(name);
    return maker?.opType === "Mul" && maker.input.length === 2 ? maker.input : [name];
  });
  const half = factors.findIndex((name) => read(name) === 0.5);
  if (factors.length !== 3 || half < 0) return undefined;
  for (const [x, sum] of bothWays(factors.filter((_, i) => i !== half))) {
    const adding = makers.get(sum);
    if (adding?.opType !== "Add") continue;
    for (const [one, error] of bothWays(adding.input)) {
      const erf = makers.get(error);
      if (read(one) !== 1 || erf?.opType !== "Erf") continue;
      if (isScaled(makers.get(erf.input[0] ?? ""), x, read)) return fused(node, "Gelu", x);
    }
  }
  return undefined;
}

// x / sqrt 2, or x times its inverse.
function isScaled(node: NodeMessage | undefined, x: string, read: (name: string) => number | undefined): boolean {
  if (node?.opType === "Div") return node.input[0] === x && isNear(read(node.input[1] ?? ""), 1.4142135623730951);
  if (node?.opType !== "Mul") return false;
  return bothWays(node.input).some(([a, b]) => a === x && isNear(read(b), 0.7071067811865476));
}

function isNear(value: number | undefined, wanted: number): boolean {
  return value !== undefined && Math.abs(value - wanted) < 1e-6;
}

function bothWays([a = "", b = ""]: readonly string[]): readonly (readonly [string, string])[] {
  return [
    [a, b],
    [b, a],
  ];
}

function fused(last: NodeMessage, opType: string, x: string): NodeMessage {
  return { ...last, opType, input: [x], attribute: [] };
}

// A constant of one number; undefined for any other, and for one that cannot be read, which is told where it is used.
function numberOf(name: string, numbers: Numbers, options: NumberOptions): number | undefined {
  const tensor = numbers.get(name);
  if (tensor === undefined || sizeOf(tensor.dims) !== 1) return undefined;
  try {
    return floatsOf(name, tensor, options)[0];
  } catch {
    return undefined;
  }
}
