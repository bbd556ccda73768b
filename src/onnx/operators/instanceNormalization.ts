// InstanceNormalization: an InstanceNorm2d, of rows of numbers one of images of height 1. One that tracks statistics is a
// BatchNormalization, because those are what it predicts with.
import { formatShape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { InstanceNorm2d } from "../../nn/norm/instancenorm2d.js";
import type { GraphReader } from "../graphReader.js";
import { fileAxes, imagesOf } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, optionsOf, type Operator } from "./operator.js";
import { shortest } from "./activations.js";

export const instanceNormalization: Operator = {
  reads: { InstanceNormalization: readInstanceNormalization },
  writes: [
    layerExport("InstanceNorm2d", InstanceNorm2d, (layer, x, out, onnx) => {
      const { weight, bias, runningMean, runningVar } = layer;
      const filled = (name: string, value: number): string =>
        onnx.constant(name, new Tensor(new Float32Array(out[1]).fill(value)));
      const scales = [
        weight === null ? filled("weight", 1) : onnx.parameter(weight),
        bias === null ? filled("bias", 0) : onnx.parameter(bias),
      ];
      const attributes = { epsilon: { float: optionsOf<{ eps: number }>(layer).eps } };
      if (runningMean === null || runningVar === null) {
        return onnx.node("InstanceNormalization", [x.name, ...scales], attributes);
      }
      const statistics = [
        onnx.constant("running_mean", runningMean.value),
        onnx.constant("running_var", runningVar.value),
      ];
      return onnx.node("BatchNormalization", [x.name, ...scales, ...statistics], attributes);
    }),
  ],
};

function readInstanceNormalization(node: NodeView, graph: GraphReader): void {
  node.only("epsilon");
  const images = imagesOf(graph, node, graph.computed(node));
  const channels = images.shape[1];
  const [weight, bias] = ["the scale", "the shift"].map((what, i) => {
    const constant = graph.constant(node, i + 1, what);
    const dims = graph.dims(node, constant);
    if (dims.length !== 1 || dims[0] !== channels) {
      node.fail(`expected ${what} as [${channels}], got ${formatShape(dims)}`);
    }
    return graph.parameter(node, constant, "as it is", [channels], () => graph.floats(node, constant));
  });
  const { value, axes } = images;
  graph.append(node, value, fileAxes(images, axes), axes, () => {
    const layer = new InstanceNorm2d(channels, { eps: shortest(node.float("epsilon", 1e-5)), affine: true });
    layer.weight = weight;
    layer.bias = bias;
    return layer;
  });
}
