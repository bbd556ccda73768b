// Metrics that are sums over the samples: a few numbers hold all that they need.
import { ArgumentError } from "../base/errors.js";
import { Metric } from "./metric.js";

/** A metric of a fixed number of sums. */
export abstract class SumMetric<R = number> extends Metric<R> {
  /** @internal */
  protected readonly sums: Float64Array;
  readonly #options: Readonly<Record<string, unknown>>;

  /** @internal */
  protected constructor(length: number, options: object) {
    super();
    this.sums = new Float64Array(length);
    this.#options = options as Readonly<Record<string, unknown>>;
  }

  /** Its options in full. */
  get options(): Readonly<Record<string, unknown>> {
    return this.#options;
  }

  override reset(): void {
    this.sums.fill(0);
  }

  protected override read(): readonly number[] {
    return Array.from(this.sums);
  }

  protected override prepare(who: string, data: readonly number[]): () => void {
    if (data.length !== this.sums.length) {
      throw new ArgumentError(`${who}: expected ${this.sums.length} sums, got ${data.length}.`);
    }
    return () => data.forEach((value, i) => (this.sums[i] += value));
  }
}
