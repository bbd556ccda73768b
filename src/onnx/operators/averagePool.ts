// AveragePool: an AvgPool2d. A padding of 0 before it and a Mul behind it, which makes another divisor, are part of it.
import { formatShape, poolOutput, sizeOf, type Pair, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { Conv2d } from "../../nn/conv/conv2d.js";
import { Parameter } from "../../nn/parameter.js";
import { AvgPool1d } from "../../nn/pool/avgpool1d.js";
import { AvgPool2d } from "../../nn/pool/avgpool2d.js";
import type { AvgPool2dOptions } from "../../ops/avgPool2d.js";
import { Piece } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { fileAxes, imagesOf, paddedByLayer, type Images } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep, atNode } from "../steps.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";
import {
  PADDED_APART,
  appendPool,
  ceilModeOf,
  layerWindow,
  padApart,
  readWindow,
  triedPool,
  type NodeWindow,
} from "./poolWindow.js";
import { padsInput } from "./window.js";

export const averagePool: Operator = {
  reads: { AveragePool: readAveragePool },
  writes: [layerExport("AvgPool2d", AvgPool2d, writeAvgPool), layerExport("AvgPool1d", AvgPool1d, writeAvgPool)],
};

function readAveragePool(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides");
  const waiting = graph.waiting(node);
  const window = readWindow(node, waiting);
  const { kernel, stride, dilation, pads, out } = window;
  if (dilation[0] !== 1 || dilation[1] !== 1) node.fail(`expected dilations to be 1, got ${formatShape(dilation)}`);
  const counts = node.intOf("count_include_pad", 0, [0, 1]) === 1;
  const ceil = node.int("ceil_mode", 0) === 1;
  const isPadded = pads.some((side) => side > 0);
  const divisorOverride = !ceil && (counts || !isPadded) ? scaleBehind(node, graph, kernel) : undefined;
  const divisor = divisorOverride === undefined ? {} : { divisorOverride };
  const tried = (images: Images, options: AvgPool2dOptions): boolean => {
    return triedPool(node, graph, images, () => new AvgPool2d(kernel, { stride, ...options, ...divisor }));
  };

  // A padding before it is part of the image; of what the pool itself adds at the end nothing is counted then.
  if (waiting.padding?.mode === "zeros" && pads[0] === 0 && pads[1] === 0 && !(counts && isPadded)) {
    const images = imagesOf(graph, node, waiting);
    const padding: Pair = [images.pads[0], images.pads[1]];
    const ceilMode = ceilModeOf(images.shape, window, padding);
    if (ceilMode !== undefined && isAlike(images.pads) && tried(images, { padding, ceilMode })) return;
  }

  const images = imagesOf(graph, node, paddedByLayer(graph, waiting));
  const padding: Pair = [pads[0], pads[1]];
  const ceilMode = ceilModeOf(images.shape, window, padding);
  if (ceilMode !== undefined) {
    // What hangs over the edge is never counted by us, and padding on both sides alike.
    const hangsOver = ceilMode && out.some((length, i) => length !== floorOutput(images.shape, window, padding, i));
    const isCounted = divisorOverride !== undefined || !counts || (ceil ? isAlike(pads) : !hangsOver);
    const countIncludePad = counts || (padding[0] === 0 && padding[1] === 0);
    if (isCounted && tried(images, { padding, ceilMode, countIncludePad })) return;
  }
  if (!counts) {
    appendSelected(node, graph, images, window);
    return;
  }
  const padded = padApart(node, graph, images, pads, "zeros");
  const atEnd = ceilModeOf(padded.shape, window, [0, 0]);
  if (atEnd === undefined || !tried(padded, { ceilMode: atEnd })) {
    node.fail(
      `expected windows that begin in the image, got pads ${formatShape(pads)} for ${formatShape(out)} windows`,
    );
  }
  graph.note(node, PADDED_APART);
}

