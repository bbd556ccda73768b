// Conv: a Conv2d, with the padding that stands before it. A convolution in one direction is one of height 1.
import type { ConvPadding1d } from "../../base/sequence.js";
import {
  formatShape,
  resolveConvPadding,
  samePadding,
  type ConvPadding,
  type Pair,
  type Shape,
  type Sides,
} from "../../base/shape.js";
import { Conv1d } from "../../nn/conv/conv1d.js";
import { Conv2d } from "../../nn/conv/conv2d.js";
import { Piece } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { fileAxes, imagesOf, paddedByLayer } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { WeightedStep, atNode } from "../steps.js";
import type { Computed } from "../values.js";
import { biasOf } from "./bias.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";
import { convWindow, ownPads, padsInput } from "./window.js";
import { writeWrap } from "./wrap.js";

export const conv: Operator = {
  reads: { Conv: readConv },
  writes: [layerExport("Conv2d", Conv2d, writeConv2d), layerExport("Conv1d", Conv1d, writeConv1d)],
};

function readConv(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides");
  const constant = graph.constant(node, 1, "the weight");
  const dims = graph.dims(node, constant);
  if (dims.length !== 4 && dims.length !== 3) {
    const more = dims.length === 5 ? " (volumes: we have no layers with three directions)" : "";
    node.fail(`expected a weight [O, C / group, KH, KW] or [O, C / group, K], got ${formatShape(dims)}${more}`);
  }
  const { isFlat, weight, kernel, stride, dilation, groups } = convWindow(node, dims);
  const waiting = graph.waiting(node);
  const own = ownPads(node, waiting.axes, isFlat, kernel, stride, dilation);
  // Zeros around zeros are one padding; every other one is complete before the convolution adds its own.
  const joins = waiting.padding === undefined || canJoin(waiting, own);
  const images = imagesOf(graph, node, joins ? waiting : paddedByLayer(graph, waiting));
  if (images.isFlat !== isFlat) {
    node.fail(
      `expected an input of as many directions as the weight ${formatShape(dims)}, got ${formatShape(images.shape)}`,
    );
  }
  const mode = joins ? (waiting.padding?.mode ?? "zeros") : "zeros";
  const sides = own.map((side, i) => side + images.pads[i]);
  // Our rule "same" is SAME_UPPER. A 1x1 window never needs it.
  const isSame = waiting.padding === undefined && node.string("auto_pad", "") === "SAME_UPPER";
  const padding = isSame && (kernel[0] > 1 || kernel[1] > 1) ? "same" : paddingOption(sides);
  const hasBias = node.input(2) !== "";
  const layer = atNode(node, () => {
    const options = {
      stride,
      dilation,
      groups,
      padding,
      paddingMode: mode === "lowest" || mode === "constant" ? "zeros" : mode,
      bias: hasBias,
    } as const;
    return new Conv2d(weight[1] * groups, weight[0], kernel, options);
  });
  const numbers = (): Float32Array => graph.floats(node, constant);
  layer.weight = graph.parameter(node, constant, "as it is", weight, numbers);
  const bias = hasBias ? biasOf(node, graph, graph.constant(node, 2, "the bias"), weight[0], [[weight[0]]]) : undefined;
  if (bias !== undefined) layer.bias = bias.parameter;
  const channels = [new Piece(weight[0])];
  const [, , rows, columns] = atNode(node, () => layer.outputShape(images.shape));
  const frame = [images.axes[0], channels, [new Piece(rows)], [new Piece(columns)]];
  const isPadded = mode === "zeros" && sides.some((side) => side > 0);
  const step = new WeightedStep(
    ...([node, images.value.step, layer, constant.name, images.axes[1], channels, numbers, bias?.numbers] as const),
    isPadded,
  );
  graph.appendWeighted(node, images.value, fileAxes(images, frame), frame, step);
}

