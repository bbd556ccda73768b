// How the reference backend looks at flat arrays: as ndarray views, with a shape and with strides.
import ndarray, { type NdArray } from "ndarray";
import type { FloatArray } from "../../base/tensor.js";

/** A strided view. Transposing, flipping and stepping change only its strides; the numbers stay where they are. */
export type View = NdArray<FloatArray>;

/** Row-major data as a view of this shape. */
export function view(data: FloatArray, shape: readonly number[]): View {
  return ndarray(data, [...shape]);
}

/** Data as a view with these strides; a stride of 0 repeats the same numbers along its axis. */
export function stridedView(data: FloatArray, shape: readonly number[], strides: readonly number[]): View {
  return ndarray(data, [...shape], [...strides], 0);
}

/** Float64 zeros of this shape: where sums are added up, so that they are rounded only once, on their way out. */
export function zeros(shape: readonly number[]): View {
  return view(new Float64Array(shape.reduce((product, size) => product * size, 1)), shape);
}
