// Reads a model file, which saveModel wrote: a safetensors file of float32 numbers with the architecture in its texts. What is
// wrong with a file is said in few words; handgrad/io says more.
import { FormatError } from "../base/errors.js";
import { sizeOf, type Shape } from "../base/shape.js";
import { checkBytes, isRecord, show } from "../base/check.js";
import { crc32, hex8 } from "../files/crc32.js";

const MODEL = "handgrad.model";
const CHECKSUM = "handgrad.checksum";

/** A tensor of the file. */
export interface Stated {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** What a model file says. */
interface ModelFile {
  readonly tensors: ReadonlyMap<string, Stated>;
  readonly header: Readonly<Record<string, unknown>>;
  /** The texts that were given to `saveModel`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Something in the file that cannot be. */
export function bad(expected: string, got: string): FormatError {
  return new FormatError(`loadModel: expected ${expected}, got ${got} (loadModel of handgrad/io says more of a file).`);
}

/** The file of these bytes, whole and unchanged by its checksum. */
export function readModelFile(given: Uint8Array | ArrayBuffer): ModelFile {
  const bytes = checkBytes("loadModel", given);
  const entries = readJson(bytes);
  const { __metadata__: texts } = entries;
  if (!isRecord(texts) || typeof texts[MODEL] !== "string") throw bad("a model file of saveModel", "another file");
  const metadata = texts as Readonly<Record<string, string>>;
  const start = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const tensors = new Map<string, Stated>();
  for (const [name, entry] of Object.entries(entries)) {
    if (name !== "__metadata__") tensors.set(name, readTensor(bytes.subarray(start), name, entry));
  }
  const sum = checksum(tensors, metadata);
  if (metadata[CHECKSUM] !== sum) throw bad("the content that the checksum says", "another one");
  const header: unknown = JSON.parse(metadata[MODEL]);
  if (!isRecord(header) || header.version !== 1) throw bad("a model file of version 1", "another version");
  const own = Object.entries(metadata).filter(([key]) => key !== MODEL && key !== CHECKSUM);
  return { tensors, header, metadata: Object.fromEntries(own) };
}

// The header: its length in eight bytes, then JSON.
function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(8, 8 + length));
    const json: unknown = JSON.parse(text);
    if (isRecord(json)) return json;
  } catch {
    // said below
  }
  throw bad("a model file of saveModel", `${bytes.length} other bytes`);
}

function readTensor(data: Uint8Array, name: string, entry: unknown): Stated {
  const { dtype, shape, data_offsets: range } = (isRecord(entry) ? entry : {}) as Record<string, unknown>;
  const isSizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((each) => Number.isSafeInteger(each) && each >= 0);
  if (dtype !== "F32" || !isSizes(shape) || !isSizes(range)) throw bad(`${show(name)} in float32`, show(dtype));
  const [begin, end] = range;
  if (end > data.length || end - begin !== 4 * sizeOf(shape)) throw bad(`${show(name)} whole`, `bytes ${show(range)}`);
  return { shape, data: new Float32Array(data.slice(begin, end).buffer) };
}

// As models/modelFormat.ts writes it.
function checksum(tensors: ReadonlyMap<string, Stated>, metadata: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  const add = (json: unknown, before: number): number => crc32(encoder.encode(JSON.stringify(json)), before);
  const texts = Object.keys(metadata).filter((key) => key !== CHECKSUM);
  let crc = add(
    texts.sort().map((key) => [key, metadata[key]]),
    0,
  );
  for (const name of [...tensors.keys()].sort()) {
    const { shape, data } = tensors.get(name) as Stated;
    crc = crc32(new Uint8Array(data.buffer), add([name, shape], crc));
  }
  return `crc32:${hex8(crc)}`;
}
