// The IDX reader: the format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/). It reads bytes; where they
// come from is not known here.
//
// A file is 00 00, the element type, the number of axes, one big-endian uint32 size for each axis, then the numbers in
// row-major order, big-endian too.
import { checkBytes, show } from "../base/check.js";
import { ArgumentError, FormatError, ShapeError } from "../base/errors.js";
import { formatShape, sizeOf, type Shape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { describeBytes } from "./foreign.js";
import { gunzip, isGzip } from "./gunzip.js";

/** The typed arrays of the six element types of IDX. */
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** The contents of an IDX file. */
export interface IdxArray {
  /** Sizes of the axes, outermost first. */
  readonly shape: Shape;
  /** The numbers in row-major order. */
  readonly data: IdxData;
}

interface Header {
  readonly type: number;
  readonly shape: Shape;
  readonly count: number;
  readonly offset: number; // where the numbers begin
  readonly fileSize: number;
}

/** Bytes of one number, by the type code. */
const BYTES_PER_NUMBER: Readonly<Record<number, number>> = { 0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8 };

/** What gzip data may unpack to: 2 GiB, four times the largest known IDX file. */
const MAX_UNPACKED = 2147483648;

/**
 * Reads an IDX file that is in memory and not packed. The numbers are copied out of `bytes`.
 *
 * @example
 * const { shape, data } = parseIdx(await readFile("train-labels-idx1-ubyte"));
 *
 * @throws FormatError when the bytes are not IDX, or not as many as the header asks for.
 */
export function parseIdx(bytes: Uint8Array | ArrayBuffer): IdxArray {
  const file = checkBytes("parseIdx", bytes);
  if (isGzip(file)) {
    throw new FormatError("parseIdx: expected a plain IDX file, got gzip data (use await readIdx(bytes)).");
  }
  return parse("parseIdx", file);
}

/**
 * Reads an IDX file that is in memory, gzip or plain; the first bytes tell which. Unpacking stops as soon as there are
 * more bytes than the header asks for.
 *
 * @example
 * const response = await fetch("train-images-idx3-ubyte.gz");
 * const images = imagesFromIdx(await readIdx(await response.arrayBuffer()));
 *
 * @throws FormatError when the bytes are not IDX, not as many as the header asks for, or unpack to more than 2 GiB.
 */
export async function readIdx(bytes: Uint8Array | ArrayBuffer): Promise<IdxArray> {
  const file = checkBytes("readIdx", bytes);
  return parse("readIdx", isGzip(file) ? await unpack("readIdx", file) : file);
}

/**
 * Images [N, H, W] of bytes as a tensor [N, 1, H, W] of numbers from 0 to 1 (byte / 255).
 *
 * @throws ShapeError when there are not three axes.
 * @throws ArgumentError when the numbers are not bytes.
 */
export function imagesFromIdx(idx: IdxArray): Tensor {
  const { shape, data } = checkIdx("imagesFromIdx", idx);
  if (shape.length !== 3) {
    const hint = shape.length === 1 ? "these look like labels: use labelsFromIdx" : "see new Tensor(data, shape)";
    throw new ShapeError(`imagesFromIdx: expected images [N, H, W], got ${formatShape(shape)} (${hint}).`);
  }
  if (!isTyped(data, "Uint8Array")) {
    throw new ArgumentError(`imagesFromIdx: expected bytes from 0 to 255 (Uint8Array), got ${show(data)}.`);
  }
  const pixels = new Float32Array(data.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = data[i] / 255;
  return new Tensor(pixels, [shape[0], 1, shape[1], shape[2]]);
}

/**
 * Labels [N] of any integer type as an Int32Array.
 *
 * @throws ShapeError when there is not one axis.
 * @throws ArgumentError when the numbers are floats.
 */
export function labelsFromIdx(idx: IdxArray): Int32Array {
  const { shape, data } = checkIdx("labelsFromIdx", idx);
  if (shape.length !== 1) {
    const columns = `Int32Array.from({ length: ${shape[0]} }, (_, i) => data[${shape[1]} * i])`;
    const column = shape.length === 2 ? ` (the first column, as QMNIST has its digits, is ${columns})` : "";
    const hint = shape.length === 3 ? " (these look like images: use imagesFromIdx)" : column;
    throw new ShapeError(`labelsFromIdx: expected labels [N], got ${formatShape(shape)}${hint}.`);
  }
  if (isTyped(data, "Float32Array") || isTyped(data, "Float64Array")) {
    throw new ArgumentError(`labelsFromIdx: expected whole numbers (an integer element type), got ${show(data)}.`);
  }
  return Int32Array.from(data);
}

function parse(who: string, file: Uint8Array): IdxArray {
  const header = readHeader(who, file);
  if (header.fileSize !== file.length) throw wrongSize(who, header, file.length, `${file.length}`);
  return { shape: header.shape, data: readNumbers(header, file) };
}

// The header as far as `head` goes; nothing is allocated by what it says.
function readHeader(who: string, head: Uint8Array): Header {
  const length = head.length;
  if (length === 0) throw new FormatError(`${who}: expected an IDX file, got 0 bytes (the file is empty).`);
  if (head[0] !== 0 || (length > 1 && head[1] !== 0)) {
    throw new FormatError(`${who}: expected an IDX file (it begins with 00 00), got ${describeBytes(head)}.`);
  }
  if (length < 4) throw new FormatError(`${who}: expected at least 4 bytes, got ${length} (the file is cut short).`);
  const [, , type, rank] = head;
  const bytesPerNumber = BYTES_PER_NUMBER[type];
  if (bytesPerNumber === undefined || rank === 0) {
    const expected = "an IDX file (00 00, type 08, 09, 0b, 0c, 0d or 0e, at least one axis)";
    throw new FormatError(`${who}: expected ${expected}, got ${describeBytes(head)}.`);
  }
  const offset = 4 + 4 * rank;
  if (length < offset) {
    throw new FormatError(
      `${who}: expected a header of ${offset} bytes for ${rank} axes, got ${length} (the file is cut short).`,
    );
  }
  const view = new DataView(head.buffer, head.byteOffset, offset);
  const shape = Object.freeze(Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis)));
  const count = shape.includes(0) ? 0 : sizeOf(shape); // 255 sizes may multiply to Infinity, and Infinity * 0 is NaN
  const fileSize = offset + bytesPerNumber * count;
  if (!Number.isSafeInteger(fileSize)) {
    throw new FormatError(`${who}: expected a shape that a file can hold, got ${show(shape)} (the header is damaged).`);
  }
  return { type, shape, count, offset, fileSize };
}

