// The contract between the maths and the machine: every kernel that a backend owes. A kernel gets flat row-major arrays
// and a record of checked numbers; it allocates nothing that outlives the call, checks nothing, and overwrites its outputs.
// It knows no tensors, no layers and no options.
//
// Legend: N batch, C in, O out, H W image, K kernel, S stride, D dilation, P padding, G groups; `d` + name is a gradient.
import type { Stored } from "../base/stored.js";
import type { ConvAlgorithm } from "./convAlgorithm.js";
import type { FloatArray } from "../base/tensor.js";

/**
 * A two-dimensional correlation. PT PB PL PR: zero padding at the top, bottom, left and right. OH OW: output image. algorithm:
 * undefined for that of {@link setConvAlgorithm}.
 */
export interface Conv2dGeometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly O: number;
  readonly KH: number;
  readonly KW: number;
  readonly SH: number;
  readonly SW: number;
  readonly DH: number;
  readonly DW: number;
  readonly PT: number;
  readonly PB: number;
  readonly PL: number;
  readonly PR: number;
  readonly G: number;
  readonly OH: number;
  readonly OW: number;
  readonly algorithm?: ConvAlgorithm | undefined;
}

/** How a padded image is filled: "constant" with {@link Pad2dGeometry.value}, the others from the image itself. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Padding of P planes [H, W] to [H + PT + PB, W + PL + PR]. */
export interface Pad2dGeometry {
  readonly planes: number;
  readonly H: number;
  readonly W: number;
  readonly PT: number;
  readonly PB: number;
  readonly PL: number;
  readonly PR: number;
  readonly mode: PadMode;
  readonly value: number;
}

/** A pooling of `planes` = N * C planes [H, W] to [OH, OW]. PT and PL: padding before; the same at least after. */
export interface Pool2dGeometry {
  readonly planes: number;
  readonly H: number;
  readonly W: number;
  readonly KH: number;
  readonly KW: number;
  readonly SH: number;
  readonly SW: number;
  readonly DH: number;
  readonly DW: number;
  readonly PT: number;
  readonly PL: number;
  readonly OH: number;
  readonly OW: number;
}

/**
 * An average pooling (DH = DW = 1). The divisor of a window is `divisor` when that is not 0; else the number of its pixels
 * inside the image, with `countIncludePad` inside the padded image [H + 2 PT, W + 2 PL].
 */
export interface AvgPool2dGeometry extends Pool2dGeometry {
  readonly countIncludePad: boolean;
  readonly divisor: number;
}

