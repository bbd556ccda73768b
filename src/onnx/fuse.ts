// Activations that exporters write as several nodes, because ONNX had no operator for them when the file was made: x Sigmoid(x),
// x Tanh(Softplus(x)), GELU by Erf and by Tanh, Hardswish by HardSigmoid or Clip. The last of their nodes is read as the operator that
// newer versions have; what the others compute then reaches no output, unless something else reads it.
import { floatsOf, type NumberOptions } from "./numbers.js";
import { sizeOf } from "../base/shape.js";
import {
  ATTRIBUTE_TYPE,
  type AttributeMessage,
  type GraphMessage,
  type NodeMessage,
  type TensorMessage,
} from "./schema.js";

/** A product of tensors and numbers, however it is put together. */
interface Product {
  readonly coefficient: number;
  readonly factors: readonly string[];
}

const DEPTH = 4; // of products in products: none that is looked for is deeper, and each level doubles the work
const GATES = new Set(["Sigmoid", "Softplus", "Erf", "Tanh", "HardSigmoid", "Clip"]);

/** The graph with such nodes in the places of the last ones. */
export function fuseActivations(graph: GraphMessage, options: NumberOptions): GraphMessage {
  if (!graph.node.some(({ opType }) => GATES.has(opType ?? ""))) return graph;
  const terms = new Terms(graph, options);
  return { ...graph, node: graph.node.map((node) => activationOf(node, terms) ?? node) };
}

function activationOf(node: NodeMessage, terms: Terms): NodeMessage | undefined {
  if (node.opType !== "Mul" && node.opType !== "Div") return undefined;
  for (const x of terms.namesIn(node)) {
    const { coefficient, factors } = terms.product(node, x);
    const others = factors.filter((name) => name !== x);
    if (factors.length !== 2 || others.length !== 1) continue;
    const [gate] = others;
    if (near(coefficient, 1)) {
      if (terms.applies(gate, "Sigmoid", x)) return fused(node, "Swish", x);
      if (terms.applies(gate, "Softplus", x, "Tanh")) return fused(node, "Mish", x);
      if (terms.applies(gate, "HardSigmoid", x) && isSixth(terms.maker(gate))) return fused(node, "HardSwish", x);
    }
    if (near(coefficient, 1 / 6) && isReLU6(gate, x, terms)) return fused(node, "HardSwish", x);
    const inner = near(coefficient, 0.5) ? terms.besideOne(gate) : undefined;
    if (inner?.opType === "Erf" && isRoot(inner, x, terms)) return fused(node, "Gelu", x);
    if (inner?.opType === "Tanh" && isBent(inner, x, terms)) return fused(node, "Gelu", x, APPROXIMATE);
  }
  return undefined;
}

// x / sqrt 2
function isRoot({ input: [name = ""] }: NodeMessage, x: string, terms: Terms): boolean {
  const { coefficient, factors } = terms.productOf(name, x);
  return near(coefficient, 0.7071067811865476) && same(factors, [x]);
}

// sqrt(2 / pi) (x + 0.044715 x^3), or with the x outside
function isBent({ input: [name = ""] }: NodeMessage, x: string, terms: Terms): boolean {
  const { coefficient, factors } = terms.productOf(name, x);
  if (!near(coefficient, 0.7978845608028654)) return false;
  const outside = factors.filter((factor) => factor === x).length;
  const [sum, ...more] = factors.filter((factor) => factor !== x);
  if (sum === undefined || more.length > 0 || outside > 1) return false;
  return terms.summands(sum).some(([first, cube]) => {
    const begins = outside === 1 ? near(terms.number(first), 1) : first === x;
    const { coefficient: share, factors: powers } = terms.productOf(cube, x);
    return begins && near(share, 0.044715) && same(powers, new Array<string>(3 - outside).fill(x));
  });
}

// min(max(x + 3, 0), 6)
function isReLU6(name: string, x: string, terms: Terms): boolean {
  const clip = terms.maker(name);
  if (clip?.opType !== "Clip") return false;
  const bound = (place: number, attribute: string): number | undefined =>
    terms.number(clip.input[place] ?? "") ?? clip.attribute.find((each) => each.name === attribute)?.f;
  const shifted = terms.summands(clip.input[0] ?? "").some(([a, b]) => a === x && near(terms.number(b), 3));
  return shifted && bound(1, "min") === 0 && bound(2, "max") === 6;
}

