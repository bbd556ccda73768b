// The windows of MaxPool and AveragePool. ONNX pads each side as it likes, our pools both sides alike; what is left over at the
// end is PyTorch's ceil mode, or cannot be read. `ceil_mode` is never written: runtimes read it in different ways. The last
// window's overhang is written as padding after the image instead, which all of them read alike.
import { formatShape, poolOutput, windowOutput, type Pair, type Shape } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import type { GraphReader, Padding } from "../graphReader.js";
import type { NodeView } from "../nodeView.js";
import { optionsOf, type Current } from "./operator.js";
import { autoPad, ownPads } from "./window.js";

/** The windows of a node. */
export interface NodeWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** [top, left, bottom, right]. */
  readonly pads: readonly number[];
  /** Output rows and columns. */
  readonly out: Pair;
}

/** The input of the node, the image before a padding, and that padding. */
export function takeImage(
  node: NodeView,
  graph: GraphReader,
): { readonly x: Shape; readonly image: Shape; readonly before: Padding | undefined } {
  const x = graph.take(node);
  if (x.length !== 4) node.fail(`expected images [N, C, H, W], got ${formatShape(["N", ...x.slice(1)])}`);
  const before = graph.takePadding();
  return { x, image: before?.shape ?? x, before };
}

export function readWindow(node: NodeView, x: Shape): NodeWindow {
  const kernel = node.pair("kernel_shape");
  const [stride, dilation] = [node.pair("strides", [1, 1]), node.pair("dilations", [1, 1])];
  const ceil = node.intOf("ceil_mode", 0, [0, 1]) === 1;
  const rule = autoPad(node);
  if (rule.startsWith("SAME") && (dilation[0] !== 1 || dilation[1] !== 1)) {
    node.fail(
      `expected dilations to be 1 with auto_pad ${rule} (runtimes disagree on others), got ${formatShape(dilation)}`,
    );
  }
  const pads = ownPads(node, x, kernel, stride, dilation);
  const out = [x[2], x[3]].map((size, i) => {
    const [before, after] = [pads[i], pads[i + 2]];
    const floor = windowOutput(size, kernel[i], stride[i], dilation[i], before, after);
    const fits = (size + before + after - dilation[i] * (kernel[i] - 1) - 1) % stride[i] === 0;
    // A last window that would start behind the image is left out, as in PyTorch.
    return ceil && !fits && floor * stride[i] < size + before ? floor + 1 : floor;
  });
  return { kernel, stride, dilation, pads, out: [out[0], out[1]] };
}

/** Whether our floor or ceil rule gives these output sizes with the padding that comes before. */
export function ceilModeOf(node: NodeView, image: Shape, window: NodeWindow, padding: Pair, out: Pair): boolean {
  const { kernel, stride, dilation } = window;
  for (const ceilMode of [false, true]) {
    const sizes = [0, 1].map((i) => poolOutput(image[i + 2], kernel[i], stride[i], dilation[i], padding[i], ceilMode));
    if (sizes[0] === out[0] && sizes[1] === out[1]) return ceilMode;
  }
  return node.fail(
    `expected windows that the same padding on both sides gives (with ceilMode or without), got pads ` +
      `${formatShape(window.pads)} for ${formatShape(out)} windows`,
  );
}

/** The windows of a layer. */
export interface LayerWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  /** Rows and columns that the last windows reach over the padded edge. */
  readonly overhang: Pair;
}

export function layerWindow(layer: Layer, { shape }: Current, out: Shape): LayerWindow {
  const [kernel] = layer.config().args as unknown as [Pair];
  const { stride, padding, dilation = [1, 1] } = optionsOf<{ stride: Pair; padding: Pair; dilation?: Pair }>(layer);
  const over = (axis: 0 | 1): number => {
    const [size, before] = [shape[axis + 2], padding[axis]];
    const floor = windowOutput(size, kernel[axis], stride[axis], dilation[axis], before, before);
    if (out[axis + 2] === floor) return 0;
    return (out[axis + 2] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - (size + 2 * before);
  };
  return { kernel, stride, dilation, padding, overhang: [over(0), over(1)] };
}