/** y[M, N] = a[M, K] b[K, N]. `transA`: a is stored [K, M]; `transB`: b is stored [N, K]. */
export interface MatmulGeometry {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

/** An elementwise operation of two arrays that broadcast to `shape`; a stride of 0 repeats. */
export interface BroadcastGeometry {
  readonly shape: readonly number[];
  readonly stridesA: readonly number[];
  readonly stridesB: readonly number[];
}

/** The commonest activation functions. */
export type ActivationName = "relu" | "sigmoid" | "tanh";

/** What the gradient of each is computed from: its input x or its output y. */
export const ACTIVATIONS: Readonly<Record<ActivationName, "x" | "y">> = { relu: "y", sigmoid: "y", tanh: "y" };

/** An activation function. */
export interface Activation {
  readonly f: ActivationName;
}

/** The kit's activation functions. */
export type KitActivationName =
  "leakyRelu" | "elu" | "gelu" | "geluTanh" | "silu" | "mish" | "hardtanh" | "hardswish" | "hardsigmoid" | "softplus";

/** What the gradient of each is computed from. */
export const KIT_ACTIVATIONS: Readonly<Record<KitActivationName, "x" | "y">> = {
  leakyRelu: "x",
  elu: "x",
  gelu: "x",
  geluTanh: "x",
  silu: "x",
  mish: "x",
  hardtanh: "x",
  hardswish: "x",
  hardsigmoid: "x",
  softplus: "x",
};

/** An activation function of the kit with its settings a and b, 0 where it has none. */
export interface KitActivation {
  readonly f: KitActivationName;
  readonly a: number;
  readonly b: number;
}

/** Reduction of each row of x [rows, cols] to y [rows]. */
export interface RowsGeometry {
  readonly rows: number;
  readonly cols: number;
}

/** The same for a variance: the sum of squares is divided by cols - correction. */
export interface VarianceGeometry extends RowsGeometry {
  readonly correction: number;
}

/** Classes along the middle axis of [outer, size, inner]. */
export interface AxisGeometry {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/**
 * A normalization of x [N, C, P], P pixels. Its statistics, a mean and a variance each: with `groups` 0 one for each channel,
 * over samples and pixels (S = C of them); else one for each sample and group of C / groups channels (S = N groups, in this
 * order). `given`: they are not those of x but come from elsewhere, and do not depend on x.
 */
export interface NormGeometry {
  readonly N: number;
  readonly C: number;
  readonly P: number;
  readonly groups: number;
  readonly eps: number;
  readonly given: boolean;
}

/** From `planes` = N * C planes [H, W] to as many [OH, OW]. */
export interface PlanesGeometry {
  readonly planes: number;
  readonly H: number;
  readonly W: number;
  readonly OH: number;
  readonly OW: number;
}

/**
 * A linear map along one axis: out[i] = sum over k of weights[offsets[i] + k] * in[first[i] + k], with
 * offsets[i + 1] - offsets[i] terms, which may be none.
 */
export interface Taps {
  readonly first: Int32Array;
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/** `planes` planes of factor x factor channels [H, W], and as many [H * factor, W * factor]. */
export interface ShuffleGeometry {
  readonly planes: number;
  readonly H: number;
  readonly W: number;
  readonly factor: number;
}

/** The settings of one SGD step; the momentum buffer is written first, at `first` it becomes the plain gradient. */
export interface SgdStep {
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly first: boolean;
}

/**
 * The settings of one Adam step. bias1 = 1 - beta1^t and bias2 = 1 - beta2^t: the corrections to divide by. decoupled: the
 * weight decay shrinks the weights themselves, before the step, instead of being added to the gradient (AdamW).
 * gradientRate: what the gradient itself adds to the step (NAdam), 0 for none.
 */
export interface AdamStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
  readonly bias1: number;
  readonly bias2: number;
  readonly gradientRate: number;
}

/** The settings of one step of RMSprop; with keep = share = 1 of Adagrad, whose v is a sum. */
export interface RmspropStep {
  readonly lr: number;
  /** How much of a mean stays, and how much of what is new enters it. */
  readonly keep: number;
  readonly share: number;
  readonly eps: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** The settings of one step of Adadelta. */
export interface AdadeltaStep {
  readonly lr: number;
  readonly rho: number;
  readonly eps: number;
  readonly weightDecay: number;
}

/** The settings of one step of Lion. Its weight decay is decoupled. */
export interface LionStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
}

/** What stays from call to call: an array, or, for a backend with storage, what that keeps. */
export type Kept = FloatArray | Stored;

type F = FloatArray;

/**
 * The kernels of what most CNNs are made of. Arrays of one call are all float32 or (where the backend can) all float64.
 */
export interface Kernels {
  /** x [N, C, H, W], w [O, C/G, KH, KW], b [O] or null -> y [N, O, OH, OW]: y = correlate2d(x, w; stride S, dilation D, padding P) + b. */
  conv2d(g: Conv2dGeometry, x: F, w: Kept, b: Kept | null, y: F): void;
  /** dy, w -> dx: dx = correlate2d(dilate(dy, S), flip(w)^T; stride 1, dilation D, padding D(K-1) - P). */
  conv2dInputGrad(g: Conv2dGeometry, dy: F, w: Kept, dx: F): void;
  /** x, dy -> dw: dw = cut(correlate2d(x^T, dy^T; stride D, dilation S, padding P))^T. */
  conv2dWeightGrad(g: Conv2dGeometry, x: F, dy: F, dw: F): void;

  /** x [planes, H, W] -> y [planes, H + PT + PB, W + PL + PR]. */
  pad2d(g: Pad2dGeometry, x: F, y: F): void;
  /** The adjoint of pad2d: dx[h, w] = sum of dy over the padded pixels that were filled from (h, w). */
  pad2dInputGrad(g: Pad2dGeometry, dy: F, dx: F): void;

