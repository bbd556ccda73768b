// What a pooling layer becomes in ONNX. `ceil_mode` is never written: runtimes read it in different ways. The last window's
// overhang is written as padding after the image instead, which all of them read alike.
import type { LayerConfig } from "../nn/config.js";
import { windowOutput, type Pair, type Shape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import type { OnnxContext } from "./graphWriter.js";

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  /** Rows and columns that the last windows reach over the padded edge. */
  readonly overhang: Pair;
}

/** MaxPool; its padding is -Infinity, so padding and overhang are one. */
export function exportMaxPool2d(config: LayerConfig, out: Shape, onnx: OnnxContext): string {
  const window = windowOf(config, out, onnx);
  const { kernel, stride, dilation, padding, overhang } = window;
  const after = [padding[0] + overhang[0], padding[1] + overhang[1]];
  let x = onnx.input;
  let pads = [...padding, ...after];
  // ONNX Runtime refuses padding as large as the kernel, which a dilated window may need.
  if (after.some((size, i) => size >= kernel[i])) {
    const lowest = onnx.constant("lowest", new Tensor(Float32Array.of(-Infinity), []));
    x = onnx.node("Pad", [x, padsInput(onnx, pads), lowest], {}, "pad");
    pads = [0, 0, 0, 0];
  }
  return onnx.node("MaxPool", [x], { kernel_shape: kernel, strides: stride, dilations: dilation, pads });
}

/** AveragePool. The divisor of PyTorch counts padding (if at all) but never overhang. */
export function exportAvgPool2d(config: LayerConfig, out: Shape, onnx: OnnxContext): string {
  const { kernel, stride, padding, overhang } = windowOf(config, out, onnx);
  const { countIncludePad, divisorOverride } = config.options as { countIncludePad: boolean; divisorOverride?: number };
  const shared = { kernel_shape: kernel, strides: stride };
  const pads = [...padding, padding[0] + overhang[0], padding[1] + overhang[1]];
  if (divisorOverride !== undefined) {
    // With everything counted it is the sum over KH KW: scaled to the sum over the divisor.
    const mean = onnx.node("AveragePool", [onnx.input], { ...shared, pads, count_include_pad: 1 }, "mean");
    const scale = Float32Array.of((kernel[0] * kernel[1]) / divisorOverride);
    return onnx.node("Mul", [mean, onnx.constant("scale", new Tensor(scale, []))]);
  }
  const padded = padding[0] > 0 || padding[1] > 0;
  const hangsOver = overhang[0] > 0 || overhang[1] > 0;
  if (!padded || !countIncludePad)
    return onnx.node("AveragePool", [onnx.input], { ...shared, pads, count_include_pad: 0 });
  if (!hangsOver) return onnx.node("AveragePool", [onnx.input], { ...shared, pads, count_include_pad: 1 });
  // Padding counts, overhang does not: the padding becomes part of the image.
  const x = onnx.node("Pad", [onnx.input, padsInput(onnx, [...padding, ...padding])], {}, "pad");
  return onnx.node("AveragePool", [x], { ...shared, pads: [0, 0, ...overhang], count_include_pad: 0 });
}

/** The pads of an image as Pad's second input, from [top, left, bottom, right]. */
export function padsInput(onnx: OnnxContext, [top, left, bottom, right]: readonly number[]): string {
  return onnx.constant("pads", [0, 0, top, left, 0, 0, bottom, right]);
}

function windowOf({ args, options = {} }: LayerConfig, out: Shape, { shape }: OnnxContext): Window {
  const [kernel] = args as unknown as [Pair];
  const { stride, padding, dilation = [1, 1] } = options as unknown as { stride: Pair; padding: Pair; dilation?: Pair };
  const over = (axis: 0 | 1): number => {
    const [size, before] = [shape[axis + 2], padding[axis]];
    const floor = windowOutput(size, kernel[axis], stride[axis], dilation[axis], before, before);
    if (out[axis + 2] === floor) return 0;
    return (out[axis + 2] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - (size + 2 * before);
  };
  return { kernel, stride, dilation, padding, overhang: [over(0), over(1)] };
}
