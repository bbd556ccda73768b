// MaxPool: a MaxPool2d, with a padding of -Infinity before it.
import type { Pair, Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { MaxPool2d } from "../../nn/pool/maxpool2d.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, type Current, type Operator } from "./operator.js";
import { ceilModeOf, layerWindow, readWindow, takeImage } from "./poolWindow.js";
import { padsInput } from "./window.js";

export const maxPool: Operator = {
  reads: { MaxPool: readMaxPool },
  writes: [layerExport("MaxPool2d", MaxPool2d, writeMaxPool2d)],
};

function readMaxPool(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides");
  const { x, image, before } = takeImage(node, graph);
  const window = readWindow(node, x);
  if (before !== undefined && before.mode !== "lowest") {
    node.fail(`expected a Pad with -Infinity before it, got one of ${before.mode}`);
  }
  const { kernel, stride, dilation, out } = window;
  const padding = [0, 1].map((i) => window.pads[i] + (before?.pads[i] ?? 0)) as unknown as Pair;
  const ceilMode = ceilModeOf(node, image, window, padding, out);
  graph.append(node, image, () => new MaxPool2d(kernel, { stride, dilation, padding, ceilMode }));
}

// Its padding is -Infinity, so padding and overhang are one.
function writeMaxPool2d(layer: MaxPool2d, from: Current, out: Shape, onnx: OnnxContext): string {
  const { kernel, stride, dilation, padding, overhang } = layerWindow(layer, from, out);
  const after = [padding[0] + overhang[0], padding[1] + overhang[1]];
  let x = from.name;
  let pads = [...padding, ...after];
  // ONNX Runtime refuses padding as large as the kernel, which a dilated window may need.
  if (after.some((size, i) => size >= kernel[i])) {
    const lowest = onnx.constant("lowest", new Tensor(Float32Array.of(-Infinity), []));
    x = onnx.node("Pad", [x, padsInput(onnx, pads), lowest], {}, "pad");
    pads = [0, 0, 0, 0];
  }
  return onnx.node("MaxPool", [x], { kernel_shape: kernel, strides: stride, dilations: dilation, pads });
}
