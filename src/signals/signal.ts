// What the four correlations share: reading signals, the zeros that a mode puts around them, and one call of conv2d
// with the signal as a single image of one channel. It knows no traces.
import { flag, knownKeys, oneOf, whole } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { PLAIN } from "../backend/memory.js";
import { CONV2D_OPTIONS, conv2dIn, planConv2d } from "../ops/conv2d.js";
import { readOptions } from "../base/options.js";
import { formatShape, pair, type Pair, type PairOption } from "../base/shape.js";
import { Tensor, checkFormats, checkTensor, type FloatArray, type TensorSource } from "../base/tensor.js";

/**
 * Which positions of the kernel count. "valid": those where it lies inside the signal altogether. "full": those where
 * it touches the signal at all, with zeros around it. "same": as many as the signal is long, from the middle of "full".
 */
export type SignalMode = "valid" | "full" | "same";

export const SIGNAL_MODES: readonly SignalMode[] = ["valid", "full", "same"];

/** A one-dimensional signal: a tensor [L], or its numbers. */
export type Signal1d<A extends FloatArray = Float32Array> = Tensor<A> | ArrayLike<number>;

/** A two-dimensional signal: a tensor [H, W], or its rows. */
export type Signal2d<A extends FloatArray = Float32Array> = Tensor<A> | readonly (readonly number[])[];

/** Options of the one-dimensional correlations. */
export interface Signal1dOptions {
  /** Default: "valid". */
  readonly mode?: SignalMode;
  /** Take every stride-th position only, from the first. Default: 1. */
  readonly stride?: number;
  /** Distance between the inputs that the kernel looks at. Default: 1. */
  readonly dilation?: number;
}

/** Options of the two-dimensional correlations; pairs are [vertical, horizontal]. */
export interface Signal2dOptions {
  /** Default: "valid". */
  readonly mode?: SignalMode;
  /** Take every stride-th position only, from the first. Default: 1. */
  readonly stride?: PairOption;
  /** Distance between the inputs that the kernel looks at. Default: 1. */
  readonly dilation?: PairOption;
}

/** In what the four differ. */
export interface Rule {
  readonly who: string;
  readonly rank: 1 | 2;
  /** A convolution turns the kernel around, a correlation does not. */
  readonly flips: boolean;
  /** How many of the zeros of an axis, dilation * (K - 1), "same" puts before the signal; the rest comes after. */
  readonly zerosBefore: (zeros: number) => number;
}

/** A correlation that was computed, as images: x [H, W], the kernel as it lay on it w [KH, KW], y [OH, OW]. */
export interface Correlated<A extends FloatArray> {
  readonly x: Tensor<A>;
  readonly w: Tensor<A>;
  readonly y: Tensor<A>;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros above and left of x. */
  readonly before: Pair;
}

/** y[i, j] = sum over k, l of w[k, l] * x[i * S + k * D - before, j * S + l * D - before]; one row for rank 1. */
export function correlate<A extends FloatArray>(
  rule: Rule,
  x: Signal1d<A> | Signal2d<A>,
  w: Signal1d<A> | Signal2d<A>,
  options: (Signal1dOptions | Signal2dOptions) & { readonly trace?: boolean },
): Correlated<A> {
  const { who } = rule;
  knownKeys(who, options, ["mode", "stride", "dilation", "trace"]);
  const { mode = "valid", trace = false } = options;
  oneOf(who, "mode", mode, SIGNAL_MODES);
  const stride = readSteps(rule, "stride", options.stride);
  const dilation = readSteps(rule, "dilation", options.dilation);
  flag(who, "trace", trace);
  const [image, given] = readSignals<A>(rule, x, w);
  const kernel = rule.flips ? flip(given) : given;

  const zeros: Pair = [dilation[0] * (kernel.shape[0] - 1), dilation[1] * (kernel.shape[1] - 1)];
  if (mode === "valid") checkFits(rule, image, zeros);
  const before = zeros.map((n) => ({ valid: 0, full: n, same: rule.zerosBefore(n) })[mode]);
  const after = zeros.map((n, axis) => ({ valid: 0, full: n, same: n - before[axis] })[mode]);
  const padding = [before[0], after[0], before[1], after[1]] as const;
  const settings = readOptions(who, CONV2D_OPTIONS, { stride, dilation, padding });
  const images = image.reshape([1, 1, ...image.shape]);
  const kernels = kernel.reshape([1, 1, ...kernel.shape]);
  const y = conv2dIn(PLAIN, planConv2d(who, images.shape, kernels.shape, settings), images, kernels, null);
  return { x: image, w: kernel, y: y.reshape(y.shape.slice(2)), stride, dilation, before: [before[0], before[1]] };
}

/** Reads a signal as an image [H, W]; one of rank 1 becomes the image's only row. */
export function readSignal<A extends FloatArray>(who: string, name: string, rank: 1 | 2, signal: unknown): Tensor<A> {
  if (!Array.isArray(signal) && !ArrayBuffer.isView(signal)) checkTensor(who, name, signal);
  const tensor = Tensor.isTensor(signal) ? signal : new Tensor(signal as TensorSource);
  if (tensor.rank !== rank || tensor.size === 0) {
    const [expected, remedy] =
      rank === 1
        ? ["[L]", "for images there are correlate2d and convolve2d"]
        : ["[H, W]", "take one channel of one image with slice, or use conv2d"];
    const got = formatShape(tensor.shape);
    throw new ShapeError(`${who}: expected ${name} of shape ${expected}, got ${got} (${remedy}).`);
  }
  const image = rank === 1 ? tensor.reshape([1, tensor.size]) : tensor;
  return image as Tensor<FloatArray> as Tensor<A>;
}

// Plain numbers take the number format of the other operand.
function readSignals<A extends FloatArray>({ who, rank }: Rule, x: unknown, w: unknown): [x: Tensor<A>, w: Tensor<A>] {
  const wide = [x, w].some((signal) => Tensor.isTensor(signal) && signal.dtype === "float64");
  const widen = (signal: unknown): unknown =>
    wide && Array.isArray(signal) ? Tensor.float64(signal as TensorSource) : signal;
  const image = readSignal<A>(who, "x", rank, widen(x));
  const kernel = readSignal<A>(who, "w", rank, widen(w));
  checkFormats(who, image, kernel);
  return [image, kernel];
}

function readSteps({ who, rank }: Rule, name: string, value: PairOption = 1): Pair {
  return rank === 1 ? [1, whole(who, name, value, 1)] : pair(who, name, value, 1);
}

// SciPy swaps the two when the kernel is the larger one; it is more often a mistake.
function checkFits({ who, rank }: Rule, x: Tensor<FloatArray>, zeros: Pair): void {
  if (zeros[0] < x.shape[0] && zeros[1] < x.shape[1]) return;
  const extent = zeros.map((n) => n + 1).slice(-rank);
  throw new ShapeError(
    `${who}: expected x of at least ${formatShape(extent)} (the extent of w) in mode "valid", got ` +
      `${formatShape(x.shape.slice(-rank))} (use mode "full" or "same", or swap x and w).`,
  );
}

// In row-major order, turning around on every axis is reading backwards.
function flip<A extends FloatArray>(w: Tensor<A>): Tensor<A> {
  return Tensor.adopt(w.data.slice().reverse() as A, w.shape);
}
