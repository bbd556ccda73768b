// What the pools become as layers. ONNX pads each side as it likes, our pools both sides alike; what is left over at the end is
// PyTorch's ceil mode, or cannot be read.
import { AvgPool2d } from "../nn/pool/avgpool2d.js";
import { MaxPool2d } from "../nn/pool/maxpool2d.js";
import { formatShape, poolOutput, sizeOf, windowOutput, type Pair, type Shape } from "../base/shape.js";
import type { GraphReader, Padding } from "./graphReader.js";
import { autoPad, samePads } from "./importLayers.js";
import type { NodeView } from "./nodeView.js";

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** [top, left, bottom, right]. */
  readonly pads: readonly number[];
  /** Output rows and columns. */
  readonly out: Pair;
}

/** MaxPool, with a padding of -Infinity before it. */
export function importMaxPool(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides");
  const { x, image, before } = takeImage(node, graph);
  const window = windowOf(node, x);
  if (before !== undefined && before.mode !== "lowest") {
    node.fail(`expected a Pad with -Infinity before it, got one of ${before.mode}`);
  }
  const { kernel, stride, dilation, out } = window;
  const padding = [0, 1].map((i) => window.pads[i] + (before?.pads[i] ?? 0)) as unknown as Pair;
  const ceilMode = ceilModeOf(node, image, window, padding, out);
  graph.append(node, image, () => new MaxPool2d(kernel, { stride, dilation, padding, ceilMode }));
}

/** AveragePool, with a padding of 0 before it, and with the Mul behind it that makes another divisor. */
export function importAveragePool(node: NodeView, graph: GraphReader): void {
  node.only("auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides");
  const { x, image, before } = takeImage(node, graph);
  const window = windowOf(node, x);
  const { kernel, stride, dilation, pads, out } = window;
  if (dilation[0] !== 1 || dilation[1] !== 1) node.fail(`expected dilations to be 1, got ${formatShape(dilation)}`);
  const counts = node.intOf("count_include_pad", 0, [0, 1]) === 1;
  const isPadded = pads.some((side) => side > 0);
  if (before !== undefined) {
    padBeforeAverage(node, before, pads);
    // The padding is part of the image, the rest of the windows counts only what is there.
    if (counts && isPadded) node.fail("expected count_include_pad to be 0 behind a Pad, got 1");
  }
  const padding: Pair = before === undefined ? [pads[0], pads[1]] : [before.pads[0], before.pads[1]];
  const ceilMode = ceilModeOf(node, image, window, padding, out);
  const options = { stride, padding, ceilMode };
  const hangsOver = ceilMode && out.some((length, i) => length !== floorOutput(image, window, padding, i));
  const ceil = node.int("ceil_mode", 0) === 1;
  const divisorOverride = !ceil && (counts || !isPadded) ? scaleBehind(node, graph, kernel) : undefined;
  if (divisorOverride !== undefined) {
    graph.append(node, image, () => new AvgPool2d(kernel, { ...options, divisorOverride }));
    return;
  }
  // What hangs over the edge is never counted by us, and padding on both sides alike.
  const alike = pads[0] === pads[2] && pads[1] === pads[3];
  if (before === undefined && counts && (ceil ? !alike : hangsOver)) {
    node.fail(`expected the same padding on both sides with count_include_pad 1, got pads ${formatShape(pads)}`);
  }
  const countIncludePad = before !== undefined || counts || (padding[0] === 0 && padding[1] === 0);
  graph.append(node, image, () => new AvgPool2d(kernel, { ...options, countIncludePad }));
}

/** GlobalAveragePool and GlobalMaxPool: one window over the whole plane. */
export function importGlobalPool(node: NodeView, graph: GraphReader): void {
  node.only();
  const { image, before } = takeImage(node, graph);
  if (before !== undefined) node.fail("expected no Pad before it, got one");
  const plane: Pair = [image[2], image[3]];
  graph.append(node, image, () => (node.op === "GlobalMaxPool" ? new MaxPool2d(plane) : new AvgPool2d(plane)));
}

