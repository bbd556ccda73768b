// What Conv, Gemm, MatMul, the activations and their kin become as layers.
import { Conv2d } from "../nn/conv/conv2d.js";
import { Dropout } from "../nn/dropout/dropout.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { LogSoftmax } from "../nn/activation/logsoftmax.js";
import type { Parameter } from "../nn/parameter.js";
import { ReLU } from "../nn/activation/relu.js";
import { Sigmoid } from "../nn/activation/sigmoid.js";
import { Softmax } from "../nn/activation/softmax.js";
import { Tanh } from "../nn/activation/tanh.js";
import { formatShape, sameShape, sizeOf, type ConvPadding, type Pair, type Shape } from "../base/shape.js";
import type { GraphReader } from "./graphReader.js";
import type { NodeView } from "./nodeView.js";
import { DATA_TYPE, typeName, type TensorMessage } from "./schema.js";

/** Conv, with the padding that stands before it. */
export function importConv(node: NodeView, graph: GraphReader): void {
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
  const isOwn = before === undefined;
  const own = convPads(node, x, kernel, stride, dilation);
  if (before !== undefined && before.mode !== "zeros" && own.some((side) => side > 0)) {
    node.fail(`expected no padding of its own behind a Pad of mode ${before.mode}, got ${formatShape(own)}`);
  }
  if (before?.mode === "lowest") node.fail("expected a Pad with 0 before it, got one with -Infinity");
  // Our rule "same" is SAME_UPPER.
  const same = isOwn && node.string("auto_pad", "") === "SAME_UPPER";
  const padding = same ? "same" : paddingOption(own.map((side, i) => side + (before?.pads[i] ?? 0)));
  const paddingMode = before?.mode ?? "zeros";
  const hasBias = node.input(2) !== "";
  const make = (): Layer => {
    const options = { stride, dilation, groups, padding, paddingMode, bias: hasBias };
    const layer = new Conv2d(weight[1] * groups, weight[0], kernel, options);
    layer.weight = graph.parameter(node, tensor, "as it is", weight);
    if (hasBias) layer.bias = bias(node, graph, graph.constant(node, 2, "the bias"), weight[0], [[weight[0]]]);
    return layer;
  };
  graph.append(node, image, make, tensor.name);
}

// [top, left, bottom, right].
function convPads(
  node: NodeView,
  [, , h, w]: Shape,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
): readonly [number, number, number, number] {
  const rule = autoPad(node);
  if (rule === "NOTSET") return node.pads();
  if (rule === "VALID") return [0, 0, 0, 0];
  const [top, bottom] = samePads(rule, h, kernel[0], stride[0], dilation[0]);
  const [left, right] = samePads(rule, w, kernel[1], stride[1], dilation[1]);
  return [top, left, bottom, right];
}

/** The rule of auto_pad; anything but NOTSET excludes pads. */
export function autoPad(node: NodeView): "NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER" {
  const rule = node.string("auto_pad", "NOTSET");
  if (rule === "NOTSET") return rule;
  if (rule !== "VALID" && rule !== "SAME_UPPER" && rule !== "SAME_LOWER") {
    return node.fail(`expected auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got ${rule.slice(0, 40)}`);
  }
  if (node.pads().some((side) => side > 0))
    node.fail(`expected no pads beside auto_pad ${rule}, got ${formatShape(node.pads())}`);
  return rule;
}

/** The rules SAME_UPPER and SAME_LOWER along one axis: ceil(size / stride) windows, the odd zero behind or before. */
export function samePads(
  rule: "SAME_UPPER" | "SAME_LOWER",
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
): Pair {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0);
  const less = Math.floor(total / 2);
  return rule === "SAME_UPPER" ? [less, total - less] : [total - less, less];
}

function paddingOption([top, left, bottom, right]: readonly number[]): ConvPadding {
  if (top !== bottom || left !== right) return [top, bottom, left, right];
  return top === left ? top : [top, left];
}

/** Gemm as Linear: y = x w^T + b, or x w + b with the weight transposed here. */
export function importGemm(node: NodeView, graph: GraphReader): void {
  node.only("alpha", "beta", "transA", "transB");
  node.floatOf("alpha", 1, 1);
  node.intOf("transA", 0, [0]);
  const transposed = node.intOf("transB", 0, [0, 1]) === 1;
  const x = graph.take(node);
  const hasBias = node.input(2) !== "";
  if (hasBias) node.floatOf("beta", 1, 1);
  appendLinear(node, graph, x, transposed, hasBias ? graph.constant(node, 2, "the bias") : undefined);
}

/** MatMul with a constant on the right as Linear; an Add behind it gives the bias. */
export function importMatMul(node: NodeView, graph: GraphReader): void {
  node.only();
  appendLinear(node, graph, graph.take(node), false, undefined);
}

