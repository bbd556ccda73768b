// Parts of a data set that have no sample in common: drawn at random, or with the classes in the same shares.
import { knownKeys, show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { Generator } from "../../numbers/random.js";
import { checkDataset, type Dataset } from "./dataset.js";
import { Subset } from "./subset.js";

/** Options of {@link randomSplit}. */
export interface SplitOptions {
  /** The same seed gives the same parts. Without it they follow `manualSeed`. */
  readonly seed?: number;
}

/** Options of {@link stratifiedSplit}. */
export interface StratifiedOptions extends SplitOptions {
  /** The class of each sample. Default: the `labels` of the data set. */
  readonly labels?: ArrayLike<number>;
}

/**
 * Cuts a data set into random parts that hold every sample once. `lengths` are whole numbers that sum to the number of
 * samples, or fractions that sum to 1: of those each part gets the whole samples of its fraction, and what is left goes one by
 * one to the first parts (as in PyTorch's random_split).
 *
 * @example
 * const [train, validation] = randomSplit(digits, [0.8, 0.2], { seed: 1 });
 *
 * @throws ArgumentError for lengths that do not sum up, or a part without samples
 */
export function randomSplit<Y>(
  dataset: Dataset<Y>,
  lengths: readonly number[],
  options: SplitOptions = {},
): Subset<Y>[] {
  const who = "randomSplit";
  knownKeys(who, options, ["seed"]);
  const set = checkDataset<Y>(who, dataset);
  const sizes = readLengths(who, lengths, set.length);
  const order = generatorOf(who, options.seed).permutation(set.length);
  let from = 0;
  return sizes.map((size) => new Subset(set, order.subarray(from, (from += size))));
}

/**
 * Cuts a data set into random parts that hold every sample once, each with the classes in the same shares as the whole: the
 * count of each class in each part is within one of its share. Sizes of the parts as for {@link randomSplit}.
 *
 * @example
 * const [train, validation] = stratifiedSplit(digits, [0.8, 0.2], { seed: 1 });
 *
 * @throws ArgumentError for lengths that do not sum up, a part without samples, or a data set without labels
 */
export function stratifiedSplit<Y>(
  dataset: Dataset<Y>,
  lengths: readonly number[],
  options: StratifiedOptions = {},
): Subset<Y>[] {
  const who = "stratifiedSplit";
  knownKeys(who, options, ["seed", "labels"]);
  const set = checkDataset<Y>(who, dataset);
  const sizes = readLengths(who, lengths, set.length);
  const groups = groupsOf(readLabels(who, options.labels ?? set.labels, set.length));
  const generator = generatorOf(who, options.seed);
  const parts: number[][] = sizes.map(() => []);
  // One sequence of all samples, class by class; its k-th sample goes to the part that is furthest behind its share. Parts so
  // get whole sizes, and classes whole shares, but for the rounding.
  const counts = shareOut(
    groups.map((group) => group.length),
    sizes,
  );
  groups.forEach((group, c) => {
    const order = generator.permutation(group.length);
    let from = 0;
    parts.forEach((part, p) => {
      for (let k = 0; k < counts[c][p]; k++) part.push(group[order[from++]]);
    });
  });
  return parts.map((part) => {
    const order = generator.permutation(part.length);
    return new Subset(
      set,
      order.map((i) => part[i]),
    );
  });
}

/**
 * A table [classes][parts] of whole numbers with these sums of rows and columns, each within one of its share. Shares are
 * rounded down first; what is left is a table of zeros and ones with given sums, which always exists, and is filled by paths
 * that move a one along (as in a flow from rows to columns).
 */
function shareOut(rows: readonly number[], columns: readonly number[]): number[][] {
  const total = rows.reduce((a, b) => a + b);
  const share = (r: number, c: number): number => Math.floor((rows[r] * columns[c]) / total);
  const table = rows.map((_, r) => columns.map((_, c) => share(r, c)));
  const exact = rows.map((row) => columns.map((column) => (row * column) % total === 0));
  const more = rows.map((row, r) => row - table[r].reduce((a, b) => a + b));
  const room = columns.map((column, c) => column - table.reduce((sum, row) => sum + row[c], 0));
  const extra = rows.map(() => columns.map(() => 0));
  for (let r = 0; r < rows.length; r++) {
    for (; more[r] > 0; more[r]--) {
      if (!place(r, extra, exact, room, new Set())) throw new Error("handgrad: a table of shares has no place left");
    }
  }
  return table.map((row, r) => row.map((count, c) => count + extra[r][c]));
}

// Gives row r one more, in a column that has room, or in one where another row can move its own to another column.
function place(
  r: number,
  extra: number[][],
  exact: readonly (readonly boolean[])[],
  room: number[],
  tried: Set<number>,
): boolean {
  const free = room.map((_, c) => c).filter((c) => extra[r][c] === 0 && !exact[r][c] && !tried.has(c));
  // The column with the most room first, so that the ones are spread.
  free.sort((a, b) => room[b] - room[a] || a - b);
  for (const c of free) {
    tried.add(c);
    if (room[c] > 0) {
      room[c] -= 1;
      extra[r][c] = 1;
      return true;
    }
    for (let other = 0; other < extra.length; other++) {
      if (extra[other][c] === 0 || !place(other, extra, exact, room, tried)) continue;
      extra[other][c] = 0;
      extra[r][c] = 1;
      return true;
    }
  }
  return false;
}

/** @internal Numbers of the samples of each class that occurs, in the order of the classes. */
export function groupsOf(labels: Int32Array): Int32Array[] {
  const groups = new Map<number, number[]>();
  labels.forEach((label, i) => {
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [i]);
    else group.push(i);
  });
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => Int32Array.from(group));
}

