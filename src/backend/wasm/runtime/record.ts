// The records that kernels are called with: the fields of a class of assembly/, written into kernel memory by their names. An
// array is a field like any other; it is placed in kernel memory, and fetched from there after the call.
import type { FloatArray } from "../../../base/tensor.js";
import type { Scratch } from "./scratch.js";

/** An array that a kernel reads; null where it may do without. */
export type Input = FloatArray | Int32Array | null;

/** An array that a kernel fills or changes. */
export type Output = FloatArray | Int32Array | null;

/** A kernel of the module, by its place in the module's table, and what its record consists of. */
export interface Kernel<R> {
  readonly index: number;
  readonly fields: readonly Field<R>[];
}

interface Field<R> {
  readonly name: keyof R;
  /** "" a number or boolean in 32 bits, "#" a float64, ">" an array to read, "<" one to fill, "=" one to change. */
  readonly kind: string;
  /** Its place in words of 32 bits. */
  readonly word: number;
}

/** The kernels of the module in the order of its table, from lists of their fields, each with its kind before its name. */
export function kernels<T>(lists: string): T {
  return lists.split(";").map((list, i) => {
    let word = 0;
    const fields = list.split(" ").map((text) => {
      const kind = "#><=".includes(text[0]) ? text[0] : "";
      if (kind === "#") word += word % 2; // aligned to 64 bits
      const field = { name: text.slice(kind.length), kind, word };
      word += kind === "#" ? 2 : 1;
      return field;
    });
    return { index: i + 1, fields };
  }) as T;
}

/** Kernel memory as a record is written: words of 32 bits and float64, both from the record's start on. */
export interface RecordMemory {
  readonly words: Int32Array;
  readonly reals: Float64Array;
}

/** Writes a record; arrays that lie elsewhere are copied into scratch. */
export function writeRecord<R>(
  { fields }: Kernel<R>,
  record: R,
  { words, reals }: RecordMemory,
  scratch: Scratch,
): void {
  for (let i = 0; i < fields.length; i++) {
    const { name, kind, word } = fields[i];
    const value = record[name];
    if (kind === "") words[word] = value as number;
    else if (kind === "#") reals[word >> 1] = value as number;
    else if (kind === "<") words[word] = scratch.output(value as Output);
    else words[word] = scratch.place(value as Input);
  }
}

/** Copies results out to where the caller has them. */
export function fetchOutputs<R>({ fields }: Kernel<R>, record: R, { words }: RecordMemory, scratch: Scratch): void {
  for (let i = 0; i < fields.length; i++) {
    const { name, kind, word } = fields[i];
    if (kind === "<" || kind === "=") scratch.fetch(words[word], record[name] as Output);
  }
}

/** The numbers of 32 bits in a record, in their order. */
export function numbersOf<R>({ fields }: Kernel<R>, record: R): Int32Array {
  return Int32Array.from(fields.filter(({ kind }) => kind === "").map(({ name }) => Number(record[name])));
}
