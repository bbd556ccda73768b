// Seeded draws for the fuzz harness: each input has a generator of its own, so that any one of them can be made again.

/** Draws in [0, 1) that follow from the seed and the number of the input alone (mulberry32). */
export function generator(seed: number, index: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
  };
}

/** A whole number from 0 to n - 1. */
export function below(random: () => number, n: number): number {
  return Math.floor(random() * n);
}

/** One of these. */
export function oneOf<T>(random: () => number, items: readonly T[]): T {
  return items[below(random, items.length)];
}
