// The transposed convolution: y is what the gradient of a convolution is for its images. So its forward is conv2d's input gradient,
// and its gradients are conv2d's forward and weight gradient; docs/layers/convtranspose2d.md shows why. The convolution meant
// goes from y to x: its images are y [N, O, OH, OW], its output is x [N, C, H, W].
import { checkAlgorithm, type ConvAlgorithm } from "../backend/convAlgorithm.js";
import { kept, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { pairFrom0, positive, positivePair, trueOrFalse, type Check, type OptionsOf } from "../base/options.js";
import { checkSize, formatShape, type Pair, type PairOption, type Shape, type Sides } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import { checkImages, conv2dIn, conv2dInputGradIn, conv2dWeightGradIn, type Conv2dPlan } from "./conv2d.js";
import { pad2d, pad2dInputGrad } from "./pad2d.js";

/** Options of a transposed convolution; pairs are [vertical, horizontal]. */
export interface ConvTranspose2dOptions {
  /** Step in the output from one input pixel to the next. Default 1. */
  readonly stride?: PairOption;
  /** Rows and columns that are cut off on each side of the output. Default 0. */
  readonly padding?: PairOption;
  /** Rows and columns more at the bottom and on the right; less than the stride or the dilation. Default 0. */
  readonly outputPadding?: PairOption;
  /** The wanted output [OH, OW], instead of `outputPadding`: one of the `stride` sizes that a convolution takes to the same input. */
  readonly outputSize?: PairOption;
  /** Distance between the pixels that a kernel reaches. Default 1. */
  readonly dilation?: PairOption;
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number;
  /** "direct": plain sums of products, exact for whole numbers. Default: what `setConvAlgorithm` says. */
  readonly algorithm?: ConvAlgorithm;
}

/** The options of the layer with their checks and defaults; the maths do not read the last one. */
export const CONV_TRANSPOSE2D_OPTIONS = {
  stride: { check: positivePair, default: 1 },
  padding: { check: pairFrom0, default: 0 },
  outputPadding: { check: pairFrom0, default: 0 },
  outputSize: { check: positivePair as Check<Pair | undefined> },
  dilation: { check: positivePair, default: 1 },
  groups: { check: positive, default: 1 },
  algorithm: { check: checkAlgorithm },
  bias: { check: trueOrFalse, default: true },
} as const;

/** Checked options of a transposed convolution. */
export type ConvTranspose2dSettings = Omit<OptionsOf<typeof CONV_TRANSPOSE2D_OPTIONS>, "bias">;

/** All that a transposed convolution needs to know of its shapes, checked. */
export interface ConvTranspose2dPlan {
  /** The convolution from y (without `rest`) to x. */
  readonly conv: Conv2dPlan;
  /** [N, O, OH, OW]. */
  readonly y: Shape;
  /** Rows and columns of y that no kernel reaches and no convolution would leave over; null for none. */
  readonly rest: Sides | null;
}

/** y = the input gradient of conv2d for dy = x, and b[o] added. */
export function convTranspose2dIn<A extends FloatArray>(
  room: Room,
  { conv, rest }: ConvTranspose2dPlan,
  x: Tensor<A>,
  w: Tensor<A>,
  b: Tensor<A> | null,
): Tensor<A> {
  const reached = conv2dInputGradIn(room, conv, x, w);
  const y = rest === null ? reached : pad2d(room, reached, rest, "constant");
  if (b !== null) addToChannels(b, y);
  return y;
}

/** dx = conv2d(dy, w). */
export function convTranspose2dInputGradIn<A extends FloatArray>(
  room: Room,
  plan: ConvTranspose2dPlan,
  dy: Tensor<A>,
  w: Tensor<A>,
): Tensor<A> {
  return conv2dIn(room, plan.conv, reachedPart(room, plan, dy), w, null);
}

/** dw = the weight gradient of conv2d for images dy and an upstream gradient x. */
export function convTranspose2dWeightGradIn<A extends FloatArray>(
  room: Room,
  plan: ConvTranspose2dPlan,
  x: Tensor<A>,
  dy: Tensor<A>,
): Tensor<A> {
  return conv2dWeightGradIn(room, plan.conv, reachedPart(room, plan, dy), x);
}

function reachedPart<A extends FloatArray>(room: Room, { conv, rest }: ConvTranspose2dPlan, dy: Tensor<A>): Tensor<A> {
  return rest === null ? dy : pad2dInputGrad(room, dy, conv.x, rest, "constant");
}

/** y[:, o] += b[o], in place. */
function addToChannels<A extends FloatArray>(b: Tensor<A>, y: Tensor<A>): void {
  const { shape, data } = y;
  const pixels = shape[2] * shape[3];
  const g = { shape, stridesA: [shape[1] * pixels, pixels, shape[3], 1], stridesB: [0, 1, 0, 0] };
  kernelsFor("convTranspose2d", y, b).add(g, data, kept(b), data);
}

/** Throws unless `outputPadding` is less than the stride or the dilation, each direction by itself (PyTorch's rule). */
export function checkOutputPadding(
  who: string,
  { stride, dilation, outputPadding, outputSize }: ConvTranspose2dSettings,
): void {
  const most = [0, 1].map((i) => Math.max(stride[i], dilation[i]) - 1);
  if (outputPadding.some((rows, i) => rows > most[i])) {
    throw new ArgumentError(
      `${who}: expected outputPadding of at most ${formatShape(most)} (less than the stride or the dilation), got ` +
        `${formatShape(outputPadding)}.`,
    );
  }
  if (outputSize === undefined || outputPadding.every((rows) => rows === 0)) return;
  throw new ArgumentError(
    `${who}: expected outputSize or outputPadding, got both (the output's size follows from the padding, or the padding from it).`,
  );
}

/** Plans a transposed convolution of such images by w [C, O / groups, KH, KW], with every check that needs no data. */
export function planConvTranspose2d(
  who: string,
  xShape: Shape,
  wShape: Shape,
  settings: ConvTranspose2dSettings,
): ConvTranspose2dPlan {
  checkImages(who, xShape, wShape[0]);
  const { stride, padding, outputSize, dilation, groups, algorithm } = settings;
  const kernel: Pair = [wShape[2], wShape[3]];
  const [N, C, ...size] = xShape;
  const least = [0, 1].map((i) => (size[i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + 1);
  const more = outputSize?.map((length, i) => length - least[i]) ?? settings.outputPadding;
  if (outputSize !== undefined && !more.every((rows, i) => rows >= 0 && rows < stride[i])) {
    const [low, high] = [least, least.map((length, i) => length + stride[i] - 1)];
    throw new ShapeError(
      `${who}: expected outputSize from ${formatShape(low)} to ${formatShape(high)} for input ${formatShape(xShape)}, got ` +
        `${formatShape(outputSize)}.`,
    );
  }
  const out = least.map((length, i) => length + more[i]);
  // A convolution leaves fewer rows over than its stride; others have to be added apart.
  const apart = more.map((rows, i) => (rows < stride[i] ? 0 : rows));
  const [OH, OW] = out.map((length, i) => length - apart[i]);
  if (OH < 1 || OW < 1) {
    throw new ShapeError(
      `${who}: expected an output of at least one pixel, got ${formatShape([OH, OW])} for input ${formatShape(xShape)} (use less ` +
        `padding).`,
    );
  }
  const O = wShape[1] * groups;
  const [y, images] = [Object.freeze([N, O, out[0], out[1]]), Object.freeze([N, O, OH, OW])];
  checkSize(who, y);
  const g = {
    ...{ N, C: O, H: OH, W: OW, O: C, KH: kernel[0], KW: kernel[1], SH: stride[0], SW: stride[1] },
    ...{ DH: dilation[0], DW: dilation[1], PT: padding[0], PB: padding[0], PL: padding[1], PR: padding[1] },
    ...{ G: groups, algorithm, OH: size[0], OW: size[1] },
  };
  const conv = { g, x: images, w: wShape, y: xShape, border: null };
  const rest = apart.some((rows) => rows > 0) ? { top: 0, left: 0, bottom: apart[0], right: apart[1] } : null;
  return { conv, y, rest };
}
