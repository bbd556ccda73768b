// LayerNormalization: a LayerNorm over the last axes.
import { formatShape, sameShape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { LayerNorm } from "../../nn/norm/layernorm.js";
import { sameAxis, shapeOf } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { checkBatch, fixFrame, turnedAway, withBatch } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { axesText } from "../values.js";
import { shortest } from "./activations.js";
import { layerExport, optionsOf, type Operator } from "./operator.js";

export const layerNormalization: Operator = {
  reads: { LayerNormalization: readLayerNormalization },
  writes: [
    layerExport("LayerNorm", LayerNorm, (layer, x, _out, onnx) => {
      const { weight, bias } = layer;
      const [shape] = layer.config().args as [readonly number[]];
      const ones = (): Tensor => new Tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);
      const scale = weight === null ? onnx.constant("weight", ones()) : onnx.parameter(weight);
      const inputs = [x.name, scale, ...(bias === null ? [] : [onnx.parameter(bias)])];
      const { eps } = optionsOf<{ eps: number }>(layer);
      return onnx.node("LayerNormalization", inputs, { axis: -shape.length, epsilon: { float: eps } });
    }),
  ],
};

function readLayerNormalization(node: NodeView, graph: GraphReader): void {
  node.only("axis", "epsilon", "stash_type");
  const value = graph.computed(node);
  checkBatch(graph, node, withBatch(graph, value.axes));
  fixFrame(graph, value);
  const axis = node.axis(node.int("axis", -1), value.axes.length);
  if (axis < 1) node.fail(`expected axes behind the batch to be normalized, got all of ${axesText(value.axes)}`);
  const { axes: frame } = value.frame;
  const alike = frame.length === value.axes.length && frame.every((each, i) => sameAxis(each, value.axes[i]));
  if (!alike) turnedAway(node, value);
  const shape = shapeOf(frame.slice(axis));
  const [weight, bias] = ["the scale", "the shift"].map((what, i) => {
    if (i === 1 && node.input(2) === "") return null;
    const constant = graph.constant(node, i + 1, what);
    const dims = graph.dims(node, constant);
    if (!sameShape(dims, shape)) node.fail(`expected ${what} as ${formatShape(shape)}, got ${formatShape(dims)}`);
    return graph.parameter(node, constant, "as it is", shape, () => graph.floats(node, constant));
  });
  graph.appendPlain(node, value, () => {
    const layer = new LayerNorm(shape, { eps: shortest(node.float("epsilon", 1e-5)), bias: bias !== null });
    layer.weight = weight;
    layer.bias = bias;
    return layer;
  });
}
