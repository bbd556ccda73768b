// Which samples of a data set have their pictures in a report: the worst mistakes, then the worst of every cell of the confusion
// matrix, and some that are right.

/** What is known of a sample. */
export interface Judged {
  /** Its place in the data. */
  readonly index: number;
  /** Its class, and the one that was predicted. */
  readonly label: number;
  /** See {@link label}. */
  readonly predicted: number;
  /** The probability of the predicted class. */
  readonly confidence: number;
  /** Cross-entropy: -log of the probability of its class. */
  readonly loss: number;
}

/**
 * At most `most` of the samples, a fifth of them right ones if there are as many mistakes. Whoever is left out of some of the
 * samples is left out of all, so that samples can be looked at batch by batch.
 */
export function choose<T extends Judged>(samples: readonly T[], most: number, first: number): T[] {
  const wrong = inOrder(
    samples.filter(({ label, predicted }) => label !== predicted),
    first,
  );
  // Of right ones the least sure.
  const right = inOrder(samples.filter(({ label, predicted }) => label === predicted), 0); // prettier-ignore
  const share = Math.floor(most / 5);
  const mistakes = wrong.slice(0, most - Math.min(share, right.length));
  return [...mistakes, ...right.slice(0, most - mistakes.length)];
}

/** The samples that can still be chosen when more come: at most twice as many. */
export function candidates<T extends Judged>(samples: readonly T[], most: number, first: number): T[] {
  const isRight = ({ label, predicted }: Judged): boolean => label === predicted;
  const wrong = inOrder(samples.filter((sample) => !isRight(sample)), first); // prettier-ignore
  return [...wrong.slice(0, most), ...inOrder(samples.filter(isRight), 0).slice(0, most)];
}

// First the largest losses; then the largest of every cell, the second of every cell, ...
function inOrder<T extends Judged>(samples: readonly T[], first: number): T[] {
  const sorted = [...samples].sort((a, b) => b.loss - a.loss || a.index - b.index);
  const seen = new Map<string, number>();
  const ranked = sorted.map((sample, place) => {
    const cell = `${sample.label},${sample.predicted}`;
    const rank = seen.get(cell) ?? 0;
    seen.set(cell, rank + 1);
    return { sample, place, rank: place < first ? -1 : rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.place - b.place).map(({ sample }) => sample);
}
