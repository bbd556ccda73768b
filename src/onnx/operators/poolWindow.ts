// The windows of MaxPool and AveragePool. ONNX pads each side as it likes, our pools both sides alike; what is left over at the
// end is PyTorch's ceil mode. Everything else is padded by a convolution before the pool that leaves the numbers as they are.
// `ceil_mode` is never written: runtimes read it in different ways. The last window's overhang is written as padding after the
// image instead, which all of them read alike.
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { formatShape, poolOutput, windowOutput, type Pair, type Shape } from "../../base/shape.js";
import type { Layer } from "../../nn/layer.js";
import { Piece, type Axes } from "../axes.js";
import type { GraphReader } from "../graphReader.js";
import { fileAxes, imagesOf, padLayer, type Images } from "../layout.js";
import type { NodeView } from "../nodeView.js";
import { LayerStep, atNode } from "../steps.js";
import type { Computed } from "../values.js";
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

/** The windows on images, or on rows of numbers. */
export function readWindow(node: NodeView, { axes }: Computed): NodeWindow {
  const isFlat = axes.length === 3;
  const kernel = node.pair("kernel_shape", isFlat);
  const [stride, dilation] = [node.pair("strides", isFlat, [1, 1]), node.pair("dilations", isFlat, [1, 1])];
  const ceil = node.intOf("ceil_mode", 0, [0, 1]) === 1;
  const rule = autoPad(node, isFlat);
  if (rule.startsWith("SAME") && (dilation[0] !== 1 || dilation[1] !== 1)) {
    node.fail(
      `expected dilations to be 1 with auto_pad ${rule} (runtimes disagree on others), got ${formatShape(dilation)}`,
    );
  }
  const pads = ownPads(node, axes, isFlat, kernel, stride, dilation);
  const sizes = isFlat ? [1, lengthAt(axes, 2)] : [lengthAt(axes, 2), lengthAt(axes, 3)];
  const out = sizes.map((size, i) => {
    const [before, after] = [pads[i], pads[i + 2]];
    if (rule.startsWith("SAME") && (Math.ceil(size / stride[i]) - 1) * stride[i] + kernel[i] < size) {
      node.fail(
        `expected windows that reach the end of the image with auto_pad ${rule} (runtimes disagree on others), got kernel ` +
          `${formatShape(kernel)} and strides ${formatShape(stride)}`,
      );
    }
    const floor = windowOutput(size, kernel[i], stride[i], dilation[i], before, after);
    const fits = (size + before + after - dilation[i] * (kernel[i] - 1) - 1) % stride[i] === 0;
    // A last window that would start behind the image is left out, as in PyTorch.
    return ceil && !fits && floor * stride[i] < size + before ? floor + 1 : floor;
  });
  return { kernel, stride, dilation, pads, out: [out[0], out[1]] };
}

function lengthAt(axes: Axes, i: number): number {
  return (axes[i] ?? []).reduce((product, { size }) => product * size, 1);
}

/** Whether our floor or ceil rule gives these output sizes with the padding that comes before; undefined for neither. */
export function ceilModeOf(image: Shape, window: NodeWindow, padding: Pair): boolean | undefined {
  const { kernel, stride, dilation, out } = window;
  return [false, true].find((ceilMode) => {
    const sizes = [0, 1].map((i) => poolOutput(image[i + 2], kernel[i], stride[i], dilation[i], padding[i], ceilMode));
    return sizes[0] === out[0] && sizes[1] === out[1];
  });
}

/** A pool: other rows and columns, the same channels. */
export function appendPool(node: NodeView, graph: GraphReader, images: Images, make: () => Layer): void {
  const layer = atNode(node, make);
  const [, , rows, columns] = atNode(node, () => layer.outputShape(images.shape));
  const frame = [images.axes[0], images.axes[1], [new Piece(rows)], [new Piece(columns)]];
  graph.append(node, images.value, fileAxes(images, frame), frame, () => layer);
}

/** The same where the layer may be one that cannot be; then false. */
export function triedPool(node: NodeView, graph: GraphReader, images: Images, make: () => Layer): boolean {
  try {
    make().outputShape(images.shape);
  } catch (error) {
    if (error instanceof ArgumentError || error instanceof ShapeError) return false;
    throw error;
  }
  appendPool(node, graph, images, make);
  return true;
}

/** What a note says of such a pool. */
export const PADDED_APART = "a pool behind a layer that pads";

/**
 * The images behind a layer that only pads. With "replicate" it is as good as -Infinity for a pool without dilation:
 * each repeated number is in its window anyway.
 */
export function padApart(
  node: NodeView,
  graph: GraphReader,
  images: Images,
  pads: readonly number[],
  mode: "zeros" | "replicate",
): Images {
  const { value, axes, shape } = images;
  if (pads.every((side) => side === 0)) return images;
  const [rows, columns] = [0, 1].map((i) => [new Piece(pads[i] + shape[i + 2] + pads[i + 2])]);
  const frame = [axes[0], axes[1], rows, columns];
  const layer = padLayer(node, pads, mode);
  const next = graph.behind(node, value, fileAxes(images, frame), frame, new LayerStep(node, value.step, layer));
  return imagesOf(graph, node, next);
}

/** The windows of a layer, with one number for each direction. */
export interface LayerWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  /** Rows and columns that the last windows reach over the padded edge. */
  readonly overhang: readonly number[];
}

export function layerWindow(layer: Layer, { shape }: Current, out: Shape): LayerWindow {
  const options = optionsOf<Readonly<Record<string, Pair | number>>>(layer);
  const kernel = listOf(layer.config().args[0] as Pair | number);
  const [stride, padding] = [listOf(options.stride), listOf(options.padding)];
  const dilation = options.dilation === undefined ? kernel.map(() => 1) : listOf(options.dilation);
  const over = kernel.map((size, i) => {
    const floor = windowOutput(shape[i + 2], size, stride[i], dilation[i], padding[i], padding[i]);
    if (out[i + 2] === floor) return 0;
    return (out[i + 2] - 1) * stride[i] + dilation[i] * (size - 1) + 1 - (shape[i + 2] + 2 * padding[i]);
  });
  return { kernel, stride, dilation, padding, overhang: over };
}

/** A number of a layer in one direction as a list of one. */
function listOf(value: Pair | number): readonly number[] {
  return typeof value === "number" ? [value] : value;
}
