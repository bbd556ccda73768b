// AveragePool: an AvgPool2d. A padding of 0 before it and a Mul behind it, which makes another divisor, are part of it.
import { formatShape, poolOutput, sizeOf, type Pair, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { AvgPool2d } from "../../nn/pool/avgpool2d.js";
import type { GraphReader, Padding } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";
import { ceilModeOf, layerWindow, readWindow, takeImage, type NodeWindow } from "./poolWindow.js";
import { padsInput } from "./window.js";

export const averagePool: Operator = {
  reads: { AveragePool: readAveragePool },
  writes: [layerExport("AvgPool2d", AvgPool2d, writeAvgPool2d)],
};

function readAveragePool(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides");
  const { x, image, before } = takeImage(node, graph);
  const window = readWindow(node, x);
  const { kernel, stride, dilation, pads, out } = window;
  if (dilation[0] !== 1 || dilation[1] !== 1) node.fail(`expected dilations to be 1, got ${formatShape(dilation)}`);
  const counts = node.intOf("count_include_pad", 0, [0, 1]) === 1;
  const isPadded = pads.some((side) => side > 0);
  if (before !== undefined) {
    padBeforeAverage(node, before, pads);
    // The padding is part of the image, the rest of the windows counts only what is there.
    if (counts && isPadded) node.fail("expected count_include_pad to be 0 behind a Pad, got 1");
  }
  const padding: Pair = before === undefined ? [pads[0], pads[1]] : [before.pads[0], before.pads[1]];
  const ceilMode = ceilModeOf(node, image, window, padding, out);
  const options = { stride, padding, ceilMode };
  const hangsOver = ceilMode && out.some((length, i) => length !== floorOutput(image, window, padding, i));
  const ceil = node.int("ceil_mode", 0) === 1;
  const divisorOverride = !ceil && (counts || !isPadded) ? scaleBehind(node, graph, kernel) : undefined;
  if (divisorOverride !== undefined) {
    graph.append(node, image, () => new AvgPool2d(kernel, { ...options, divisorOverride }));
    return;
  }
  // What hangs over the edge is never counted by us, and padding on both sides alike.
  const alike = pads[0] === pads[2] && pads[1] === pads[3];
  if (before === undefined && counts && (ceil ? !alike : hangsOver)) {
    node.fail(`expected the same padding on both sides with count_include_pad 1, got pads ${formatShape(pads)}`);
  }
  const countIncludePad = before !== undefined || counts || (padding[0] === 0 && padding[1] === 0);
  graph.append(node, image, () => new AvgPool2d(kernel, { ...options, countIncludePad }));
}

function floorOutput(image: Shape, { kernel, stride, dilation }: NodeWindow, padding: Pair, i: number): number {
  return poolOutput(image[i + 2], kernel[i], stride[i], dilation[i], padding[i], false);
}

function padBeforeAverage(
  node: NodeView,
  { mode, pads: [top, left, bottom, right] }: Padding,
  own: readonly number[],
): void {
  if (mode !== "zeros") node.fail(`expected a Pad with 0 before it, got one of ${mode}`);
  if (top !== bottom || left !== right) {
    node.fail(`expected a Pad with the same on both sides before it, got ${formatShape([top, left, bottom, right])}`);
  }
  if (own[0] > 0 || own[1] > 0) node.fail(`expected no padding of its own behind a Pad, got ${formatShape(own)}`);
}

// A Mul by KH KW / divisor behind the mean over KH KW numbers: the divisor, if it is a whole number.
function scaleBehind(node: NodeView, graph: GraphReader, kernel: Pair): number | undefined {
  const reader = graph.onlyReader(node.outputs[0]);
  if (reader?.op !== "Mul") return undefined;
  const place = reader.input(0) === node.outputs[0] ? 1 : 0;
  const value = graph.find(reader.input(place));
  if (value?.kind !== "constant" || sizeOf(graph.dims(reader, value.tensor)) !== 1) return undefined;
  const [scale] = graph.floats(reader, value.tensor);
  const size = kernel[0] * kernel[1];
  const divisor = Math.round(size / scale);
  if (!(divisor >= 1) || Math.fround(size / divisor) !== scale) return undefined;
  graph.absorbed.add(reader);
  return divisor;
}

// The divisor of PyTorch counts padding (if at all) but never overhang.
function writeAvgPool2d(layer: AvgPool2d, from: Current, out: Shape, onnx: OnnxContext): string {
  const { kernel, stride, padding, overhang } = layerWindow(layer, from, out);
  const { countIncludePad, divisorOverride } = optionsOf<{ countIncludePad: boolean; divisorOverride?: number }>(layer);
  const shared = { kernel_shape: kernel, strides: stride };
  const pads = [...padding, padding[0] + overhang[0], padding[1] + overhang[1]];
  if (divisorOverride !== undefined) {
    // With everything counted it is the sum over KH KW: scaled to the sum over the divisor.
    const mean = onnx.node("AveragePool", [from.name], { ...shared, pads, count_include_pad: 1 }, "mean");
    const scale = Float32Array.of((kernel[0] * kernel[1]) / divisorOverride);
    return onnx.node("Mul", [mean, onnx.constant("scale", new Tensor(scale, []))]);
  }
  const padded = padding[0] > 0 || padding[1] > 0;
  const hangsOver = overhang[0] > 0 || overhang[1] > 0;
  if (!padded || !countIncludePad)
    return onnx.node("AveragePool", [from.name], { ...shared, pads, count_include_pad: 0 });
  if (!hangsOver) return onnx.node("AveragePool", [from.name], { ...shared, pads, count_include_pad: 1 });
  // Padding counts, overhang does not: the padding becomes part of the image.
  const x = onnx.node("Pad", [from.name, padsInput(onnx, [...padding, ...padding])], {}, "pad");
  return onnx.node("AveragePool", [x], { ...shared, pads: [0, 0, ...overhang], count_include_pad: 0 });
}