function canJoin({ padding }: Computed, own: readonly number[]): boolean {
  if (padding?.mode === "lowest" || padding?.mode === "constant") return false;
  return padding?.mode === "zeros" || own.every((side) => side === 0);
}

function paddingOption([top, left, bottom, right]: readonly number[]): ConvPadding {
  if (top !== bottom || left !== right) return [top, bottom, left, right];
  return top === left ? top : [top, left];
}

interface ConvOptions {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly padding: ConvPadding;
  readonly paddingMode: "zeros" | "reflect" | "replicate" | "circular";
}

function writeConv2d(layer: Conv2d, x: Current, _out: Shape, onnx: OnnxContext): string {
  const { weight, bias } = layer;
  const { stride, dilation, groups, padding, paddingMode } = optionsOf<ConvOptions>(layer);
  const kernel: Pair = [weight.shape[2], weight.shape[3]];
  const sides = resolveConvPadding(padding, [x.shape[2], x.shape[3]], kernel, stride, dilation);
  const { top, left, bottom, right } = sides;
  const isPadded = top > 0 || left > 0 || bottom > 0 || right > 0;
  const padApart = isPadded && paddingMode !== "zeros";
  const image = padApart ? writePadding(sides, paddingMode, x, onnx) : x.name;
  const inputs = [image, onnx.parameter(weight), ...(bias === null ? [] : [onnx.parameter(bias)])];
  const pads = padApart ? [0, 0, 0, 0] : [top, left, bottom, right];
  return onnx.node("Conv", inputs, { kernel_shape: kernel, strides: stride, dilations: dilation, group: groups, pads });
}

interface Conv1dOptions {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly padding: ConvPadding1d;
  readonly paddingMode: ConvOptions["paddingMode"];
}

function writeConv1d(layer: Conv1d, x: Current, _out: Shape, onnx: OnnxContext): string {
  const { weight, bias } = layer;
  const { stride, dilation, groups, padding, paddingMode } = optionsOf<Conv1dOptions>(layer);
  const [, , size] = weight.shape;
  const ends = endsOf(padding, x.shape[2], size, stride, dilation);
  const isPadded = ends[0] > 0 || ends[1] > 0;
  const padApart = isPadded && paddingMode !== "zeros";
  const image = padApart ? writeEnds(ends, paddingMode, x, onnx) : x.name;
  const inputs = [image, onnx.parameter(weight), ...(bias === null ? [] : [onnx.parameter(bias)])];
  const pads = padApart ? [0, 0] : ends;
  const window = { kernel_shape: [size], strides: [stride], dilations: [dilation] };
  return onnx.node("Conv", inputs, { ...window, group: groups, pads });
}

function endsOf(padding: ConvPadding1d, length: number, size: number, stride: number, dilation: number): Pair {
  if (padding === "same") return samePadding(length, size, stride, dilation);
  if (padding === "valid") return [0, 0];
  return typeof padding === "number" ? [padding, padding] : padding;
}

function writeEnds(ends: Pair, mode: ConvOptions["paddingMode"], x: Current, onnx: OnnxContext): string {
  if (mode === "circular") return writeWrap(x.name, 2, ends[0], ends[1], x.shape[2], onnx);
  return onnx.node("Pad", [x.name, padsInput(onnx, ends)], { mode: mode === "reflect" ? "reflect" : "edge" }, "pad");
}

function writePadding(sides: Sides, mode: ConvOptions["paddingMode"], x: Current, onnx: OnnxContext): string {
  const { top, left, bottom, right } = sides;
  if (mode !== "circular") {
    const pads = padsInput(onnx, [top, left, bottom, right]);
    return onnx.node("Pad", [x.name, pads], { mode: mode === "reflect" ? "reflect" : "edge" }, "pad");
  }
  const rows = writeWrap(x.name, 2, top, bottom, x.shape[2], onnx);
  return writeWrap(rows, 3, left, right, x.shape[3], onnx);
}
