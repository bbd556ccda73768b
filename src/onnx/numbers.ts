// The numbers of an ONNX tensor: where they lie in the message, in which type, and as float32 or as whole numbers.
import { show } from "../base/check.js";
import { FormatError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import { readNumbers, type NumberType } from "../files/numbers.js";
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

/**
 * A tensor's numbers as float32: exact from float16 and bfloat16, the nearest from float64.
 *
 * @param round whether float64 numbers beyond float32's range become infinite
 * @throws FormatError when they are of another type, lie in another file, are not as many as the shape says, or are too large
 */
export function floatsOf(who: string, tensor: TensorMessage, round = false): Float32Array {
  const kind = KINDS[tensor.dataType ?? 0];
  if (kind?.type === undefined) {
    const expected = "numbers of type FLOAT, DOUBLE, FLOAT16 or BFLOAT16";
    throw new FormatError(`${who}: expected ${expected}, got ${typeName(tensor.dataType)}.`);
  }
  checkCount(who, tensor, kind);
  return readNumbers(kind.type, bytesOf(tensor, kind), { who, littleEndian: true, round });
}

/** A tensor of whole numbers; undefined for other types. Beyond 2^53 they are rounded. */
export function intsOf(who: string, tensor: TensorMessage): number[] | undefined {
  const kind = KINDS[tensor.dataType ?? 0];
  if (kind === undefined || kind.type !== undefined) return undefined;
  checkCount(who, tensor, kind);
  const { rawData } = tensor;
  if (!isFilled(rawData)) return [...tensor[kind.list]];
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const at = (i: number): number =>
    kind.bytes === 8 ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true);
  return Array.from({ length: rawData.length / kind.bytes }, (_, i) => at(i));
}

/** The shape, once every size in it is a whole number of at least 0. */
export function dimsOf(who: string, { dims }: TensorMessage): Shape {
  if (dims.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(sizeOf(dims))) return dims;
  throw new FormatError(`${who}: expected a shape of whole numbers of at least 0, got ${show(dims)}.`);
}

// That the numbers are inside the file, in one place, and as many as the shape asks for. Nothing is allocated before that.
function checkCount(who: string, tensor: TensorMessage, { bytes, list }: Kind): void {
  const count = sizeOf(dimsOf(who, tensor));
  if (tensor.dataLocation === 1 || tensor.externalData.length > 0) {
    const place = tensor.externalData.find(({ key }) => key === "location")?.value ?? "another file";
    throw new FormatError(
      `${who}: expected its numbers inside the file, got external data in ${show(place)} (save the model with the ` +
        `weights inside).`,
    );
  }
  const { rawData, floatData, int32Data, int64Data, doubleData } = tensor;
  const places = [rawData ?? [], floatData, int32Data, int64Data, doubleData].filter(({ length }) => length > 0);
  if (places.length > 1) throw new FormatError(`${who}: expected its numbers in one place, got them in several.`);
  const got = isFilled(rawData) ? rawData.length / bytes : tensor[list].length;
  if (got === count) return;
  throw new FormatError(`${who}: expected ${count} numbers for ${formatShape(tensor.dims)}, got ${got}.`);
}

function bytesOf(tensor: TensorMessage, { list, pack }: Kind): Uint8Array {
  if (isFilled(tensor.rawData)) return tensor.rawData;
  return new Uint8Array(pack(tensor[list]).buffer);
}

function isFilled(rawData: Uint8Array | undefined): rawData is Uint8Array {
  return rawData !== undefined && rawData.length > 0;
}
