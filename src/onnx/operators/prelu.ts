// PRelu: a slope for all negative numbers, or one for those of each channel.
import { PReLU } from "../../nn/activation/prelu.js";
import { formatShape, sizeOf } from "../../base/shape.js";
import { lengthOf, samePieces } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { fixFrame } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, type Operator } from "./operator.js";

export const prelu: Operator = {
  reads: { PRelu: readPRelu },
  writes: [
    layerExport("PReLU", PReLU, ({ weight }, x, out, onnx) => {
      if (weight.size === 1) return onnx.node("PRelu", [x.name, onnx.parameter(weight)]);
      // [C, 1, ...], which stretches over the pixels.
      const perChannel = [weight.size, ...out.slice(2).map(() => 1)];
      return onnx.node("PRelu", [x.name, onnx.constant("weight", weight.value.reshape(perChannel))]);
    }),
  ],
};

function readPRelu(node: NodeView, graph: GraphReader): void {
  node.only();
  const value = graph.computed(node);
  const slope = graph.constant(node, 1, "the slope");
  const dims = graph.dims(node, slope);
  const count = sizeOf(dims);
  fixFrame(graph, value);
  const place = value.axes.length - dims.length + dims.findIndex((size) => size > 1);
  const channels = value.frame.axes[1];
  const isPerChannel =
    dims.filter((size) => size > 1).length === 1 &&
    channels !== undefined &&
    value.axes[place] !== undefined &&
    samePieces(value.axes[place], channels) &&
    lengthOf(channels) === count;
  if (count !== 1 && !isPerChannel) {
    node.fail(`expected one slope, or one for each channel, got slopes of shape ${formatShape(dims)}`);
  }
  const weight = graph.parameter(node, slope, "prelu", [count], () => graph.floats(node, slope));
  graph.appendPlain(node, value, () => {
    const layer = new PReLU({ numParameters: count });
    layer.weight = weight;
    return layer;
  });
}
