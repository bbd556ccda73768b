// The numbers of an ONNX tensor: where they lie in the message, in which type, and as float32 or as whole numbers.
import { show } from "../../check.js";
import { FormatError } from "../../errors.js";
import { formatShape, sizeOf, type Shape } from "../../shape.js";
import { DATA_TYPE, typeName, type TensorMessage } from "./schema.js";

const BYTES: Readonly<Record<number, number>> = {
  [DATA_TYPE.float]: 4,
  [DATA_TYPE.double]: 8,
  [DATA_TYPE.float16]: 2,
  [DATA_TYPE.bfloat16]: 2,
  [DATA_TYPE.int32]: 4,
  [DATA_TYPE.int64]: 8,
};

const FLOATS: readonly number[] = [DATA_TYPE.float, DATA_TYPE.double, DATA_TYPE.float16, DATA_TYPE.bfloat16];

/**
 * A tensor's numbers as float32, rounded from float64, exact from float16 and bfloat16.
 *
 * @throws FormatError when they are of another type, lie in another file, are not as many as the shape says, or are too large
 */
export function floatsOf(who: string, tensor: TensorMessage): Float32Array {
  const type = tensor.dataType ?? 0;
  if (!FLOATS.includes(type)) {
    throw new FormatError(
      `${who}: expected numbers of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16, got ${typeName(type)}.`,
    );
  }
  const numbers = new Float32Array(checkedCount(who, tensor));
  switch (type) {
    case DATA_TYPE.float:
      return fill(
        numbers,
        source(who, tensor, tensor.floatData, (view, i) => view.getFloat32(4 * i, true)),
      );
    case DATA_TYPE.double:
      return fill(
        numbers,
        source(who, tensor, tensor.doubleData, (view, i) => view.getFloat64(8 * i, true), checkedFloat32),
      );
    case DATA_TYPE.float16:
      return fill(
        numbers,
        source(who, tensor, tensor.int32Data, (view, i) => view.getUint16(2 * i, true), float16),
      );
    default:
      return fill(
        numbers,
        source(who, tensor, tensor.int32Data, (view, i) => view.getUint16(2 * i, true), bfloat16),
      );
  }
}

/** A tensor of whole numbers; undefined for other types. Beyond 2^53 they are rounded. */
export function intsOf(who: string, tensor: TensorMessage): number[] | undefined {
  const type = tensor.dataType ?? 0;
  if (type !== DATA_TYPE.int64 && type !== DATA_TYPE.int32) return undefined;
  const count = checkedCount(who, tensor);
  const wide = type === DATA_TYPE.int64;
  const at = wide
    ? source(who, tensor, tensor.int64Data, (view, i) => Number(view.getBigInt64(8 * i, true)))
    : source(who, tensor, tensor.int32Data, (view, i) => view.getInt32(4 * i, true));
  return Array.from({ length: count }, (_, i) => at(i));
}

/** The shape, once every size in it is a whole number of at least 0. */
export function dimsOf(who: string, { dims }: TensorMessage): Shape {
  if (dims.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(sizeOf(dims))) return dims;
  throw new FormatError(`${who}: expected a shape of whole numbers of at least 0, got ${show(dims)}.`);
}

// How many numbers the shape asks for, once as many are known to be there.
function checkedCount(who: string, tensor: TensorMessage): number {
  const count = sizeOf(dimsOf(who, tensor));
  if (tensor.dataLocation === 1 || tensor.externalData.length > 0) {
    const place = tensor.externalData.find(({ key }) => key === "location")?.value ?? "another file";
    throw new FormatError(
      `${who}: expected its numbers inside the file, got external data in ${show(place)} (save the model with the ` +
        `weights inside).`,
    );
  }
  const type = tensor.dataType ?? 0;
  const bytes = BYTES[type] ?? 1;
  const { rawData, floatData, int32Data, int64Data, doubleData } = tensor;
  const lists = [floatData, int32Data, int64Data, doubleData].filter((list) => list.length > 0);
  const got = lists.length === 0 ? (rawData?.length ?? 0) / bytes : lists[0].length;
  if (lists.length + (rawData === undefined || rawData.length === 0 ? 0 : 1) > 1) {
    throw new FormatError(`${who}: expected its numbers in one place, got them in several.`);
  }
  if (BYTES[type] !== undefined && got !== count) {
    throw new FormatError(`${who}: expected ${count} numbers for ${formatShape(tensor.dims)}, got ${got}.`);
  }
  return count;
}

// Number i, from the raw bytes or from the list that the type uses.
function source(
  who: string,
  { rawData, dims }: TensorMessage,
  list: readonly number[],
  read: (view: DataView, i: number) => number,
  convert: (value: number, who: string) => number = (value) => value,
): (i: number) => number {
  if (rawData !== undefined && rawData.length > 0) {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    return (i) => convert(read(view, i), who);
  }
  if (list.length === sizeOf(dims)) return (i) => convert(list[i], who);
  throw new FormatError(`${who}: expected ${sizeOf(dims)} numbers in the list of its type, got ${list.length}.`);
}

function fill(numbers: Float32Array, at: (i: number) => number): Float32Array {
  for (let i = 0; i < numbers.length; i++) numbers[i] = at(i);
  return numbers;
}

function checkedFloat32(value: number, who: string): number {
  const rounded = Math.fround(value);
  if (Number.isFinite(value) && !Number.isFinite(rounded)) {
    throw new FormatError(`${who}: expected numbers that float32 can hold, got ${value}.`);
  }
  return rounded;
}

const BITS = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  BITS.setUint32(0, bits >>> 0);
  return BITS.getFloat32(0);
}

// Sign, 8 bits of exponent, 7 of mantissa: the upper half of a float32.
function bfloat16(bits: number): number {
  return fromBits((bits & 0xffff) << 16);
}

// Sign, 5 bits of exponent with bias 15, 10 of mantissa. Exponent 0: mantissa * 2^-24; exponent 31: infinite or NaN.
function float16(bits: number): number {
  const [sign, exponent, mantissa] = [(bits & 0x8000) << 16, (bits >> 10) & 31, bits & 0x3ff];
  if (exponent === 0) return (sign === 0 ? 1 : -1) * mantissa * 5.9604644775390625e-8;
  return fromBits(sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13));
}