// The input of the node, the image before a padding, and that padding.
function takeImage(node: NodeView, graph: GraphReader): { x: Shape; image: Shape; before: Padding | undefined } {
  const x = graph.take(node);
  if (x.length !== 4) node.fail(`expected images [N, C, H, W], got ${formatShape(["N", ...x.slice(1)])}`);
  const before = graph.takePadding();
  return { x, image: before?.shape ?? x, before };
}

function windowOf(node: NodeView, [, , h, w]: Shape): Window {
  const kernel = node.pair("kernel_shape");
  const [stride, dilation] = [node.pair("strides", [1, 1]), node.pair("dilations", [1, 1])];
  const ceil = node.intOf("ceil_mode", 0, [0, 1]) === 1;
  const rule = autoPad(node);
  if (rule.startsWith("SAME") && (dilation[0] !== 1 || dilation[1] !== 1)) {
    node.fail(
      `expected dilations to be 1 with auto_pad ${rule} (runtimes disagree on others), got ${formatShape(dilation)}`,
    );
  }
  const pads = rule === "SAME_UPPER" || rule === "SAME_LOWER" ? [0, 0, 0, 0] : [...node.pads()];
  const out = [h, w].map((size, i) => {
    if (rule === "SAME_UPPER" || rule === "SAME_LOWER") {
      [pads[i], pads[i + 2]] = samePads(rule, size, kernel[i], stride[i], dilation[i]);
    }
    const [before, after] = [pads[i], pads[i + 2]];
    const floor = windowOutput(size, kernel[i], stride[i], dilation[i], before, after);
    const fits = (size + before + after - dilation[i] * (kernel[i] - 1) - 1) % stride[i] === 0;
    // A last window that would start behind the image is left out, as in PyTorch.
    return ceil && !fits && floor * stride[i] < size + before ? floor + 1 : floor;
  });
  return { kernel, stride, dilation, pads, out: [out[0], out[1]] };
}

function floorOutput(image: Shape, { kernel, stride, dilation }: Window, padding: Pair, i: number): number {
  return poolOutput(image[i + 2], kernel[i], stride[i], dilation[i], padding[i], false);
}

// Whether our floor or ceil rule gives these output sizes with the padding that comes before.
function ceilModeOf(node: NodeView, image: Shape, window: Window, padding: Pair, out: Pair): boolean {
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

function padBeforeAverage(
  node: NodeView,
  { mode, pads: [top, left, bottom, right] }: Padding,
  own: readonly number[],
): void {
  if (mode !== "zeros") node.fail(`expected a Pad with 0 before it, got one of ${mode}`);
  if (top !== bottom || left !== right) {
    node.fail(`expected a Pad with the same on both sides before it, got ${formatShape([top, left, bottom, right])}`);
  }
  if (own[0] > 0 || own[1] > 0) node.fail(`expected no padding of its own behind a Pad, got ${formatShape(own)}`);
}

// A Mul by KH KW / divisor behind the mean over KH KW numbers: the divisor, if it is a whole number.
function scaleBehind(node: NodeView, graph: GraphReader, kernel: Pair): number | undefined {
  const reader = graph.onlyReader(node.outputs[0]);
  if (reader?.op !== "Mul") return undefined;
  const place = reader.input(0) === node.outputs[0] ? 1 : 0;
  const value = graph.find(reader.input(place));
  if (value?.kind !== "constant" || sizeOf(graph.dims(reader, value.tensor)) !== 1) return undefined;
  const [scale] = graph.floats(reader, value.tensor);
  const size = kernel[0] * kernel[1];
  const divisor = Math.round(size / scale);
  if (!(divisor >= 1) || Math.fround(size / divisor) !== scale) return undefined;
  graph.absorbed.add(reader);
  return divisor;
}

/** Mul, which is read only as the other divisor of the AveragePool before it. */
export function importMul(node: NodeView, graph: GraphReader): void {
  node.only();
  const place = graph.find(node.input(0))?.kind === "constant" ? 1 : 0;
  const x = graph.take(node, place);
  if (!graph.absorbed.has(node)) {
    node.fail("expected a Mul only by KH KW / divisor behind an AveragePool that counts its padding, got another one");
  }
  graph.put(node, x);
}
