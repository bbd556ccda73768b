// Numbers of other formats as float32: what safetensors and NumPy files hold. It knows no file format.
//
// Exact: float16, bfloat16, float32, integers of 8 and 16 bits, booleans. Rounded to the nearest float32 (ties to even):
// float64. Everything that float32 cannot come close to is an error, unless the caller asks for the nearest value.
import { FormatError } from "../base/errors.js";

/** The number formats that are read, by their names in safetensors files. */
export type NumberType =
  "F16" | "BF16" | "F32" | "F64" | "I8" | "I16" | "I32" | "I64" | "U8" | "U16" | "U32" | "U64" | "BOOL";

/** How a file's numbers become float32. */
export interface DecodeOptions {
  /**
   * Whether an integer of more than 24 significant bits becomes the nearest float32 and a float64 beyond float32's range
   * infinite; otherwise they are a FormatError. Default false.
   */
  readonly round?: boolean;
}

/** Bytes of one number. */
export const BYTES_PER_NUMBER: Readonly<Record<NumberType, number>> = {
  F16: 2,
  BF16: 2,
  F32: 4,
  F64: 8,
  I8: 1,
  I16: 2,
  I32: 4,
  I64: 8,
  U8: 1,
  U16: 2,
  U32: 4,
  U64: 8,
  BOOL: 1,
};

/** How numbers are read. */
export interface ReadNumbers {
  /** "decodeSafetensors: tensor "0.weight"", in front of messages. */
  readonly who: string;
  readonly littleEndian: boolean;
  /** Whether a value that float32 cannot hold becomes the nearest one. */
  readonly round: boolean;
}

/** The numbers in `bytes`, whose length fits the type, as a new Float32Array. */
export function readNumbers(type: NumberType, bytes: Uint8Array, how: ReadNumbers): Float32Array {
  const count = bytes.length / BYTES_PER_NUMBER[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = how.littleEndian;
  switch (type) {
    case "F32":
      if (little) return new Float32Array(bytes.slice().buffer); // as every machine that runs WebAssembly stores them
      return fromBits(count, (i) => view.getUint32(4 * i, little));
    case "BF16":
      return fromBits(count, (i) => view.getUint16(2 * i, little) << 16);
    case "F16":
      return fromBits(count, (i) => floatBits(view.getUint16(2 * i, little)));
    case "F64":
      return fromValues(count, (i) => view.getFloat64(8 * i, little), { ...how, exact: false });
    case "I8":
      return new Float32Array(new Int8Array(bytes.buffer, bytes.byteOffset, count));
    case "U8":
      return new Float32Array(bytes);
    case "BOOL":
      return fromValues(count, (i) => checkBoolean(bytes[i], i, how), { ...how, exact: true });
    case "I16":
      return fromValues(count, (i) => view.getInt16(2 * i, little), { ...how, exact: true });
    case "U16":
      return fromValues(count, (i) => view.getUint16(2 * i, little), { ...how, exact: true });
    case "I32":
      return fromValues(count, (i) => view.getInt32(4 * i, little), { ...how, exact: true });
    case "U32":
      return fromValues(count, (i) => view.getUint32(4 * i, little), { ...how, exact: true });
    case "I64":
      return fromValues(count, (i) => readInt64(view, i, little, true), { ...how, exact: true });
    case "U64":
      return fromValues(count, (i) => readInt64(view, i, little, false), { ...how, exact: true });
  }
}

// By bits, so that a NaN stays the NaN it was.
function fromBits(count: number, bitsAt: (i: number) => number): Float32Array {
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++) bits[i] = bitsAt(i);
  return new Float32Array(bits.buffer);
}

function fromValues(
  count: number,
  valueAt: (i: number) => number,
  how: ReadNumbers & { readonly exact: boolean },
): Float32Array {
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    numbers[i] = value;
    if (numbers[i] === value || how.round) continue;
    if (how.exact) throw unfit(how, i, value, "an integer of at most 24 significant bits");
    if (Number.isFinite(value) && !Number.isFinite(numbers[i])) throw unfit(how, i, value, "a magnitude below 3.4e38");
  }
  return numbers;
}

function unfit({ who }: ReadNumbers, i: number, value: number, expected: string): FormatError {
  return new FormatError(
    `${who}: expected ${expected} (float32), got ${value} at index ${i} (read with { round: true } to take the nearest ` +
      "float32).",
  );
}

function checkBoolean(byte: number, i: number, { who }: ReadNumbers): number {
  if (byte <= 1) return byte;
  throw new FormatError(`${who}: expected booleans of 0 or 1, got ${byte} at index ${i} (the file is damaged).`);
}

/** The float32 bits of a float16: sign, 5 bits of exponent (bias 15), 10 of fraction. IEEE 754-2019, 3.6. */
function floatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13); // infinity or NaN
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // fraction * 2^-24: its highest bit becomes the implicit one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}

// A 64-bit integer. Beyond 2^53 its low 11 bits become one bit that says whether any was set (rounding to odd), so that
// rounding the result to float32 is the same as rounding the integer, and an integer that float32 cannot hold is not hidden.
function readInt64(view: DataView, i: number, little: boolean, signed: boolean): number {
  const highAt = 8 * i + (little ? 4 : 0);
  const low = view.getUint32(8 * i + (little ? 0 : 4), little);
  const high = signed ? view.getInt32(highAt, little) : view.getUint32(highAt, little);
  if (high >= -0x200000 && high < 0x200000) return high * 4294967296 + low;
  const odd = (low & 0x7ff) === 0 ? 0 : 0x800;
  return high * 4294967296 + (((low & ~0x7ff) | odd) >>> 0);
}
