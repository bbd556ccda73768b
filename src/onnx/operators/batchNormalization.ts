// BatchNormalization: y = (x - mean) / sqrt(variance + eps) * gamma + beta, of each channel. The convolution or Linear before or
// behind it takes it in (steps.ts).
import { ArgumentError } from "../../base/errors.js";
import { formatShape, type Shape } from "../../base/shape.js";
import { Tensor } from "../../base/tensor.js";
import { BatchNorm1d } from "../../nn/norm/batchnorm1d.js";
import { BatchNorm2d } from "../../nn/norm/batchnorm2d.js";
import type { GraphReader } from "../graphReader.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";
import { axesText } from "../values.js";
import { core, lengthOf } from "../axes.js";
import { layerExport, type Current, type Operator } from "./operator.js";

export const batchNormalization: Operator = {
  reads: { BatchNormalization: readBatchNormalization },
  writes: [
    layerExport("BatchNorm1d", BatchNorm1d, writeBatchNorm),
    layerExport("BatchNorm2d", BatchNorm2d, writeBatchNorm),
  ],
};

function writeBatchNorm(layer: BatchNorm1d | BatchNorm2d, x: Current, _out: Shape, onnx: OnnxContext): string {
  const { weight, bias, runningMean, runningVar, eps } = layer;
  if (runningMean === null || runningVar === null) {
    throw new ArgumentError(
      `${layer.config().type}: expected running statistics for an export to ONNX, got a layer with trackRunningStats: false (its ` +
        `outputs depend on the whole batch).`,
    );
  }
  const filled = (name: string, value: number): string =>
    onnx.constant(name, new Tensor(new Float32Array(runningMean.value.size).fill(value)));
  const inputs = [
    weight === null ? filled("weight", 1) : onnx.parameter(weight),
    bias === null ? filled("bias", 0) : onnx.parameter(bias),
    onnx.constant("running_mean", runningMean.value),
    onnx.constant("running_var", runningVar.value),
  ];
  return onnx.node("BatchNormalization", [x.name, ...inputs], { epsilon: { float: eps } });
}

function readBatchNormalization(node: NodeView, graph: GraphReader): void {
  node.only("epsilon", "is_test", "momentum", "spatial", "training_mode");
  if (node.intOf("training_mode", 0, [0, 1]) === 1) node.fail("expected training_mode 0 (stored statistics), got 1");
  if (node.intOf("spatial", 1, [0, 1]) === 0) node.fail("expected spatial 1 (statistics of each channel), got 0");
  const value = graph.computed(node);
  const channels = value.axes[1] ?? node.fail(`expected channels as axis 1, got ${axesText(value.axes)}`);
  const count = lengthOf(channels);
  const [gamma, beta, mean, variance] = ["the scale", "the shift", "the mean", "the variance"].map((what, i) => {
    const constant = graph.constant(node, i + 1, what);
    const dims = graph.dims(node, constant);
    if (dims.length !== 1 || dims[0] !== count) node.fail(`expected ${what} as [${count}], got ${formatShape(dims)}`);
    return graph.floats(node, constant);
  });
  graph.spend(node, 2 * count);
  const eps = node.float("epsilon", 1e-5);
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + eps));
  const shift = Float64Array.from(beta, (value, c) => value - mean[c] * scale[c]);
  graph.scale(node, value, core(channels), scale, shift);
}