function appendLinear(
  node: NodeView,
  graph: GraphReader,
  x: Shape,
  outFirst: boolean,
  b: TensorMessage | undefined,
): void {
  const tensor = graph.constant(node, 1, "the weight");
  const dims = graph.dims(node, tensor);
  if (dims.length !== 2) node.fail(`expected a weight of two axes, got ${formatShape(dims)}`);
  const [outputs, inputs] = outFirst ? dims : [dims[1], dims[0]];
  const make = (): Layer => {
    const layer = new Linear(inputs, outputs, { bias: b !== undefined });
    const transpose = (from: Float32Array): Float32Array => {
      const to = new Float32Array(from.length);
      for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) to[o * inputs + i] = from[i * outputs + o];
      return to;
    };
    layer.weight = outFirst
      ? graph.parameter(node, tensor, "as it is", [outputs, inputs])
      : graph.parameter(node, tensor, "transposed", [outputs, inputs], transpose);
    if (b !== undefined) layer.bias = bias(node, graph, b, outputs, [[outputs], [1, outputs]]);
    return layer;
  };
  graph.append(node, x, make, tensor.name);
}

// One number for each output. A single one for all is refused: a small file could ask for much memory that way.
function bias(
  node: NodeView,
  graph: GraphReader,
  tensor: TensorMessage,
  outputs: number,
  shapes: readonly Shape[],
): Parameter {
  const dims = graph.dims(node, tensor);
  if (!shapes.some((shape) => sameShape(shape, dims))) {
    node.fail(`expected a bias ${shapes.map(formatShape).join(" or ")}, got ${formatShape(dims)}`);
  }
  return graph.parameter(node, tensor, "as it is", [outputs]);
}

/** Add of a constant behind MatMul or Conv: the bias of that layer. */
export function importAdd(node: NodeView, graph: GraphReader): void {
  node.only();
  const place = graph.find(node.input(0))?.kind === "constant" ? 1 : 0;
  const x = graph.take(node, place);
  const last = graph.layers.at(-1);
  const layer = last?.node.outputs[0] === node.input(place) ? last?.layer : undefined;
  const open = (layer instanceof Linear || layer instanceof Conv2d) && layer.bias === null;
  if (!open) node.fail("expected an Add only as the bias behind a MatMul or Conv that has none, got another one");
  const tensor = graph.constant(node, 1 - place, "the bias");
  const outputs = layer.weight.shape[0];
  const shapes =
    layer instanceof Linear
      ? [[outputs], [1, outputs]]
      : [
          [outputs, 1, 1],
          [1, outputs, 1, 1],
        ];
  layer.bias = bias(node, graph, tensor, outputs, shapes);
  graph.put(node, x);
}

/** Relu, Sigmoid, Tanh. */
export function importActivation(node: NodeView, graph: GraphReader): void {
  node.only();
  const make = { Relu: () => new ReLU(), Sigmoid: () => new Sigmoid(), Tanh: () => new Tanh() }[node.op];
  if (make !== undefined) graph.append(node, graph.take(node), make);
}

/** Softmax and LogSoftmax: before opset 13 they join all axes from `axis` on, since then they run along it alone. */
export function importSoftmax(node: NodeView, graph: GraphReader): void {
  node.only("axis");
  const x = graph.take(node);
  const dim = node.int("axis", graph.opset < 13 ? 1 : -1);
  const place = dim < 0 ? dim + x.length : dim;
  if (graph.opset < 13 && sizeOf(x.slice(place + 1)) !== 1) {
    node.fail(
      `expected axis to be the last one with opset ${graph.opset}, got ${dim} for ${formatShape(["N", ...x.slice(1)])}`,
    );
  }
  graph.append(node, x, () => (node.op === "Softmax" ? new Softmax({ dim }) : new LogSoftmax({ dim })));
}

/** Dropout, which computes nothing outside of training. */
export function importDropout(node: NodeView, graph: GraphReader): void {
  node.only("ratio", "seed");
  const x = graph.take(node);
  let ratio = node.float("ratio", 0.5);
  if (node.input(1) !== "") ratio = graph.scalar(node, 1, "the ratio");
  if (node.input(2) !== "") {
    const { dataType, rawData, int32Data } = graph.constant(node, 2, "training_mode");
    const training = rawData?.some((byte) => byte !== 0) === true || int32Data.some((value) => value !== 0);
    if (dataType !== DATA_TYPE.bool || training)
      node.fail(`expected training_mode to be false, got ${training ? "true" : typeName(dataType)}`);
  }
  graph.append(node, x, () => new Dropout(ratio));
}
