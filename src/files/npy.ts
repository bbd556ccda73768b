// NumPy's .npy: one array in one file. A magic word and a version, the length of a header, a header that is a Python literal
// (npyHeader.ts), the numbers. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { checkBytes, flag, knownKeys, show } from "../base/check.js";
import { describeBytes } from "../data/foreign.js";
import { ArgumentError, FormatError, ShapeError } from "../base/errors.js";
import { Tensor, checkTensor, numbersNow } from "../base/tensor.js";
import { allocateBytes, byteCount, type Bytes } from "./bytes.js";
import { parseNpyHeader } from "./npyHeader.js";
import { BYTES_PER_NUMBER, readNumbers, type DecodeOptions, type NumberType } from "./numbers.js";
import { encodeUtf8 } from "./utf8.js";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // "\x93NUMPY"
const ALIGNMENT = 64; // of the numbers, for memory mapping
const MOST_HEADER_BYTES = 10_000; // as much as NumPy reads
const MOST_AXES = 32; // as many as NumPy 1 has
const GROWTH_DIGITS = 21; // room that NumPy leaves for the first size to grow in place

/** The array of one .npy file. */
export interface NpyFile {
  /** Its numbers as float32, in row-major order whatever the file's order is. */
  readonly tensor: Tensor;
  /** The number format in the file: "F64" for NumPy's "<f8" and ">f8", and so on. */
  readonly dtype: NumberType;
}

/**
 * The bytes of a .npy file with this tensor: version 1.0, "<f4", C order, byte for byte what `numpy.save` writes.
 *
 * @example
 * await writeFile("x.npy", encodeNpy(x)); // Python: x = numpy.load("x.npy")
 *
 * @throws ArgumentError when `tensor` is not a float32 tensor
 * @throws ShapeError for more than 32 axes, which NumPy cannot hold
 * @throws MemoryError when there is no room for the bytes
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(tensor: Tensor): Bytes {
  return encodeNpyAs("encodeNpy", "the tensor", tensor);
}

/** @internal encodeNpy in another function's name. */
export function encodeNpyAs(who: string, name: string, tensor: unknown): Bytes {
  const checked = checkTensor(who, name, tensor);
  const { shape, size, dtype } = checked;
  if (dtype !== "float32")
    throw new ArgumentError(`${who}: expected ${name} in float32, got ${dtype} (use toFloat32()).`);
  if (shape.length > MOST_AXES) {
    throw new ShapeError(
      `${who}: expected at most ${MOST_AXES} axes, got ${shape.length} (NumPy has no more; reshape).`,
    );
  }
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const growth = shape.length > 0 ? GROWTH_DIGITS - String(shape[0]).length : 0;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }${" ".repeat(growth)}`;
  // At least one space: NumPy pads a full block, too.
  const length = Math.ceil((10 + text.length + 2) / ALIGNMENT) * ALIGNMENT;
  const bytes = allocateBytes(who, length + 4 * size);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(encodeUtf8(`${text.padEnd(length - 11)}\n`), 10);
  new Float32Array(bytes.buffer, length).set(numbersNow(checked));
  return bytes;
}

/**
 * The array of a .npy file of version 1.0, 2.0 or 3.0, in either order and either byte order. Float16, float32, integers
 * of 8 and 16 bits and booleans are exact; float64 is rounded to the nearest float32; integers of 32 and 64 bits must fit
 * float32 exactly, see {@link DecodeOptions}. For labels: `Int32Array.from(decodeNpy(bytes).tensor.data)`.
 *
 * @example
 * const { tensor } = decodeNpy(await readFile("x.npy"));
 *
 * @throws FormatError when the bytes are not such a file, hold other things than numbers (text, dates, complex numbers,
 * structures, pickled objects), or are more or fewer than the header asks for
 * @throws ArgumentError when `bytes` are not bytes
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function decodeNpy(bytes: Uint8Array | ArrayBuffer, options: DecodeOptions = {}): NpyFile {
  knownKeys("decodeNpy", options, ["round"]);
  const { round = false } = options;
  const array = readNpy("decodeNpy", checkBytes("decodeNpy", bytes), flag("decodeNpy", "round", round));
  if (typeof array === "string") throw new FormatError(array);
  return array;
}

/** @internal decodeNpy in another function's name; a text is the reason why an array is not of numbers that are read. */
export function readNpy(who: string, file: Uint8Array, round: boolean): NpyFile | string {
  const { text, end } = headerText(who, file);
  const header = parseNpyHeader(who, text);
  if (typeof header === "string") return header;
  const { type, littleEndian, fortranOrder, shape } = header;
  const expected = end + byteCount(who, shape, BYTES_PER_NUMBER[type]);
  if (file.length !== expected) {
    const fault = file.length < expected ? "cut short" : "too long, or holds several arrays";
    throw new FormatError(
      `${who}: expected ${expected} bytes for ${type} ${show(shape)}, got ${file.length} (the file is ${fault}).`,
    );
  }
  const numbers = readNumbers(type, file.subarray(end), { who, littleEndian, round });
  return { tensor: fortranOrder ? fromFortran(numbers, shape) : new Tensor(numbers, shape), dtype: type };
}

// The first axis is contiguous: the numbers of the array with its axes in reverse.
function fromFortran(numbers: Float32Array, shape: readonly number[]): Tensor {
  const reversed = new Tensor(numbers, [...shape].reverse());
  return reversed.permute(shape.map((_, axis) => shape.length - 1 - axis));
}

function headerText(who: string, file: Uint8Array): { text: string; end: number } {
  if (file.length < 10 && MAGIC.every((byte, i) => i >= file.length || file[i] === byte)) {
    throw new FormatError(`${who}: expected at least 10 bytes, got ${file.length} (the file is cut short).`);
  }
  if (!MAGIC.every((byte, i) => file[i] === byte)) {
    throw new FormatError(`${who}: expected a .npy file (it begins with 93 4e 55 4d), got ${describeBytes(file)}.`);
  }
  const [major, minor] = file.subarray(6);
  if (major < 1 || major > 3 || minor !== 0) {
    throw new FormatError(`${who}: expected version 1.0, 2.0 or 3.0, got ${major}.${minor}.`);
  }
  const start = major === 1 ? 10 : 12;
  if (file.length < start) throw cutShort(who, start, file);
  const view = new DataView(file.buffer, file.byteOffset, start);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_HEADER_BYTES) {
    throw new FormatError(
      `${who}: expected a header of at most ${MOST_HEADER_BYTES} bytes (as NumPy does), got ${length}.`,
    );
  }
  const end = start + length;
  if (file.length < end) throw cutShort(who, end, file);
  // One character for each byte: what is read of a header is ASCII, and other bytes are refused where they stand.
  return { text: String.fromCharCode(...file.subarray(start, end)), end };
}

function cutShort(who: string, expected: number, file: Uint8Array): FormatError {
  return new FormatError(`${who}: expected a header of ${expected} bytes, got ${file.length} (the file is cut short).`);
}