  /** y = largest of each window, indices = its flat place in the image plane (null: not wanted); padding is -Infinity; first of equals; last NaN wins. */
  maxPool2d(g: Pool2dGeometry, x: F, y: F, indices: Int32Array | null): void;
  /** dx = 0 everywhere, then dx[indices] += dy. */
  maxPool2dInputGrad(g: Pool2dGeometry, indices: Int32Array, dy: F, dx: F): void;
  /** y = sum of each window over its divisor. */
  avgPool2d(g: AvgPool2dGeometry, x: F, y: F): void;
  /** dx[h, w] = sum over the windows that hold (h, w) of dy / divisor. */
  avgPool2dInputGrad(g: AvgPool2dGeometry, dy: F, dx: F): void;

  /** y[M, N] = a b + bias, bias [N] added to every row, or null. */
  matmul(g: MatmulGeometry, a: Kept, b: Kept, bias: Kept | null, y: Kept): void;

  /** y = a + b. */
  add(g: BroadcastGeometry, a: Kept, b: Kept, y: F): void;
  /** y = a - b. */
  subtract(g: BroadcastGeometry, a: Kept, b: Kept, y: F): void;
  /** y = a b. */
  multiply(g: BroadcastGeometry, a: Kept, b: Kept, y: Kept): void;
  /** y = a / b. */
  divide(g: BroadcastGeometry, a: Kept, b: Kept, y: Kept): void;
  /** y += x, elementwise; the only kernel that reads its output. */
  accumulate(x: F, y: Kept): void;

  /** y = e^x. */
  exp(x: F, y: F): void;
  /** y = ln x. */
  log(x: F, y: F): void;
  /** y = square root of x. */
  sqrt(x: F, y: F): void;
  /** y = min(max(x, min), max); NaN stays NaN. */
  clamp(g: { readonly min: number; readonly max: number }, x: Kept, y: Kept): void;

  /**
   * y = f(x), elementwise:
   * relu     y = x > 0 ? x : 0; NaN stays NaN
   * sigmoid  y = 1 / (1 + exp(-x))
   * tanh     y = tanh x
   */
  activation(g: Activation, x: F, y: F): void;
  /**
   * dx = dy f'(x), elementwise, from what ACTIVATIONS says is kept:
   * relu     dx = y <= 0 ? 0 : dy (where y is NaN, dy passes, as in PyTorch)
   * sigmoid  dx = dy y (1 - y)
   * tanh     dx = dy (1 - y^2)
   */
  activationInputGrad(g: Activation, kept: F, dy: F, dx: F): void;

  /** y[r] = sum of x[r, :]. */
  sum(g: RowsGeometry, x: F, y: F): void;
  /** x [outer, size, inner] -> y [size]: y[c] = sum of x[:, c, :]; of dy [N, O, pixels], a bias's gradient. */
  channelSum(g: AxisGeometry, x: F, y: F): void;
  /** y[r] = largest of x[r, :]; a NaN in the row gives NaN. */
  max(g: RowsGeometry, x: Kept, y: F): void;
  /** y[r] = smallest of x[r, :]; a NaN in the row gives NaN. */
  min(g: RowsGeometry, x: Kept, y: F): void;
  /** y[r] = square root of the sum of x[r, :]^2; no square overflows or vanishes. */
  norm(g: RowsGeometry, x: Kept, y: F): void;
  /** y[r] = sum of (x[r, :] - mean)^2 / (cols - correction), in two passes. */
  variance(g: VarianceGeometry, x: F, y: F): void;

  /** y = exp(x - max) / sum of exp(x - max) along the axis. */
  softmax(g: AxisGeometry, x: F, y: F): void;
  /** dx = y * (dy - sum of dy * y along the axis). */
  softmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void;
  /** y = x - max - log(sum of exp(x - max)) along the axis. */
  logSoftmax(g: AxisGeometry, x: F, y: F): void;
  /** dx = dy - exp(y) * sum of dy along the axis. */
  logSoftmaxInputGrad(g: AxisGeometry, y: F, dy: F, dx: F): void;

  /**
   * Cross-entropy against a weighted target t along the axis: losses[outer, inner] = -sum of t * logSoftmax(logits).
   * A class with t = 0 adds 0, also where logSoftmax is -Infinity.
   */
  crossEntropy(g: AxisGeometry, logits: F, target: F, losses: F): void;
  /** dlogits = dlosses * (softmax(logits) * sum of t - t). */
  crossEntropyInputGrad(g: AxisGeometry, logits: F, target: F, dlosses: F, dlogits: F): void;

