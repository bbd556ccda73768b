// The bridge between tensors and the ndarray views of the scijs world. No maths.
import ndarray, { type NdArray } from "ndarray";
import { show, whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import { checkTensor, isFloat64Array, stridesOf, Tensor, type FloatArray } from "../base/tensor.js";

/** A store that is read through `get`: what ndarray calls generic data. */
export interface GenericStore {
  /** How many numbers it holds. */
  readonly length: number;
  /** The number at a place. */
  get(index: number): number;
}

/** The parts of an ndarray view that are read; any object that has them will do. */
export interface NdArrayLike<D = ArrayLike<number | bigint> | GenericStore> {
  /** The numbers. */
  readonly data: D;
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** Distance in the data between neighbors along each axis; may be negative. */
  readonly stride: readonly number[];
  /** Place of the first number. */
  readonly offset: number;
}

/** The number format that {@link fromNdarray} gives for this kind of data. */
export type FormatOf<D> = D extends Float64Array ? Float64Array : Float32Array;

/**
 * The tensor of an ndarray view. Entry [i, j, ...] is `data[offset + i * stride[0] + j * stride[1] + ...]`.
 *
 * A view of a Float32Array or Float64Array whose entries lie one after another in row-major order is not copied: the
 * tensor shares its numbers. Every other view (transposed, stepped, flipped, on integers, plain arrays or a generic
 * store) is copied. Float64 data give a float64 tensor, which only the reference backend computes with: call
 * `toFloat32()` on it for the others. All other data become float32.
 *
 * @example
 * const x = fromNdarray(ndarray(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]).transpose(1, 0));
 * x.shape;    // [3, 2]
 * x.at(0, 1); // 4
 *
 * @throws ArgumentError when the argument is no view, or reaches beyond its data.
 */
export function fromNdarray<D extends ArrayLike<number | bigint> | GenericStore>(
  view: NdArrayLike<D>,
): Tensor<FormatOf<D>> {
  return convert(checkView(view)) as Tensor<FormatOf<D>>;
}

/**
 * An ndarray view of a tensor's numbers: writing to one changes the other. For a copy take `toNdarray(tensor.clone())`,
 * also where the tensor is the value of a Parameter and the view is to be kept.
 *
 * @example
 * const view = toNdarray(new Tensor([[1, 2, 3], [4, 5, 6]]));
 * view.transpose(1, 0).get(2, 1); // 6
 *
 * @throws ArgumentError when the argument is not a tensor.
 */
export function toNdarray<A extends FloatArray>(tensor: Tensor<A>): NdArray<A> {
  checkTensor("toNdarray", "tensor", tensor);
  return ndarray(tensor.data, [...tensor.shape]);
}

function convert({ data, shape, stride, offset }: NdArrayLike): Tensor<FloatArray> {
  const size = sizeOf(shape);
  if (ArrayBuffer.isView(data) && isRowMajor(shape, stride)) {
    // Every typed array has subarray. A tensor adopts the one that has its number format and copies the others.
    const part = (data as Float32Array | Float64Array).subarray(offset, offset + size);
    return isFloat64Array(part) ? Tensor.float64(part, shape) : new Tensor(part, shape);
  }
  const flat = isFloat64Array(data) ? new Float64Array(size) : new Float32Array(size);
  const read = isStore(data) ? (i: number) => data.get(i) : (i: number) => data[i];
  let next = 0;
  const copy = (axis: number, from: number): void => {
    if (axis === shape.length) flat[next++] = checkNumber(read(from), from);
    else for (let i = 0; i < shape[axis]; i++) copy(axis + 1, from + i * stride[axis]);
  };
  copy(0, offset);
  return isFloat64Array(flat) ? Tensor.float64(flat, shape) : new Tensor(flat, shape);
}

/** True when the entries lie one after another, the last axis fastest. An axis of length 1 never uses its stride. */
function isRowMajor(shape: Shape, stride: readonly number[]): boolean {
  const dense = stridesOf(shape);
  return sizeOf(shape) === 0 || shape.every((length, axis) => length === 1 || stride[axis] === dense[axis]);
}

/** Plain arrays and generic stores can hold anything. */
function checkNumber(value: unknown, index: number): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  throw new ArgumentError(`fromNdarray: expected numbers, got ${show(value)} at index ${index} of the data.`);
}

function isIndexed(data: unknown): data is ArrayLike<number | bigint> {
  return Array.isArray(data) || (ArrayBuffer.isView(data) && "length" in data); // a DataView has no length
}

function isStore(data: unknown): data is GenericStore {
  const store = data as Partial<GenericStore> | null | undefined;
  return !isIndexed(data) && typeof store?.get === "function" && typeof store.length === "number";
}

/** Checks that `view` is one and stays inside its data. */
function checkView(view: unknown): NdArrayLike {
  const { data, shape, stride, offset } = (view ?? {}) as { [K in keyof NdArrayLike]: unknown };
  if (!isIndexed(data) && !isStore(data)) {
    const got = data === undefined ? show(view) : `data ${show(data)}`;
    throw new ArgumentError(
      `fromNdarray: expected an ndarray view { data, shape, stride, offset }, got ${got} ` +
        `(for arrays use new Tensor(data, shape)).`,
    );
  }
  const sizes = checkWholeNumbers("shape", shape, 0);
  const steps = checkWholeNumbers("stride", stride, -Infinity);
  const start = whole("fromNdarray", "offset", offset, 0);
  const kind = `shape ${formatShape(sizes)}, stride ${formatShape(steps)}`;
  if (steps.length !== sizes.length) {
    throw new ArgumentError(`fromNdarray: expected one stride for each axis, got ${kind}.`);
  }
  const reach = sizes.map((length, axis) => (length - 1) * steps[axis]);
  const lowest = reach.reduce((sum, distance) => sum + Math.min(distance, 0), start);
  const highest = reach.reduce((sum, distance) => sum + Math.max(distance, 0), start);
  if (sizeOf(sizes) > 0 && (lowest < 0 || highest >= data.length)) {
    throw new ArgumentError(
      `fromNdarray: expected a view inside its ${data.length} numbers, got one from index ${lowest} to ${highest} ` +
        `(${kind}, offset ${start}).`,
    );
  }
  return { data, shape: sizes, stride: steps, offset: start };
}

function checkWholeNumbers(name: string, numbers: unknown, min: number): number[] {
  const fits = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= min;
  if (Array.isArray(numbers) && numbers.every(fits)) return numbers as number[];
  const range = min === 0 ? " of at least 0" : "";
  throw new ArgumentError(
    `fromNdarray: expected ${name} to be an array of whole numbers${range}, got ${show(numbers)}.`,
  );
}
