// Text as UTF-8 and back, also where a realm has no TextEncoder and TextDecoder, as that of jest-environment-jsdom.
import { FormatError } from "../base/errors.js";
import type { Bytes } from "./bytes.js";

/** The bytes of a well-formed text. */
export function encodeUtf8(text: string): Bytes {
  if (typeof TextEncoder === "function") return new TextEncoder().encode(text);
  const byteText = encodeURIComponent(text).replace(/%(..)/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`)));
  return Uint8Array.from(byteText, (byte) => byte.charCodeAt(0));
}

/** The text of UTF-8 bytes, `what` in messages; a byte order mark is kept. */
export function decodeUtf8(who: string, what: string, bytes: Uint8Array): string {
  try {
    if (typeof TextDecoder !== "function") return decodeURIComponent(Array.from(bytes, escaped).join(""));
    // A copy, because browsers do not decode shared memory.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.slice());
  } catch (cause) {
    throw new FormatError(`${who}: expected ${what} in UTF-8, got other bytes (the file is damaged).`, { cause });
  }
}

function escaped(byte: number): string {
  return `%${byte.toString(16).padStart(2, "0")}`;
}
