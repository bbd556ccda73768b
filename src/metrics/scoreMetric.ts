// Metrics of the order of scores. They cannot be summed up: the running form keeps every score and label.
import { oneOf } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { readOptions, trueOrFalse, type Check } from "../base/options.js";
import { readScores, type Labels, type Predictions } from "./input.js";
import { Metric } from "./metric.js";
import { readProbabilities, type LogitsOptions } from "./probabilities.js";

/** Options of {@link rocAuc} and {@link averagePrecision}. */
export interface RankingOptions extends LogitsOptions {
  /**
   * For more than two classes, each against the rest: "macro" (default) is the mean over the classes, "weighted" weights them by
   * how often they are true.
   */
  readonly average?: "macro" | "weighted";
}

const AVERAGE: Check<"macro" | "weighted"> = (who, name, value) => oneOf(who, name, value, ["macro", "weighted"]);
const OPTIONS = { logits: { check: trueOrFalse, default: false }, average: { check: AVERAGE, default: "macro" } };

/** Scores of one class against the rest, best first, and which of them are of the class. */
export interface Ranking {
  readonly scores: Float64Array;
  readonly positive: Uint8Array;
}

/** A metric that keeps all scores: 8 bytes a score. */
export abstract class ScoreMetric extends Metric {
  readonly #settings: { readonly logits: boolean; readonly average: "macro" | "weighted" };
  #columns = 0; // 1 for class 1 alone, 0 before the first update
  #scores: number[] = [];
  #labels: number[] = [];

  /** @internal */
  protected constructor(who: string, options: RankingOptions) {
    super();
    this.#settings = readOptions(who, OPTIONS, options) as typeof this.options & { logits: boolean; average: "macro" };
  }

  /** Its options in full. */
  get options(): Readonly<Record<string, unknown>> {
    return this.#settings;
  }

  /** @internal */
  protected abstract of(ranking: Ranking, c: number): number;

  override update(predictions: Predictions, targets: Labels): this {
    const { logits } = this.#settings;
    const given = readScores(this.type, predictions, targets);
    // The score of class 1 alone may be any number; columns are compared with each other, so they must be probabilities.
    const { scores, columns, labels } =
      given.columns === 1 ? given : readProbabilities(this.type, predictions, targets, logits);
    if (this.#columns !== 0 && columns !== this.#columns) {
      throw new ShapeError(`${this.type}: expected ${this.#columns} scores a sample as before, got ${columns}.`);
    }
    this.#columns = columns;
    for (const score of scores) this.#scores.push(score);
    for (const label of labels) this.#labels.push(label);
    return this;
  }

  override compute(): number {
    if (this.#labels.length === 0) throw this.nothingSeen();
    if (this.#columns <= 2) return this.of(this.#ranking(this.#columns - 1, 1), 1);
    const values = this.perClass();
    const weights = values.map((_, c) => (this.#settings.average === "macro" ? 1 : this.#countOf(c)));
    const whole = weights.reduce((a, b) => a + b);
    return values.reduce((sum, value, c) => sum + weights[c] * value, 0) / whole;
  }

  /** The value of each class against the rest; of two classes, or of one column of scores, that of class 1 alone. */
  perClass(): number[] {
    if (this.#labels.length === 0) throw this.nothingSeen();
    if (this.#columns <= 2) return [this.of(this.#ranking(this.#columns - 1, 1), 1)];
    return Array.from({ length: this.#columns }, (_, c) => this.of(this.#ranking(c, c), c));
  }

  override reset(): void {
    this.#columns = 0;
    this.#scores = [];
    this.#labels = [];
  }

  // Columns, then the labels, then the scores.
  protected override read(): readonly number[] {
    return [this.#columns, ...this.#labels, ...this.#scores];
  }

  protected override prepare(who: string, data: readonly number[]): () => void {
    const [columns, ...rest] = data;
    const samples = rest.length / (columns + 1);
    const labels = rest.slice(0, samples);
    const mostLabel = Math.max(columns, 2) - 1;
    const whole = columns === 0 ? rest.length === 0 : Number.isSafeInteger(columns) && Number.isInteger(samples);
    if (!whole || !labels.every((label) => Number.isInteger(label) && label >= 0 && label <= mostLabel)) {
      throw new ArgumentError(`${who}: expected labels and scores, got ${data.length} numbers that are not.`);
    }
    if (columns !== 0 && this.#columns !== 0 && columns !== this.#columns) {
      throw new ArgumentError(`${who}: expected ${this.#columns} scores a sample, got ${columns}.`);
    }
    return () => {
      if (columns !== 0) this.#columns = columns;
      for (const label of labels) this.#labels.push(label);
      for (let i = samples; i < rest.length; i++) this.#scores.push(rest[i]);
    };
  }

  #countOf(c: number): number {
    return this.#labels.reduce((count, label) => count + (label === c ? 1 : 0), 0);
  }

  #ranking(column: number, c: number): Ranking {
    const own = Float64Array.from(this.#labels, (_, n) => this.#scores[n * this.#columns + column]);
    const order = Array.from(own.keys()).sort((a, b) => own[b] - own[a]);
    return {
      scores: Float64Array.from(order, (n) => own[n]),
      positive: Uint8Array.from(order, (n) => (this.#labels[n] === c ? 1 : 0)),
    };
  }
}
