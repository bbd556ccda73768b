// Metrics that follow from how often each class was taken for each: they share one table of counts and one way to feed it.
import { whole } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Check } from "../base/options.js";
import { readPairs, type Labels, type Predictions } from "./input.js";
import { Metric } from "./metric.js";

/** How often each class (row) was predicted as each (column); it grows with the classes that are seen. */
export class Counts {
  /** Classes: rows and columns. */
  size: number;
  /** [size, size], row by row. */
  cells: Float64Array;

  constructor(size: number = 0) {
    this.size = size;
    this.cells = new Float64Array(size * size);
  }

  /** Makes room for so many classes. */
  grow(size: number): void {
    if (size <= this.size) return;
    const cells = new Float64Array(size * size);
    for (let row = 0; row < this.size; row++) {
      cells.set(this.cells.subarray(row * this.size, (row + 1) * this.size), row * size);
    }
    this.size = size;
    this.cells = cells;
  }

  /** How often the class was right. */
  hits(c: number): number {
    return this.cells[c * this.size + c];
  }

  /** How often the class was true. */
  actual(c: number): number {
    let sum = 0;
    for (let column = 0; column < this.size; column++) sum += this.cells[c * this.size + column];
    return sum;
  }

  /** How often the class was predicted. */
  predicted(c: number): number {
    let sum = 0;
    for (let row = 0; row < this.size; row++) sum += this.cells[row * this.size + c];
    return sum;
  }

  /** All pairs. */
  total(): number {
    return this.cells.reduce((sum, count) => sum + count, 0);
  }

  /** The classes that were true or predicted at least once. */
  present(): number[] {
    return Array.from({ length: this.size }, (_, c) => c).filter((c) => this.actual(c) + this.predicted(c) > 0);
  }
}

/** Options that every metric of counts has. */
export interface CountOptions {
  /**
   * How many classes there are. Default: as many as the scores have columns; for predictions as class indices, up to the
   * largest that was seen.
   */
  readonly classes?: number;
  /** Samples (or pixels) with this label are left out. Default null: none. */
  readonly ignoreIndex?: number | null;
}

const wholeOrNull: Check<number | null> = (who, name, value) =>
  value === null ? null : whole(who, name, value, -2147483648, 2147483647);

const classesOrNull: Check<number | null> = (who, name, value) =>
  value === null ? null : whole(who, name, value, 1, 10_000);

/** These options, for tables; one by one, because a spread would keep a table in apps that do not use it. */
export const CLASSES = { check: classesOrNull, default: null } as const;
export const IGNORE_INDEX = { check: wholeOrNull, default: null } as const;

/** The table of these options alone. */
export const COUNT_OPTIONS = { classes: CLASSES, ignoreIndex: IGNORE_INDEX } as const;

/** Checked options of counts, null for none. */
export interface CountSettings {
  /** How many classes there are. */
  readonly classes: number | null;
  /** The label that is left out. */
  readonly ignoreIndex: number | null;
}

/** A metric of such counts. */
export abstract class CountMetric<R = number, O extends CountSettings = CountSettings> extends Metric<R> {
  /** @internal */
  protected counts: Counts;
  readonly #settings: O;

  /** @internal */
  protected constructor(settings: O) {
    super();
    this.#settings = settings;
    this.counts = new Counts(settings.classes ?? 0);
  }

  /** Its options in full. */
  get options(): O & Readonly<Record<string, unknown>> {
    return this.#settings as O & Readonly<Record<string, unknown>>;
  }

  /** @internal The metric of counts that are not empty. */
  protected abstract of(counts: Counts): R;

  override update(predictions: Predictions, targets: Labels): this {
    const { ignoreIndex, classes: fixed } = this.#settings;
    const { predicted, actual, classes } = readPairs(this.type, predictions, targets, ignoreIndex);
    let most = classes;
    for (let i = 0; i < actual.length; i++) most = Math.max(most, predicted[i] + 1, actual[i] + 1);
    if (fixed !== null && most > fixed) {
      const got = classes > 0 ? `scores of ${classes}` : `class ${most - 1}`;
      throw new ArgumentError(`${this.type}: expected at most ${fixed} classes, got ${got} (see its option classes).`);
    }
    this.counts.grow(most);
    const { cells, size } = this.counts;
    for (let i = 0; i < actual.length; i++) cells[actual[i] * size + predicted[i]] += 1;
    return this;
  }

  override compute(): R {
    if (this.counts.total() === 0) throw this.nothingSeen();
    return this.of(this.counts);
  }

  override reset(): void {
    this.counts = new Counts(this.#settings.classes ?? 0);
  }

  protected override read(): readonly number[] {
    return Array.from(this.counts.cells);
  }

  protected override prepare(who: string, data: readonly number[]): () => void {
    const size = Math.sqrt(data.length);
    const fixed = this.#settings.classes;
    const fits = Number.isInteger(size) && (fixed === null || size === fixed);
    if (!fits || !data.every((count) => Number.isSafeInteger(count) && count >= 0)) {
      throw new ArgumentError(`${who}: expected a square table of counts, got ${data.length} numbers.`);
    }
    return () => {
      this.counts.grow(size);
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          this.counts.cells[row * this.counts.size + column] += data[row * size + column];
        }
      }
    };
  }
}
