// Layout: how a value that the file has turned, joined or split reaches a layer, which wants [N, C, H, W] or [N, features]. The
// input may still be laid out as its first layer wants it; behind that only the order of weights can change (gemm.ts).
import { FormatError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";
import type { Layer } from "../nn/layer.js";
import { CircularPad2d } from "../nn/pad/circularpad2d.js";
import { ConstantPad2d } from "../nn/pad/constantpad2d.js";
import { ReflectionPad2d } from "../nn/pad/reflectionpad2d.js";
import { ReplicationPad2d } from "../nn/pad/replicationpad2d.js";
import { ZeroPad2d } from "../nn/pad/zeropad2d.js";
import { Flatten } from "../nn/shape/flatten.js";
import { Unflatten } from "../nn/shape/unflatten.js";
import { core, hasBatch, isAmong, lengthOf, sameAxis, samePieces, shapeOf, type Axes, type Axis } from "./axes.js";
import type { GraphReader } from "./graphReader.js";
import type { NodeView } from "./nodeView.js";
import { AffineStep, LayerStep, atNode } from "./steps.js";
import { axesText, type Computed, type PaddedAxis } from "./values.js";

/** The file's first axis is not the batch: it may mean it as one of the sample. */
export class BatchError extends FormatError {}

/** Images as our layers have them: [N, C, H, W]. */
export interface Images {
  /** The value before its padding. */
  readonly value: Computed;
  readonly axes: Axes;
  /** For one sample. */
  readonly shape: Shape;
  /** Whether the file has one direction only, [N, C, W]: then the height is 1. */
  readonly isFlat: boolean;
  /** The padding that waits: [top, left, bottom, right]. */
  readonly pads: readonly number[];
}

/** Throws where the batch is not the first axis. */
export function checkBatch(graph: GraphReader, node: NodeView, axes: Axes): void {
  const [first = [], ...others] = axes;
  const fits = axes.some(hasBatch) ? hasBatch(first) && !others.some(hasBatch) : lacksBatch(graph, axes);
  if (fits) return;
  throw new BatchError(node.message(`expected the batch as the first axis, got ${axesText(axes)}`));
}

// A file without a batch axis, or one of a single sample that has squeezed it away.
function lacksBatch(graph: GraphReader, axes: Axes): boolean {
  return !axes.some(hasBatch) && (!graph.facts.hasBatchAxis || graph.facts.batch === 1);
}

/** The value as images, with the padding before them. */
export function imagesOf(graph: GraphReader, node: NodeView, waiting: Computed): Images {
  const { padding, frame } = waiting;
  const sides = padding?.sides ?? [];
  const before = waiting.axes.map((axis) => axis.map((piece) => sides.find(({ now }) => now === piece)?.was ?? piece));
  const isFlat = before.length === 3;
  if (before.length !== 4 && !isFlat) {
    const more = before.length === 5 ? " (volumes: we have no layers with three directions)" : "";
    node.fail(`expected images [N, C, H, W], or [N, C, W], got ${axesText(before)}${more}`);
  }
  checkBatch(graph, node, before);
  const first = hasBatch(before[0]) ? before[0] : [graph.batch];
  const rows = isFlat ? [] : before[2];
  const columns = isFlat ? before[2] : before[3];
  const axes = [first, before[1], rows, columns];
  if (!frame.isFixed) frame.axes = axes;
  frame.isFixed = true;
  if (frame.axes.length !== 4 || !axes.every((axis, i) => sameAxis(axis, frame.axes[i]))) {
    const images = unflattened(graph, node, waiting, axes);
    return images === undefined ? turnedAway(node, waiting) : imagesOf(graph, node, images);
  }
  const sideOf = (axis: Axis): PaddedAxis | undefined => sides.find(({ was }) => axis.includes(was));
  const [vertical, horizontal] = [sideOf(rows), sideOf(columns)];
  if (sides.some((side) => side !== vertical && side !== horizontal)) {
    padding?.node.fail(`expected a padding of rows and columns of [N, C, H, W] only, got other axes padded, too`);
  }
  const value = { ...waiting, axes: before };
  const pads = [vertical?.before ?? 0, horizontal?.before ?? 0, vertical?.behind ?? 0, horizontal?.behind ?? 0];
  return { value, axes: frame.axes, shape: shapeOf(frame.axes), isFlat, pads };
}

// Features that the file has split into images are an Unflatten.
function unflattened(graph: GraphReader, node: NodeView, value: Computed, images: Axes): Computed | undefined {
  const [batch, features, ...others] = value.frame.axes;
  const isSplit = others.length === 0 && value.padding === undefined && sameAxis(batch, images[0]);
  if (!isSplit || !sameAxis(features, images.slice(1).flat())) return undefined;
  const by = value.turnedBy ?? node;
  const layer = new Unflatten(1, shapeOf(images).slice(1));
  return graph.behind(by, value, value.axes, images, new LayerStep(by, value.step, layer));
}

/** The file's axes for images of other sizes behind a layer. */
export function fileAxes({ value, isFlat }: Images, [, channels, rows, columns]: Axes): Axes {
  return isFlat ? [value.axes[0], channels, columns] : [value.axes[0], channels, rows, columns];
}

/** Refuses a node whose input the file has turned into an order that no layer has. */
export function turnedAway(node: NodeView, { axes, frame, turnedBy }: Computed): never {
  const same = axesText(axes) === axesText(frame.axes) ? " in another order (channels last, for instance)" : "";
  const got = `${axesText(axes)} where the layers before it give ${axesText(frame.axes)}${same}`;
  if (turnedBy === undefined) return node.fail(`expected another shape of its input, got ${got}`);
  return turnedBy.fail(
    `expected axes that ${node.place < 0 ? "the output" : node.label} can read as layers give them, got ${got}`,
  );
}

/** The value with its padding as a layer of its own. */
export function paddedByLayer(graph: GraphReader, waiting: Computed): Computed {
  const { padding } = waiting;
  if (padding === undefined) return waiting;
  const { node, mode, sides, value } = padding;
  if (mode === "lowest") {
    return node.fail("expected a padding with -Infinity only before MaxPool, got another layer behind it");
  }
  const images = imagesOf(graph, node, { ...waiting, axes: padding.axes });
  const [, , rows, columns] = images.axes;
  const last = padding.axes.length - 1;
  // What was padded are the file's last two axes (or its last one): their pieces now.
  const nowOf = (axis: Axis, place: number): Axis => {
    return sides.find(({ now }) => place >= 0 && padding.axes[place].includes(now)) === undefined
      ? axis
      : padding.axes[place];
  };
  const frame = [images.axes[0], images.axes[1], nowOf(rows, images.isFlat ? -1 : last - 1), nowOf(columns, last)];
  const step = new LayerStep(node, waiting.step, padLayer(node, images.pads, mode, value));
  return graph.behind(node, images.value, waiting.axes, frame, step);
}

/** A layer that only pads, [top, left, bottom, right]. */
export function padLayer(
  node: NodeView,
  [top, left, bottom, right]: readonly number[],
  mode: "zeros" | "constant" | "reflect" | "replicate" | "circular",
  value: number = 0,
): Layer {
  const padding = [top, bottom, left, right] as const;
  return atNode(node, () => {
    if (mode === "constant") return new ConstantPad2d(padding, value);
    if (mode === "reflect") return new ReflectionPad2d(padding);
    if (mode === "replicate") return new ReplicationPad2d(padding);
    return mode === "circular" ? new CircularPad2d(padding) : new ZeroPad2d(padding);
  });
}

/**
 * Fixes the order of the input's axes, if that is still open: as they are at this value, where that is an order that we can tell
 * of, else as in the file. Where the file has scaled them channel by channel, the channels come first, as images have them.
 */
export function fixFrame(graph: GraphReader, { axes, frame, step }: Computed): void {
  if (frame.isFixed) return;
  frame.isFixed = true;
  const file = withBatch(graph, graph.input.axes);
  const choose = (known: Axes): boolean => {
    const fits = sameAxis(known[0] ?? [], [graph.batch]) && layoutOf(file, known, true) !== undefined;
    if (fits) frame.axes = known;
    return fits;
  };
  const known = withBatch(graph, axes);
  const isRow = (all: Axes): boolean => all.length === 3;
  if (!choose(known) && isRow(known)) choose(asImages(known));
  for (let at = step; at !== undefined; at = at.before) {
    if (!(at instanceof AffineStep)) continue;
    const [batch, ...others] = frame.axes;
    const [first, last] = [others[0] ?? [], others[others.length - 1] ?? []];
    const isOfLast = core(at.pieces).length > 0 && isAmong(at.pieces, last) && others.length >= 2;
    if (isOfLast) choose(asImages([batch, last, ...others.slice(0, -1)]));
    else if (isAmong(at.pieces, first) && isRow(frame.axes)) choose(asImages(frame.axes));
  }
}

// Rows of numbers are images of height 1.
function asImages(axes: Axes): Axes {
  return axes.length === 3 ? [axes[0], axes[1], [], axes[2]] : axes;
}

/**
 * A Flatten where the file has joined axes, perhaps in another order than the layers' (the Linear behind it has to know).
 * Undefined where no Flatten gives these axes.
 */
export function flattened(graph: GraphReader, node: NodeView, value: Computed): Computed | undefined {
  fixFrame(graph, value);
  const [from, to] = [value.frame.axes, withBatch(graph, value.axes)];
  const more = from.length - to.length;
  if (more <= 0) return undefined;
  const joint = (s: number): Axes => [
    ...from.slice(0, s),
    from.slice(s, s + more + 1).flat(),
    ...from.slice(s + more + 1),
  ];
  // The batch axis is joined only if nothing else gives the shape.
  const starts = [...to.keys()].slice(1).concat(0);
  const start = starts.find((s) => {
    return joint(s).every((axis, i) => lengthOf(axis) === lengthOf(to[i]) && samePieces(axis, to[i]));
  });
  if (start === undefined) return undefined;
  const isAll = start === 1 && to.length === 2;
  const layer = new Flatten(isAll ? {} : { startDim: start, endDim: start + more });
  return graph.behind(node, value, value.axes, joint(start), new LayerStep(node, value.step, layer));
}

/** The file's axes with the batch that a file of a single sample may leave out. */
export function withBatch(graph: GraphReader, axes: Axes): Axes {
  if (!lacksBatch(graph, axes)) return axes;
  const isEmpty = axes.length > 0 && core(axes[0]).length === 0;
  return [[graph.batch], ...(isEmpty ? axes.slice(1) : axes)];
}

/** Features as a Linear reads them: the last axis of the layers' tensor. */
export interface Features {
  readonly value: Computed;
  /** The features in the order of the layers' tensor, and in that of the file. */
  readonly layers: Axis;
  readonly file: Axis;
}

/** The value as rows of features. The axes before the last one have to be the layers' own. */
export function featuresOf(graph: GraphReader, node: NodeView, value: Computed): Features {
  if (value.axes.length === 0) node.fail("expected rows of features, got a single number");
  fixFrame(graph, value);
  const known = arranged(value, graph) ? value : flattened(graph, value.turnedBy ?? node, value);
  if (known === undefined || !arranged(known, graph)) {
    checkBatch(graph, node, withBatch(graph, value.axes));
    return turnedAway(node, value);
  }
  known.frame.isFixed = true;
  return {
    value: known,
    layers: known.frame.axes[known.frame.axes.length - 1],
    file: known.axes[known.axes.length - 1],
  };
}

/**
 * The features of the file's last axis as channels of images, which a 1x1 convolution reads; undefined where the layers have them
 * otherwise.
 */
export function channelsOf(graph: GraphReader, { axes, frame }: Computed): Axis | undefined {
  const [first = [], ...others] = withBatch(graph, axes);
  if (others.length < 2 || !sameAxis(first, [graph.batch])) return undefined;
  const last = others[others.length - 1];
  const wanted = asImages([first, last, ...others.slice(0, -1)]);
  const isFree = !frame.isFixed && wanted.length === 4;
  if (isFree && layoutOf(withBatch(graph, graph.input.axes), wanted, true) !== undefined) {
    frame.axes = wanted;
    frame.isFixed = true;
  }
  const [batch, channels, ...plane] = frame.axes;
  const isImage = frame.axes.length === 4 && sameAxis(first, batch) && sameAxis(last, channels);
  return isImage && samePieces(others.slice(0, -1).flat(), plane.flat()) ? channels : undefined;
}

function arranged({ axes, frame }: Computed, graph: GraphReader): boolean {
  const [theirs, ours] = [withBatch(graph, axes), frame.axes];
  const outer = (all: Axes): Axes => all.slice(0, -1).filter((axis) => core(axis).length > 0);
  const [before, behind] = [outer(theirs), outer(ours)];
  const [last, own] = [theirs[theirs.length - 1], ours[ours.length - 1]];
  return (
    ours.length >= 2 &&
    theirs.length >= 2 &&
    before.length === behind.length &&
    before.every((axis, i) => sameAxis(axis, behind[i])) &&
    samePieces(last, own)
  );
}

/** How a file orders the axes of images: with channels first, as our layers, or last. */
export type OnnxLayout = "NCHW" | "NHWC";

/**
 * How the file orders the axes that our layers have; axes of size 1 may be missing or added. Undefined for another order.
 *
 * @param isInput for an input only the order of its numbers counts: [N, 784] may be our [N, 1, 28, 28]
 */
export function layoutOf(theirs: Axes, ours: Axes, isInput = false): OnnxLayout | undefined {
  const orderOf = (axes: Axes): Axes => {
    const named = axes.map(core).filter((axis) => axis.length > 0);
    return isInput ? [named.flat()] : named;
  };
  const same = (a: Axes, b: Axes): boolean => a.length === b.length && a.every((axis, i) => sameAxis(axis, b[i]));
  const [batch, channels, ...plane] = ours;
  const last = ours.length === 4 ? [batch, ...plane, channels] : ours;
  const isLast = ours.length === 4 && same(orderOf(theirs), orderOf(last));
  if (!same(orderOf(theirs), orderOf(ours))) return isLast ? "NHWC" : undefined;
  // With one channel or one place the order is the same; the sizes tell.
  const sizes = (axes: Axes): string => String(shapeOf(axes));
  return isLast && sizes(theirs) !== sizes(ours) && sizes(theirs) === sizes(last) ? "NHWC" : "NCHW";
}
