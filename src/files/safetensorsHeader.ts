// The header of a safetensors file, checked: what stands where. The numbers themselves are read in safetensors.ts.
import { nearestHint, show } from "../base/check.js";
import { describeBytes } from "../data/foreign.js";
import { FormatError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";
import { byteCount } from "./bytes.js";
import { parseJson, quote } from "./json.js";
import { BYTES_PER_NUMBER, type NumberType } from "./numbers.js";
import { decodeUtf8 } from "./utf8.js";

/** Most bytes of a header, the limit of the format's own library. */
export const MOST_HEADER_BYTES = 100_000_000;

const WHO = "decodeSafetensors";
const TYPES = Object.keys(BYTES_PER_NUMBER);
const NOT_READ = ["F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64"];

/** One tensor of the header; begin and end count bytes from the start of the file. */
interface HeaderTensor {
  readonly name: string;
  readonly type: NumberType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** The tensors of a file, in the order of its header, and its texts. */
export interface Header {
  readonly tensors: readonly HeaderTensor[];
  /** Tensors of number formats that are not read, by name, with the reason. */
  readonly unread: Record<string, string>;
  readonly metadata: Record<string, string>;
}

/** Reads and checks the header; nothing is allocated by what it says. */
export function readHeader(file: Uint8Array): Header {
  const dataStart = 8 + headerLength(file);
  const text = decodeUtf8(WHO, "a header", file.subarray(8, dataStart));
  const header = parseJson(WHO, text, { what: "a header of JSON", wholeNumbers: true }) as Record<string, unknown>;
  const { __metadata__: texts, ...entries } = header;
  const all = Object.entries(entries).map(([name, entry]) => readEntry(name, entry, dataStart));
  checkCover(all, dataStart, file.length);
  const tensors = all.filter((entry): entry is HeaderTensor => typeof entry.type === "string");
  const unread = all.flatMap(({ name, type }) => (typeof type === "string" ? [] : [[name, type.unread] as const]));
  return { tensors, unread: Object.fromEntries(unread), metadata: readMetadata(texts ?? {}) };
}

function headerLength(file: Uint8Array): number {
  if (file.length < 8) {
    throw new FormatError(`${WHO}: expected at least 8 bytes, got ${file.length} (the file is cut short).`);
  }
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES) {
    throw new FormatError(
      `${WHO}: expected a header of at most ${MOST_HEADER_BYTES} bytes, got ${length} in the first 8 bytes ` +
        `(${describeBytes(file)}; PyTorch writes this format by safetensors.torch.save_file, not torch.save).`,
    );
  }
  if (length > file.length - 8) {
    throw new FormatError(
      `${WHO}: expected a header of ${length} bytes, got ${file.length - 8} bytes after the first 8 (the file is cut ` +
        "short, or not safetensors).",
    );
  }
  if (file[8] !== 0x7b || length === 0) {
    throw new FormatError(`${WHO}: expected a header that begins with {, got another (the file is not safetensors).`);
  }
  return length;
}

// A number format that is not read, with the reason.
interface Unread {
  readonly unread: string;
}

type Entry = Omit<HeaderTensor, "type"> & { readonly type: NumberType | Unread };

function readEntry(name: string, entry: unknown, dataStart: number): Entry {
  const who = tensorName(name);
  if (entry === null || typeof entry !== "object" || Array.isArray(entry)) {
    throw new FormatError(`${who}: expected { dtype, shape, data_offsets }, got ${show(entry)}.`);
  }
  const { dtype, shape, data_offsets: offsets, ...others } = entry as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new FormatError(`${who}: expected dtype, shape and data_offsets, got ${quote(other)}.`);
  const type = readType(who, dtype);
  if (!isSizes(shape)) {
    throw new FormatError(`${who}: expected a shape of whole numbers of at least 0, got ${show(shape)}.`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new FormatError(`${who}: expected data_offsets [begin, end] of whole numbers, got ${show(offsets)}.`);
  }
  const [begin, end] = offsets;
  const bytes = typeof type === "string" ? byteCount(who, shape, BYTES_PER_NUMBER[type]) : Math.max(0, end - begin);
  if (end - begin !== bytes) {
    throw new FormatError(
      `${who}: expected ${bytes} bytes for ${String(dtype)} ${show(shape)}, got data_offsets ${show(offsets)} ` +
        `(${end - begin} bytes).`,
    );
  }
  return { name, type, shape, begin: dataStart + begin, end: dataStart + end };
}

function readType(who: string, dtype: unknown): NumberType | Unread {
  if (typeof dtype === "string" && TYPES.includes(dtype)) return dtype as NumberType;
  if (typeof dtype !== "string") throw new FormatError(`${who}: expected a dtype, got ${show(dtype)}.`);
  const fault = `${who}: expected dtype ${TYPES.join(", ")}, got ${quote(dtype)}`;
  if (NOT_READ.includes(dtype)) return { unread: `${fault} (convert it to F16 or F32 where it was made).` };
  throw new FormatError(`${fault}${nearestHint(dtype.slice(0, 20), TYPES) || "."}`);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

// The tensors must fill the rest of the file without a gap, an overlap or bytes that belong to none.
function checkCover(tensors: readonly Entry[], dataStart: number, fileSize: number): void {
  const inFile = [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = dataStart;
  for (const { name, begin, end } of inFile) {
    if (begin !== at) {
      const fault = begin < at ? "overlaps the one before" : "leaves a gap before it";
      throw new FormatError(
        `${tensorName(name)}: expected data that begin at ${at - dataStart}, got ${begin - dataStart} (it ${fault}).`,
      );
    }
    at = end;
  }
  if (at === fileSize) return;
  const fault = fileSize < at ? "is cut short" : "goes on after its tensors";
  throw new FormatError(`${WHO}: expected ${at} bytes by the header, got ${fileSize} (the file ${fault}).`);
}

function readMetadata(texts: unknown): Record<string, string> {
  if (texts === null || typeof texts !== "object" || Array.isArray(texts)) {
    throw new FormatError(`${WHO}: expected __metadata__ to be texts by name, got ${show(texts)}.`);
  }
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text === "string") continue;
    throw new FormatError(`${WHO}: expected the metadata ${quote(name)} to be a text, got ${show(text)}.`);
  }
  return texts as Record<string, string>;
}

/** `decodeSafetensors: tensor "0.weight"`, in front of messages about it. */
export function tensorName(name: string): string {
  return `${WHO}: tensor ${quote(name)}`;
}