// A padding that is not counted and differs from side to side: the mean of every window at stride 1, with the larger padding on
// both sides, and of these the wanted ones, by a convolution with a single 1 in each of its kernels.
function appendSelected(
  node: NodeView,
  graph: GraphReader,
  images: Images,
  { kernel, stride, pads, out }: NodeWindow,
): void {
  // What the last window needs behind the image, be it padding or overhang.
  const behind = [0, 1].map((i) => (out[i] - 1) * stride[i] + kernel[i] - images.shape[i + 2] - pads[i]);
  const both = [0, 1].map((i) => Math.max(pads[i], behind[i]));
  if (both.some((side, i) => 2 * side > kernel[i])) {
    node.fail(`expected a padding of at most half the window where it is not counted, got pads ${formatShape(pads)}`);
  }
  const [padding, first]: readonly Pair[] = [
    [both[0], both[1]],
    [both[0] - pads[0], both[1] - pads[1]],
  ];
  const pool = atNode(node, () => new AvgPool2d(kernel, { stride: 1, padding, countIncludePad: false }));
  const all = atNode(node, () => pool.outputShape(images.shape));
  // As many places behind the 1 as leave the right number of windows.
  const size = [0, 1].map((i) => first[i] + 1 + Math.max(all[i + 2] - first[i] - out[i] * stride[i], 0));
  const frame = [images.axes[0], images.axes[1], [new Piece(all[2])], [new Piece(all[3])]];
  const step = new LayerStep(node, images.value.step, pool);
  const means = imagesOf(graph, node, graph.behind(node, images.value, fileAxes(images, frame), frame, step));
  const channels = images.shape[1];
  graph.spend(node, channels * size[0] * size[1]);
  graph.note(node, "the mean of every window and a convolution of each channel that picks the wanted ones");
  appendPool(node, graph, means, () => {
    const layer = new Conv2d(channels, channels, [size[0], size[1]], { groups: channels, stride, bias: false });
    layer.weight = new Parameter(layer.weight.shape, (to) => {
      to.data.fill(0);
      for (let c = 0; c < channels; c++) to.data[(c * size[0] + first[0]) * size[1] + first[1]] = 1;
    });
    return layer;
  });
}

function isAlike([top, left, bottom, right]: readonly number[]): boolean {
  return top === bottom && left === right;
}

function floorOutput(image: Shape, { kernel, stride, dilation }: NodeWindow, padding: Pair, i: number): number {
  return poolOutput(image[i + 2], kernel[i], stride[i], dilation[i], padding[i], false);
}

// A Mul by KH KW / divisor behind the mean over KH KW numbers: the divisor, if it is a whole number.
function scaleBehind(node: NodeView, graph: GraphReader, kernel: Pair): number | undefined {
  const reader = graph.onlyReader(node.outputs[0]);
  if (reader?.op !== "Mul" || reader.has("axis")) return undefined;
  const place = reader.input(0) === node.outputs[0] ? 1 : 0;
  const constant = graph.weight(reader, place);
  if (constant === undefined || sizeOf(graph.dims(reader, constant)) !== 1) return undefined;
  const [scale] = graph.floats(reader, constant);
  const size = kernel[0] * kernel[1];
  const divisor = Math.round(size / scale);
  if (!(divisor >= 1) || Math.fround(size / divisor) !== scale) return undefined;
  graph.absorbed.add(reader);
  return divisor;
}

// The divisor of PyTorch counts padding (if at all) but never overhang.
function writeAvgPool(layer: AvgPool2d | AvgPool1d, from: Current, out: Shape, onnx: OnnxContext): string {
  const { kernel, stride, padding, overhang } = layerWindow(layer, from, out);
  const { countIncludePad, divisorOverride } = optionsOf<{ countIncludePad: boolean; divisorOverride?: number }>(layer);
  const shared = { kernel_shape: kernel, strides: stride };
  const pads = [...padding, ...padding.map((size, i) => size + overhang[i])];
  if (divisorOverride !== undefined) {
    // With everything counted it is the sum over KH KW: scaled to the sum over the divisor.
    const mean = onnx.node("AveragePool", [from.name], { ...shared, pads, count_include_pad: 1 }, "mean");
    const scale = Float32Array.of(sizeOf(kernel) / divisorOverride);
    return onnx.node("Mul", [mean, onnx.constant("scale", new Tensor(scale, []))]);
  }
  const padded = padding.some((size) => size > 0);
  const hangsOver = overhang.some((size) => size > 0);
  if (!padded || !countIncludePad)
    return onnx.node("AveragePool", [from.name], { ...shared, pads, count_include_pad: 0 });
  if (!hangsOver) return onnx.node("AveragePool", [from.name], { ...shared, pads, count_include_pad: 1 });
  // Padding counts, overhang does not: the padding becomes part of the image.
  const x = onnx.node("Pad", [from.name, padsInput(onnx, [...padding, ...padding])], {}, "pad");
  return onnx.node("AveragePool", [x], {
    ...shared,
    pads: [...padding.map(() => 0), ...overhang],
    count_include_pad: 0,
  });
}
