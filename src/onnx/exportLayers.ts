// What each layer of this package becomes in ONNX, opset 17. The table at the end is the stored-name table of the house rules.
import { Conv2d } from "../nn/conv/conv2d.js";
import type { LayerConfig } from "../nn/config.js";
import type { Layer } from "../nn/layer.js";
import { Linear } from "../nn/linear/linear.js";
import { resolveConvPadding, type ConvPadding, type Pair, type Shape, type Sides } from "../base/shape.js";
import { exportAvgPool2d, exportMaxPool2d, padsInput } from "./exportPool.js";
import type { OnnxContext } from "./graphWriter.js";

/** Adds the nodes of a layer and returns the name of its output. `out` is the layer's output shape for one sample. */
type LayerExport = (layer: Layer, config: LayerConfig, out: Shape, onnx: OnnxContext) => string;

interface ConvOptions {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly padding: ConvPadding;
  readonly paddingMode: "zeros" | "reflect" | "replicate" | "circular";
}

function exportConv2d(layer: Layer, config: LayerConfig, onnx: OnnxContext): string {
  const { weight, bias } = layer as Conv2d;
  const { stride, dilation, groups, padding, paddingMode } = config.options as unknown as ConvOptions;
  const kernel: Pair = [weight.shape[2], weight.shape[3]];
  const sides = resolveConvPadding(padding, [onnx.shape[2], onnx.shape[3]], kernel, stride, dilation);
  const { top, left, bottom, right } = sides;
  const isPadded = top > 0 || left > 0 || bottom > 0 || right > 0;
  const padApart = isPadded && paddingMode !== "zeros";
  const x = padApart ? exportPadding(sides, paddingMode, onnx) : onnx.input;
  const inputs = [x, onnx.parameter(weight), ...(bias === null ? [] : [onnx.parameter(bias)])];
  const pads = padApart ? [0, 0, 0, 0] : [top, left, bottom, right];
  return onnx.node("Conv", inputs, { kernel_shape: kernel, strides: stride, dilations: dilation, group: groups, pads });
}

function exportPadding(sides: Sides, mode: ConvOptions["paddingMode"], onnx: OnnxContext): string {
  const { top, left, bottom, right } = sides;
  if (mode !== "circular") {
    const pads = padsInput(onnx, [top, left, bottom, right]);
    return onnx.node("Pad", [onnx.input, pads], { mode: mode === "reflect" ? "reflect" : "edge" }, "pad");
  }
  const rows = exportWrap(onnx.input, 2, top, bottom, onnx.shape[2], onnx);
  return exportWrap(rows, 3, left, right, onnx.shape[3], onnx);
}

// Pad can wrap only from opset 19 on: the last `before` rows, the image, its first `after` rows, one after the other.
function exportWrap(x: string, axis: number, before: number, after: number, size: number, onnx: OnnxContext): string {
  const slice = (part: string, start: number, end: number): string => {
    const bounds = [onnx.constant("start", [start]), onnx.constant("end", [end]), onnx.constant("axis", [axis])];
    return onnx.node("Slice", [x, ...bounds], {}, `${part}${axis}`);
  };
  if (before === 0 && after === 0) return x;
  const parts = [
    ...(before > 0 ? [slice("last", size - before, size)] : []),
    x,
    ...(after > 0 ? [slice("first", 0, after)] : []),
  ];
  return onnx.node("Concat", parts, { axis }, `wrap${axis}`);
}

function exportLinear(layer: Layer, onnx: OnnxContext): string {
  const { weight, bias } = layer as Linear;
  const inputs = [onnx.input, onnx.parameter(weight), ...(bias === null ? [] : [onnx.parameter(bias)])];
  return onnx.node("Gemm", inputs, { transB: 1 });
}

// Any batch size: the first axis is copied (0), or it is what remains (-1) when it is joined with others.
function exportFlatten(out: Shape, onnx: OnnxContext): string {
  const { input, shape } = onnx;
  if (shape.length >= 2 && out.length === 2 && out[0] === shape[0]) return onnx.node("Flatten", [input], { axis: 1 });
  const first = out[0] === shape[0] ? 0 : -1;
  return onnx.node("Reshape", [input, onnx.constant("shape", [first, ...out.slice(1)])]);
}

const dimOf = (config: LayerConfig): number => (config.options as { dim: number }).dim;

/** How the layers of this package are exported, by the type that their `config` says. */
export const LAYER_EXPORTS: ReadonlyMap<string, LayerExport> = new Map<string, LayerExport>([
  ["Conv2d", (layer, config, _out, onnx) => exportConv2d(layer, config, onnx)],
  ["MaxPool2d", (_layer, config, out, onnx) => exportMaxPool2d(config, out, onnx)],
  ["AvgPool2d", (_layer, config, out, onnx) => exportAvgPool2d(config, out, onnx)],
  ["Linear", (layer, _config, _out, onnx) => exportLinear(layer, onnx)],
  ["Flatten", (_layer, _config, out, onnx) => exportFlatten(out, onnx)],
  ["Dropout", (_layer, _config, _out, onnx) => onnx.input], // the identity in eval mode
  ["Dropout2d", (_layer, _config, _out, onnx) => onnx.input],
  ["ReLU", (_layer, _config, _out, onnx) => onnx.node("Relu", [onnx.input])],
  ["Sigmoid", (_layer, _config, _out, onnx) => onnx.node("Sigmoid", [onnx.input])],
  ["Tanh", (_layer, _config, _out, onnx) => onnx.node("Tanh", [onnx.input])],
  ["Softmax", (_layer, config, _out, onnx) => onnx.node("Softmax", [onnx.input], { axis: dimOf(config) })],
  ["LogSoftmax", (_layer, config, _out, onnx) => onnx.node("LogSoftmax", [onnx.input], { axis: dimOf(config) })],
]);
