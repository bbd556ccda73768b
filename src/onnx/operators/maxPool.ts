// MaxPool: a MaxPool2d, with the padding before it: -Infinity, or 0 where no number is below it (behind a ReLU).
import { formatShape, type Pair, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import type { Layer } from "../../nn/layer.js";
import { ReLU } from "../../nn/activation/relu.js";
import { Sigmoid } from "../../nn/activation/sigmoid.js";
import { Softmax } from "../../nn/activation/softmax.js";
import { Dropout } from "../../nn/dropout/dropout.js";
import { AvgPool2d } from "../../nn/pool/avgpool2d.js";
import { MaxPool1d } from "../../nn/pool/maxpool1d.js";
import { MaxPool2d } from "../../nn/pool/maxpool2d.js";
import { Flatten } from "../../nn/shape/flatten.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { imagesOf, paddedByLayer, type Images } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep } from "../steps.js";
import type { Computed } from "../values.js";
import { layerExport, type Current, type Operator } from "./operator.js";
import {
  PADDED_APART,
  ceilModeOf,
  layerWindow,
  padApart,
  readWindow,
  triedPool,
  type NodeWindow,
} from "./poolWindow.js";
import { padsInput } from "./window.js";

export const maxPool: Operator = {
  reads: { MaxPool: readMaxPool },
  writes: [layerExport("MaxPool2d", MaxPool2d, writeMaxPool), layerExport("MaxPool1d", MaxPool1d, writeMaxPool)],
};

function readMaxPool(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides");
  const waiting = graph.waiting(node);
  const window = readWindow(node, waiting);
  const joins = countsAsLowest(waiting);
  if (joins && appended(node, graph, imagesOf(graph, node, waiting), window)) return;
  const isLowest = waiting.padding?.mode === "lowest";
  if (!isLowest && appended(node, graph, imagesOf(graph, node, paddedByLayer(graph, waiting)), window)) return;
  node.fail(
    `expected a padding that is smaller than the windows, and without dilation the same on both sides, got pads ` +
      `${formatShape(window.pads)}${isLowest ? " behind a Pad" : ""} for ${formatShape(window.out)} windows`,
  );
}

// The pool as a layer, if one gives these windows.
function appended(node: NodeView, graph: GraphReader, images: Images, window: NodeWindow): boolean {
  const { kernel, stride, dilation, out } = window;
  const pads = window.pads.map((side, i) => side + images.pads[i]);
  const padding: Pair = [pads[0], pads[1]];
  const ceilMode = ceilModeOf(images.shape, window, padding);
  const make = (): Layer => new MaxPool2d(kernel, { stride, dilation, padding, ceilMode: ceilMode === true });
  if (ceilMode !== undefined && triedPool(node, graph, images, make)) return true;
  // Repeating the edge does not change the largest number of a window that holds a number of the image.
  const isCovered = [0, 1].every((i) => {
    const last = (out[i] - 1) * stride[i] - pads[i];
    const isPlain = pads[i] === 0 && pads[i + 2] === 0;
    const isSmall = pads[i] < kernel[i] && pads[i + 2] < kernel[i] && dilation[i] === 1;
    return isPlain || (isSmall && last < images.shape[i + 2]);
  });
  const padded = images.shape.map((size, axis) => (axis < 2 ? size : size + pads[axis - 2] + pads[axis]));
  const ceil = ceilModeOf(padded, window, [0, 0]);
  if (!isCovered || ceil === undefined) return false;
  const apart = padApart(node, graph, images, pads, "replicate");
  if (!triedPool(node, graph, apart, () => new MaxPool2d(kernel, { stride, dilation, ceilMode: ceil }))) return false;
  graph.note(node, PADDED_APART);
  return true;
}

// Whether the padding never is the largest number of a window.
function countsAsLowest({ padding, step }: Computed): boolean {
  if (padding?.mode !== "zeros") return padding === undefined || padding.mode === "lowest";
  for (let at = step; at instanceof LayerStep; at = at.before) {
    const { layer } = at;
    if (layer instanceof ReLU || layer instanceof Sigmoid || layer instanceof Softmax) return true;
    const keeps = [MaxPool2d, AvgPool2d, Flatten, Dropout].some((each) => layer instanceof each);
    if (!keeps) return false;
  }
  return false;
}

// Its padding is -Infinity, so padding and overhang are one.
function writeMaxPool(layer: MaxPool2d | MaxPool1d, from: Current, out: Shape, onnx: OnnxContext): string {
  const { kernel, stride, dilation, padding, overhang } = layerWindow(layer, from, out);
  const after = padding.map((size, i) => size + overhang[i]);
  let x = from.name;
  let pads = [...padding, ...after];
  // ONNX Runtime refuses padding as large as the kernel, which a dilated window may need.
  if (after.some((size, i) => size >= kernel[i])) {
    const lowest = onnx.constant("lowest", new Tensor(Float32Array.of(-Infinity), []));
    x = onnx.node("Pad", [x, padsInput(onnx, pads), lowest], {}, "pad");
    pads = pads.map(() => 0);
  }
  return onnx.node("MaxPool", [x], { kernel_shape: kernel, strides: stride, dilations: dilation, pads });
}
