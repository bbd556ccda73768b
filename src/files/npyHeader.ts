// The header of a .npy file: a Python dict literal, of which only what NumPy writes for plain numbers is read. Nothing is
// evaluated.
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

type Value = string | boolean | readonly number[];

const MOST_AXES = 64; // as many as NumPy 2 has

const TYPES: Readonly<Record<string, NumberType>> = {
  ...{ f2: "F16", f4: "F32", f8: "F64", b1: "BOOL" },
  ...{ i1: "I8", i2: "I16", i4: "I32", i8: "I64", u1: "U8", u2: "U16", u4: "U32", u8: "U64" },
};

const OTHERS: Readonly<Record<string, string>> = {
  ...{ O: "pickled Python objects, which can run code", c: "complex numbers", S: "bytes", U: "text", a: "bytes" },
  ...{ V: "structures or raw data", M: "dates", m: "time spans" },
};

// Tokens of the literal. Strings have no escapes: NumPy writes none for the names that are read here.
const TOKEN = /(?:'([^'\\\n]*)'|"([^"\\\n]*)"|(True|False)|(0|[1-9][0-9]*)L?|([{}():,[\]]))/y;

/**
 * Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, its three entries in any order.
 *
 * @throws FormatError for anything else
 */
export function parseNpyHeader(who: string, text: string): NpyHeader {
  const { descr, fortran_order: order, shape } = new HeaderParser(who, text).parse();
  if (typeof descr !== "string") throw refuse(who, "descr to be a text such as '<f4'", text);
  if (typeof order !== "boolean") throw refuse(who, "fortran_order to be True or False", text);
  if (!Array.isArray(shape)) throw refuse(who, "shape to be a tuple of whole numbers", text);
  return { ...readDescr(who, descr), fortranOrder: order, shape };
}

function readDescr(who: string, descr: string): Pick<NpyHeader, "type" | "littleEndian"> {
  const [order, rest] = [descr[0] ?? "", descr.slice(1)];
  const type = Object.hasOwn(TYPES, rest) ? TYPES[rest] : undefined;
  const orders = rest.endsWith("1") ? "<>|" : "<>"; // "|": has no byte order
  if (type !== undefined && order !== "" && orders.includes(order)) return { type, littleEndian: order !== ">" };
  const kind = OTHERS[rest[0] ?? ""];
  const hint = kind === undefined ? "" : `, which is ${kind}`;
  throw new FormatError(
    `${who}: expected descr to be < or > with ${Object.keys(TYPES).join(", ")}, got ${quote(descr)}${hint} (save ` +
      "array.astype('float32') instead).",
  );
}

class HeaderParser {
  readonly #who: string;
  readonly #text: string;
  #at = 0;
  #token = 0; // where the latest token begins

  constructor(who: string, text: string) {
    this.#who = who;
    this.#text = text;
  }

  parse(): Partial<Record<string, Value>> {
    const entries = new Map<string, Value>();
    this.#expect("{");
    while (!this.#accept("}")) {
      const name = this.#value();
      if (name !== "descr" && name !== "fortran_order" && name !== "shape") {
        throw this.#fault("descr, fortran_order and shape");
      }
      if (entries.has(name)) throw this.#fault(`${name} once`);
      this.#expect(":");
      entries.set(name, this.#value());
      if (!this.#accept(",")) {
        this.#expect("}");
        break;
      }
    }
    this.#token = this.#at;
    if (this.#text.slice(this.#at).trim() !== "") throw this.#fault("nothing after the }");
    return Object.fromEntries(entries);
  }

  #value(): Value {
    const [, single, double, word, digits, mark] = this.#next();
    const text = single ?? double;
    if (text !== undefined) return text;
    if (word !== undefined) return word === "True";
    if (digits === undefined && mark === "(") return this.#tuple();
    throw this.#fault("a text, True, False or a tuple of whole numbers");
  }

  // Behind the "(": (), (3,), (3, 4) or (3, 4,).
  #tuple(): readonly number[] {
    const sizes: number[] = [];
    while (!this.#accept(")")) {
      const size = Number(this.#next()[4]);
      if (!Number.isSafeInteger(size)) throw this.#fault("sizes of whole numbers up to 2^53");
      if (sizes.push(size) > MOST_AXES) throw this.#fault(`at most ${MOST_AXES} axes`);
      if (this.#accept(",")) continue;
      this.#expect(")");
      // In Python (3) is a number.
      if (sizes.length === 1) throw this.#fault("a tuple, with a comma after its only size");
      break;
    }
    return sizes;
  }

  #next(): RegExpExecArray {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    this.#token = TOKEN.lastIndex = this.#at;
    const token = TOKEN.exec(this.#text);
    if (token === null) throw this.#fault("a Python dict of texts, True, False and whole numbers");
    this.#at = TOKEN.lastIndex;
    return token;
  }

  #accept(mark: string): boolean {
    const before = this.#at;
    if (this.#next()[5] === mark) return true;
    this.#at = before;
    return false;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw this.#fault(mark);
  }

  #fault(expected: string): FormatError {
    const place = `${quote(this.#text.slice(this.#token, this.#token + 20))} at character ${this.#token}`;
    return new FormatError(`${this.#who}: expected ${expected} in the header, got ${place}.`);
  }
}

function refuse(who: string, expected: string, text: string): FormatError {
  return new FormatError(`${who}: expected ${expected}, got the header ${quote(text.trim())}.`);
}