  /** w, dw and the momentum buffer (null without momentum) -> w and buffer, in place. PyTorch's SGD. */
  sgd(g: SgdStep, dw: Kept, w: Kept, buffer: Kept | null): void;
  /** w, dw, moments m and v, largest v (null without amsgrad) -> updated in place. PyTorch's Adam, AdamW, NAdam and RAdam. */
  adam(g: AdamStep, dw: Kept, w: Kept, m: Kept, v: Kept, vMax: Kept | null): void;
}

/**
 * The kernels of the kit: what not every CNN needs. The default backend has them in a WebAssembly module of their own, which only
 * those apps carry that use some of them; see kitFor.
 */
export interface KitKernels {
  /**
   * y = f(x), elementwise; s is the sigmoid, Phi and phi are the normal distribution and its density:
   * leakyRelu    y = x > 0 ? x : a x
   * elu          y = b (x > 0 ? x : a (e^x - 1))
   * gelu         y = x Phi(x)
   * geluTanh     y = x s(u), u = 2 sqrt(2 / pi) (x + 0.044715 x^3)
   * silu         y = x s(x)
   * mish         y = x tanh(ln(1 + e^x))
   * hardtanh     y = min(max(x, a), b)
   * hardswish    y = x min(max(x + 3, 0), 6) / 6
   * hardsigmoid  y = min(max(x + 3, 0), 6) / 6
   * softplus     y = a x > b ? x : ln(1 + e^(a x)) / a
   */
  kitActivation(g: KitActivation, x: F, y: F): void;
  /**
   * dx = dy f'(x), elementwise, from what KIT_ACTIVATIONS says is kept:
   * leakyRelu    dx = x > 0 ? dy : a dy
   * elu          dx = b (x > 0 ? dy : a e^x dy)
   * gelu         dx = dy (Phi(x) + x phi(x))
   * geluTanh     dx = dy (s(u) + x u' s(u) (1 - s(u)))
   * silu         dx = dy s(x) (1 + x (1 - s(x)))
   * mish         dx = dy (t + x s(x) (1 - t^2)), t = tanh(ln(1 + e^x))
   * hardtanh     dx = x <= a or x >= b ? 0 : dy
   * hardswish    dx = x <= -3 ? 0 : x >= 3 ? dy : dy (x / 3 + 1 / 2)
   * hardsigmoid  dx = |x| >= 3 ? 0 : dy / 6
   * softplus     dx = a x > b ? dy : dy s(a x)
   */
  kitActivationInputGrad(g: KitActivation, kept: F, dy: F, dx: F): void;

  /** x [outer, size, inner], w [size] -> y = x > 0 ? x : w[c] x, c the place along the axis. */
  prelu(g: AxisGeometry, x: F, w: Kept, y: F): void;
  /** dx = x > 0 ? dy : w[c] dy; dw[c] = sum of (x > 0 ? 0 : x dy). Each may be null: not wanted. */
  preluGrads(g: AxisGeometry, x: F, w: Kept, dy: F, dx: F | null, dw: F | null): void;

  /**
   * x [N, C, P], w and b [C] or null -> y = x^ w + b, where x^ = (x - mean) / sqrt(variance + eps). mean and variance [S] are
   * read if they are given, else they are made: mean = sum of x / M, variance = sum of (x - mean)^2 / M, over the M numbers of
   * each statistic.
   */
  normalize(g: NormGeometry, x: F, mean: F, variance: F, w: Kept | null, b: Kept | null, y: F): void;
  /**
   * The gradients of normalize, from x, its statistics, w and dy; each of dx, dw [C] and db [C] may be null: not wanted.
   * dw = sum of dy x^, db = sum of dy, over samples and pixels
   * dx = w dy / sqrt(variance + eps) if the statistics are given, else, with means over the numbers of the statistic,
   * dx = (w dy - mean of (w dy) - x^ mean of (w dy x^)) / sqrt(variance + eps)
   */
  normalizeGrads(
    g: NormGeometry,
    x: F,
    mean: F,
    variance: F,
    w: Kept | null,
    dy: F,
    dx: F | null,
    dw: F | null,
    db: F | null,
  ): void;

