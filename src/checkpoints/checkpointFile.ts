// The bytes of a checkpoint: a safetensors file whose metadata say what it is, and a checksum over all of it. What the tensors
// and the text mean is in checkpoint.ts.
import { describeBytes } from "../data/foreign.js";
import { FormatError } from "../base/errors.js";
import type { Tensor } from "../base/tensor.js";
import { crc32, hex8 } from "../files/crc32.js";
import { encodeUtf8 } from "../files/utf8.js";
import type { Bytes } from "../files/bytes.js";
import { decodeAllSafetensors, encodeSafetensors } from "../files/safetensors.js";

/** The version of the format that this code writes; it reads this one and all before it. */
const VERSION = 1;

const FORMAT = "handgrad checkpoint";
// The header of the file begins with these texts in this order, in every version, so that a reader of any age can tell a
// damaged file from a foreign or a newer one.
const OPENING = `{"__metadata__":{"format":"${FORMAT}","version":"`;
const CHECKSUM = `","checksum":"`;
const NO_CHECKSUM = "00000000";
const HEADER = 8; // where the header starts

/** What is in the file: tensors by name, and a text. */
export interface CheckpointParts {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly state: string;
}

/**
 * The bytes. Their checksum is the CRC-32 of the whole file with "00000000" in the checksum's place, in eight hexadecimal
 * digits.
 */
export function joinCheckpoint({ tensors, state }: CheckpointParts): Bytes {
  const metadata = { format: FORMAT, version: String(VERSION), checksum: NO_CHECKSUM, state };
  const bytes = encodeSafetensors(tensors, metadata);
  const place = HEADER + OPENING.length + String(VERSION).length + CHECKSUM.length;
  bytes.set(encodeUtf8(hex8(crc32(bytes))), place);
  return bytes;
}

/**
 * The parts of a checkpoint's bytes, once the checksum has been found right.
 *
 * @throws FormatError for a file of another kind, a damaged one, one by a newer version
 */
export function splitCheckpoint(who: string, bytes: Uint8Array): CheckpointParts {
  const opening = latin1(bytes.subarray(HEADER, HEADER + OPENING.length + 40));
  if (!opening.startsWith(OPENING)) throw foreign(who, bytes);
  const [version, rest] = opening.slice(OPENING.length).split(CHECKSUM);
  const said = (rest ?? "").slice(0, NO_CHECKSUM.length);
  if (!/^\d{1,8}$/.test(version) || !/^[0-9a-f]{8}$/.test(said)) throw damaged(who, "an opening that does not parse");
  const place = HEADER + OPENING.length + version.length + CHECKSUM.length;
  const found = hex8(checksumOf(bytes, place));
  if (found !== said) throw damaged(who, `checksum ${found}, the file says ${said}`);
  if (Number(version) > VERSION) {
    throw new FormatError(
      `${who}: expected a checkpoint of version ${VERSION} or older, got version ${version} (written by a newer handgrad; ` +
        `update the package).`,
    );
  }
  const { tensors, metadata } = decodeAllSafetensors(bytes);
  return { tensors, state: metadata.state ?? "" };
}

function checksumOf(bytes: Uint8Array, place: number): number {
  const before = crc32(bytes.subarray(0, place));
  const zeros = crc32(encodeUtf8(NO_CHECKSUM), before);
  return crc32(bytes.subarray(place + NO_CHECKSUM.length), zeros);
}

function damaged(who: string, how: string): FormatError {
  return new FormatError(`${who}: expected a whole checkpoint, got a damaged one (${how}).`);
}

function foreign(who: string, bytes: Uint8Array): FormatError {
  const what = bytes.length === 0 ? "an empty file" : `another file (${guess(bytes)})`;
  return new FormatError(`${who}: expected a handgrad checkpoint, got ${what}.`);
}

// safetensors begin with the length of a header in braces.
function guess(bytes: Uint8Array): string {
  if (bytes.length <= HEADER || bytes[HEADER] !== 0x7b) return describeBytes(bytes);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length <= BigInt(bytes.length - HEADER)
    ? "safetensors without our metadata; for weights alone use decodeSafetensors"
    : describeBytes(bytes);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
