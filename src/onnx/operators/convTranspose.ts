// ConvTranspose: a ConvTranspose2d. One in one direction is one of height 1.
import { formatShape, type Pair, type Shape } from "../../base/shape.js";
import { ConvTranspose2d } from "../../nn/conv/convtranspose2d.js";
import { ZeroPad2d } from "../../nn/pad/zeropad2d.js";
import { Piece } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import { fileAxes, imagesOf } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep, atNode } from "../steps.js";
import { biasOf } from "./bias.js";
import { layerExport, optionsOf, type Current, type Operator } from "./operator.js";
import { convWindow, padsInput } from "./window.js";

export const convTranspose: Operator = {
  reads: { ConvTranspose: readConvTranspose },
  writes: [layerExport("ConvTranspose2d", ConvTranspose2d, writeConvTranspose2d)],
};

function readConvTranspose(node: NodeView, graph: GraphReader): void {
  node.only(...["auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"]);
  const constant = graph.constant(node, 1, "the weight");
  const dims = graph.dims(node, constant);
  if (dims.length !== 4 && dims.length !== 3) {
    node.fail(`expected a weight [C, O / group, KH, KW] or [C, O / group, K], got ${formatShape(dims)}`);
  }
  const { isFlat, weight, kernel, stride, dilation, groups } = convWindow(node, dims);
  const images = imagesOf(graph, node, graph.computed(node));
  if (images.isFlat !== isFlat) {
    node.fail(
      `expected an input of as many directions as the weight ${formatShape(dims)}, got ${formatShape(images.shape)}`,
    );
  }
  const { padding, outputPadding, cut } = paddings(node, isFlat, {
    kernel,
    stride,
    dilation,
    size: images.shape.slice(2),
  });
  const hasBias = node.input(2) !== "";
  const outputs = weight[1] * groups;
  const layer = atNode(node, () => {
    const options = { stride, dilation, groups, padding, outputPadding, bias: hasBias };
    return new ConvTranspose2d(weight[0], outputs, kernel, options);
  });
  layer.weight = graph.parameter(node, constant, "as it is", weight, () => graph.floats(node, constant));
  if (hasBias) {
    const bias = biasOf(node, graph, graph.constant(node, 2, "the bias"), outputs, [[outputs]]);
    if (bias !== undefined) layer.bias = bias.parameter;
  }
  const [, , rows, columns] = atNode(node, () => layer.outputShape(images.shape));
  const frame = [images.axes[0], [new Piece(outputs)], [new Piece(rows)], [new Piece(columns)]];
  const step = new LayerStep(node, images.value.step, layer, constant.name);
  const next = graph.behind(node, images.value, fileAxes(images, frame), frame, step);
  if (cut.every((rows) => rows === 0)) {
    graph.put(node, next);
    return;
  }
  // More is cut at the end than at the beginning, which the layer has no option for.
  const left = [frame[0], frame[1], [new Piece(rows - cut[0])], [new Piece(columns - cut[1])]];
  graph.note(node, "a ConvTranspose2d and a ZeroPad2d that cuts");
  graph.append(node, next, fileAxes(images, left), left, () => new ZeroPad2d([0, -cut[0], 0, -cut[1]]));
}

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Rows and columns of the input. */
  readonly size: Shape;
}

// ONNX cuts each side as it likes: what it cuts less at the end than at the beginning is our output padding, what it cuts more has
// to be cut behind the layer.
function paddings(node: NodeView, isFlat: boolean, window: Window): { padding: Pair; outputPadding: Pair; cut: Pair } {
  const pads = cuts(node, isFlat, window);
  const more = extra(node, isFlat);
  const padding: Pair = [pads[0], pads[1]];
  const rest: Pair = [more[0] + pads[0] - pads[2], more[1] + pads[1] - pads[3]];
  const outputPadding: Pair = [Math.max(rest[0], 0), Math.max(rest[1], 0)];
  return { padding, outputPadding, cut: [Math.max(-rest[0], 0), Math.max(-rest[1], 0)] };
}

// Rows and columns at the end from output_padding.
function extra(node: NodeView, isFlat: boolean): Pair {
  const said = node.ints("output_padding") ?? (isFlat ? [0] : [0, 0]);
  if (said.length !== (isFlat ? 1 : 2) || said.some((rows) => rows < 0)) {
    node.fail(`expected output_padding of at least 0 for each direction, got ${formatShape(said)}`);
  }
  return isFlat ? [0, said[0]] : [said[0], said[1]];
}

// [top, left, bottom, right], from pads, from the wanted output, or from a rule that makes it stride times the input.
function cuts(
  node: NodeView,
  isFlat: boolean,
  { kernel, stride, dilation, size }: Window,
): readonly [number, number, number, number] {
  const rule = node.string("auto_pad", "NOTSET");
  const shape = node.ints("output_shape");
  if (shape === undefined && (rule === "NOTSET" || rule === "")) return node.pads(isFlat);
  if (shape === undefined && rule === "VALID") return [0, 0, 0, 0];
  if (shape === undefined && rule !== "SAME_UPPER" && rule !== "SAME_LOWER") {
    node.fail(`expected auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got ${rule.slice(0, 40)}`);
  }
  const more = extra(node, isFlat);
  const wanted = shape === undefined ? size.map((n, i) => n * stride[i]) : isFlat ? [1, ...shape] : shape;
  const [before, behind] = [
    [0, 0],
    [0, 0],
  ];
  [0, 1].forEach((i) => {
    const total = (size[i] - 1) * stride[i] + more[i] + dilation[i] * (kernel[i] - 1) + 1 - wanted[i];
    if (!(total >= 0)) {
      node.fail(`expected an output of at most ${total + wanted[i]} rows or columns, got ${wanted[i]}`);
    }
    const [less, most] = [Math.floor(total / 2), Math.ceil(total / 2)];
    before[i] = rule === "SAME_UPPER" ? less : most;
    behind[i] = total - before[i];
  });
  return [before[0], before[1], behind[0], behind[1]];
}

interface Options {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly padding: Pair;
}

function writeConvTranspose2d(layer: ConvTranspose2d, x: Current, out: Shape, onnx: OnnxContext): string {
  const { weight, bias } = layer;
  const { stride, dilation, groups, padding } = optionsOf<Options>(layer);
  const kernel: Pair = [weight.shape[2], weight.shape[3]];
  // What the output has more follows from its size, also where outputSize said it.
  const more = [0, 1].map((i) => {
    const least = (x.shape[i + 2] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + 1;
    return out[i + 2] - least;
  });
  const own = more.map((rows, i) => (rows < stride[i] ? rows : 0));
  const attributes = {
    ...{ kernel_shape: kernel, strides: stride, dilations: dilation, group: groups },
    ...{ pads: [...padding, ...padding], output_padding: own },
  };
  const inputs = [x.name, onnx.parameter(weight)];
  const isWhole = own.every((rows, i) => rows === more[i]);
  if (isWhole) {
    const all = bias === null ? inputs : [...inputs, onnx.parameter(bias)];
    return onnx.node("ConvTranspose", all, attributes);
  }
  // ONNX Runtime refuses an output padding as large as the stride: zeros behind it, and the bias on all.
  const reached = onnx.node("ConvTranspose", inputs, attributes, "reached");
  const pads = padsInput(onnx, [0, 0, more[0] - own[0], more[1] - own[1]]);
  const padded = onnx.node("Pad", [reached, pads], {}, bias === null ? "" : "pad");
  if (bias === null) return padded;
  return onnx.node("Add", [padded, onnx.constant("bias", bias.value.reshape([bias.size, 1, 1]))]);
}
