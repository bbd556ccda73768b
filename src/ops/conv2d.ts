// The two-dimensional convolution of deep learning (a cross-correlation) and its three gradients, as pure functions.
// N batch, C in, O out, H W image, K kernel, S stride, D dilation, P padding, G groups.
import { allocate } from "../backend/memory.js";
import { knownKeys, oneOf, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import type { Conv2dGeometry, PadMode } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import {
  LatestShapes,
  checkConvPadding,
  checkShape,
  checkUpstream,
  formatShape,
  pair,
  resolveConvPadding,
  sameShape,
  windowOutput,
  type ConvPadding,
  type Pair,
  type PairOption,
  type Shape,
  type Sides,
} from "../base/shape.js";
import { Tensor, checkTensor, type FloatArray } from "../base/tensor.js";
import { checkFormats } from "./operands.js";
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
}

export const CONV2D_OPTIONS = ["stride", "padding", "paddingMode", "dilation", "groups"] as const;

/** Checked options of a convolution, and whose they are. */
export class Conv2dSettings {
  readonly stride: Pair;
  readonly padding: ConvPadding;
  readonly paddingMode: PaddingMode;
  readonly dilation: Pair;
  readonly groups: number;
  readonly #latest = new LatestShapes<Plan>();

  constructor(
    readonly who: string,
    options: Conv2dOptions,
  ) {
    this.stride = pair(who, "stride", options.stride ?? 1, 1);
    this.padding = checkConvPadding(who, options.padding ?? 0);
    const modes = ["zeros", "reflect", "replicate", "circular"] as const;
    this.paddingMode = oneOf(who, "paddingMode", options.paddingMode ?? "zeros", modes);
    this.dilation = pair(who, "dilation", options.dilation ?? 1, 1);
    this.groups = whole(who, "groups", options.groups ?? 1, 1);
  }

  /** Geometry of a convolution of such an image by such a kernel, with every check that needs no data. */
  plan(xShape: Shape, wShape: Shape): Plan {
    return this.#latest.get(xShape, wShape, (x, w) => plan(x, w, this));
  }
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
  options: Conv2dOptions | Conv2dSettings = {},
): Tensor<A> {
  const settings = readSettings("conv2d", options);
  checkTensor(settings.who, "input", x);
  checkTensor(settings.who, "weight", w);
  const { g, sides } = settings.plan(x.shape, w.shape);
  if (b !== null) checkBias(settings.who, b, g.O);
  const kernels = kernelsFor(settings.who, x, w, b ?? w);
  checkFormats(settings.who, x, w, b ?? w);
  const image = padded(x, sides, settings);
  const y = allocate(x, [g.N, g.O, g.OH, g.OW]);
  kernels.conv2d(g, image.data, w.data, b === null ? null : b.data, y.data);
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
  options: Conv2dOptions | Conv2dSettings = {},
): Tensor<A> {
  const settings = readSettings("conv2dInputGrad", options);
  checkTensor(settings.who, "dy", dy);
  checkTensor(settings.who, "weight", w);
  const { g, sides } = settings.plan(checkShape(settings.who, xShape), w.shape);
  checkUpstream(settings.who, [g.N, g.O, g.OH, g.OW], dy.shape);
  const kernels = kernelsFor(settings.who, dy, w);
  checkFormats(settings.who, dy, w);
  const dImage = allocate(dy, [g.N, g.C, g.H, g.W]);
  kernels.conv2dInputGrad(g, dy.data, w.data, dImage.data);
  return sides === null ? dImage : pad2dInputGrad(dImage, xShape, sides, padMode(settings));
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
  options: Conv2dOptions | Conv2dSettings = {},
): Tensor<A> {
  const settings = readSettings("conv2dWeightGrad", options);
  checkTensor(settings.who, "input", x);
  checkTensor(settings.who, "dy", dy);
  const { g, sides } = settings.plan(x.shape, checkShape(settings.who, wShape));
  checkUpstream(settings.who, [g.N, g.O, g.OH, g.OW], dy.shape);
  const kernels = kernelsFor(settings.who, x, dy);
  checkFormats(settings.who, x, dy);
  const image = padded(x, sides, settings);
  const dw = allocate(x, wShape);
  kernels.conv2dWeightGrad(g, image.data, dy.data, dw.data);
  return dw;
}

