// JSON from files of unknown origin: what JSON.parse lets pass (a name twice in one object, half a surrogate pair, nesting
// without end) is refused. It knows no format.
import { FormatError } from "../base/errors.js";

const MOST_LEVELS = 64;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Options of {@link parseJson}. */
export interface JsonOptions {
  /** What the text is, for messages. Default "JSON". */
  readonly what?: string;
  /** Whether every number must be written as a whole number of at least 0, without point or exponent. Default false. */
  readonly wholeNumbers?: boolean;
}

/** The text of UTF-8 bytes, `what` in messages; a byte order mark is kept. */
export function decodeUtf8(who: string, what: string, bytes: Uint8Array): string {
  try {
    // A copy, because browsers do not decode shared memory.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.slice());
  } catch (cause) {
    throw new FormatError(`${who}: expected ${what} in UTF-8, got other bytes (the file is damaged).`, { cause });
  }
}

/**
 * The value of a JSON text.
 *
 * @throws FormatError for text that is not JSON, a name twice in one object, more than 64 levels, a string that is not
 * well-formed Unicode
 */
export function parseJson(
  who: string,
  text: string,
  { what = "JSON", wholeNumbers = false }: JsonOptions = {},
): unknown {
  try {
    scan(text, wholeNumbers); // first, because the engine's parser may run out of stack on deep nesting
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Fault ? cause.message : "text that does not parse";
    const options = cause instanceof Fault ? {} : { cause };
    throw new FormatError(`${who}: expected ${what}, got ${reason} (the file is damaged).`, options);
  }
}

/** True for a string without half a surrogate pair: one that UTF-8 can hold. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** A name from a file in quotes, cut if it is long. */
export function quote(name: string): string {
  return name.length > 80
    ? `${JSON.stringify(name.slice(0, 80))}... (${name.length} characters)`
    : JSON.stringify(name);
}

/** Ends a scan; parseJson turns it into a FormatError. */
class Fault extends Error {}

// Walks over strings, brackets and numbers. It does not check the grammar: JSON.parse does that afterwards.
function scan(text: string, wholeNumbers: boolean): void {
  const levels: (Set<string> | null)[] = []; // for each open bracket the names of its object, null for an array
  let at = 0;
  while (at < text.length) {
    const start = at++;
    const first = text[start];
    if (first === '"') {
      at = endOfString(text, start);
      checkString(text.slice(start, at), levels.at(-1) ?? null, isName(text, at));
    } else if (first === "{" || first === "[") {
      if (levels.push(first === "{" ? new Set() : null) > MOST_LEVELS)
        throw new Fault(`more than ${MOST_LEVELS} levels`);
    } else if (first === "}" || first === "]") {
      levels.pop();
    } else if (wholeNumbers && "-.eE".includes(first) && !isLetter(text, start)) {
      throw new Fault(`a number that is not written as a whole one at character ${start}`);
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  throw new Fault("a string without an end");
}

function checkString(token: string, names: Set<string> | null, isName: boolean): void {
  const value = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (!isWellFormed(value)) throw new Fault(`half a surrogate pair in ${quote(value)}`);
  if (names === null || !isName) return;
  if (names.has(value)) throw new Fault(`the name ${quote(value)} twice`);
  names.add(value);
}

// Whether a string that ends before `at` is followed by a colon.
function isName(text: string, at: number): boolean {
  while (" \t\n\r".includes(text.charAt(at)) && at < text.length) at++;
  return text[at] === ":";
}

// The e of true and false, not that of 1e5.
function isLetter(text: string, at: number): boolean {
  return text[at] === "e" && (text[at - 1] === "u" || text[at - 1] === "s");
}
