// Gemm and MatMul with a constant on the right: a Linear. A Linear is written as Gemm.
import { formatShape, sameShape, type Shape } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import { Linear } from "../../nn/linear/linear.js";
import type { Parameter } from "../../nn/parameter.js";
import type { GraphReader } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import type { TensorMessage } from "../schema.js";
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

// y = x w^T + b, or x w + b with the weight transposed here.
function readGemm(node: NodeView, graph: GraphReader): void {
  node.only("alpha", "beta", "transA", "transB");
  node.floatOf("alpha", 1, 1);
  node.intOf("transA", 0, [0]);
  const transposed = node.intOf("transB", 0, [0, 1]) === 1;
  const x = graph.take(node);
  const hasBias = node.input(2) !== "";
  if (hasBias) node.floatOf("beta", 1, 1);
  appendLinear(node, graph, x, transposed, hasBias ? graph.constant(node, 2, "the bias") : undefined);
}

// An Add behind it gives the bias.
function readMatMul(node: NodeView, graph: GraphReader): void {
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
    if (b !== undefined) layer.bias = biasOf(node, graph, b, outputs, [[outputs], [1, outputs]]);
    return layer;
  };
  graph.append(node, x, make, tensor.name);
}

/** One number for each output. A single one for all is refused: a small file could ask for much memory that way. */
export function biasOf(
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
