// The records that kernels are called with: the fields of a class of assembly/, written into kernel memory. How they lie there
// is read from that class by scripts/build-kernels.mjs.
import type { FloatArray } from "../../../base/tensor.js";
import type { Scratch } from "./scratch.js";

/** An array that a kernel reads, fills or changes; null where it may do without. */
export type Operand = FloatArray | Int32Array | null;

/** Writes the numbers of a record of the contract; where the next field begins, in words of 32 bits. */
type WriteBase<G> = (words: Int32Array, g: G, reals: Float64Array) => number;

/** A kernel of the module: its record begins with the contract's record G and goes on with fields R of its own. */
export interface Kernel<G, R extends readonly unknown[]> {
  /** Its place in the module's table. */
  readonly index: number;
  readonly base: WriteBase<G>;
  /** What its own fields are, see KINDS. */
  readonly kinds: readonly number[];
  readonly fields?: R; // for the types only
  /** Brings its module in, if that is not the first one and is not there yet. */
  readonly load: (() => void) | undefined;
}

/** Letters for a number of 32 bits, a float64, an array to read, one to fill, one to change. */
const KINDS = "if<>=";
const [NUMBER, REAL, INPUT, OUTPUT] = [0, 1, 2, 3];

/** The first module's kernels in the order of its table: for each the number of its base and a letter for each own field. */
export function kernels<T>(bases: readonly unknown[], list: string): T {
  return list.split(" ").map(([base, ...letters], i) => {
    return { index: i + 1, base: bases[parseInt(base, 36)], kinds: kindsOf(letters), load: undefined };
  }) as T;
}

/** A kernel of another module, which `load` brings in. */
export function laterKernel<G, R extends readonly unknown[]>(
  index: number,
  base: WriteBase<G>,
  letters: string,
  load: () => void,
): Kernel<G, R> {
  return { index, base, kinds: kindsOf([...letters]), load };
}

function kindsOf(letters: readonly string[]): number[] {
  return letters.map((letter) => KINDS.indexOf(letter));
}

/** Writes a record. words and reals are the same memory, from its start on; arrays that lie elsewhere go through scratch. */
export function writeRecord<G, R extends readonly unknown[]>(
  { base, kinds }: Kernel<G, R>,
  g: G,
  fields: R,
  words: Int32Array,
  reals: Float64Array,
  scratch: Scratch,
): void {
  let word = base(words, g, reals);
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i];
    const value = fields[i];
    if (kind === NUMBER) {
      words[word++] = value as number;
    } else if (kind === REAL) {
      word += word % 2; // aligned to 64 bits
      reals[word / 2] = value as number;
      word += 2;
    } else {
      words[word++] = scratch.place(value as Operand, kind !== OUTPUT, kind !== INPUT);
    }
  }
}
