// What convolutions and pools share: the rule of auto_pad, and the pads of a Pad node as export writes them.
import { formatShape, samePadding, type Pair, type Shape } from "../../base/shape.js";
import { lengthOf, type Axes } from "../axes.js";
import type { OnnxContext } from "../graphWriter.js";
import type { NodeView } from "../nodeView.js";

type Rule = "NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER";

/** The rule of auto_pad; anything but NOTSET excludes pads. */
export function autoPad(node: NodeView, isFlat: boolean): Rule {
  const rule = node.string("auto_pad", "NOTSET");
  if (rule === "NOTSET" || rule === "") return "NOTSET";
  if (rule !== "VALID" && rule !== "SAME_UPPER" && rule !== "SAME_LOWER") {
    return node.fail(`expected auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got ${rule.slice(0, 40)}`);
  }
  const pads = node.pads(isFlat);
  if (pads.some((side) => side > 0)) node.fail(`expected no pads beside auto_pad ${rule}, got ${formatShape(pads)}`);
  return rule;
}

/** What a Conv and a ConvTranspose say of their weight and their steps; one in one direction is one of height 1. */
export interface ConvWindow {
  readonly isFlat: boolean;
  /** The weight's shape, with rows and columns. */
  readonly weight: Shape;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

/** @param dims the weight's shape in the file, of three or four axes */
export function convWindow(node: NodeView, dims: Shape): ConvWindow {
  const isFlat = dims.length === 3;
  const weight = isFlat ? [dims[0], dims[1], 1, dims[2]] : dims;
  const kernel: Pair = [weight[2], weight[3]];
  const said = node.pair("kernel_shape", isFlat, kernel);
  if (said[0] !== kernel[0] || said[1] !== kernel[1]) {
    node.fail(`expected kernel_shape ${formatShape(dims.slice(2))} as of the weight, got ${formatShape(said)}`);
  }
  const [stride, dilation] = [node.pair("strides", isFlat, [1, 1]), node.pair("dilations", isFlat, [1, 1])];
  return { isFlat, weight, kernel, stride, dilation, groups: node.int("group", 1) };
}

/** Rows and columns that a node adds by itself to images, or rows of numbers, of these axes: [top, left, bottom, right]. */
export function ownPads(
  node: NodeView,
  axes: Axes,
  isFlat: boolean,
  kernel: Pair,
  stride: Pair,
  dilation: Pair,
): number[] {
  const rule = autoPad(node, isFlat);
  if (rule === "NOTSET") return [...node.pads(isFlat)];
  if (rule === "VALID") return [0, 0, 0, 0];
  const [h, w] = [isFlat ? 1 : lengthOf(axes[2] ?? []), lengthOf(axes[isFlat ? 2 : 3] ?? [])];
  const [top, bottom] = samePads(rule, h, kernel[0], stride[0], dilation[0]);
  const [left, right] = samePads(rule, w, kernel[1], stride[1], dilation[1]);
  return [top, left, bottom, right];
}

// ceil(size / stride) windows along one axis; the odd zero comes behind (upper) or before.
function samePads(rule: Rule, size: number, kernel: number, stride: number, dilation: number): Pair {
  const [less, more] = samePadding(size, kernel, stride, dilation);
  return rule === "SAME_UPPER" ? [less, more] : [more, less];
}

/** The pads of an image as Pad's second input, from [top, left, bottom, right]; of a sequence from [before, after]. */
export function padsInput(onnx: OnnxContext, pads: readonly number[]): string {
  const half = pads.length / 2;
  return onnx.constant("pads", [0, 0, ...pads.slice(0, half), 0, 0, ...pads.slice(half)]);
}
