// Mean of each window, and the gradient that goes back to all of its pixels.
import type { AvgPool2dGeometry } from "../backend/kernels.js";
import { PLAIN, type Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import { positive, trueOrFalse, type Check } from "../base/options.js";
import { checkShape, checkUpstream, type PairOption, type Shape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { POOL2D_OPTIONS, planPool2d, readPool, type Pool2dPlan, type PoolSettings } from "./maxPool2d.js";

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

/** The options of an average pooling with their checks and defaults. */
export const AVG_POOL2D_OPTIONS = {
  ...POOL2D_OPTIONS,
  countIncludePad: { check: trueOrFalse, default: true },
  divisorOverride: { check: positive as Check<number | undefined> },
} as const;

/** Checked options of an average pooling. */
export interface AvgPoolSettings extends PoolSettings {
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | undefined;
}

/** All that an average pooling needs to know of its shapes, checked. */
export interface AvgPool2dPlan extends Pool2dPlan {
  readonly g: AvgPool2dGeometry;
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
  options: AvgPool2dOptions = {},
): Tensor<A> {
  const settings = readPool("avgPool2d", AVG_POOL2D_OPTIONS, kernelSize, options);
  checkTensor("avgPool2d", "input", x);
  return avgPool2dIn(PLAIN, planAvgPool2d("avgPool2d", x.shape, settings), x);
}

/** {@link avgPool2d} of a plan. */
export function avgPool2dIn<A extends FloatArray>(room: Room, { g, y: shape }: AvgPool2dPlan, x: Tensor<A>): Tensor<A> {
  const y = room.tensor(x, shape);
  kernelsFor("avgPool2d", x).avgPool2d(g, x.data, y.data);
  return y;
}

/** dx[n, c, h, w] = sum over the windows that hold the pixel of dy / divisor. */
export function avgPool2dInputGrad<A extends FloatArray>(
  dy: Tensor<A>,
  xShape: Shape,
  kernelSize: PairOption,
  options: AvgPool2dOptions = {},
): Tensor<A> {
  const who = "avgPool2dInputGrad";
  const settings = readPool(who, AVG_POOL2D_OPTIONS, kernelSize, options);
  checkTensor(who, "dy", dy);
  const plan = planAvgPool2d(who, checkShape(who, xShape), settings);
  checkUpstream(who, plan.y, dy.shape);
  return avgPool2dInputGradIn(PLAIN, plan, dy);
}

/** {@link avgPool2dInputGrad} of a plan. */
export function avgPool2dInputGradIn<A extends FloatArray>(
  room: Room,
  { g, x: shape }: AvgPool2dPlan,
  dy: Tensor<A>,
): Tensor<A> {
  const dx = room.tensor(dy, shape);
  kernelsFor("avgPool2dInputGrad", dy).avgPool2dInputGrad(g, dy.data, dx.data);
  return dx;
}

/** Plans an average pooling of such images, with every check that needs no data. */
export function planAvgPool2d(who: string, xShape: Shape, settings: AvgPoolSettings): AvgPool2dPlan {
  const { countIncludePad, divisorOverride = 0 } = settings;
  const plan = planPool2d(who, xShape, settings);
  return { ...plan, g: { ...plan.g, countIncludePad, divisor: divisorOverride } };
}
