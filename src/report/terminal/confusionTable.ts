// A confusion matrix as text, for the terminal.
import { flag, show, whole } from "../../base/check.js";
import { ArgumentError, ShapeError } from "../../base/errors.js";
import { readOptions, type OptionTable } from "../../base/options.js";
import { colorsHere, columnsHere, fitted, plainLine, widthOf } from "./display.js";

/** Options of {@link confusionTable}. */
export interface ConfusionTableOptions {
  /** Names of the classes. Default: their numbers. */
  readonly classes?: readonly string[];
  /** Columns of the terminal that the text may take, at least 20. Default: those of the terminal, 80 where there is none. */
  readonly width?: number;
  /** Whether right cells are green and mistakes yellow. Default: on a terminal, unless NO_COLOR is set. */
  readonly color?: boolean;
}

const names = (who: string, name: string, value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as string[];
  throw new ArgumentError(`${who}: expected ${name} as a list of names, got ${show(value)}.`);
};

const OPTIONS: OptionTable<{ classes: readonly string[] | undefined; width: number; color: boolean }> = {
  classes: { check: names }, // their numbers
  width: { check: (who, name, value) => whole(who, name, value, 20), default: () => Math.max(20, columnsHere()) },
  color: { check: flag, default: () => colorsHere() },
};

/**
 * A confusion matrix as text: rows are true classes, columns predicted ones. Names are cut where they are too long, and where the columns
 * do not fit into the width they follow in blocks below. Shares (numbers between) have two digits.
 *
 * @param matrix rows of counts or shares, as `confusionMatrix` gives them
 *
 * @example
 * confusionTable([[5, 0], [1, 4]], { classes: ["cat", "dog"] });
 *
 * @throws ShapeError for rows that are no square, ArgumentError for numbers that cannot be, or other names than classes
 */
export function confusionTable(matrix: readonly (readonly number[])[], options: ConfusionTableOptions = {}): string {
  const who = "confusionTable";
  const { classes, width, color } = readOptions(who, OPTIONS, options);
  const size = Array.isArray(matrix) ? matrix.length : 0;
  if (size === 0 || !matrix.every((row) => Array.isArray(row) && row.length === size)) {
    throw new ShapeError(`${who}: expected as many rows as columns, got ${show(matrix)} (see confusionMatrix).`);
  }
  const odd = matrix.flat().find((count) => typeof count !== "number" || !(count >= 0) || count === Infinity);
  if (odd !== undefined) throw new ArgumentError(`${who}: expected counts or shares of at least 0, got ${show(odd)}.`);
  if (classes !== undefined && classes.length !== size) {
    throw new ArgumentError(`${who}: expected ${size} names of classes, got ${classes.length}.`);
  }
  const heads = Array.from({ length: size }, (_, c) => plainLine(classes?.[c] ?? String(c)));
  const areCounts = matrix.every((row) => row.every((count) => Number.isInteger(count)));
  const cells = matrix.map((row) => row.map((count) => (areCounts ? String(count) : count.toFixed(2))));
  const longest = Math.max(...heads.map(widthOf));
  const beside = Math.min(Math.max(longest, 4), Math.max(4, Math.floor(width / 4)));
  const numbers = Math.max(...cells.flat().map((text) => text.length));
  const column = Math.max(numbers, Math.min(longest, 7));
  const inRow = Math.max(1, Math.floor((width - beside - 2) / (column + 1)));
  const blocks: string[] = [];
  for (let from = 0; from < size; from += inRow) {
    const columns = Array.from({ length: Math.min(inRow, size - from) }, (_, i) => from + i);
    const head = [
      fitted("true", beside, "left"),
      " │",
      ...columns.map((c) => ` ${fitted(heads[c], column, "right")}`),
    ].join("");
    const rule = `${"─".repeat(beside + 1)}┼${"─".repeat(columns.length * (column + 1))}`;
    const lines = cells.map((row, r) => {
      const texts = columns.map((c) => ` ${painted(fitted(row[c], column, "right"), r === c, matrix[r][c], color)}`);
      return `${fitted(heads[r], beside, "left")} │${texts.join("")}`;
    });
    blocks.push([head, rule, ...lines].join("\n"));
  }
  return `${blocks.join("\n\n")}\n`;
}

function painted(text: string, isRight: boolean, count: number, color: boolean): string {
  if (!color) return text;
  return `\u001b[${count === 0 ? 2 : isRight ? 32 : 33}m${text}\u001b[0m`;
}
