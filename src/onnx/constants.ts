// Constants of a graph: tensors of the file, and what nodes compute from them. Exporters leave arithmetic on weights in a file
// (a Reshape, a Transpose, gamma / sqrt(variance + eps)); it is done once, while the file is read.
import { FormatError } from "../base/errors.js";
import { sizeOf, type Shape } from "../base/shape.js";
import { dimsOf, floatsOf, intsOf, type NumberOptions } from "./numbers.js";
import { DATA_TYPE, typeName, type TensorMessage } from "./schema.js";

/** Numbers with a shape. `who` stands in front of errors: what is wrong with a tensor shows when a node reads it. */
export interface Constant {
  readonly kind: "constant";
  /** Its name in the file; each name stands for one constant. */
  readonly name: string;
  /** TensorProto.DataType. */
  readonly type: number;
  dims(who: string): Shape;
  /** As float32. The array is shared: it is read, not written. */
  floats(who: string): Float32Array;
  /** As whole numbers; undefined for another type. */
  ints(who: string): readonly number[] | undefined;
  /** As a single boolean; undefined for another type. */
  flag(): boolean | undefined;
}

/** A tensor of the file. */
export function storedConstant(tensor: TensorMessage, options: NumberOptions): Constant {
  let floats: Float32Array | undefined;
  return {
    kind: "constant",
    name: tensor.name ?? "",
    type: tensor.dataType ?? 0,
    dims: (who) => dimsOf(who, tensor),
    floats: (who) => (floats ??= floatsOf(who, tensor, options)),
    ints: (who) => intsOf(who, tensor, options),
    flag: () => {
      const { dataType, rawData, int32Data } = tensor;
      if (dataType !== DATA_TYPE.bool) return undefined;
      return rawData?.some((byte) => byte !== 0) === true || int32Data.some((value) => value !== 0);
    },
  };
}

/** Floating-point numbers that a node made of others. */
export function computedConstant(name: string, dims: Shape, numbers: Float32Array): Constant {
  return {
    kind: "constant",
    name,
    type: DATA_TYPE.float,
    dims: () => dims,
    floats: () => numbers,
    ints: () => undefined,
    flag: () => undefined,
  };
}

/** The same numbers under another shape, of as many numbers. */
export function reshapedConstant(name: string, constant: Constant, dims: Shape): Constant {
  return { ...constant, name, dims: () => dims };
}

/** Whole numbers as floating-point ones. */
export function castConstant(who: string, name: string, constant: Constant): Constant {
  const ints = constant.ints(who);
  if (ints === undefined) throw new FormatError(`${who}: expected numbers, got ${typeName(constant.type)}.`);
  return computedConstant(name, constant.dims(who), Float32Array.from(ints));
}

const FLOAT_TYPES: readonly number[] = [DATA_TYPE.float, DATA_TYPE.double, DATA_TYPE.float16, DATA_TYPE.bfloat16];

export function isFloat({ type }: Constant): boolean {
  return FLOAT_TYPES.includes(type);
}

/** Transposes numbers: axis i of the result is axis perm[i] of these. */
export function transposed(numbers: Float32Array, dims: Shape, perm: readonly number[]): Float32Array {
  const steps = stridesOf(dims);
  return strided(
    numbers,
    perm.map((axis) => dims[axis]),
    perm.map((axis) => steps[axis]),
  );
}

/** Numbers repeated to a shape that theirs broadcasts to. */
export function stretched(numbers: Float32Array, dims: Shape, to: Shape): Float32Array {
  const own = stridesOf(dims);
  const steps = to.map((_, axis) => {
    const at = axis - to.length + dims.length;
    return at < 0 || dims[at] === 1 ? 0 : own[at];
  });
  return strided(numbers, to, steps);
}

function stridesOf(dims: Shape): number[] {
  return dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
}

// The numbers at place . steps for every place of an array of these sizes.
function strided(numbers: Float32Array, sizes: Shape, steps: readonly number[]): Float32Array {
  const result = new Float32Array(sizeOf(sizes));
  const place = sizes.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = numbers[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++place[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      place[axis] = 0;
    }
  }
  return result;
}