  /**
   * x [planes, H, W] -> y [planes, OH, OW]: y[p, i, j] = sum over k, l of rows' weight k of i * columns' weight l of j * x at their
   * places. With the transposed taps it is its own gradient.
   */
  resample2d(g: PlanesGeometry, rows: Taps, columns: Taps, x: F, y: F): void;
  /**
   * x [planes, H, W] -> y [planes, OH, OW], indices = the place of each in its image plane (null: not wanted): the largest of the
   * window of rows floor(i H / OH) to ceil((i + 1) H / OH) - 1 and columns alike; first of equals; last NaN wins. (Its gradient is
   * maxPool2dInputGrad.)
   */
  adaptiveMaxPool2d(g: PlanesGeometry, x: F, y: F, indices: Int32Array | null): void;
  /** x and indices [planes, H, W] -> y [planes, OH, OW]: y = 0 everywhere, then y[indices] = x; of equal places the last counts. */
  maxUnpool2d(g: PlanesGeometry, indices: Int32Array, x: F, y: F): void;
  /** dy [planes, OH, OW] -> dx [planes, H, W]: dx = dy[indices], 0 where a later one of equal places counted. */
  maxUnpool2dInputGrad(g: PlanesGeometry, indices: Int32Array, dy: F, dx: F): void;
  /** x [planes, factor, factor, H, W] -> y [planes, H factor, W factor]: y[p, h f + i, w f + j] = x[p, i, j, h, w]. */
  pixelShuffle(g: ShuffleGeometry, x: F, y: F): void;
  /** The inverse, and so the gradient: y -> x. */
  pixelUnshuffle(g: ShuffleGeometry, y: F, x: F): void;

  /** w, dw, mean square v, mean (null: not centered), momentum buffer (null: none) -> updated in place. RMSprop and Adagrad. */
  rmsprop(g: RmspropStep, dw: Kept, w: Kept, v: Kept, mean: Kept | null, buffer: Kept | null): void;
  /** w, dw, mean squares v of the gradients and u of the steps -> updated in place. PyTorch's Adadelta. */
  adadelta(g: AdadeltaStep, dw: Kept, w: Kept, v: Kept, u: Kept): void;
  /** w, dw, mean m of the gradients -> updated in place. w -= lr sign(beta1 m + (1 - beta1) dw), after the decay. */
  lion(g: LionStep, dw: Kept, w: Kept, m: Kept): void;
}

/** What `backendInfo()` tells. */
export interface BackendInfo {
  /** "wasm", "plain" or "reference". */
  readonly name: string;
  /** Number formats that this backend computes in. */
  readonly dtypes: readonly ("float32" | "float64")[];
  /** How many threads work on a kernel. */
  readonly threads: number;
  /** Bytes of kernel memory, 0 for a backend without its own. */
  readonly memoryBytes: number;
  /** Why it is as it is, in one sentence. */
  readonly reason: string;
}

/**
 * The memory of one model's passes for one input shape: the n-th array of a pass is the n-th of the pass before, as long as
 * their lengths agree.
 */
export interface Workspace {
  /** Starts a forward pass: the next array asked for is the first again. */
  begin(): void;
  /** The next array of the pass; its content is whatever was there. */
  floats(length: number): Float32Array;
  /** The next array of indices of the pass. */
  indices(length: number): Int32Array;
  /** Says that nobody needs the content any more: another model may take the memory over. */
  idle(): void;
}

/** Where a backend has its memory: a symbol, as nothing of it is for a user to hold. */
export const STORAGE: unique symbol = Symbol("storage");

/** A way to run the kernels; pass one to `setBackend`. */
export interface Backend {
  /** "wasm", "plain" or "reference". */
  readonly name: string;
  /** Whether it computes on float64 tensors too. */
  readonly float64: boolean;
  /** The kernels. */
  readonly kernels: Kernels;
  /** Those of the kit; without them, the default backend's are taken. */
  readonly kit?: KitKernels;
  /** @internal Memory of its own for parameters and passes; a backend without it works on plain arrays. */
  readonly [STORAGE]?: {
    /** Zeros, where kernels work. */
    zeros(length: number): Stored;
    /** These numbers; the array belongs to what is returned. */
    keep(numbers: Float32Array): Stored;
    /** A workspace that is given back when `owner` is gone. */
    workspace(owner: object): Workspace;
  };
  /** What `backendInfo()` tells while it is active. */
  info(): BackendInfo;
}
