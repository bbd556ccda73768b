// Checks of arguments at the public door, each once. No check here ever changes a value.
import { ArgumentError } from "./errors.js";

/** Shows a value in an error message: strings in quotes, arrays in brackets, long things cut. */
export function show(value: unknown): string {
  return showInside(value, 0);
}

function showInside(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}...` : value);
  if (Array.isArray(value)) {
    if (depth > 3) return "[...]";
    const first = value.slice(0, 8).map((each) => showInside(each, depth + 1));
    return `[${first.join(", ")}${value.length > 8 ? ", ..." : ""}]`;
  }
  if (typeof value === "number" && Object.is(value, -0)) return "-0";
  if (typeof value === "bigint") return `${value}n`;
  // Its whole source would bury the message. A class has a prototype that cannot be written.
  if (typeof value === "function") {
    const isClass = Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
    return `the ${isClass ? "class" : "function"} ${value.name === "" ? "(anonymous)" : value.name}`;
  }
  if (value === null || typeof value !== "object") return String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
  return ArrayBuffer.isView(value) && "length" in value ? `${name}(${String(value.length)})` : `an object (${name})`;
}

/** Throws unless `value` is a whole number in [min, max]. */
export function whole(who: string, name: string, value: unknown, min: number, max: number = Infinity): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const range = max !== Infinity ? ` from ${min} to ${max}` : min !== -Infinity ? ` of at least ${min}` : "";
  throw new ArgumentError(
    `${who}: expected ${name} to be a whole number${range}, got ${show(value)}${unwrap(name, value)}.`,
  );
}

/** Throws unless `value` is a finite number in [min, max]. */
export function finite(
  who: string,
  name: string,
  value: unknown,
  min: number = -Infinity,
  max: number = Infinity,
): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= min && value <= max) return value;
  const range = max !== Infinity ? ` from ${min} to ${max}` : min !== -Infinity ? ` of at least ${min}` : "";
  throw new ArgumentError(
    `${who}: expected ${name} to be a finite number${range}, got ${show(value)}${unwrap(name, value)}.`,
  );
}

/** The remedy for a positional argument that came in an object of options, as { p: 0.5 } for p. */
export function unwrap(name: string, value: unknown): string {
  const wrapped = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return wrapped ? ` (arguments stand one by one, options in an object behind them)` : "";
}

/** Throws when a constructor that takes nothing is given something. */
export function noArguments(who: string, given: readonly unknown[]): void {
  if (given.length === 0) return;
  throw new ArgumentError(`${who}: expected no arguments, got ${show(given[0])}.`);
}

/** Throws unless `value` is a boolean. */
export function flag(who: string, name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ArgumentError(`${who}: expected ${name} to be true or false, got ${show(value)}.`);
}

/**
 * Throws unless `value` is a Uint8Array (a Buffer is one) or an ArrayBuffer, of any realm; returns a plain view of it.
 */
export function checkBytes(who: string, value: unknown): Uint8Array {
  const tag = Object.prototype.toString.call(value); // not instanceof: the bytes may come from another realm
  if (tag === "[object Uint8Array]" && ArrayBuffer.isView(value)) {
    // A plain Uint8Array, because the slice of a Buffer does not copy.
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (tag === "[object ArrayBuffer]") return new Uint8Array(value as ArrayBuffer);
  const remedy = BYTES_REMEDIES[tag] ?? "read the file first";
  throw new ArgumentError(`${who}: expected bytes (Uint8Array or ArrayBuffer), got ${show(value)} (${remedy}).`);
}

// What people hold instead of a file's bytes, and the way from there.
const BYTES_REMEDIES: Readonly<Record<string, string>> = {
  "[object Promise]": "write await before it",
  "[object Response]": "await response.arrayBuffer()",
  "[object Blob]": "await blob.arrayBuffer()",
  "[object File]": "await file.arrayBuffer()",
  "[object String]": "read the file first: readFileSync(path), or await (await fetch(url)).arrayBuffer()",
};

/** Throws unless `value` is one of the given words; a near miss gets a hint. */
export function oneOf<T extends string>(who: string, name: string, value: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const list = words.map((word) => JSON.stringify(word)).join(", ");
  const hint = typeof value === "string" ? nearestHint(value, words) : "";
  throw new ArgumentError(
    `${who}: expected ${name} to be one of ${list}, got ${show(value)}${hint === "" ? "." : hint}`,
  );
}

// Other libraries' names of the same.
const SYNONYMS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  learningrate: "lr",
  alpha: "lr",
  beta1: "betas",
  beta2: "betas",
  epsilon: "eps",
  l2: "weightDecay",
  axis: "dim",
  axes: "dim",
  batchsize: "size",
  strides: "stride",
  dilationrate: "dilation",
  usebias: "bias",
  classweight: "weight",
  classweights: "weight",
  smoothing: "labelSmoothing",
  droplastbatch: "dropLast",
}) as Record<string, string>;

/** True for an object with keys, of any realm (also a module): not for a list, a Map, a Promise, bytes, or an object of ours. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (!/^.object (Object|Module)/.test(Object.prototype.toString.call(value))) return false;
  return !(Symbol.iterator in (value as object) || "uncloneable" in (value as object));
}

/** Throws when `options` is not a plain object or has a key that is not in `known`; a near miss gets a hint. */
export function knownKeys(who: string, options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) {
    const example = known.length > 0 ? ` such as { ${known[0]}: ... }` : "";
    throw new ArgumentError(`${who}: expected an options object${example}, got ${show(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const list = known.length > 0 ? known.join(", ") : "none";
    const synonym = SYNONYMS[key.toLowerCase().replaceAll("_", "")];
    const hint = known.includes(synonym) ? `, did you mean "${synonym}"?` : nearestHint(key, known);
    throw new ArgumentError(`${who}: unknown option "${key}"${hint} (options: ${list}).`);
  }
}

/** `, did you mean "padding"?` for a word close to a known one, else nothing. */
export function nearestHint(word: string, known: readonly string[]): string {
  if (word.length > 100) return ""; // no slip of the finger
  const plain = (text: string): string => text.toLowerCase().replaceAll("_", ""); // padding_mode is paddingMode
  const [a, most] = [plain(word), Math.floor(Math.max(word.length, 3) / 3) + 1];
  let best = "";
  let bestDistance = most;
  for (const candidate of known) {
    const b = plain(candidate);
    // A beginning of the word counts as one slip: "class" for "classes".
    const begun = a.length >= 3 && b.startsWith(a);
    const distance = begun ? Math.min(1, editDistance(a, b)) : editDistance(a, b);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === "" ? "" : `, did you mean "${best}"?`;
}

// Letters to insert, delete, change, or swap with their neighbor (Damerau and Levenshtein, without edits inside a swap), one
// row at a time: row[j] is the distance from the read part of `a` to b[0..j).
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? before[j - 2] + 1 : Infinity;
      next.push(Math.min(substitution, row[j] + 1, next[j - 1] + 1, swap));
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
