// JSON from files, the one way to read it: what JSON.parse lets pass (a name twice in one object, half a surrogate pair, nesting
// without end) is refused before it parses. It knows no format.
import { FormatError } from "../base/errors.js";

const MOST_LEVELS = 64;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Options of {@link parseJson}. */
export interface JsonOptions {
  /** What the text is, for messages. Default "JSON". */
  readonly what?: string;
  /** Whether every number must be written as a whole number of at least 0, without point or exponent. Default false. */
  readonly wholeNumbers?: boolean;
  /** Whether a string may hold half a surrogate pair, written by an escape: any string of a user's. Default false. */
  readonly halfPairs?: boolean;
}

/**
 * The value of a JSON text.
 *
 * @throws FormatError for text that is not JSON, a name twice in one object, more than 64 levels, half a surrogate pair
 */
export function parseJson(
  who: string,
  text: string,
  { what = "JSON", wholeNumbers = false, halfPairs = false }: JsonOptions = {},
): unknown {
  try {
    scan(text, wholeNumbers, halfPairs); // first, because the engine's parser may run out of stack on deep nesting
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

// What counts outside of strings: their beginnings, brackets, and numbers up to the sign that makes them other than whole.
const MARKS = /["{}[\]]|-|\d+[.eE]?/g;
const COLON = /[ \t\n\r]*:/y;

// It does not check the grammar: JSON.parse does that afterwards.
function scan(text: string, wholeNumbers: boolean, halfPairs: boolean): void {
  const levels: (Set<string> | null)[] = []; // for each open bracket the names of its object, null for an array
  MARKS.lastIndex = 0;
  for (let found = MARKS.exec(text); found !== null; found = MARKS.exec(text)) {
    const [mark] = found;
    if (mark === '"') {
      MARKS.lastIndex = COLON.lastIndex = endOfString(text, found.index);
      const string = text.slice(found.index, MARKS.lastIndex);
      checkString(string, COLON.test(text) ? levels.at(-1) : null, halfPairs);
    } else if (mark === "{" || mark === "[") {
      if (levels.push(mark === "{" ? new Set() : null) > MOST_LEVELS)
        throw new Fault(`more than ${MOST_LEVELS} levels`);
    } else if (mark === "}" || mark === "]") {
      levels.pop();
    } else if (wholeNumbers && !/\d$/.test(mark)) {
      throw new Fault(`a number that is not written as a whole one at character ${MARKS.lastIndex - 1}`);
    }
  }
}

// By searching, not by a pattern for the whole string: that runs out of stack at some million escapes, and the state of a
// checkpoint is such a string.
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  throw new Fault("a string without an end");
}

function checkString(token: string, names: Set<string> | null | undefined, halfPairs: boolean): void {
  const value = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (!halfPairs && !isWellFormed(value)) throw new Fault(`half a surrogate pair in ${quote(value)}`);
  if (names?.has(value)) throw new Fault(`the name ${quote(value)} twice`);
  names?.add(value);
}
