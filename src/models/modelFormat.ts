// The model file: a safetensors file whose metadata hold the architecture and the input spec as JSON. What its writer and its
// reader share; docs/files.md describes the format.
import { namedState } from "../nn/walk.js";
import type { LayerConfig } from "../nn/config.js";
import { Parameter } from "../nn/parameter.js";
import type { Layer } from "../nn/layer.js";
import type { StateBuffer } from "../nn/stateBuffer.js";
import type { Tensor } from "../base/tensor.js";
import { crc32, hex8 } from "../files/crc32.js";
import { encodeUtf8 } from "../files/utf8.js";
import type { InputSpec } from "./inputSpec.js";

/** Key of the JSON text in the metadata. */
export const MODEL_KEY = "handgrad.model";
/** Key of the checksum in the metadata. */
export const CHECKSUM_KEY = "handgrad.checksum";
/** The version that is written; all up to it are read. */
export const MODEL_VERSION = 1;

/** More of either is refused, when writing and when reading. */
export const MOST_LAYERS = 10_000;
/** How deep the architecture may be nested, a little less than json.ts reads; a Sequential in a Sequential takes three. */
export const DEEPEST_JSON = 60;

/** The JSON under {@link MODEL_KEY}. */
export interface ModelHeader {
  readonly version: number;
  readonly architecture: LayerConfig;
  /** State that has several names: each further name with the first one, under which the numbers are. */
  readonly shared: Readonly<Record<string, string>>;
  readonly input: InputSpec | null;
  readonly classes: readonly string[] | null;
}

/** A model's state: what has several names once under its first, the further names apart. */
export function ownAndShared(model: Layer): {
  readonly own: Map<string, Parameter | StateBuffer>;
  readonly shared: Map<string, string>;
} {
  const firstName = new Map<Parameter | StateBuffer, string>();
  const own = new Map<string, Parameter | StateBuffer>();
  const shared = new Map<string, string>();
  for (const [name, state] of namedState(model)) {
    const first = firstName.get(state);
    if (first !== undefined) shared.set(name, first);
    else {
      firstName.set(state, name);
      own.set(name, state);
    }
  }
  return { own, shared };
}

/**
 * CRC-32 over what the file says, whatever the order in which it says it, so that other safetensors tools may write it anew:
 * the metadata but the checksum, as JSON [[key, text], ...] by key; then each tensor by name, JSON [name, shape] and its
 * float32 numbers.
 */
export function checksum(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): string {
  const texts = Object.keys(metadata).filter((key) => key !== CHECKSUM_KEY);
  let crc = crc32(encodeUtf8(JSON.stringify(texts.sort().map((key) => [key, metadata[key]]))));
  for (const name of Object.keys(tensors).sort()) {
    const { data, shape } = tensors[name];
    crc = crc32(encodeUtf8(JSON.stringify([name, shape])), crc);
    crc = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), crc);
  }
  return `crc32:${hex8(crc)}`;
}
