// Activations: layers that are one node, number by number. What each is in ONNX stands in its spec.
import type { Json } from "../../nn/config.js";
import type { Layer } from "../../nn/layer.js";
import { ownLayers } from "../../nn/layerTable.js";
import type { LayerClass } from "../../nn/layers.js";
import type { OnnxName } from "../../nn/spec.js";
import { layerExport, optionsOf, type LayerExport, type Operator, type ReadNode } from "./operator.js";

const ACTIVATIONS = [...ownLayers()].flatMap(([type, Class]) => {
  const { onnx } = Class.spec;
  return onnx === undefined ? [] : [{ type, Class, onnx }];
});

export const activations: Operator = {
  reads: Object.fromEntries(ACTIVATIONS.map(({ Class, onnx }) => [onnx.op, reader(Class, onnx)])),
  writes: ACTIVATIONS.map(({ type, Class, onnx }) => writer(type, Class, onnx)),
};

function reader(of: LayerClass, { attributes = {} }: OnnxName): ReadNode {
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

function writer(type: string, of: LayerClass, { op, attributes = {} }: OnnxName): LayerExport {
  return layerExport(type, of, (layer, x, _out, onnx) => {
    const options = optionsOf<Readonly<Record<string, number>>>(layer);
    const written = Object.entries(attributes).map(([key, { name }]) => [name, { float: options[key] }] as const);
    return onnx.node(op, [x.name], Object.fromEntries(written));
  });
}

/**
 * An attribute is a float32: 0.01 comes back as 0.009999999776482582. The shortest decimal number that rounds to the same float32
 * computes the same.
 */
export function shortest(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === value ? short : value;
}
