// Conv: a Conv2d, with the padding that stands before it.
import {
  formatShape,
  resolveConvPadding,
  type ConvPadding,
  type Pair,
  type Shape,
  type Sides,
} from "../../base/shape.js";
import { Conv2d } from "../../nn/conv/conv2d.js";
import type { Layer } from "../../nn/layer.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";
import { biasOf } from "./gemm.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";
import { ownPads, padsInput } from "./window.js";
import { writeWrap } from "./wrap.js";

export const conv: Operator = { reads: { Conv: readConv }, writes: [layerExport("Conv2d", Conv2d, writeConv2d)] };

function readConv(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides");
  const tensor = graph.constant(node, 1, "the weight");
  const weight = graph.dims(node, tensor);
  if (weight.length !== 4) {
    node.fail(`expected a weight [O, C / group, KH, KW] (images have two directions), got ${formatShape(weight)}`);
  }
  const kernel: Pair = [weight[2], weight[3]];
  const said = node.pair("kernel_shape", kernel);
  if (said[0] !== kernel[0] || said[1] !== kernel[1]) {
    node.fail(`expected kernel_shape ${formatShape(kernel)} as of the weight, got ${formatShape(said)}`);
  }
  const [stride, dilation] = [node.pair("strides", [1, 1]), node.pair("dilations", [1, 1])];
  const groups = node.int("group", 1);
  const x = graph.take(node);
  const before = graph.takePadding();
  const image = before?.shape ?? x;
  const own = ownPads(node, x, kernel, stride, dilation);
  if (before !== undefined && before.mode !== "zeros" && own.some((side) => side > 0)) {
    node.fail(`expected no padding of its own behind a Pad of mode ${before.mode}, got ${formatShape(own)}`);
  }
  if (before?.mode === "lowest") node.fail("expected a Pad with 0 before it, got one with -Infinity");
  // Our rule "same" is SAME_UPPER.
  const same = before === undefined && node.string("auto_pad", "") === "SAME_UPPER";
  const padding = same ? "same" : paddingOption(own.map((side, i) => side + (before?.pads[i] ?? 0)));
  const paddingMode = before?.mode ?? "zeros";
  const hasBias = node.input(2) !== "";
  const make = (): Layer => {
    const options = { stride, dilation, groups, padding, paddingMode, bias: hasBias };
    const layer = new Conv2d(weight[1] * groups, weight[0], kernel, options);
    layer.weight = graph.parameter(node, tensor, "as it is", weight);
    if (hasBias) layer.bias = biasOf(node, graph, graph.constant(node, 2, "the bias"), weight[0], [[weight[0]]]);
    return layer;
  };
  graph.append(node, image, make, tensor.name);
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

function writePadding(sides: Sides, mode: ConvOptions["paddingMode"], x: Current, onnx: OnnxContext): string {
  const { top, left, bottom, right } = sides;
  if (mode !== "circular") {
    const pads = padsInput(onnx, [top, left, bottom, right]);
    return onnx.node("Pad", [x.name, pads], { mode: mode === "reflect" ? "reflect" : "edge" }, "pad");
  }
  const rows = writeWrap(x.name, 2, top, bottom, x.shape[2], onnx);
  return writeWrap(rows, 3, left, right, x.shape[3], onnx);
}
