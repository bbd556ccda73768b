// Long curves made short without hiding anything: of each stretch its lowest, highest and mean value are kept.

/** A stretch of a curve. */
export interface Stretch {
  /** Place of its first and of its last value, from 1. */
  readonly from: number;
  /** See {@link from}. */
  readonly to: number;
  /** Of its finite values; NaN if there are none. */
  readonly lowest: number;
  /** See {@link lowest}. */
  readonly highest: number;
  /** See {@link lowest}. */
  readonly mean: number;
  /** How many values are NaN or infinite. */
  readonly lost: number;
}

/** At most `most` stretches of a list, as even as can be; where they suffice, each value is its own. */
export function envelope(values: readonly number[], most: number): Stretch[] {
  const count = Math.min(values.length, most);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const to = Math.floor(((i + 1) * values.length) / count);
    const finite = values.slice(from, to).filter((value) => Number.isFinite(value));
    let [lowest, highest, sum] = [NaN, NaN, 0];
    for (const value of finite) {
      if (!(value >= lowest)) lowest = value;
      if (!(value <= highest)) highest = value;
      sum += value / finite.length;
    }
    // Rounding may carry a mean of equal values past them.
    const mean = finite.length === 0 ? NaN : Math.min(Math.max(sum, lowest), highest);
    return { from: from + 1, to, lowest, highest, mean, lost: to - from - finite.length };
  });
}
