// LRN: a LocalResponseNorm. For an even size ONNX takes the more of its channels behind, PyTorch and we before: then it is written
// as the mean of squares that it is.
import { Tensor } from "../../base/tensor.js";
import { LocalResponseNorm } from "../../nn/norm/localresponsenorm.js";
import { core, sameAxis } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { checkBatch, fixFrame, turnedAway } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { shortest } from "./activations.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";

export const lrn: Operator = {
  reads: { LRN: readLrn },
  writes: [layerExport("LocalResponseNorm", LocalResponseNorm, writeLrn)],
};

function readLrn(node: NodeView, graph: GraphReader): void {
  node.only("alpha", "beta", "bias", "size");
  const value = graph.computed(node);
  checkBatch(graph, node, value.axes);
  fixFrame(graph, value);
  if (!sameAxis(value.axes[1] ?? [], value.frame.axes[1] ?? []) || core(value.axes[1] ?? []).length > 1) {
    turnedAway(node, value);
  }
  const size = node.int("size", 0);
  if (size % 2 !== 1) node.fail(`expected an odd size (an even one lies otherwise in our layer), got ${size}`);
  const [alpha, beta] = [shortest(node.float("alpha", 1e-4)), shortest(node.float("beta", 0.75))];
  const k = shortest(node.float("bias", 1));
  graph.appendPlain(node, value, () => new LocalResponseNorm(size, { alpha, beta, k }));
}

function writeLrn(layer: LocalResponseNorm, x: Current, out: readonly number[], onnx: OnnxContext): string {
  const [size] = layer.config().args as [number];
  const { alpha, beta, k } = optionsOf<{ alpha: number; beta: number; k: number }>(layer);
  if (size % 2 === 1) {
    const floats = { alpha: { float: alpha }, beta: { float: beta }, bias: { float: k } };
    return onnx.node("LRN", [x.name], { size, ...floats });
  }
  const number = (name: string, value: number): string => onnx.constant(name, new Tensor(Float32Array.of(value), []));
  const squares = onnx.node("Mul", [x.name, x.name], {}, "squares");
  // [N, 1, C, pixels], so that a pool runs over the channels.
  const rows = onnx.node("Reshape", [squares, onnx.constant("rows", [0, 1, out[1], -1])], {}, "rows");
  const window = { kernel_shape: [size, 1], pads: [size / 2, 0, size / 2 - 1, 0], count_include_pad: 1 };
  const means = onnx.node("AveragePool", [rows], window, "means");
  const back = onnx.node("Reshape", [means, onnx.constant("shape", [0, ...out.slice(1)])], {}, "back");
  const scaled = onnx.node("Mul", [back, number("alpha", alpha)], {}, "scaled");
  const sum = onnx.node("Add", [scaled, number("k", k)], {}, "sum");
  const power = onnx.node("Pow", [sum, number("beta", -beta)], {}, "power");
  return onnx.node("Mul", [x.name, power]);
}
