// Images as a table of text: one row an image, one column a pixel, as Kaggle has its digits.
import { checkBytes, knownKeys, show } from "../../base/check.js";
import { ArgumentError, FormatError } from "../../base/errors.js";
import { checkShape, formatShape, sizeOf, type Shape } from "../../base/shape.js";
import type { ByteImages } from "../sets/tensorDataset.js";

/** Options of {@link pixelsFromCsv}. */
export interface CsvOptions {
  /** Shape of one image, [C, H, W] or [H, W]; the pixels of a row are in its order. */
  readonly shape: Shape;
  /**
   * The column of the labels: its number (from 0), its name in the header, or null for a table without labels. Default: the
   * column "label" of the header, else the first, if there is one column more than pixels.
   */
  readonly labelColumn?: number | string | null;
}

/** What a table holds. */
export interface CsvPixels {
  /** The images, for `new TensorDataset(images, labels)`. */
  readonly images: ByteImages;
  /** The label of each image; empty for a table without labels. */
  readonly labels: Int32Array;
}

const [NEWLINE, RETURN, COMMA, SPACE, ZERO] = [10, 13, 44, 32, 48];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Images from a table of comma-separated whole numbers from 0 to 255, with or without a header line.
 *
 * @example
 * const { images, labels } = pixelsFromCsv("label,p0,p1\n7,0,255\n", { shape: [1, 1, 2] });
 * [images.shape, labels[0]]; // [[1, 1, 1, 2], 7]
 *
 * @throws FormatError for a cell that is no such number, or a row of another length; the message names line and column
 */
export function pixelsFromCsv(text: string | Uint8Array | ArrayBuffer, options: CsvOptions): CsvPixels {
  const who = "pixelsFromCsv";
  knownKeys(who, options, ["shape", "labelColumn"]);
  const shape = checkShape(who, options.shape);
  if ((shape.length !== 3 && shape.length !== 2) || sizeOf(shape) === 0) {
    throw new ArgumentError(`${who}: expected shape [C, H, W] or [H, W] of an image, got ${formatShape(shape)}.`);
  }
  const bytes = typeof text === "string" ? bytesOf(text) : checkBytes(who, text);
  const start = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? 3 : 0;
  const header = headerOf(bytes, start);
  const pixels = sizeOf(shape);
  const columns = columnsOf(bytes, start);
  const labelAt = labelColumnOf(who, options.labelColumn, header, columns, pixels);
  if (columns !== pixels + (labelAt < 0 ? 0 : 1)) {
    throw new FormatError(
      `${who}: expected ${pixels}${labelAt < 0 ? "" : " + 1"} columns for images ${formatShape(shape)}, got ${columns} in line 1.`,
    );
  }
  const rows = countLines(bytes, start) - (header === null ? 0 : 1);
  if (rows === 0)
    throw new FormatError(`${who}: expected at least one row, got ${header === null ? "no text" : "a header alone"}.`);
  const data = new Uint8Array(rows * pixels);
  const labels = new Int32Array(labelAt < 0 ? 0 : rows);
  let at = start;
  if (header !== null) at = bytes.indexOf(NEWLINE, start) + 1;
  for (let row = 0, to = 0; row < rows; row++) {
    const line = row + (header === null ? 1 : 2);
    for (let column = 0; column < columns; column++) {
      // A whole number, spaces around it allowed.
      let value = 0;
      let digits = 0;
      const from = at;
      while (bytes[at] === SPACE) at++;
      for (; bytes[at] >= ZERO && bytes[at] <= ZERO + 9; at++, digits++) value = 10 * value + bytes[at] - ZERO;
      while (bytes[at] === SPACE) at++;
      if (bytes[at] === RETURN) at++;
      const atEnd = at >= bytes.length || bytes[at] === NEWLINE;
      const isLabel = column === labelAt;
      if (digits === 0 || (!atEnd && bytes[at] !== COMMA) || value > (isLabel ? 2147483647 : 255)) {
        throw badCell(who, bytes, from, line, column, isLabel);
      }
      if (atEnd !== (column === columns - 1)) {
        const got = atEnd ? `${column + 1}` : `more than ${columns}`;
        throw new FormatError(`${who}: expected ${columns} columns as in line 1, got ${got} in line ${line}.`);
      }
      at++;
      if (isLabel) labels[row] = value;
      else data[to++] = value;
    }
  }
  return { images: { data, shape: shape.length === 3 ? [rows, ...shape] : [rows, 1, ...shape] }, labels };
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.min(text.charCodeAt(i), 255); // no number has such a sign
  return bytes;
}

function lineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(NEWLINE, start);
  return end < 0 ? bytes.length : end;
}

// The names in the first line, if it is one of names.
function headerOf(bytes: Uint8Array, start: number): string[] | null {
  const line = bytes.subarray(start, lineEnd(bytes, start));
  const isName = (byte: number): boolean => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 128;
  if (!line.some(isName)) return null;
  const text = Array.from(line, (byte) => String.fromCharCode(byte)).join("");
  return text.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
}

function columnsOf(bytes: Uint8Array, start: number): number {
  let columns = 1;
  for (let at = start, end = lineEnd(bytes, start); at < end; at++) if (bytes[at] === COMMA) columns++;
  return columns;
}

// Lines but for empty ones at the end.
function countLines(bytes: Uint8Array, start: number): number {
  let end = bytes.length;
  while (end > start && (bytes[end - 1] === NEWLINE || bytes[end - 1] === RETURN || bytes[end - 1] === SPACE)) end--;
  if (end === start) return 0;
  let lines = 1;
  for (let at = start; at < end; at++) if (bytes[at] === NEWLINE) lines++;
  return lines;
}

function labelColumnOf(
  who: string,
  given: unknown,
  header: readonly string[] | null,
  columns: number,
  pixels: number,
): number {
  if (given === null) return -1;
  if (given === undefined) {
    const named = header?.indexOf("label") ?? -1;
    return named >= 0 ? named : columns === pixels + 1 ? 0 : -1;
  }
  const place = typeof given === "string" ? (header?.indexOf(given) ?? -1) : given;
  if (typeof place === "number" && Number.isInteger(place) && place >= 0 && place < columns) return place;
  throw new ArgumentError(
    `${who}: expected labelColumn to be one of ${columns} columns, or the name of one in the header, got ${show(given)}.`,
  );
}

function badCell(
  who: string,
  bytes: Uint8Array,
  from: number,
  line: number,
  column: number,
  isLabel: boolean,
): FormatError {
  let end = from;
  while (end < bytes.length && end < from + 20 && bytes[end] !== COMMA && bytes[end] !== NEWLINE) end++;
  const cell = Array.from(bytes.subarray(from, end), (byte) => String.fromCharCode(byte)).join("");
  const expected = isLabel ? "a label, a whole number of at least 0," : "a pixel, a whole number from 0 to 255,";
  return new FormatError(`${who}: expected ${expected} got ${show(cell.trim())} in line ${line}, column ${column}.`);
}
