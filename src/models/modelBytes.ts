// The bytes that a reader of model files is given, with a remedy for each thing that people give instead.
import { checkBytes, show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";

const REMEDIES: Readonly<Record<string, string>> = {
  "[object Promise]": "write await before it",
  "[object Response]": "await response.arrayBuffer()",
  "[object Blob]": "await blob.arrayBuffer()",
  "[object File]": "await file.arrayBuffer()",
  "[object String]": "read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()",
};

/** The bytes of a file, whatever holds them. */
export function bytesOf(who: string, value: unknown): Uint8Array {
  const remedy = REMEDIES[Object.prototype.toString.call(value)];
  if (remedy === undefined) return checkBytes(who, value);
  throw new ArgumentError(`${who}: expected bytes (Uint8Array or ArrayBuffer), got ${show(value)} (${remedy}).`);
}