/** @internal The class of each sample, as whole numbers. */
export function readLabels(who: string, labels: unknown, samples: number): Int32Array {
  if (labels === undefined) {
    throw new ArgumentError(`${who}: expected the class of each sample, got none (give { labels }).`);
  }
  const list = labels as ArrayLike<unknown>;
  const isList = Array.isArray(labels) || ArrayBuffer.isView(labels);
  if (!isList || list.length !== samples) {
    throw new ArgumentError(`${who}: expected labels as ${samples} whole numbers, got ${show(labels)}.`);
  }
  return Int32Array.from({ length: samples }, (_, i) =>
    whole(who, `label ${i}`, typeof list[i] === "bigint" ? Number(list[i]) : list[i], -2147483648, 2147483647),
  );
}

/** @internal A generator for splits: of this seed, or of the global one. */
export function generatorOf(who: string, seed: number | undefined): Generator {
  if (seed === undefined) return new Generator("shuffle");
  return new Generator("shuffle", { seed: whole(who, "seed", seed, 0, Number.MAX_SAFE_INTEGER) });
}

function readLengths(who: string, lengths: unknown, samples: number): number[] {
  const list: readonly unknown[] = Array.isArray(lengths) ? (lengths as unknown[]) : [];
  const given = list.filter((length): length is number => typeof length === "number" && length > 0);
  const sum = given.reduce((a, b) => a + b, 0);
  const areFractions = given.length > 0 && Math.abs(sum - 1) < 1e-9 && given.every((length) => length < 1);
  if (list.length === 0 || given.length !== list.length || (!areFractions && sum !== samples)) {
    throw new ArgumentError(
      `${who}: expected lengths that sum to ${samples}, or fractions that sum to 1, got ${show(lengths)}.`,
    );
  }
  const sizes = areFractions
    ? given.map((fraction) => Math.floor(samples * fraction + 1e-9))
    : given.map((length, i) => whole(who, `lengths[${i}]`, length, 1, samples));
  let left = samples - sizes.reduce((a, b) => a + b, 0);
  for (let i = 0; left > 0; i = (i + 1) % sizes.length, left--) sizes[i] += 1;
  const empty = sizes.indexOf(0);
  if (empty < 0) return sizes;
  throw new ArgumentError(
    `${who}: expected samples in each part, got ${samples} for ${show(lengths)}, part ${empty} empty.`,
  );
}
