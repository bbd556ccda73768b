// The two-dimensional convolution of deep learning (a cross-correlation) and its three gradients, as pure functions.
// N batch, C in, O out, H W image, K kernel, S stride, D dilation, P padding, G groups.
import { checkAlgorithm, type ConvAlgorithm } from "../backend/convAlgorithm.js";
import type { Conv2dGeometry, PadMode } from "../backend/kernels.js";
import { PLAIN, kept, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { oneOf } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { positive, positivePair, readOptions, type OptionsOf } from "../base/options.js";
import {
  checkConvPadding,
  checkShape,
  checkSize,
  checkUpstream,
  formatShape,
  resolveConvPadding,
  sameShape,
  sizeOf,
  windowOutput,
  type ConvPadding,
  type Pair,
  type PairOption,
  type Shape,
  type Sides,
} from "../base/shape.js";
import { checkTensor, type Tensor, type FloatArray } from "../base/tensor.js";
import { checkPadding2d, pad2d, pad2dInputGrad } from "./pad2d.js";

/** What the border of the image is filled with. */
export type PaddingMode = "zeros" | Exclude<PadMode, "constant">;

/** Options of a convolution; pairs are [vertical, horizontal]. */
export interface Conv2dOptions {
  /** Step between output pixels. Default 1. */
  readonly stride?: PairOption;
  /** Default 0. "same" gives an output of ceil(size / stride). */
  readonly padding?: ConvPadding;
  /** Default "zeros". */
  readonly paddingMode?: PaddingMode;
  /** Distance between the pixels that a kernel looks at. Default 1. */
  readonly dilation?: PairOption;
  /** Channels are split into this many groups that do not see each other. Default 1. */
  readonly groups?: number;
  /** "direct": plain sums of products, exact for whole numbers. Default: what `setConvAlgorithm` says. */
  readonly algorithm?: ConvAlgorithm;
}

/** The options of a convolution with their checks and defaults. */
export const CONV2D_OPTIONS = {
  stride: { check: positivePair, default: 1 },
  padding: { check: (who: string, _: string, value: unknown) => checkConvPadding(who, value), default: 0 },
  paddingMode: { check: checkPaddingMode, default: "zeros" },
  dilation: { check: positivePair, default: 1 },
  groups: { check: positive, default: 1 },
  algorithm: { check: checkAlgorithm },
} as const;

/** Checks a padding mode. */
export function checkPaddingMode(who: string, name: string, value: unknown): PaddingMode {
  return oneOf(who, name, value, ["zeros", "reflect", "replicate", "circular"]);
}

/** Checked options of a convolution. */
export type Conv2dSettings = Omit<OptionsOf<typeof CONV2D_OPTIONS>, "algorithm"> & Pick<Conv2dGeometry, "algorithm">;

/** All that a convolution needs to know of its shapes, checked. */
export interface Conv2dPlan {
  readonly g: Conv2dGeometry;
  /** [N, C, H, W] of the images. */
  readonly x: Shape;
  /** [O, C / groups, KH, KW] of the kernels. */
  readonly w: Shape;
  /** [N, O, OH, OW] of the output. */
  readonly y: Shape;
  /** What a padding mode other than zeros adds before the kernel runs; null with zeros, which the kernel pads itself. */
  readonly border: { readonly sides: Sides; readonly mode: PadMode } | null;
}

/**
 * y[n, o, i, j] = b[o] + sum over c, k, l of w[o, c, k, l] * x[n, c, i * S + k * D - P, j * S + l * D - P].
 *
 * @param x images [N, C, H, W]
 * @param w kernels [O, C / groups, KH, KW]
 * @param b [O] or null
 * @returns [N, O, OH, OW] with OH = floor((H + P - D (KH - 1) - 1) / S) + 1, P both sides together
 * @throws ShapeError when the shapes do not fit each other, ArgumentError for an unusable option
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 */
export function conv2d<A extends FloatArray>(
  x: Tensor<A>,
  w: Tensor<A>,
  b: Tensor<A> | null = null,
  options: Conv2dOptions = {},
): Tensor<A> {
  const settings = readOptions("conv2d", CONV2D_OPTIONS, options);
  checkTensor("conv2d", "input", x);
  checkTensor("conv2d", "weight", w);
  const plan = planConv2d("conv2d", x.shape, w.shape, settings);
  if (b !== null) checkBias(b, plan.g.O);
  return conv2dIn(PLAIN, plan, x, w, b);
}

/** {@link conv2d} of a plan. */
export function conv2dIn<A extends FloatArray>(
  room: Room,
  { g, y: shape, border }: Conv2dPlan,
  x: Tensor<A>,
  w: Tensor<A>,
  b: Tensor<A> | null,
): Tensor<A> {
  const kernels = kernelsFor("conv2d", x, w, b ?? w);
  const image = border === null ? x : pad2d(room, x, border.sides, border.mode);
  const y = room.tensor(x, shape);
  kernels.conv2d(g, image.data, kept(w), b === null ? null : kept(b), y.data);
  return y;
}

/**
 * Gradient of {@link conv2d} for its images: dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D,
 * padding D (K - 1) - P).
 *
 * @param dy upstream gradient [N, O, OH, OW]
 * @param xShape shape [N, C, H, W] of the images
 * @returns dx [N, C, H, W]
 */
export function conv2dInputGrad<A extends FloatArray>(
  dy: Tensor<A>,
  w: Tensor<A>,
  xShape: Shape,
  options: Conv2dOptions = {},
): Tensor<A> {
  const settings = readOptions("conv2dInputGrad", CONV2D_OPTIONS, options);
  checkTensor("conv2dInputGrad", "dy", dy);
  checkTensor("conv2dInputGrad", "weight", w);
  const plan = planConv2d("conv2dInputGrad", checkShape("conv2dInputGrad", xShape), w.shape, settings);
  checkUpstream("conv2dInputGrad", plan.y, dy.shape);
  return conv2dInputGradIn(PLAIN, plan, dy, w);
}

/** {@link conv2dInputGrad} of a plan. */
export function conv2dInputGradIn<A extends FloatArray>(
  room: Room,
  { g, x: shape, border }: Conv2dPlan,
  dy: Tensor<A>,
  w: Tensor<A>,
): Tensor<A> {
  const kernels = kernelsFor("conv2dInputGrad", dy, w);
  const dImage = room.tensor(dy, border === null ? shape : [g.N, g.C, g.H, g.W]);
  kernels.conv2dInputGrad(g, dy.data, kept(w), dImage.data);
  return border === null ? dImage : pad2dInputGrad(room, dImage, shape, border.sides, border.mode);
}

/**
 * Gradient of {@link conv2d} for its kernels, itself a convolution:
 * dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T, where ^T swaps the batch and channel axes.
 *
 * @param x images [N, C, H, W]
 * @param dy upstream gradient [N, O, OH, OW]
 * @param wShape shape [O, C / groups, KH, KW] of the kernels
 * @returns dw of shape wShape
 */
export function conv2dWeightGrad<A extends FloatArray>(
  x: Tensor<A>,
  dy: Tensor<A>,
  wShape: Shape,
  options: Conv2dOptions = {},
): Tensor<A> {
  const settings = readOptions("conv2dWeightGrad", CONV2D_OPTIONS, options);
  checkTensor("conv2dWeightGrad", "input", x);
  checkTensor("conv2dWeightGrad", "dy", dy);
  const plan = planConv2d("conv2dWeightGrad", x.shape, checkShape("conv2dWeightGrad", wShape), settings);
  checkUpstream("conv2dWeightGrad", plan.y, dy.shape);
  return conv2dWeightGradIn(PLAIN, plan, x, dy);
}

/** {@link conv2dWeightGrad} of a plan. */
export function conv2dWeightGradIn<A extends FloatArray>(
  room: Room,
  { g, w: shape, border }: Conv2dPlan,
  x: Tensor<A>,
  dy: Tensor<A>,
): Tensor<A> {
  const kernels = kernelsFor("conv2dWeightGrad", x, dy);
  const image = border === null ? x : pad2d(room, x, border.sides, border.mode);
  const dw = room.tensor(x, shape);
  kernels.conv2dWeightGrad(g, image.data, dy.data, dw.data);
  return dw;
}

/** Gradient of {@link conv2d} for its bias: db[o] = sum over n, i, j of dy[n, o, i, j]. */
export function conv2dBiasGrad<A extends FloatArray>(dy: Tensor<A>): Tensor<A> {
  checkTensor("conv2dBiasGrad", "dy", dy);
  if (dy.rank !== 4) {
    throw new ShapeError(`conv2dBiasGrad: expected dy [N, O, OH, OW], got ${formatShape(dy.shape)}.`);
  }
  return channelSums(PLAIN, dy);
}

/** The sums of each channel of dy [N, O, ...] over all other axes, [O]: the gradient of what is added to a channel. */
export function channelSums<A extends FloatArray>(room: Room, dy: Tensor<A>): Tensor<A> {
  const [outer, size, ...rest] = dy.shape;
  const db = room.tensor(dy, [size]);
  kernelsFor("channelSums", dy).channelSum({ outer, size, inner: sizeOf(rest) }, dy.data, db.data);
  return db;
}

/**
 * Plans a convolution of such images by such kernels, with every check that needs no data. What it returns holds frozen
 * shapes, the same objects each time.
 */
export function planConv2d(who: string, xShape: Shape, wShape: Shape, settings: Conv2dSettings): Conv2dPlan {
  const { stride, padding, paddingMode, dilation, groups, algorithm } = settings;
  const kernel = checkKernel(who, wShape, groups);
  checkImages(who, xShape, wShape[1] * groups);
  const size: Pair = [xShape[2], xShape[3]];
  const sides = resolveConvPadding(padding, size, kernel, stride, dilation);
  const { top, bottom, left, right } = sides;
  const mode = paddingMode === "zeros" ? "constant" : paddingMode;
  const ahead = mode !== "constant" && top + bottom + left + right > 0;
  if (ahead) checkPadding2d(who, size, sides, mode);
  const OH = windowOutput(size[0], kernel[0], stride[0], dilation[0], top, bottom);
  const OW = windowOutput(size[1], kernel[1], stride[1], dilation[1], left, right);
  if (OH < 1 || OW < 1) {
    const extent = kernel.map((k, i) => dilation[i] * (k - 1) + 1);
    throw new ShapeError(
      `${who}: expected a padded image of at least ${formatShape(extent)} (the kernel's extent), got ` +
        `${formatShape([size[0] + top + bottom, size[1] + left + right])} (add padding, or use a smaller kernel).`,
    );
  }
  const [N, C] = xShape;
  const O = wShape[0];
  const common = { N, C, O, KH: kernel[0], KW: kernel[1], SH: stride[0], SW: stride[1], OH, OW };
  const inner = ahead
    ? { H: size[0] + top + bottom, W: size[1] + left + right, PT: 0, PB: 0, PL: 0, PR: 0 }
    : { H: size[0], W: size[1], PT: top, PB: bottom, PL: left, PR: right };
  const g = { ...common, ...inner, DH: dilation[0], DW: dilation[1], G: groups, algorithm };
  const y = Object.freeze([N, O, OH, OW]);
  checkSize(who, y);
  if (ahead) checkSize(who, [N, C, g.H, g.W]);
  return { g, x: xShape, w: wShape, y, border: ahead ? { sides, mode } : null };
}

function checkKernel(who: string, wShape: Shape, groups: number): Pair {
  if (wShape.length !== 4 || wShape.some((length) => length < 1)) {
    throw new ShapeError(`${who}: expected a weight [O, C / groups, KH, KW], got ${formatShape(wShape)}.`);
  }
  if (wShape[0] % groups !== 0) {
    throw new ArgumentError(`${who}: expected groups to divide the ${wShape[0]} output channels, got ${groups}.`);
  }
  return [wShape[2], wShape[3]];
}

function checkBias(b: unknown, O: number): void {
  const { shape } = checkTensor("conv2d", "bias", b);
  if (!sameShape(shape, [O])) {
    throw new ShapeError(
      `conv2d: expected a bias [${O}], one number for each output channel, got ${formatShape(shape)}.`,
    );
  }
}

/** Checks an image batch [N, channels, H, W]; every layer that wants images says the same words. */
export function checkImages(who: string, xShape: Shape, channels?: number): void {
  const fits = xShape.length === 4 && (channels === undefined || xShape[1] === channels);
  if (!fits) {
    const expected = formatShape(["N", channels ?? "C", "H", "W"]);
    let remedy = "channels are axis 1; for NHWC data use nhwcToNchw";
    if (xShape.length === 3) remedy = "the batch axis is required: x.reshape([1, ...x.shape])";
    else if (xShape.length === 5) remedy = "one batch axis; summary adds it itself";
    else if (xShape.length !== 4) remedy = "four axes: batch, channels, height, width";
    throw new ShapeError(`${who}: expected input ${expected}, got ${formatShape(xShape)} (${remedy}).`);
  }
  if (xShape.some((length) => length < 1)) {
    throw new ShapeError(`${who}: expected at least one sample and one pixel, got input ${formatShape(xShape)}.`);
  }
}
