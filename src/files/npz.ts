// NumPy's .npz: a zip archive of .npy files. The directory is read in zip.ts, the arrays in npy.ts, packing is fflate's.
import { Inflate, inflateSync, zipSync, type Zippable } from "fflate";
import { checkBytes, flag, isRecord, knownKeys, show, whole } from "../base/check.js";
import { ArgumentError, FormatError, MemoryError } from "../base/errors.js";
import { Tensor } from "../base/tensor.js";
import { allocateBytes, type Bytes } from "./bytes.js";
import { chosenOf, withSkipped, type ChooseOptions } from "./choice.js";
import { crc32, hex8 } from "./crc32.js";
import { isWellFormed, quote } from "./json.js";
import { encodeNpyAs, readNpy, type NpyFile } from "./npy.js";
import type { NumberType } from "./numbers.js";
import { readZipDirectory, type ZipMember } from "./zip.js";

/** The arrays of one .npz file. */
export interface NpzFile {
  /** Tensors by name, in the order of the archive (but names that are whole numbers first). */
  readonly tensors: Record<string, Tensor>;
  /** The number format that each has in the file, by name. */
  readonly dtypes: Record<string, NumberType>;
  /** What was not read, by name, with the reason: other files in the archive, arrays of other things than numbers. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** Options of {@link decodeNpz}. */
export interface DecodeNpzOptions extends ChooseOptions {
  /** Most bytes that the archive may hold when unpacked. Default 1073741824 (1 GiB). */
  readonly maxBytes?: number;
}

/** Options of {@link encodeNpz}. */
export interface EncodeNpzOptions {
  /** Whether the arrays are packed (deflate), as by `numpy.savez_compressed`. Default false, as `numpy.savez`. */
  readonly compress?: boolean;
}

const WHO_WRITES = "encodeNpz";
const WHO_READS = "decodeNpz";
const SUFFIX = ".npy";
const MOST_MEMBERS = 65_534; // and 4 GiB: beyond is another form of zip
const MOST_FILE_BYTES = 4_294_967_295;
const MOST_NAME_BYTES = 60_000;
const DEFAULT_MOST_BYTES = 1_073_741_824;
const PIECE = 4096; // packed bytes that are unpacked at once: at most 4.2 MB

/**
 * The bytes of a .npz file with these tensors as float32. The same tensors give the same bytes (members are dated 1980).
 *
 * @example
 * await writeFile("weights.npz", encodeNpz(model.stateDict())); // Python: numpy.load("weights.npz")["0.weight"]
 *
 * @throws ArgumentError for what is not a float32 tensor, a name that no archive can hold, more than 4 GiB
 * @throws ShapeError for a tensor of more than 32 axes
 * @throws MemoryError when there is no room for the bytes
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 */
export function encodeNpz(tensors: Readonly<Record<string, Tensor>>, options: EncodeNpzOptions = {}): Bytes {
  knownKeys(WHO_WRITES, options, ["compress"]);
  const { compress = false } = options;
  const level = flag(WHO_WRITES, "compress", compress) ? 6 : 0;
  if (!isRecord(tensors)) {
    throw new ArgumentError(`${WHO_WRITES}: expected an object of tensors by name, got ${show(tensors)}.`);
  }
  const members = Object.entries(tensors).map(([name, tensor]): [string, Uint8Array] => {
    return [`${checkName(name)}${SUFFIX}`, encodeNpyAs(WHO_WRITES, quote(name), tensor)];
  });
  const size = members.reduce((sum, [name, { length }]) => sum + length + 6 * name.length + 100, 0);
  if (members.length > MOST_MEMBERS || size > MOST_FILE_BYTES) {
    throw new ArgumentError(
      `${WHO_WRITES}: expected at most ${MOST_MEMBERS} tensors and 4 GiB, got ${members.length} and ${size} bytes ` +
        "(write several files, or safetensors).",
    );
  }
  const mtime = new Date(1980, 0, 1); // zip's first day, in local time as fflate reads it
  try {
    return zipSync(Object.fromEntries(members) as Zippable, { level, mtime }) as Bytes;
  } catch (cause) {
    throw new MemoryError(`${WHO_WRITES}: expected room for ${size} bytes, got none (write several files).`, { cause });
  }
}

/**
 * The arrays of a .npz file, stored or packed, each as `decodeNpy` of handgrad/io reads it. What the members unpack to is checked
 * by their CRC-32; unpacking stops as soon as there is more than the directory says.
 *
 * What is not of numbers (text, dates, objects, a README) does not cost the rest: it is in `skipped` with the reason, which is
 * also the error of whoever asks `tensors` for it. With `names` only these are unpacked, and they must be of numbers.
 *
 * @example
 * const { tensors } = decodeNpz(await readFile("weights.npz"));
 * model.loadStateDict(tensors);
 *
 * @throws FormatError when the bytes are not such a file, are damaged, or hold more than `maxBytes` when unpacked
 * @throws ArgumentError when `bytes` are not bytes, for an unusable option
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 */
export function decodeNpz(bytes: Uint8Array | ArrayBuffer, options: DecodeNpzOptions = {}): NpzFile {
  const file = checkBytes(WHO_READS, bytes);
  knownKeys(WHO_READS, options, ["round", "names", "maxBytes"]);
  const { round = false, names, maxBytes = DEFAULT_MOST_BYTES } = options;
  flag(WHO_READS, "round", round);
  whole(WHO_READS, "maxBytes", maxBytes, 0);
  const members = readZipDirectory(WHO_READS, file);
  const isChosen = chosenOf(WHO_READS, names, members.map(nameOf));
  const chosen = members.filter((member) => isChosen(nameOf(member)));
  checkMembers(chosen, maxBytes);
  const skipped: [string, string][] = [];
  const read = chosen.flatMap((member) => {
    const name = nameOf(member);
    const array = readMember(member, file, round);
    if (typeof array !== "string") return [{ name, ...array }];
    if (names !== undefined) throw new FormatError(array);
    skipped.push([name, array]);
    return [];
  });
  const reasons = Object.fromEntries(skipped);
  return {
    tensors: withSkipped(Object.fromEntries(read.map(({ name, tensor }) => [name, tensor])), reasons),
    dtypes: Object.fromEntries(read.map(({ name, dtype }) => [name, dtype])),
    skipped: reasons,
  };
}

/** The name of an array; of another file its whole name. */
function nameOf({ name }: ZipMember): string {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
}

function readMember(member: ZipMember, file: Uint8Array, round: boolean): NpyFile | string {
  if (!member.name.endsWith(SUFFIX)) return `${WHO_READS}: expected members named *.npy, got ${quote(member.name)}.`;
  const who = `${WHO_READS}: array ${quote(nameOf(member))}`;
  return readNpy(who, unpack(who, member, file.subarray(member.begin, member.end)), round);
}

function checkMembers(members: readonly ZipMember[], maxBytes: number): void {
  const names = new Set<string>();
  let total = 0;
  for (const member of members) {
    const name = nameOf(member);
    if (names.has(name)) {
      throw new FormatError(`${WHO_READS}: expected every name once, got ${quote(member.name)} twice.`);
    }
    names.add(name);
    total += member.size;
  }
  if (total <= maxBytes) return;
  throw new FormatError(
    `${WHO_READS}: expected at most ${maxBytes} bytes unpacked, got ${total} by the directory (set maxBytes if the file is ` +
      "to be trusted).",
  );
}

function unpack(who: string, { deflated, size, crc }: ZipMember, packed: Uint8Array): Uint8Array {
  const plain = deflated ? inflate(who, packed, size) : packed;
  if (crc32(plain) === crc) return plain;
  throw new FormatError(
    `${who}: expected bytes of CRC-32 ${hex8(crc)}, got ${hex8(crc32(plain))} (the file is damaged).`,
  );
}

// One byte more than `size` is room to see that there is more. Long data are unpacked a piece at a time, so that what goes
// on after `size` bytes is not unpacked to its end.
function inflate(who: string, packed: Uint8Array, size: number): Uint8Array {
  const plain = allocateBytes(who, size + 1);
  let at = 0;
  try {
    if (packed.length <= PIECE) at = inflateSync(packed, { out: plain }).length;
    else at = inflatePieces(packed, plain);
  } catch (cause) {
    throw new FormatError(`${who}: expected deflated data, got bytes that do not unpack (the file is damaged).`, {
      cause,
    });
  }
  if (at === size) return plain.subarray(0, size);
  const got = at > size ? `${at} or more` : `${at}`;
  throw new FormatError(`${who}: expected ${size} bytes unpacked, got ${got} (the file is damaged).`);
}

/** How many bytes were unpacked when the end or more than the room was reached. */
function inflatePieces(packed: Uint8Array, plain: Uint8Array): number {
  let at = 0;
  const stream = new Inflate((piece) => {
    if (at + piece.length <= plain.length) plain.set(piece, at);
    at += piece.length;
  });
  for (let from = 0; from < packed.length && at < plain.length; from += PIECE) {
    stream.push(packed.slice(from, from + PIECE), from + PIECE >= packed.length);
  }
  return at;
}

function checkName(name: string): string {
  if (isWellFormed(name) && !name.includes("\0") && name.length * 3 <= MOST_NAME_BYTES) return name;
  throw new ArgumentError(
    `${WHO_WRITES}: expected names of well-formed text without NUL, of at most ${MOST_NAME_BYTES / 3} characters, got ` +
      `${quote(name)}.`,
  );
}