/** Gradient of {@link conv2d} for its bias: db[o] = sum over n, i, j of dy[n, o, i, j]. */
export function conv2dBiasGrad<A extends FloatArray>(dy: Tensor<A>): Tensor<A> {
  checkTensor("conv2dBiasGrad", "dy", dy);
  if (dy.rank !== 4) {
    throw new ShapeError(`conv2dBiasGrad: expected dy [N, O, OH, OW], got ${formatShape(dy.shape)}.`);
  }
  const [outer, size, h, w] = dy.shape;
  const db = allocate(dy, [size]);
  kernelsFor("conv2dBiasGrad", dy).channelSum({ outer, size, inner: h * w }, dy.data, db.data);
  return db;
}

/** The output shape of a convolution, with every check that needs no data. */
export function conv2dOutputShape(xShape: Shape, wShape: Shape, settings: Conv2dSettings): Shape {
  const { g } = settings.plan(checkShape(`${settings.who}.outputShape`, xShape), wShape);
  return [g.N, g.O, g.OH, g.OW];
}

interface Plan {
  readonly g: Conv2dGeometry;
  /** What a padding mode other than zeros adds before the kernel runs; null with zeros, which the kernel pads itself. */
  readonly sides: Sides | null;
}

function plan(xShape: Shape, wShape: Shape, settings: Conv2dSettings): Plan {
  const { stride, dilation, groups } = settings;
  const kernel = checkKernel(settings.who, wShape, groups);
  checkImages(settings.who, xShape, wShape[1] * groups);
  const size: Pair = [xShape[2], xShape[3]];
  const sides = resolveConvPadding(settings.padding, size, kernel, stride, dilation);
  const { top, bottom, left, right } = sides;
  const ahead = settings.paddingMode !== "zeros" && top + bottom + left + right > 0;
  if (ahead) checkPadding2d(settings.who, size, sides, padMode(settings));
  const OH = windowOutput(size[0], kernel[0], stride[0], dilation[0], top, bottom);
  const OW = windowOutput(size[1], kernel[1], stride[1], dilation[1], left, right);
  if (OH < 1 || OW < 1) {
    const extent = kernel.map((k, i) => dilation[i] * (k - 1) + 1);
    throw new ShapeError(
      `${settings.who}: expected a padded image of at least ${formatShape(extent)} (the kernel's extent), got ` +
        `${formatShape([size[0] + top + bottom, size[1] + left + right])} (add padding, or use a smaller kernel).`,
    );
  }
  const [N, C] = xShape;
  const common = { N, C, O: wShape[0], KH: kernel[0], KW: kernel[1], SH: stride[0], SW: stride[1], OH, OW };
  const inner = ahead
    ? { H: size[0] + top + bottom, W: size[1] + left + right, PT: 0, PB: 0, PL: 0, PR: 0 }
    : { H: size[0], W: size[1], PT: top, PB: bottom, PL: left, PR: right };
  const g = { ...common, ...inner, DH: dilation[0], DW: dilation[1], G: groups };
  return { g, sides: ahead ? sides : null };
}

function readSettings(who: string, options: Conv2dOptions | Conv2dSettings): Conv2dSettings {
  if (options instanceof Conv2dSettings) return options;
  knownKeys(who, options, CONV2D_OPTIONS);
  return new Conv2dSettings(who, options);
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

function checkBias(who: string, b: unknown, O: number): void {
  const { shape } = checkTensor(who, "bias", b);
  if (!sameShape(shape, [O])) {
    throw new ShapeError(
      `${who}: expected a bias [${O}], one number for each output channel, got ${formatShape(shape)}.`,
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
    else if (xShape.length === 5) remedy = "one batch axis; a model's outputShape and summary add it themselves";
    else if (xShape.length !== 4) remedy = "four axes: batch, channels, height, width";
    throw new ShapeError(`${who}: expected input ${expected}, got ${formatShape(xShape)} (${remedy}).`);
  }
  if (xShape.some((length) => length < 1)) {
    throw new ShapeError(`${who}: expected at least one sample and one pixel, got input ${formatShape(xShape)}.`);
  }
}

function padMode(settings: Conv2dSettings): PadMode {
  return settings.paddingMode === "zeros" ? "constant" : settings.paddingMode;
}

function padded<A extends FloatArray>(x: Tensor<A>, sides: Sides | null, settings: Conv2dSettings): Tensor<A> {
  return sides === null ? x : pad2d(x, sides, padMode(settings));
}
