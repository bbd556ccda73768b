// The numbers of an ONNX tensor: where they lie (in the message, or in a file beside it), in which type, and as float32 or as
// whole numbers.
import { show } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import { readNumbers, type NumberType } from "../files/numbers.js";
import { ExternalFiles } from "./externalFiles.js";
import { DATA_TYPE, typeName, type TensorMessage } from "./schema.js";

/** Where the numbers of a type lie if not in the raw bytes, and how they become these. */
interface Kind {
  readonly bytes: number;
  readonly list: "floatData" | "doubleData" | "int32Data" | "int64Data";
  readonly pack: (list: readonly number[]) => ArrayBufferView;
  readonly type?: NumberType;
}

const KINDS: Readonly<Record<number, Kind>> = {
  [DATA_TYPE.float]: { bytes: 4, list: "floatData", pack: (list) => Float32Array.from(list), type: "F32" },
  [DATA_TYPE.double]: { bytes: 8, list: "doubleData", pack: (list) => Float64Array.from(list), type: "F64" },
  [DATA_TYPE.float16]: { bytes: 2, list: "int32Data", pack: (list) => Uint16Array.from(list), type: "F16" },
  [DATA_TYPE.bfloat16]: { bytes: 2, list: "int32Data", pack: (list) => Uint16Array.from(list), type: "BF16" },
  [DATA_TYPE.int32]: { bytes: 4, list: "int32Data", pack: (list) => Int32Array.from(list) },
  [DATA_TYPE.int64]: { bytes: 8, list: "int64Data", pack: (list) => Float64Array.from(list) },
};

/** How numbers are read. */
export interface NumberOptions {
  /** Whether float64 numbers beyond float32's range become infinite. Default false. */
  readonly round?: boolean;
  /** The files beside the model, for tensors whose numbers lie there. */
  readonly files?: ExternalFiles;
}

/**
 * A tensor's numbers as float32: exact from float16 and bfloat16, the nearest from float64.
 *
 * @throws FormatError when they are of another type, are not as many as the shape says, are too large, or are not there
 */
export function floatsOf(who: string, tensor: TensorMessage, options: NumberOptions = {}): Float32Array {
  const kind = KINDS[tensor.dataType ?? 0];
  if (kind?.type === undefined) {
    const expected = "numbers of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16";
    throw new FormatError(`${who}: expected ${expected}, got ${typeName(tensor.dataType)}.`);
  }
  const bytes = rawBytes(who, tensor, kind, options.files) ?? new Uint8Array(kind.pack(tensor[kind.list]).buffer);
  return readNumbers(kind.type, bytes, { who, littleEndian: true, round: options.round ?? false });
}

/** A tensor of whole numbers; undefined for other types. Beyond 2^53 they are rounded. */
export function intsOf(who: string, tensor: TensorMessage, { files }: NumberOptions = {}): number[] | undefined {
  const kind = KINDS[tensor.dataType ?? 0];
  if (kind === undefined || kind.type !== undefined) return undefined;
  const bytes = rawBytes(who, tensor, kind, files);
  if (bytes === undefined) return [...tensor[kind.list]];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (i: number): number =>
    kind.bytes === 8 ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true);
  return Array.from({ length: bytes.length / kind.bytes }, (_, i) => at(i));
}

/** The shape, once every size in it is a whole number of at least 0. */
export function dimsOf(who: string, { dims }: TensorMessage): Shape {
  if (dims.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(sizeOf(dims))) return dims;
  throw new FormatError(`${who}: expected a shape of whole numbers of at least 0, got ${show(dims)}.`);
}

// The bytes of the numbers; undefined where they are a list of the message. In any case they are in one place and as many as the
// shape asks for. Nothing is allocated before that is known.
function rawBytes(
  who: string,
  tensor: TensorMessage,
  { bytes, list }: Kind,
  files: ExternalFiles = new ExternalFiles(),
): Uint8Array | undefined {
  const count = sizeOf(dimsOf(who, tensor));
  const { rawData, floatData, int32Data, int64Data, doubleData, dataLocation, externalData } = tensor;
  const inside = [rawData ?? [], floatData, int32Data, int64Data, doubleData].filter(({ length }) => length > 0);
  const isOutside = dataLocation === 1 || externalData.length > 0;
  if (inside.length + (isOutside ? 1 : 0) > 1) {
    throw new FormatError(`${who}: expected its numbers in one place, got them in several.`);
  }
  if (isOutside) return files.bytesOf(who, externalData, count * bytes);
  const isRaw = rawData !== undefined && rawData.length > 0;
  const got = isRaw ? rawData.length / bytes : tensor[list].length;
  if (got !== count) {
    throw new FormatError(`${who}: expected ${count} numbers for ${formatShape(tensor.dims)}, got ${got}.`);
  }
  return isRaw ? rawData : undefined;
}
