// Autocorrelation: how much a signal or an image looks like itself, moved by every distance.
import { knownKeys, oneOf } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor, type FloatArray, type TensorSource } from "../base/tensor.js";
import { correlate1d } from "./correlate1d.js";
import { correlate2d } from "./correlate2d.js";
import { SIGNAL_MODES, type Signal1d, type Signal2d, type SignalMode } from "./signal.js";

/**
 * Correlation of x with itself: {@link correlate1d}(x, x) or {@link correlate2d}(x, x), by the rank of x (SciPy:
 * `scipy.signal.correlate(x, x)`). The entry in the middle of mode "full", the default, is distance 0: the sum of the
 * squares, and the largest; the others are symmetric around it.
 *
 * Shapes: x [L] gives [2 L - 1], x [H, W] gives [2 H - 1, 2 W - 1]; with mode "same" the shape of x.
 *
 * @throws ShapeError when x has not one or two axes, or is empty.
 * @throws ArgumentError for an unusable option, or when x holds no numbers.
 *
 * @example
 * autocorrelate([1, 2, 3]); // [3, 8, 14, 8, 3]
 */
export function autocorrelate<A extends FloatArray = Float32Array>(
  x: Signal1d<A> | Signal2d<A>,
  options: { readonly mode?: SignalMode } = {},
): Tensor<A> {
  knownKeys("autocorrelate", options, ["mode"]);
  const { mode = "full" } = options;
  oneOf("autocorrelate", "mode", mode, SIGNAL_MODES);
  const signal = (Tensor.isTensor(x) ? x : new Tensor(x as TensorSource)) as Tensor<FloatArray> as Tensor<A>;
  if (signal.size === 0 || signal.rank < 1 || signal.rank > 2) {
    throw new ShapeError(`autocorrelate: expected x of shape [L] or [H, W], got ${formatShape(signal.shape)}.`);
  }
  return signal.rank === 1 ? correlate1d(signal, signal, { mode }) : correlate2d(signal, signal, { mode });
}
