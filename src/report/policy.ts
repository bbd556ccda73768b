// The content security policy of a report: nothing is fetched, and nothing runs but the one script and the one style sheet that
// were written into it, known by their digests.
import { ArgumentError } from "../base/errors.js";
import { encodeUtf8 } from "../files/utf8.js";

/** The policy for a document with this script and these styles. */
export async function policyOf(who: string, script: string, style: string): Promise<string> {
  const [scripts, styles] = await Promise.all([digest(who, script), digest(who, style)]);
  return [
    "default-src 'none'",
    "img-src data:",
    `script-src '${scripts}'`,
    `style-src '${styles}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

async function digest(who: string, text: string): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined) {
    throw new ArgumentError(
      `${who}: expected crypto.subtle for the report's policy, got none (a page has it on https and on localhost only).`,
    );
  }
  const bytes = new Uint8Array(await subtle.digest("SHA-256", encodeUtf8(text)));
  return `sha256-${base64(bytes)}`;
}

/** Bytes as base64. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}
