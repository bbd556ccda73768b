// safetensors: tensors by name in one file, as PyTorch users exchange weights. Eight bytes of header length, a header of
// JSON, the numbers. https://huggingface.co/docs/safetensors
import { FormatError } from "../errors.js";
import { sizeOf } from "../shape.js";
import { Tensor } from "../tensor.js";

/** Tensors and texts of one safetensors file. */
export interface SafetensorsFile {
  /** The tensors by name, in the order of the file. */
  readonly tensors: Record<string, Tensor>;
  /** The texts beside them (`__metadata__`); empty if there are none. */
  readonly metadata: Record<string, string>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The bytes of a safetensors file with these tensors as float32, in their order, and these texts. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let end = 0;
  for (const [name, { shape }] of Object.entries(tensors)) {
    const begin = end;
    end += 4 * sizeOf(shape);
    header[name] = { dtype: "F32", shape, data_offsets: [begin, end] };
  }
  let text = JSON.stringify(header);
  text = text.padEnd(text.length + ((8 - (new TextEncoder().encode(text).length % 8)) % 8), " "); // the numbers start aligned
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  const numbers = new Float32Array(bytes.buffer, 8 + json.length, end / 4);
  let at = 0;
  for (const { data } of Object.values(tensors)) {
    numbers.set(data, at);
    at += data.length;
  }
  return bytes;
}

/**
 * The tensors and texts of a safetensors file.
 *
 * @throws FormatError when the bytes are not such a file
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw new FormatError(`decodeSafetensors: expected at least 8 bytes, got ${bytes.length}.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    HeaderEntry
  >;
  const tensors: Record<string, Tensor> = {};
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      metadata = entry as unknown as Record<string, string>;
      continue;
    }
    const [begin, end] = entry.data_offsets;
    const data = bytes.slice(8 + length + begin, 8 + length + end);
    tensors[name] = new Tensor(new Float32Array(data.buffer), entry.shape);
  }
  return { tensors, metadata };
}
