// safetensors: tensors by name in one file, as PyTorch users exchange weights. Eight bytes of header length, a header of
// JSON (safetensorsHeader.ts), the numbers, little-endian. https://huggingface.co/docs/safetensors
import { checkBytes, flag, isRecord, knownKeys, show } from "../base/check.js";
import { ArgumentError, FormatError } from "../base/errors.js";
import { Tensor, checkTensor, numbersNow } from "../base/tensor.js";
import { allocateBytes, type Bytes } from "./bytes.js";
import { chosenOf, withSkipped, type ChooseOptions } from "./choice.js";
import { isWellFormed, quote } from "./json.js";
import { readNumbers, type NumberType } from "./numbers.js";
import { MOST_HEADER_BYTES, readHeader, tensorName } from "./safetensorsHeader.js";
import { encodeUtf8 } from "./utf8.js";

/** Tensors and texts of one safetensors file. */
export interface SafetensorsFile {
  /** The tensors by name, in the order of the header (but names that are whole numbers, as in every object, first). */
  readonly tensors: Record<string, Tensor>;
  /** The texts beside them (`__metadata__`); empty if there are none. */
  readonly metadata: Record<string, string>;
  /** The number format that each tensor has in the file, by name. */
  readonly dtypes: Record<string, NumberType>;
  /** Tensors that were not read, by name, with the reason: numbers of other formats, such as float8. */
  readonly skipped: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file with these tensors as float32, in their order, and these texts. The same tensors and
 * texts give the same bytes.
 *
 * @example
 * await writeFile("model.safetensors", encodeSafetensors(model.stateDict(), { format: "pt" }));
 *
 * @throws ArgumentError for what is not a float32 tensor, a text that is not a string, or a name that no file can hold
 * @throws MemoryError when there is no room for the bytes
 * @see https://huggingface.co/docs/safetensors
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Bytes {
  const who = "encodeSafetensors";
  const entries = checkTensors(who, tensors);
  const json = encodeHeader(who, entries, checkMetadata(who, metadata));
  const size = entries.reduce((sum, [, { size }]) => sum + 4 * size, 8 + json.length);
  const bytes = allocateBytes(who, size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length; // a multiple of 8
  for (const [, tensor] of entries) {
    new Float32Array(bytes.buffer, at, tensor.size).set(numbersNow(tensor));
    at += 4 * tensor.size;
  }
  return bytes;
}

/**
 * The tensors and texts of a safetensors file, as float32. Float16, bfloat16, integers up to 16 bits and booleans are
 * exact; float64 is rounded to the nearest float32; integers of 32 and 64 bits must fit float32 exactly, see
 * {@link DecodeOptions}. The numbers are copied out of `bytes`.
 *
 * Names may be any text, also "__proto__", as properties of their own. A tensor of a number format that is not read (float8) does
 * not cost the rest: it is in `skipped` with the reason, which is also the error of whoever asks `tensors` for it. With `names` only
 * these are read.
 *
 * @example
 * const { tensors } = decodeSafetensors(await readFile("model.safetensors"));
 * model.loadStateDict(tensors);
 *
 * @throws FormatError when the bytes are not such a file: a header beyond the file or 100 MB, bad UTF-8 or JSON, names
 * twice, unknown fields, unknown number formats, shapes that do not fit their bytes, bytes that belong to no tensor or two
 * @throws ArgumentError when `bytes` are not bytes
 * @see https://huggingface.co/docs/safetensors
 */
export function decodeSafetensors(bytes: Uint8Array | ArrayBuffer, options: ChooseOptions = {}): SafetensorsFile {
  const who = "decodeSafetensors";
  const file = checkBytes(who, bytes);
  knownKeys(who, options, ["round", "names"]);
  const { round = false, names } = options;
  flag(who, "round", round);
  const { tensors, unread, metadata } = readHeader(file);
  const all = [...tensors.map(({ name }) => name), ...Object.keys(unread)];
  const isChosen = chosenOf(who, names, all);
  const foreign = names?.find((name) => Object.hasOwn(unread, name));
  if (foreign !== undefined) throw new FormatError(unread[foreign]);
  const chosen = tensors.filter(({ name }) => isChosen(name));
  const skipped = names === undefined ? unread : {};
  const read = byName(chosen, ({ name, type, shape, begin, end }) => {
    const how = { who: tensorName(name), littleEndian: true, round };
    return new Tensor(readNumbers(type, file.subarray(begin, end), how), shape);
  });
  return { tensors: withSkipped(read, skipped), metadata, dtypes: byName(chosen, ({ type }) => type), skipped };
}

/** @internal The same of a file that must be read whole. */
export function decodeAllSafetensors(bytes: Uint8Array): SafetensorsFile {
  const file = decodeSafetensors(bytes);
  const [reason] = Object.values(file.skipped);
  if (reason !== undefined) throw new FormatError(reason);
  return file;
}

// fromEntries makes properties of its own, also of the name "__proto__".
function byName<T extends { readonly name: string }, R>(
  items: readonly T[],
  valueOf: (item: T) => R,
): Record<string, R> {
  return Object.fromEntries(items.map((item) => [item.name, valueOf(item)]));
}

function checkTensors(who: string, tensors: unknown): (readonly [name: string, tensor: Tensor])[] {
  if (!isRecord(tensors)) {
    throw new ArgumentError(`${who}: expected an object of tensors by name, got ${show(tensors)}.`);
  }
  return Object.entries(tensors).map(([name, value]) => {
    checkName(who, name);
    if (name === "__metadata__") {
      throw new ArgumentError(`${who}: expected another name than "__metadata__" (it is the format's own for texts).`);
    }
    const tensor = checkTensor(who, quote(name), value);
    if (tensor.dtype === "float32") return [name, tensor];
    throw new ArgumentError(`${who}: expected ${quote(name)} in float32, got ${tensor.dtype} (use toFloat32()).`);
  });
}

function checkMetadata(who: string, metadata: unknown): Readonly<Record<string, string>> {
  if (!isRecord(metadata)) throw new ArgumentError(`${who}: expected texts by name, got ${show(metadata)}.`);
  for (const [name, text] of Object.entries(metadata)) {
    checkName(who, name);
    if (typeof text !== "string") {
      throw new ArgumentError(
        `${who}: expected the metadata ${quote(name)} to be a string, got ${show(text)} (use String or JSON.stringify).`,
      );
    }
    if (isWellFormed(text)) continue;
    throw new ArgumentError(`${who}: expected well-formed text, got half a surrogate pair in ${quote(name)}.`);
  }
  return metadata as Record<string, string>;
}

function checkName(who: string, name: string): void {
  if (isWellFormed(name)) return;
  throw new ArgumentError(`${who}: expected names of well-formed text, got half a surrogate pair in ${quote(name)}.`);
}

function encodeHeader(
  who: string,
  entries: readonly (readonly [string, Tensor])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let end = 0;
  const fields = entries.map(([name, { shape, size }]): [string, object] => {
    const begin = end;
    end += 4 * size;
    return [name, { dtype: "F32", shape, data_offsets: [begin, end] }];
  });
  const texts: [string, object][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  const json = encodeUtf8(JSON.stringify(Object.fromEntries([...texts, ...fields])));
  const length = Math.ceil(json.length / 8) * 8; // so that the numbers start aligned
  if (length > MOST_HEADER_BYTES) {
    throw new ArgumentError(
      `${who}: expected names and texts for a header of at most ${MOST_HEADER_BYTES} bytes, got ${length}.`,
    );
  }
  const padded = new Uint8Array(length).fill(0x20);
  padded.set(json);
  return padded;
}
