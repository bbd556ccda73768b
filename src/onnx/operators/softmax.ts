// Softmax and LogSoftmax. Before opset 13 they join all axes from `axis` on, since then they run along it alone.
import { formatShape, sizeOf } from "../../base/shape.js";
import { LogSoftmax } from "../../nn/activation/logsoftmax.js";
import { Softmax } from "../../nn/activation/softmax.js";
import type { Layer } from "../../nn/layer.js";
import { layerExport, optionsOf, type Operator, type ReadNode, type WriteLayer } from "./operator.js";

type SoftmaxClass = new (options: { dim: number }) => Layer;

export const softmax: Operator = {
  reads: { Softmax: reader(Softmax), LogSoftmax: reader(LogSoftmax) },
  writes: [
    layerExport("Softmax", Softmax, writer("Softmax")),
    layerExport("LogSoftmax", LogSoftmax, writer("LogSoftmax")),
  ],
};

function reader(of: SoftmaxClass): ReadNode {
  return (node, graph) => {
    node.only("axis");
    const x = graph.take(node);
    const dim = node.int("axis", graph.opset < 13 ? 1 : -1);
    const place = dim < 0 ? dim + x.length : dim;
    if (graph.opset < 13 && sizeOf(x.slice(place + 1)) !== 1) {
      const got = `${dim} for ${formatShape(["N", ...x.slice(1)])}`;
      node.fail(`expected axis to be the last one with opset ${graph.opset}, got ${got}`);
    }
    graph.append(node, x, () => new of({ dim }));
  };
}

function writer(op: string): WriteLayer<Layer> {
  return (layer, x, _out, onnx) => onnx.node(op, [x.name], { axis: optionsOf<{ dim: number }>(layer).dim });
}
