// Largest number of each window, and the gradient that goes back to where it was found.
import type { Pool2dGeometry } from "../backend/kernels.js";
import { PLAIN, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { knownKeys, show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { pairFrom0, positivePair, readOptions, trueOrFalse } from "../base/options.js";
import type { OptionTable, OptionsOf, Settings } from "../base/options.js";
import {
  checkShape,
  checkUpstream,
  formatShape,
  pair,
  poolOutput,
  type Pair,
  type PairOption,
  type Shape,
} from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { checkImages } from "./conv2d.js";

/** Options of a max pooling; pairs are [vertical, horizontal]. */
export interface MaxPool2dOptions {
  /** Step between windows. Default: the kernel size. */
  readonly stride?: PairOption;
  /** At most half the kernel; the padding counts as -Infinity. Default 0. */
  readonly padding?: PairOption;
  /** Distance between the pixels that a window looks at. Default 1. */
  readonly dilation?: PairOption;
  /** Also take a last window that hangs over the edge, if it starts inside the image or its left padding. Default false. */
  readonly ceilMode?: boolean;
}

/** The options that poolings share, with their checks and defaults. */
export const POOL2D_OPTIONS = {
  stride: { check: positivePair, default: ({ kernelSize }: { readonly kernelSize?: unknown }) => kernelSize },
  padding: { check: pairFrom0, default: 0 },
  ceilMode: { check: trueOrFalse, default: false },
} as const;

/** The options of a max pooling. */
export const MAX_POOL2D_OPTIONS = {
  stride: POOL2D_OPTIONS.stride,
  padding: POOL2D_OPTIONS.padding,
  dilation: { check: positivePair, default: 1 },
  ceilMode: POOL2D_OPTIONS.ceilMode,
} as const;

/** Checked window of a pooling. */
export interface PoolSettings extends OptionsOf<typeof POOL2D_OPTIONS> {
  readonly kernelSize: Pair;
  readonly dilation?: Pair;
}

/** All that a pooling needs to know of its shapes, checked. */
export interface Pool2dPlan {
  readonly g: Pool2dGeometry;
  /** [N, C, H, W] of the images. */
  readonly x: Shape;
  /** [N, C, OH, OW] of the output. */
  readonly y: Shape;
}

/** Reads kernel size and options of a pooling function. */
export function readPool<O extends object>(
  who: string,
  table: OptionTable<O>,
  kernelSize: unknown,
  options: unknown,
): Settings<O> & { readonly kernelSize: Pair } {
  knownKeys(who, options, Object.keys(table));
  const window = { kernelSize: pair(who, "kernelSize", kernelSize, 1) };
  return { ...window, ...readOptions(who, table, options, window) };
}

/** What {@link maxPool2d} returns. */
export interface MaxPooled<A extends FloatArray = Float32Array> {
  /** The largest number of each window, [N, C, OH, OW]. */
  readonly y: Tensor<A>;
  /** The flat place h * W + w of each in its image plane. */
  readonly indices: Int32Array;
}

/**
 * y[n, c, i, j] = max over k, l of x[n, c, i * S + k * D - P, j * S + l * D - P].
 *
 * The first of equal numbers in row-major order wins, a NaN wins over all, padding is -Infinity.
 *
 * @param x [N, C, H, W]
 * @returns y [N, C, OH, OW] and indices, the flat place h * W + w of each maximum in its image plane
 * @throws ShapeError when the window does not fit, or holds nothing but padding
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export function maxPool2d<A extends FloatArray>(
  x: Tensor<A>,
  kernelSize: PairOption,
  options: MaxPool2dOptions = {},
): MaxPooled<A> {
  const settings = readPool("maxPool2d", MAX_POOL2D_OPTIONS, kernelSize, options);
  checkTensor("maxPool2d", "input", x);
  return maxPool2dIn(PLAIN, planPool2d("maxPool2d", x.shape, settings), x);
}

/** {@link maxPool2d} of a plan. */
export function maxPool2dIn<A extends FloatArray>(room: Room, { g, y: shape }: Pool2dPlan, x: Tensor<A>): MaxPooled<A> {
  const y = room.tensor(x, shape);
  const indices = room.indices(y.size);
  kernelsFor("maxPool2d", x).maxPool2d(g, x.data, y.data, indices);
  return { y, indices };
}

/** y of {@link maxPool2d} alone, for a prediction. */
export function maxPool2dValuesIn<A extends FloatArray>(
  room: Room,
  { g, y: shape }: Pool2dPlan,
  x: Tensor<A>,
): Tensor<A> {
  const y = room.tensor(x, shape);
  kernelsFor("maxPool2d", x).maxPool2d(g, x.data, y.data, null);
  return y;
}

/** dx = 0, then dx[indices] += dy for each window. */
export function maxPool2dInputGrad<A extends FloatArray>(
  dy: Tensor<A>,
  indices: Int32Array,
  xShape: Shape,
  kernelSize: PairOption,
  options: MaxPool2dOptions = {},
): Tensor<A> {
  const who = "maxPool2dInputGrad";
  const settings = readPool(who, MAX_POOL2D_OPTIONS, kernelSize, options);
  checkTensor(who, "dy", dy);
  const plan = planPool2d(who, checkShape(who, xShape), settings);
  checkUpstream(who, plan.y, dy.shape);
  checkIndices(who, indices, dy.size, plan.g.H * plan.g.W);
  return maxPool2dInputGradIn(PLAIN, plan, indices, dy);
}

/** {@link maxPool2dInputGrad} of a plan. */
export function maxPool2dInputGradIn<A extends FloatArray>(
  room: Room,
  { g, x: shape }: Pool2dPlan,
  indices: Int32Array,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(dy, shape);
  kernelsFor("maxPool2dInputGrad", dy).maxPool2dInputGrad(g, indices, dy.data, dx.data);
  return dx;
}

/** Throws when the padding is larger than half the window: some windows would hold nothing else. */
export function checkPoolPadding(who: string, { kernelSize, padding }: PoolSettings): void {
  if (padding.every((each, i) => each * 2 <= kernelSize[i])) return;
  throw new ArgumentError(
    `${who}: expected padding of at most half the kernel ${formatShape(kernelSize)}, got ${formatShape(padding)}.`,
  );
}

/** Plans a pooling of such images, with every check that needs no data. */
export function planPool2d(who: string, xShape: Shape, settings: PoolSettings): Pool2dPlan {
  checkPoolPadding(who, settings);
  const g = pool2dGeometry(who, xShape, settings);
  return { g, x: xShape, y: Object.freeze([xShape[0], xShape[1], g.OH, g.OW]) };
}

function pool2dGeometry(who: string, xShape: Shape, settings: PoolSettings): Pool2dGeometry {
  const { kernelSize: kernel, stride, padding, dilation = [1, 1], ceilMode } = settings;
  checkImages(who, xShape);
  const size = xShape.slice(2);
  const out = size.map((length, i) => poolOutput(length, kernel[i], stride[i], dilation[i], padding[i], ceilMode));
  if (out.some((length) => length < 1)) {
    throw new ShapeError(
      `${who}: expected a padded image of at least ` +
        `${formatShape(kernel.map((k, i) => dilation[i] * (k - 1) + 1))} (the ` +
        `window), got ${formatShape(size.map((length, i) => length + 2 * padding[i]))} (use a smaller window).`,
    );
  }
  size.forEach((length, i) => {
    const empty = windowOfPadding(length, kernel[i], stride[i], dilation[i], padding[i], out[i]);
    if (empty < 0) return;
    throw new ShapeError(
      `${who}: expected every window to hold a pixel of the image, got window ${empty} of the ` +
        `${i === 0 ? "rows" : "columns"} with nothing but padding (input ${formatShape(xShape)}; use less dilation).`,
    );
  });
  return {
    planes: xShape[0] * xShape[1],
    H: size[0],
    W: size[1],
    KH: kernel[0],
    KW: kernel[1],
    SH: stride[0],
    SW: stride[1],
    DH: dilation[0],
    DW: dilation[1],
    PT: padding[0],
    PL: padding[1],
    OH: out[0],
    OW: out[1],
  };
}

// A kernel writes where the indices point, so they must point into the plane.
function checkIndices(who: string, indices: Int32Array, count: number, pixels: number): void {
  if (!ArrayBuffer.isView(indices) || indices.length !== count) {
    throw new ShapeError(`${who}: expected ${count} indices, one for each number of dy, got ${show(indices)}.`);
  }
  const bad = indices.findIndex((index) => index < 0 || index >= pixels);
  if (bad < 0) return;
  throw new ArgumentError(`${who}: expected indices from 0 to ${pixels - 1}, got ${indices[bad]} at place ${bad}.`);
}

// The first window along an axis that touches no pixel, or -1: possible with dilation, or with ceilMode at the end.
function windowOfPadding(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
  out: number,
): number {
  // A window that starts in the padding before can step over the image only by a dilation larger than that.
  for (let i = 0; dilation > length && i < out && i * stride < padding; i++) {
    const k = Math.ceil((padding - i * stride) / dilation); // the first at a pixel of the image or behind it
    if (k >= kernel || i * stride + k * dilation - padding >= length) return i;
  }
  const behind = Math.ceil((length + padding) / stride); // the first that starts behind the image
  return behind < out ? behind : -1;
}
