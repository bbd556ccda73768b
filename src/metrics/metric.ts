// The running form of every metric: it takes batches, can be merged with its like, and its state is plain data. What is counted
// is in its subclasses.
import { isRecord, knownKeys, show } from "../base/check.js";
import { ArgumentError, StateError } from "../base/errors.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import type { Labels, Predictions } from "./input.js";

/** What a metric has seen so far: plain data, made for JSON. */
export interface MetricState {
  /** Which metric it is. */
  readonly type: string;
  /** Its options in full. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Counts, sums or scores. */
  readonly data: readonly number[];
}

/**
 * A metric that is fed batch by batch.
 *
 * @example
 * const quality = new Precision({ average: "macro" });
 * for (const [x, y] of batches(images, labels, { size: 64 })) quality.update(model.predict(x), y);
 * const value = quality.compute();
 */
export abstract class Metric<R = number> {
  /** The name of the metric in its state. */
  abstract readonly type: string;
  /** Its options in full, as plain data. */
  abstract readonly options: Readonly<Record<string, unknown>>;
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;

  /**
   * Takes one batch; after an error nothing of it is counted.
   *
   * @throws ShapeError when lengths differ or the batch is empty, ArgumentError for labels or scores that cannot be
   */
  abstract update(predictions: Predictions, targets: Labels): this;

  /**
   * The metric of all that was taken since the start or the last `reset`.
   *
   * @throws StateError when nothing was taken
   */
  abstract compute(): R;

  /** Forgets all batches. */
  abstract reset(): void;

  /** What is to be stored, as a copy. @internal */
  protected abstract read(): readonly number[];

  /** Checks what was stored, and returns the way to add it. @internal */
  protected abstract prepare(who: string, data: readonly number[]): () => void;

  /** What was seen so far; setting it goes on from there. */
  get state(): MetricState {
    return { type: this.type, options: this.options, data: this.read() };
  }

  /** Checked when it is set. */
  set state(state: MetricState) {
    const add = this.#check(`${this.type}.state`, state);
    this.reset();
    add();
  }

  /** What JSON.stringify writes: the state, which `metric.state = JSON.parse(text)` takes back. */
  toJSON(): MetricState {
    return this.state;
  }

  /**
   * Adds what another metric of the same kind and options has seen, or its state: as if its batches had been given here.
   *
   * @throws ArgumentError for another kind or other options
   */
  merge(other: Metric<R> | MetricState): this {
    const state: unknown = isRecord(other) ? other : (other as Partial<Metric> | null | undefined)?.state;
    this.#check(`${this.type}.merge`, state ?? other)();
    return this;
  }

  /** @internal */
  protected nothingSeen(): StateError {
    return new StateError(`${this.type}.compute: expected at least one update before, got none.`);
  }

  #check(who: string, state: unknown): () => void {
    knownKeys(who, state, ["type", "options", "data"]);
    const { type, options, data } = state as unknown as MetricState;
    if (type !== this.type || JSON.stringify(options) !== JSON.stringify(this.options)) {
      throw new ArgumentError(
        `${who}: expected the state of ${this.type} ${JSON.stringify(this.options)}, got ${String(type)} ` +
          `${JSON.stringify(options)} (make both with the same options).`,
      );
    }
    if (!Array.isArray(data) || !data.every((value) => typeof value === "number" && Number.isFinite(value))) {
      throw new ArgumentError(`${who}: expected data as a list of finite numbers, got ${show(data)}.`);
    }
    return this.prepare(who, data as readonly number[]);
  }
}
