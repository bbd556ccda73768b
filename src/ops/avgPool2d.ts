// Mean of each window, and the gradient that goes back to all of its pixels.
import { allocate } from "../backend/memory.js";
import { flag, knownKeys, whole } from "../base/check.js";
import type { AvgPool2dGeometry } from "../backend/kernels.js";
import { kernelsFor } from "../backend/select.js";
import { checkShape, checkUpstream, type PairOption, type Shape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { PoolSettings } from "./maxPool2d.js";

/** Options of an average pooling; pairs are [vertical, horizontal]. */
export interface AvgPool2dOptions {
  /** Step between windows. Default: the kernel size. */
  readonly stride?: PairOption;
  /** At most half the kernel. Default 0. */
  readonly padding?: PairOption;
  /** Also take a last window that hangs over the edge, if it starts inside the image or its left padding. Default false. */
  readonly ceilMode?: boolean;
  /** Whether padding counts in the divisor (what hangs over the padded edge never does). Default true. */
  readonly countIncludePad?: boolean;
  /** Divides every window by this instead of by its number of pixels. */
  readonly divisorOverride?: number;
}

export const AVG_POOL2D_OPTIONS = ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"] as const;

/** Checked options of an average pooling. */
export class AvgPoolSettings extends PoolSettings {
  readonly countIncludePad: boolean;
  /** 0 means: the number of pixels. */
  readonly divisor: number;

  constructor(who: string, kernelSize: PairOption, options: AvgPool2dOptions) {
    super(who, kernelSize, options);
    this.countIncludePad = flag(who, "countIncludePad", options.countIncludePad ?? true);
    const divisor = options.divisorOverride;
    this.divisor = divisor === undefined ? 0 : whole(who, "divisorOverride", divisor, 1);
  }
}

/**
 * y[n, c, i, j] = sum over k, l of x[n, c, i * S + k - P, j * S + l - P] / divisor, padding counting as 0.
 *
 * @param x [N, C, H, W]
 * @returns [N, C, OH, OW]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export function avgPool2d<A extends FloatArray>(
  x: Tensor<A>,
  kernelSize: PairOption,
  options: AvgPool2dOptions | AvgPoolSettings = {},
): Tensor<A> {
  const settings = options instanceof AvgPoolSettings ? options : readOptions("avgPool2d", kernelSize, options);
  checkTensor(settings.who, "input", x);
  const g = geometry(x.shape, settings);
  const y = allocate(x, [x.shape[0], x.shape[1], g.OH, g.OW]);
  kernelsFor(settings.who, x).avgPool2d(g, x.data, y.data);
  return y;
}

/** dx[n, c, h, w] = sum over the windows that hold the pixel of dy / divisor. */
export function avgPool2dInputGrad<A extends FloatArray>(
  dy: Tensor<A>,
  xShape: Shape,
  kernelSize: PairOption,
  options: AvgPool2dOptions | AvgPoolSettings = {},
): Tensor<A> {
  const settings =
    options instanceof AvgPoolSettings ? options : readOptions("avgPool2dInputGrad", kernelSize, options);
  checkTensor(settings.who, "dy", dy);
  const g = geometry(checkShape(settings.who, xShape), settings);
  checkUpstream(settings.who, [xShape[0], xShape[1], g.OH, g.OW], dy.shape);
  const dx = allocate(dy, xShape);
  kernelsFor(settings.who, dy).avgPool2dInputGrad(g, dy.data, dx.data);
  return dx;
}

function geometry(xShape: Shape, settings: AvgPoolSettings): AvgPool2dGeometry {
  const { countIncludePad, divisor } = settings;
  return { ...settings.plan(xShape), countIncludePad, divisor };
}

function readOptions(who: string, kernelSize: PairOption, options: AvgPool2dOptions): AvgPoolSettings {
  knownKeys(who, options, AVG_POOL2D_OPTIONS);
  return new AvgPoolSettings(who, kernelSize, options);
}
