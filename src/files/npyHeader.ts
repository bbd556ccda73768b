// The header of a .npy file: a Python dict literal, of which only what NumPy writes for plain numbers is read (three names, a
// text, True or False, a tuple of sizes), from left to right by a pattern for each. Nothing is evaluated.
import { FormatError } from "../base/errors.js";
import type { Shape } from "../base/shape.js";
import { quote } from "./json.js";
import type { NumberType } from "./numbers.js";

/** What a .npy header says. */
export interface NpyHeader {
  readonly type: NumberType;
  readonly littleEndian: boolean;
  /** Whether the first axis is contiguous. */
  readonly fortranOrder: boolean;
  readonly shape: Shape;
}

const MOST_AXES = 64; // as many as NumPy 2 has
const TYPES = ["f2", "f4", "f8", "b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"];

const OTHERS: Readonly<Record<string, string>> = {
  O: "pickled Python objects, which can run code",
  c: "complex numbers",
  S: "bytes",
  U: "text",
  a: "bytes",
  V: "structures or raw data",
  M: "dates",
  m: "time spans",
};

// Strings have no escapes: NumPy writes none for the names that are read here.
const NAME = /(['"])(descr|fortran_order|shape)\1/y;
const VALUE = /(['"])([^'"\\\n]*)\1|True|False|\(/y;
const VALUES = "a text, True, False or a tuple of whole numbers";
const SIZE = /(0|[1-9]\d*)L?/y;
const ANY = /['"{}():,[\]\d]|True|False/y; // how something begins that may stand in a header

/**
 * Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, its three entries in any order. A text is the reason why an
 * array is not of numbers that are read.
 *
 * @throws FormatError for anything else
 */
export function parseNpyHeader(who: string, text: string): NpyHeader | string {
  let at = 0;
  const fault = (expected: string, place: number): FormatError => {
    const got = `${quote(text.slice(place, place + 20))} at character ${place}`;
    return new FormatError(`${who}: expected ${expected} in the header, got ${got}.`);
  };
  const next = (pattern: RegExp): RegExpExecArray | null => {
    while (/\s/.test(text.charAt(at))) at++;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found;
  };
  const take = (pattern: RegExp, expected: string): RegExpExecArray => {
    const found = next(pattern);
    if (found !== null) return found;
    const place = at;
    throw fault(next(ANY) === null ? "a Python dict of texts, True, False and whole numbers" : expected, place);
  };

  const entries: Record<string, unknown> = {};
  take(/\{/y, "{");
  while (next(/\}/y) === null) {
    const [{ length }, , name] = take(NAME, "descr, fortran_order and shape");
    if (name in entries) throw fault(`${name} once`, at - length);
    take(/:/y, ":");
    if (name === "descr" && next(/(?=\[)/y) !== null) return fault(VALUES, at).message; // a list of fields: structures
    const [value, , string] = take(VALUE, VALUES);
    entries[name] = value === "(" ? tuple() : (string ?? value === "True");
    if (next(/,/y) !== null) continue;
    take(/\}/y, "}");
    break;
  }
  if (text.slice(at).trim() !== "") throw fault("nothing after the }", at);

  // Behind the "(": (), (3,), (3, 4) or (3, 4,).
  function tuple(): number[] {
    const sizes: number[] = [];
    while (next(/\)/y) === null) {
      const [{ length }, digits] = take(SIZE, "sizes of whole numbers up to 2^53");
      if (!Number.isSafeInteger(Number(digits))) throw fault("sizes of whole numbers up to 2^53", at - length);
      if (sizes.push(Number(digits)) > MOST_AXES) throw fault(`at most ${MOST_AXES} axes`, at - length);
      if (next(/,/y) !== null) continue;
      take(/\)/y, ")");
      // In Python (3) is a number.
      if (sizes.length === 1) throw fault("a tuple, with a comma after its only size", at - 1);
      break;
    }
    return sizes;
  }

  const { descr, fortran_order: order, shape } = entries;
  const refuse = (expected: string): FormatError =>
    new FormatError(`${who}: expected ${expected}, got the header ${quote(text.trim())}.`);
  if (typeof descr !== "string") throw refuse("descr to be a text such as '<f4'");
  if (typeof order !== "boolean") throw refuse("fortran_order to be True or False");
  if (!Array.isArray(shape)) throw refuse("shape to be a tuple of whole numbers");
  const numbers = readDescr(who, descr);
  return typeof numbers === "string" ? numbers : { ...numbers, fortranOrder: order, shape: shape as number[] };
}

function readDescr(who: string, descr: string): Pick<NpyHeader, "type" | "littleEndian"> | string {
  const [order, rest] = [descr[0] ?? "", descr.slice(1)];
  const orders = rest.endsWith("1") ? "<>|" : "<>"; // "|": has no byte order
  if (TYPES.includes(rest) && order !== "" && orders.includes(order)) {
    const type = rest === "b1" ? "BOOL" : `${rest[0].toUpperCase()}${8 * Number(rest[1])}`; // f4 is F32
    return { type: type as NumberType, littleEndian: order !== ">" };
  }
  const kind = OTHERS[rest[0] ?? ""];
  const hint = kind === undefined ? "" : `, which is ${kind}`;
  return (
    `${who}: expected descr to be < or > with ${TYPES.join(", ")}, got ${quote(descr)}${hint} (save ` +
    "array.astype('float32') instead)."
  );
}
