// Activations: layers that are one node, number by number. One line each.
import type { Json } from "../../nn/config.js";
import { ReLU } from "../../nn/activation/relu.js";
import { Sigmoid } from "../../nn/activation/sigmoid.js";
import { Tanh } from "../../nn/activation/tanh.js";
import type { Layer } from "../../nn/layer.js";
import { layerExport, optionsOf, type LayerExport, type Operator, type ReadNode } from "./operator.js";

/** What an activation is in ONNX: the operator, and its attribute for each option of the layer. */
interface OnnxName {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A number: its name in ONNX, and what counts there where it is left out. */
interface Attribute {
  readonly name: string;
  readonly otherwise: number;
}

type ActivationClass = new (...options: never[]) => Layer;

// An option with a number would be: { op: "LeakyRelu", attributes: { negativeSlope: { name: "alpha", otherwise: 0.01 } } }.
const ACTIVATIONS: readonly (readonly [type: string, of: ActivationClass, onnx: OnnxName])[] = [
  ["ReLU", ReLU, { op: "Relu" }],
  ["Sigmoid", Sigmoid, { op: "Sigmoid" }],
  ["Tanh", Tanh, { op: "Tanh" }],
];

export const activations: Operator = {
  reads: Object.fromEntries(ACTIVATIONS.map(([, of, onnx]) => [onnx.op, reader(of, onnx)])),
  writes: ACTIVATIONS.map(([type, of, onnx]) => writer(type, of, onnx)),
};

function reader(of: ActivationClass, { attributes = {} }: OnnxName): ReadNode {
  return (node, graph) => {
    node.only(...Object.values(attributes).map(({ name }) => name));
    const options = Object.entries(attributes).map(([key, { name, otherwise }]) => [
      key,
      shortest(node.float(name, otherwise)),
    ]);
    const args: readonly Json[] = options.length === 0 ? [] : [Object.fromEntries(options)];
    graph.appendPlain(node, graph.computed(node), () => Reflect.construct(of, args) as Layer);
  };
}

function writer(type: string, of: ActivationClass, { op, attributes = {} }: OnnxName): LayerExport {
  return layerExport(type, of, (layer, x, _out, onnx) => {
    const options = optionsOf<Readonly<Record<string, number>>>(layer);
    const written = Object.entries(attributes).map(([key, { name }]) => [name, { float: options[key] }] as const);
    return onnx.node(op, [x.name], Object.fromEntries(written));
  });
}

// An attribute is a float32: 0.01 comes back as 0.009999999776482582. The shortest decimal number that rounds to the same
// float32 computes the same.
function shortest(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === value ? short : value;
}
