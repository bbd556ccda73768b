// Whether two tensors agree up to rounding. No kernel: the answer is one boolean, and the first difference ends the
// search.
import { finite, knownKeys } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { formatShape, sameShape } from "../base/shape.js";
import { checkFormats, checkTensor, numbersNow, type FloatArray, type Tensor } from "../base/tensor.js";

/** How far two numbers may be apart. */
export interface AllCloseOptions {
  /** Allowed difference relative to |b|. Default: 1e-5. */
  readonly rtol?: number;
  /** Allowed difference on top of that. Default: 1e-8. */
  readonly atol?: number;
}

/**
 * True when |a - b| <= atol + rtol * |b| for every pair of entries (PyTorch: `torch.allclose`). NaN is close to
 * nothing, not even to NaN; an infinity is close to itself only.
 *
 * @throws ShapeError when the shapes differ; they do not broadcast.
 * @throws ArgumentError when an operand is not a Tensor, one is float32 and the other float64, or a tolerance is
 * negative.
 *
 * @example
 * allClose(new Tensor([1, 2]), new Tensor([1, 2.00001])); // true
 */
export function allClose<A extends FloatArray>(a: Tensor<A>, b: Tensor<A>, options: AllCloseOptions = {}): boolean {
  checkTensor("allClose", "a", a);
  checkTensor("allClose", "b", b);
  checkFormats("allClose", a, b);
  knownKeys("allClose", options, ["rtol", "atol"]);
  const { rtol = 1e-5, atol = 1e-8 } = options;
  finite("allClose", "rtol", rtol, 0);
  finite("allClose", "atol", atol, 0);
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(
      `allClose: expected equal shapes, got ${formatShape(a.shape)} and ${formatShape(b.shape)} (reshape one).`,
    );
  }
  const left = numbersNow(a);
  const right = numbersNow(b);
  for (let i = 0; i < left.length; i++) {
    // Equal infinities differ by NaN, and an infinite b would make the bound infinite: infinities are compared by ===.
    const near = Number.isFinite(right[i]) && Math.abs(left[i] - right[i]) <= atol + rtol * Math.abs(right[i]);
    if (!near && left[i] !== right[i]) return false;
  }
  return true;
}
