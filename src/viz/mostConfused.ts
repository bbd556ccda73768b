// mostConfused: the pairs of classes that a confusion matrix has most of beside its diagonal.
import { show } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { above0, positive, readOptions, type Check, type OptionTable } from "../base/options.js";

/** Options of {@link mostConfused}. */
export interface MostConfusedOptions {
  /** At most so many pairs. Default: all. */
  readonly k?: number;
  /** Pairs with less are left out. Default: those that did not happen. */
  readonly min?: number;
  /** Names of the classes. Default: their indices. */
  readonly classes?: readonly string[];
}

/** Two classes, one taken for the other. */
export interface Confusion {
  /** The true class. */
  readonly actual: number;
  /** The class that was predicted. */
  readonly predicted: number;
  /** Their names. */
  readonly names: readonly [actual: string, predicted: string];
  /** How often; a share, if the matrix holds shares. */
  readonly count: number;
  /** That as a share of the true class. */
  readonly share: number;
}

const namesCheck: Check<readonly string[] | undefined> = (who, name, value) => {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value as readonly string[];
  throw new ArgumentError(`${who}: expected ${name} as a list of names, got ${show(value)}.`);
};
const OPTIONS: OptionTable<{ k: number | undefined; min: number | undefined; classes: readonly string[] | undefined }> =
  { k: { check: positive }, min: { check: above0 }, classes: { check: namesCheck } };

/**
 * Which classes are taken for which, the most frequent first; of equal ones in the order of the matrix.
 *
 * @param matrix rows are true classes, columns predicted ones: what `confusionMatrix` returns, or a `ConfusionMatrix`
 *
 * @example
 * mostConfused([[5, 1], [3, 4]], { classes: ["cat", "dog"] })[0];
 * // { actual: 1, predicted: 0, names: ["dog", "cat"], count: 3, share: 3 / 7 }
 *
 * @throws ShapeError for a matrix that is not square, ArgumentError for one that holds other than numbers of at least 0
 * @see https://docs.fast.ai/interpret.html, most_confused
 */
export function mostConfused(
  matrix: readonly (readonly number[])[] | { compute(): readonly (readonly number[])[] },
  options: MostConfusedOptions = {},
): Confusion[] {
  const who = "mostConfused";
  const { k, min, classes } = readOptions(who, OPTIONS, options);
  const rows = readMatrix(who, matrix);
  if (classes !== undefined && classes.length !== rows.length) {
    throw new ShapeError(`${who}: expected ${rows.length} names of classes, got ${classes.length}.`);
  }
  const nameOf = (place: number): string => classes?.[place] ?? String(place);
  const pairs = rows.flatMap((row, actual) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted): Confusion => {
      return {
        actual,
        predicted,
        names: [nameOf(actual), nameOf(predicted)],
        count,
        share: all === 0 ? 0 : count / all,
      };
    });
  });
  const wrong = pairs.filter(
    ({ actual, predicted, count }) => actual !== predicted && count > 0 && count >= (min ?? 0),
  );
  return wrong.sort((a, b) => b.count - a.count).slice(0, k); // a sort in JavaScript keeps the order of equals
}

function readMatrix(who: string, given: unknown): readonly (readonly number[])[] {
  const compute = (given as { compute?: unknown } | null | undefined)?.compute;
  const matrix: unknown = typeof compute === "function" ? (compute as () => unknown).call(given) : given;
  if (!Array.isArray(matrix) || matrix.length === 0) {
    throw new ArgumentError(`${who}: expected a confusion matrix as a list of rows, got ${show(matrix)}.`);
  }
  matrix.forEach((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== matrix.length) {
      const got = Array.isArray(row) ? `${row.length} numbers` : show(row);
      throw new ShapeError(`${who}: expected a square matrix, ${matrix.length} numbers in row ${i}, got ${got}.`);
    }
    const odd = row.findIndex((count) => !(typeof count === "number" && count >= 0 && count < Infinity));
    if (odd < 0) return;
    throw new ArgumentError(`${who}: expected counts of at least 0, got ${show(row[odd])} in row ${i}, column ${odd}.`);
  });
  return matrix as readonly (readonly number[])[];
}