function isSixth(node: NodeMessage | undefined): boolean {
  const value = (name: string): number | undefined => node?.attribute.find((each) => each.name === name)?.f;
  return near(value("alpha"), 1 / 6) && near(value("beta") ?? 0.5, 0.5);
}

/** The nodes of a graph as terms. */
class Terms {
  readonly #makers: ReadonlyMap<string, NodeMessage>;
  readonly #numbers: ReadonlyMap<string, TensorMessage>;
  readonly #options: NumberOptions;

  constructor({ node, initializer }: GraphMessage, options: NumberOptions) {
    this.#options = options;
    this.#makers = new Map(node.flatMap((each) => each.output.map((name) => [name, each] as const)));
    const numbers = new Map(initializer.map((tensor) => [tensor.name ?? "", tensor] as const));
    for (const { opType, output, attribute } of node) {
      const tensor = attribute.find(({ name }) => name === "value")?.t;
      if (opType === "Constant" && tensor !== undefined) numbers.set(output[0] ?? "", tensor);
    }
    this.#numbers = numbers;
  }

  maker(name: string): NodeMessage | undefined {
    return this.#makers.get(name);
  }

  /** A constant of one number; undefined for any other, and for one that cannot be read, which is told where it is used. */
  number(name: string): number | undefined {
    const tensor = this.#numbers.get(name);
    if (tensor === undefined || sizeOf(tensor.dims) !== 1) return undefined;
    try {
      return floatsOf(name, tensor, this.#options)[0];
    } catch {
      return undefined;
    }
  }

  /** Whether `name` is op(x), or outer(op(x)). */
  applies(name: string, op: string, x: string, outer?: string): boolean {
    const first = this.maker(name);
    const maker = outer !== undefined && first?.opType === outer ? this.maker(first.input[0] ?? "") : first;
    return (outer === undefined || first?.opType === outer) && maker?.opType === op && maker.input[0] === x;
  }

  /** The other summand where one of two is the number 1. */
  besideOne(name: string): NodeMessage | undefined {
    const pair = this.summands(name).find(([one]) => this.number(one) === 1);
    return pair === undefined ? undefined : this.maker(pair[1]);
  }

  /** Both orders of a sum of two; none for what is no such sum. */
  summands(name: string): readonly (readonly [string, string])[] {
    const maker = this.maker(name);
    const [a, b] = maker?.input ?? [];
    return maker?.opType !== "Add" || a === undefined || b === undefined ? [] : [[a, b], [b, a]]; // prettier-ignore
  }

  /** What may be x: the tensors of a product and of the products in it. */
  namesIn({ input }: NodeMessage): readonly string[] {
    const inner = input.flatMap((name) => {
      const maker = this.maker(name);
      return maker?.opType === "Mul" || maker?.opType === "Div" ? maker.input : [];
    });
    return [...new Set([...input, ...inner])].filter((name) => this.number(name) === undefined);
  }

  /** A node as a product in which x is a factor, whatever made it. */
  product({ opType, input }: NodeMessage, x: string, depth: number = DEPTH): Product {
    const [a = "", b = ""] = input;
    const [left, right] = [this.productOf(a, x, depth - 1), this.productOf(b, x, depth - 1)];
    const factors = [...left.factors, ...right.factors];
    if (opType === "Mul") return { coefficient: left.coefficient * right.coefficient, factors };
    return { coefficient: right.factors.length > 0 ? NaN : left.coefficient / right.coefficient, factors };
  }

  productOf(name: string, x: string, depth: number = DEPTH): Product {
    const number = this.number(name);
    if (number !== undefined) return { coefficient: number, factors: [] };
    const maker = name === x || depth === 0 ? undefined : this.maker(name);
    if (maker?.opType === "Mul" || maker?.opType === "Div") return this.product(maker, x, depth);
    const power = maker?.opType === "Pow" ? this.number(maker.input[1] ?? "") : undefined;
    if (maker?.input[0] === x && (power === 2 || power === 3)) {
      return { coefficient: 1, factors: new Array<string>(power).fill(x) };
    }
    return { coefficient: 1, factors: [name] };
  }
}

const APPROXIMATE: AttributeMessage = {
  name: "approximate",
  type: ATTRIBUTE_TYPE.string,
  s: new TextEncoder().encode("tanh"),
} as unknown as AttributeMessage;

function near(value: number | undefined, wanted: number): boolean {
  return value !== undefined && Math.abs(value - wanted) < 1e-6;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function fused(last: NodeMessage, opType: string, x: string, ...attribute: AttributeMessage[]): NodeMessage {
  return { ...last, opType, input: [x], attribute };
}
