// Softmax and LogSoftmax. Before opset 13 they join all axes from `axis` on, since then they run along it alone. A Log behind a
// Softmax is a LogSoftmax.
import { LogSoftmax } from "../../nn/activation/logsoftmax.js";
import { Softmax2d } from "../../nn/activation/softmax2d.js";
import { Softmax } from "../../nn/activation/softmax.js";
import type { Layer } from "../../nn/layer.js";
import { core, lengthOf, samePieces } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { fixFrame } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep } from "../steps.js";
import { axesText, type Computed } from "../values.js";
import { layerExport, optionsOf, type Operator, type ReadNode, type WriteLayer } from "./operator.js";

type SoftmaxClass = new (options: { dim: number }) => Layer;

export const softmax: Operator = {
  reads: { Softmax: reader(Softmax), LogSoftmax: reader(LogSoftmax), Log: readLog },
  writes: [
    layerExport("Softmax", Softmax, writer("Softmax")),
    layerExport("LogSoftmax", LogSoftmax, writer("LogSoftmax")),
    layerExport("Softmax2d", Softmax2d, (_layer, x, _out, onnx) => onnx.node("Softmax", [x.name], { axis: 1 })),
  ],
};

function reader(of: SoftmaxClass): ReadNode {
  return (node, graph) => {
    node.only("axis");
    const value = graph.computed(node);
    const { axes } = value;
    const said = node.int("axis", graph.opset < 13 ? 1 : -1);
    const place = node.axis(said, axes.length);
    if (graph.opset < 13 && axes.slice(place).filter((axis) => lengthOf(axis) > 1).length > 1) {
      node.fail(`expected axis to be the last one with opset ${graph.opset}, got ${said} for ${axesText(axes)}`);
    }
    const last = graph.opset < 13 ? axes.slice(place).findIndex((axis) => lengthOf(axis) > 1) : 0;
    fixFrame(graph, value);
    const dim = dimOf(node, value, place + Math.max(last, 0), said);
    graph.appendPlain(node, value, () => new of({ dim }));
  };
}

// Where the layers have the file's axis. It is told as the file tells it, where that is the same.
function dimOf(node: NodeView, { axes, frame }: Computed, place: number, said: number): number {
  const axis = axes[place];
  const isOne = core(axis).length === 0;
  const isHere = (i: number): boolean => frame.axes[i] !== undefined && samePieces(frame.axes[i], axis);
  const rank = frame.axes.length;
  if (rank === axes.length && isHere(said < 0 ? said + rank : said)) return said;
  const dim = isHere(place) ? place : frame.axes.findIndex((_, i) => isHere(i) && (!isOne || i > 0));
  return dim >= 0 ? dim : node.fail(`expected an axis of the layer before it, got axis ${said} of ${axesText(axes)}`);
}

function readLog(node: NodeView, graph: GraphReader): void {
  node.only();
  const value = graph.computed(node);
  const { step } = value;
  if (!(step instanceof LayerStep && step.layer instanceof Softmax) || step.isShared) {
    return node.fail("expected a Log only behind a Softmax (a LogSoftmax), got one behind another node");
  }
  const { dim } = optionsOf<{ dim: number }>(step.layer);
  const logarithm = new LayerStep(step.node, step.before, new LogSoftmax({ dim }));
  graph.put(node, { ...value, step: logarithm });
}

function writer(op: string): WriteLayer<Layer> {
  return (layer, x, _out, onnx) => onnx.node(op, [x.name], { axis: optionsOf<{ dim: number }>(layer).dim });
}
