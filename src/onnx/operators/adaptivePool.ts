// Adaptive pools, written as what they are for the sizes of the file: global pools, pools whose windows stand side by side, else
// products with matrices of means, or the largest over gathered rows and columns.
import { Tensor } from "../../base/tensor.js";
import type { Shape } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import { AdaptiveAvgPool2d } from "../../nn/pool/adaptiveavgpool2d.js";
import { AdaptiveMaxPool2d } from "../../nn/pool/adaptivemaxpool2d.js";
import type { OnnxContext } from "../graphWriter.js";
import { layerExport, type Current, type Operator, type WriteLayer } from "./operator.js";

export const adaptivePool: Operator = {
  writes: [
    layerExport("AdaptiveAvgPool2d", AdaptiveAvgPool2d, writer("GlobalAveragePool", "AveragePool", writeMeans)),
    layerExport("AdaptiveMaxPool2d", AdaptiveMaxPool2d, writer("GlobalMaxPool", "MaxPool", writeLargest)),
  ],
};

type Write = (x: Current, out: Shape, onnx: OnnxContext) => string;

function writer(whole: string, windows: string, otherwise: Write): WriteLayer<Layer> {
  return (_layer, x, out, onnx) => {
    if (out[2] === 1 && out[3] === 1) return onnx.node(whole, [x.name]);
    const kernel = [x.shape[2] / out[2], x.shape[3] / out[3]];
    if (!kernel.every(Number.isInteger)) return otherwise(x, out, onnx);
    return onnx.node(windows, [x.name], { kernel_shape: kernel, strides: kernel });
  };
}

/** First and end of the places of which place i of `to` is made. */
function windowOf(from: number, to: number, i: number): readonly [first: number, end: number] {
  return [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
}

// y = R x C, R [OH, H] and C [W, OW] with the share of each pixel.
function writeMeans(x: Current, out: Shape, onnx: OnnxContext): string {
  const shares = (from: number, to: number): number[][] =>
    Array.from({ length: to }, (_, i) => {
      const [first, end] = windowOf(from, to, i);
      return Array.from({ length: from }, (_, at) => (at >= first && at < end ? 1 / (end - first) : 0));
    });
  const columns = shares(x.shape[3], out[3]);
  const turned = columns[0].map((_, at) => columns.map((row) => row[at]));
  const along = onnx.node("MatMul", [x.name, onnx.constant("columns", new Tensor(turned))], {}, "columns");
  return onnx.node("MatMul", [onnx.constant("rows", new Tensor(shares(x.shape[2], out[2]))), along]);
}

// Rows in windows, the last one repeated to the same number: [N, C, OH, K, W], the largest along K; then columns.
function writeLargest(x: Current, out: Shape, onnx: OnnxContext): string {
  let name = x.name;
  [2, 3].forEach((axis) => {
    const windows = Array.from({ length: out[axis] }, (_, i) => windowOf(x.shape[axis], out[axis], i));
    const most = Math.max(...windows.map(([first, end]) => end - first));
    const places = windows.flatMap(([first, end]) =>
      Array.from({ length: most }, (_, k) => Math.min(first + k, end - 1)),
    );
    const part = axis === 2 ? "rows" : "columns";
    const shape = onnx.constant(`${part}.shape`, [out[axis], most]);
    const table = onnx.node("Reshape", [onnx.constant(part, places), shape], {}, `${part}.table`);
    const gathered = onnx.node("Gather", [name, table], { axis }, part);
    name = onnx.node("ReduceMax", [gathered], { axes: [axis + 1], keepdims: 0 }, axis === 2 ? "rows.largest" : "");
  });
  return name;
}
