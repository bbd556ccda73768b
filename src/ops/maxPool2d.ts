// Largest number of each window, and the gradient that goes back to where it was found.
import { allocate, allocateIndices } from "../backend/memory.js";
import { flag, knownKeys, show } from "../base/check.js";
import type { Pool2dGeometry } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import {
  LatestShapes,
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

/** Checked window of a pooling, and whose it is. */
export class PoolSettings {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
  readonly #latest = new LatestShapes<Pool2dGeometry>();

  constructor(
    readonly who: string,
    kernelSize: PairOption,
    options: MaxPool2dOptions,
  ) {
    this.kernel = pair(who, "kernelSize", kernelSize, 1);
    this.stride = pair(who, "stride", options.stride ?? this.kernel, 1);
    this.padding = pair(who, "padding", options.padding ?? 0, 0);
    this.dilation = pair(who, "dilation", options.dilation ?? 1, 1);
    this.ceilMode = flag(who, "ceilMode", options.ceilMode ?? false);
    if (this.padding.some((padding, i) => padding * 2 > this.kernel[i])) {
      throw new ArgumentError(
        `${who}: expected padding of at most half the kernel ${formatShape(this.kernel)}, got ` +
          `${formatShape(this.padding)}.`,
      );
    }
  }

  /** Geometry of the pooling of such an image, with every check that needs no data. */
  plan(xShape: Shape): Pool2dGeometry {
    return this.#latest.get(xShape, this.kernel, (shape) => pool2dGeometry(shape, this));
  }
}

export const MAX_POOL2D_OPTIONS = ["stride", "padding", "dilation", "ceilMode"] as const;

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
  options: MaxPool2dOptions | PoolSettings = {},
): MaxPooled<A> {
  const settings = options instanceof PoolSettings ? options : readOptions("maxPool2d", kernelSize, options);
  checkTensor(settings.who, "input", x);
  const g = settings.plan(x.shape);
  const y = allocate(x, [x.shape[0], x.shape[1], g.OH, g.OW]);
  const indices = allocateIndices(y.size);
  kernelsFor(settings.who, x).maxPool2d(g, x.data, y.data, indices);
  return { y, indices };
}

/** y of {@link maxPool2d} alone, for a prediction. */
export function maxPool2dValues(x: Tensor, settings: PoolSettings): Tensor {
  checkTensor(settings.who, "input", x);
  const g = settings.plan(x.shape);
  const y = allocate(x, [x.shape[0], x.shape[1], g.OH, g.OW]);
  kernelsFor(settings.who, x).maxPool2d(g, x.data, y.data, null);
  return y;
}

/** dx = 0, then dx[indices] += dy for each window. */
export function maxPool2dInputGrad<A extends FloatArray>(
  dy: Tensor<A>,
  indices: Int32Array,
  xShape: Shape,
  kernelSize: PairOption,
  options: MaxPool2dOptions | PoolSettings = {},
): Tensor<A> {
  const settings = options instanceof PoolSettings ? options : readOptions("maxPool2dInputGrad", kernelSize, options);
  checkTensor(settings.who, "dy", dy);
  const g = settings.plan(checkShape(settings.who, xShape));
  checkUpstream(settings.who, [xShape[0], xShape[1], g.OH, g.OW], dy.shape);
  if (settings !== options) checkIndices(settings.who, indices, dy.size, g.H * g.W); // a layer brings its own
  const dx = allocate(dy, xShape);
  kernelsFor(settings.who, dy).maxPool2dInputGrad(g, indices, dy.data, dx.data);
  return dx;
}

/** The output shape of a pooling, with every check that needs no data. */
export function pool2dOutputShape(xShape: Shape, settings: PoolSettings): Shape {
  const [N, C] = checkShape(settings.who, xShape);
  const { OH, OW } = settings.plan(xShape);
  return [N, C, OH, OW];
}

function pool2dGeometry(xShape: Shape, settings: PoolSettings): Pool2dGeometry {
  const { who, kernel, stride, padding, dilation, ceilMode } = settings;
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

function readOptions(who: string, kernelSize: PairOption, options: MaxPool2dOptions): PoolSettings {
  knownKeys(who, options, MAX_POOL2D_OPTIONS);
  return new PoolSettings(who, kernelSize, options);
}
