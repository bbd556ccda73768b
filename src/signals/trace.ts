// The steps of a correlation and of a max pooling, one window at a time, for reading and drawing. The results come from
// the ops themselves; the trace shows the numbers that went into each.
import { PLAIN } from "../backend/memory.js";
import { positivePair } from "../base/options.js";
import type { Pair, PairOption } from "../base/shape.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import {
  MAX_POOL2D_OPTIONS,
  maxPool2dIn,
  planPool2d,
  readPool,
  type MaxPool2dOptions,
  type PoolSettings,
} from "../ops/maxPool2d.js";
import { readSignal, type Correlated, type Signal2d } from "./signal.js";

/** One position of a two-dimensional kernel. */
export interface CorrelationStep {
  /** Number of the step, from 0, row by row. */
  readonly step: number;
  /** Row of the output entry. */
  readonly row: number;
  /** Column of the output entry. */
  readonly column: number;
  /** Row of the input under the kernel's first row; negative in the zeros above the input. */
  readonly top: number;
  /** Column of the input under the kernel's first column; negative in the zeros left of the input. */
  readonly left: number;
  /** The input numbers under the kernel, zeros around the input; with dilation only those that it looks at. */
  readonly window: readonly (readonly number[])[];
  /** The kernel as it lies on the window; a convolution has flipped it. */
  readonly kernel: readonly (readonly number[])[];
  /** window * kernel, entry by entry. */
  readonly products: readonly (readonly number[])[];
  /** The output entry: the sum of the products, in the output's precision. */
  readonly sum: number;
}

/** One position of a one-dimensional kernel; the fields are those of {@link CorrelationStep}. */
export interface CorrelationStep1d {
  /** Number of the step, from 0, and index of the output entry. */
  readonly step: number;
  /** Index of the input under the kernel's first number; negative in the zeros before the input. */
  readonly start: number;
  /** The numbers under the kernel, 0 outside the signal. */
  readonly window: readonly number[];
  /** The kernel as it lies on the window; a convolution has flipped it. */
  readonly kernel: readonly number[];
  /** window * kernel, entry by entry. */
  readonly products: readonly number[];
  /** The output entry: the sum of the products, in the output's precision. */
  readonly sum: number;
}

/** One position of a pooling window. */
export interface MaxPool2dStep {
  /** Number of the step, from 0, row by row. */
  readonly step: number;
  /** Row of the output entry. */
  readonly row: number;
  /** Column of the output entry. */
  readonly column: number;
  /** Row of the image at the window's first row; negative in the padding. */
  readonly top: number;
  /** Column of the image at the window's first column; negative in the padding. */
  readonly left: number;
  /** The numbers in the window, -Infinity outside the image. */
  readonly window: readonly (readonly number[])[];
  /** The largest of them: the output entry. */
  readonly maximum: number;
  /** [row, column] of the image where it was found: of equals the first, row by row. */
  readonly place: Pair;
}

/** The steps of a correlation that was computed. */
export function* correlationSteps(done: Correlated<FloatArray>): Generator<CorrelationStep, void, undefined> {
  const { x, w, y, stride, dilation, before } = done;
  const size: Pair = [w.shape[0], w.shape[1]];
  const kernel = windowAt(w, size, [0, 0], [1, 1], 0);
  for (let step = 0; step < y.size; step++) {
    const row = Math.floor(step / y.shape[1]);
    const column = step % y.shape[1];
    const top = row * stride[0] - before[0];
    const left = column * stride[1] - before[1];
    const window = windowAt(x, size, [top, left], dilation, 0);
    const products = window.map((line, k) => line.map((value, l) => value * kernel[k][l]));
    yield { step, row, column, top, left, window, kernel, products, sum: y.at(row, column) };
  }
}

/** The steps of a correlation of images that have one row. */
export function* correlationSteps1d(done: Correlated<FloatArray>): Generator<CorrelationStep1d, void, undefined> {
  for (const { step, left: start, window, kernel, products, sum } of correlationSteps(done)) {
    yield { step, start, window: window[0], kernel: kernel[0], products: products[0], sum };
  }
}

/**
 * The steps of a max pooling of one image: each window, its largest number and where that stands.
 *
 * Shapes: image [H, W]; options as for the layer MaxPool2d (stride: the kernel size; padding 0; dilation 1; ceilMode
 * false).
 *
 * @throws ShapeError when the image has not two axes, or the window does not fit.
 * @throws ArgumentError for an unusable option.
 *
 * @example
 * for (const { window, maximum, place } of maxPool2dTrace([[4, 3], [2, 1]], { kernelSize: 2 })) {
 *   console.log(window, maximum, place);
 * }
 */
export function maxPool2dTrace<A extends FloatArray = Float32Array>(
  image: Signal2d<A>,
  options: MaxPool2dOptions & { readonly kernelSize: PairOption },
): Generator<MaxPool2dStep, void, undefined> {
  const who = "maxPool2dTrace";
  const table = { kernelSize: { check: positivePair }, ...MAX_POOL2D_OPTIONS };
  const settings = readPool(who, table, (options as { kernelSize?: unknown } | null)?.kernelSize, options);
  const x = readSignal<A>(who, "image", 2, image);
  const images = x.reshape([1, 1, ...x.shape]);
  const { y, indices } = maxPool2dIn(PLAIN, planPool2d(who, images.shape, settings), images);
  return poolSteps(x, y.reshape(y.shape.slice(2)), indices, settings);
}

function* poolSteps(
  x: Tensor<FloatArray>,
  y: Tensor<FloatArray>,
  indices: Int32Array,
  { kernelSize, stride, padding, dilation }: PoolSettings & { readonly dilation: Pair },
): Generator<MaxPool2dStep, void, undefined> {
  for (let step = 0; step < y.size; step++) {
    const row = Math.floor(step / y.shape[1]);
    const column = step % y.shape[1];
    const top = row * stride[0] - padding[0];
    const left = column * stride[1] - padding[1];
    const window = windowAt(x, kernelSize, [top, left], dilation, -Infinity);
    const place: Pair = [Math.floor(indices[step] / x.shape[1]), indices[step] % x.shape[1]];
    yield { step, row, column, top, left, window, maximum: y.at(row, column), place };
  }
}

// The numbers of x [H, W] in a window that starts at [top, left]; `outside` stands for those that x does not have.
function windowAt(x: Tensor<FloatArray>, size: Pair, [top, left]: Pair, dilation: Pair, outside: number): number[][] {
  const [H, W] = x.shape;
  return Array.from({ length: size[0] }, (_, k) =>
    Array.from({ length: size[1] }, (_, l) => {
      const row = top + k * dilation[0];
      const column = left + l * dilation[1];
      return row >= 0 && row < H && column >= 0 && column < W ? x.data[row * W + column] : outside;
    }),
  );
}