function readNumbers({ type, count, offset }: Header, file: Uint8Array): IdxData {
  const numbers = file.slice(offset);
  const view = new DataView(numbers.buffer);
  switch (type) {
    case 0x08:
      return numbers;
    case 0x09:
      return new Int8Array(numbers.buffer);
    case 0x0b:
      return fill(new Int16Array(count), (i) => view.getInt16(2 * i));
    case 0x0c:
      return fill(new Int32Array(count), (i) => view.getInt32(4 * i));
    case 0x0d:
      return fill(new Float32Array(count), (i) => view.getFloat32(4 * i));
    default:
      return fill(new Float64Array(count), (i) => view.getFloat64(8 * i));
  }
}

function fill<T extends IdxData>(data: T, numberAt: (i: number) => number): T {
  for (let i = 0; i < data.length; i++) data[i] = numberAt(i);
  return data;
}

async function unpack(who: string, packed: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let header: Header | undefined;
  for await (const piece of gunzip(who, packed)) {
    pieces.push(piece);
    size += piece.length;
    if (header === undefined) {
      const head = join(pieces, size);
      if (head.length < 4 || head.length < 4 + 4 * head[3]) continue;
      header = readHeader(who, head);
    }
    if (header.fileSize > MAX_UNPACKED) throw tooLarge(who, header);
    if (size > header.fileSize) throw wrongSize(who, header, size, `${size} or more`);
  }
  return join(pieces, size);
}

function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let to = 0;
  for (const piece of pieces) {
    all.set(piece, to);
    to += piece.length;
  }
  return all;
}

function wrongSize(who: string, { shape, fileSize }: Header, size: number, got: string): FormatError {
  const fault = size < fileSize ? "cut short" : "too long";
  return new FormatError(`${who}: expected ${fileSize} bytes for ${show(shape)}, got ${got} (the file is ${fault}).`);
}

function tooLarge(who: string, { shape, fileSize }: Header): FormatError {
  return new FormatError(
    `${who}: expected gzip data that unpack to at most ${MAX_UNPACKED} bytes, got a header for ${fileSize} bytes, ` +
      `${show(shape)} (unpack the file and pass the plain bytes).`,
  );
}

function isTyped(value: unknown, name: string): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

// What people have instead, and the way from there.
const HINTS: Readonly<Record<string, string>> = {
  "[object Promise]": "write await before it",
  "[object Uint8Array]": "read the bytes first: ?(await readIdx(bytes))",
  "[object ArrayBuffer]": "read the bytes first: ?(await readIdx(bytes))",
};

function checkIdx(who: string, idx: unknown): IdxArray {
  const { shape, data } = (idx ?? {}) as Partial<IdxArray>;
  if (!Array.isArray(shape) || !ArrayBuffer.isView(data)) {
    const remedy = HINTS[Object.prototype.toString.call(idx)];
    const hint = remedy === undefined ? "" : ` (${remedy.replace("?", who)})`;
    throw new ArgumentError(`${who}: expected what parseIdx returns ({ shape, data }), got ${show(idx)}${hint}.`);
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(`${who}: expected ${sizeOf(shape)} numbers for ${formatShape(shape)}, got ${data.length}.`);
  }
  return { shape, data };
}
