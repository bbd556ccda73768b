// Gemm and MatMul with a constant on one side: a Linear, or a 1x1 convolution where the file has channels last. A Linear is
// written as Gemm.
import { formatShape, sameShape } from "../../base/shape.js";
import { Conv2d } from "../../nn/conv/conv2d.js";
import { Linear } from "../../nn/linear/linear.js";
import { Piece, lengthOf, orderKey, placesAlong, type Axes } from "../axes.js";
import type { Constant } from "../constants.js";
import type { GraphReader } from "../graphReader.js";
import { channelsOf, featuresOf } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { WeightedStep, atNode } from "../steps.js";
import type { Computed } from "../values.js";
import { addConstant } from "./affine.js";
import { biasOf, type Bias } from "./bias.js";
import { layerExport, type Operator } from "./operator.js";

export const gemm: Operator = {
  reads: { Gemm: readGemm, MatMul: readMatMul },
  writes: [
    layerExport("Linear", Linear, ({ weight, bias }, x, _out, onnx) => {
      const inputs = [x.name, onnx.parameter(weight), ...(bias === null ? [] : [onnx.parameter(bias)])];
      return onnx.node("Gemm", inputs, { transB: 1 });
    }),
  ],
};

// y = alpha A B + beta C, where A, B or both are transposed.
function readGemm(node: NodeView, graph: GraphReader): void {
  node.only("alpha", "beta", "broadcast", "transA", "transB");
  const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
  const turns = [node.intOf("transA", 0, [0, 1]) === 1, node.intOf("transB", 0, [0, 1]) === 1] as const;
  const product = multiplied(node, graph, turns);
  const hasBias = node.input(2) !== "" && beta !== 0;
  const plain = alpha === 1 && beta === 1 && hasBias ? plainBias(node, graph, product) : undefined;
  if (plain !== undefined) product.step.takeBias(plain.parameter, plain.numbers);
  if (alpha !== 1) product.step.takeBehind([], Float64Array.of(alpha), Float64Array.of(0), graph.spend);
  const known = appended(node, graph, product);
  if (!hasBias || plain !== undefined) graph.put(node, known);
  else addConstant(node, graph, known, graph.constant(node, 2, "the bias"), beta);
}

// An Add behind it gives the bias.
function readMatMul(node: NodeView, graph: GraphReader): void {
  node.only();
  graph.put(node, appended(node, graph, multiplied(node, graph, [false, false])));
}

interface Product {
  readonly value: Computed;
  readonly step: WeightedStep;
  readonly axes: Axes;
  readonly frame: Axes;
}

// x w, or the transpose of w x, which is x^T w^T.
function multiplied(node: NodeView, graph: GraphReader, [turnA, turnB]: readonly [boolean, boolean]): Product {
  const [left, right] = [graph.find(node.input(0)), graph.find(node.input(1))];
  if (left?.kind === "computed" && right?.kind === "computed") {
    node.fail(
      "expected a computed matrix times a weight of the file, got two computed ones",
      "we have no layer for it",
    );
  }
  const weightFirst = left?.kind === "constant" && right?.kind === "computed";
  const x = graph.computed(node, weightFirst ? 1 : 0);
  const turned = (weightFirst ? !turnB : turnA) ? { ...x, axes: swapped(node, x.axes), turnedBy: node } : x;
  const constant = graph.constant(node, weightFirst ? 0 : 1, "the weight");
  const product = linear(node, graph, turned, constant, weightFirst ? !turnA : turnB);
  return weightFirst ? { ...product, axes: swapped(node, product.axes) } : product;
}

function swapped(node: NodeView, axes: Axes): Axes {
  if (axes.length !== 2) node.fail(`expected a matrix to transpose, got ${axes.length} axes`);
  return [axes[1], axes[0]];
}

// The weight is [inputs, outputs], or [outputs, inputs] with `outFirst`. Where the file has features in another order than our
// layers, the columns of our weight are put into theirs. Channels that the file has last are read by a 1x1 convolution.
function linear(node: NodeView, graph: GraphReader, x: Computed, constant: Constant, outFirst: boolean): Product {
  const dims = graph.dims(node, constant);
  if (dims.length !== 2) node.fail(`expected a weight of two axes, got ${formatShape(dims)}`);
  const [outputs, inputs] = outFirst ? dims : [dims[1], dims[0]];
  const channels = channelsOf(graph, x);
  const { value, layers, file } =
    channels === undefined ? featuresOf(graph, node, x) : { value: x, layers: channels, file: channels };
  const layer = atNode(node, () => {
    return channels === undefined
      ? new Linear(inputs, outputs, { bias: false })
      : new Conv2d(inputs, outputs, 1, { bias: false });
  });
  atNode(node, () => layer.outputShape([1, lengthOf(layers), ...(channels === undefined ? [] : [1, 1])])); // as many?
  const order = placesAlong(file, layers);
  if (order !== undefined) graph.spend(node, inputs * outputs);
  const form = `${outFirst ? "as it is" : "transposed"}${order === undefined ? "" : ` ${orderKey(file, layers)}`}`;
  const numbers = once((): Float32Array => {
    const from = graph.floats(node, constant);
    if (outFirst && order === undefined) return from;
    const to = new Float32Array(from.length);
    for (let i = 0; i < inputs; i++) {
      const at = order?.[i] ?? i;
      for (let o = 0; o < outputs; o++) to[o * inputs + i] = outFirst ? from[o * inputs + at] : from[at * outputs + o];
    }
    return to;
  });
  layer.weight = graph.parameter(node, constant, form, layer.weight.shape, numbers);
  const features = [new Piece(outputs)];
  const step = new WeightedStep(node, value.step, layer, constant.name, layers, features, numbers, undefined, false);
  const { axes } = value.frame;
  const frame = channels === undefined ? [...axes.slice(0, -1), features] : [axes[0], features, ...axes.slice(2)];
  return { value, step, axes: [...value.axes.slice(0, -1), features], frame };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

// The value behind the product, not yet under a name.
function appended(node: NodeView, graph: GraphReader, { value, step, axes, frame }: Product): Computed {
  const next = graph.behind(node, value, axes, frame, step);
  graph.takeBefore(step);
  return next;
}

// C where it is one number for each output.
function plainBias(node: NodeView, graph: GraphReader, { step, axes }: Product): Bias | undefined {
  const constant = graph.constant(node, 2, "the bias");
  const dims = graph.dims(node, constant);
  const outputs = step.layer.weight.shape[0];
  const isLast = lengthOf(axes[axes.length - 1]) === outputs;
  const shapes = [[outputs], [1, outputs]];
  if (!isLast || !shapes.some((shape) => sameShape(shape, dims))) return undefined;
  return biasOf(node, graph, constant, outputs, shapes);
}
