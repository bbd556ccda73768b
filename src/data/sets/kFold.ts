// Cross-validation: k pairs of training and validation parts, in which every sample is validated once.
import { flag, knownKeys, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import type { Generator } from "../../numbers/random.js";
import { checkDataset, type Dataset } from "./dataset.js";
import { generatorOf, groupsOf, readLabels } from "./split.js";
import { Subset } from "./subset.js";

/** Options of {@link kFold}. */
export interface KFoldOptions {
  /** Whether the samples are shuffled before they are cut. Default true; a seed or `manualSeed` decides how. */
  readonly shuffle?: boolean;
  /** The same seed gives the same folds. Without it they follow `manualSeed`. */
  readonly seed?: number;
}

/** Options of {@link stratifiedKFold}. */
export interface StratifiedKFoldOptions extends KFoldOptions {
  /** The class of each sample. Default: the `labels` of the data set. */
  readonly labels?: ArrayLike<number>;
}

/** One fold. */
export interface Fold<Y> {
  /** Number of the fold, from 0. */
  readonly fold: number;
  /** What to train on: all samples but the validation's. */
  readonly train: Subset<Y>;
  /** What to validate on. */
  readonly validation: Subset<Y>;
}

/**
 * Cuts a data set into k folds; each is the validation part once, while the others are the training part. The first
 * `length % k` folds have one sample more, as in scikit-learn's KFold. Both parts are in the order of the data: shuffle the
 * batches.
 *
 * @example
 * for (const { fold, train, validation } of kFold(digits, 5, { seed: 1 })) {
 *   // train a new model on `train`, validate it on `validation`
 * }
 *
 * @throws ArgumentError when k is not from 2 to the number of samples
 */
export function kFold<Y>(dataset: Dataset<Y>, k: number, options: KFoldOptions = {}): Fold<Y>[] {
  const who = "kFold";
  knownKeys(who, options, ["shuffle", "seed"]);
  const set = checkDataset<Y>(who, dataset);
  whole(who, "k", k, 2, set.length);
  const generator = shuffling(who, options);
  const order = generator?.permutation(set.length) ?? Int32Array.from({ length: set.length }, (_, i) => i);
  const foldOf = new Int32Array(set.length);
  order.forEach((index, place) => (foldOf[index] = foldAt(place, set.length, k)));
  return foldsFrom(set, foldOf, k);
}

/**
 * Cuts a data set into k folds as {@link kFold} does, each with the classes in the same shares: counts of a class differ by at
 * most one between folds, and so do the folds' sizes.
 *
 * @example
 * for (const { train, validation } of stratifiedKFold(digits, 5, { seed: 1 })) {
 *   // train.labels and validation.labels have the classes in the same shares
 * }
 *
 * @throws ArgumentError when k is not from 2 to the number of samples of the largest class, or there are no labels
 */
export function stratifiedKFold<Y>(dataset: Dataset<Y>, k: number, options: StratifiedKFoldOptions = {}): Fold<Y>[] {
  const who = "stratifiedKFold";
  knownKeys(who, options, ["shuffle", "seed", "labels"]);
  const set = checkDataset<Y>(who, dataset);
  const groups = groupsOf(readLabels(who, options.labels ?? set.labels, set.length));
  const largest = Math.max(...groups.map((group) => group.length));
  whole(who, "k", k, 2, set.length);
  if (k > largest) {
    throw new ArgumentError(
      `${who}: expected k of at most ${largest}, the samples of the largest class, got ${k} (no class would be in every fold).`,
    );
  }
  const generator = shuffling(who, options);
  const foldOf = new Int32Array(set.length);
  let next = 0; // folds are dealt like cards, each class going on where the one before it ended
  for (const group of groups) {
    const start = next;
    const order = generator?.permutation(group.length);
    // Without shuffling a fold has neighbors of a class, as in scikit-learn.
    group.forEach((_, place) => {
      const index = group[order === undefined ? place : order[place]];
      foldOf[index] = (start + foldAt(place, group.length, k)) % k;
    });
    next = (next + group.length) % k;
  }
  return foldsFrom(set, foldOf, k);
}

function shuffling(who: string, { shuffle = true, seed }: KFoldOptions): Generator | null {
  if (flag(who, "shuffle", shuffle)) return generatorOf(who, seed);
  if (seed === undefined) return null;
  throw new ArgumentError(`${who}: expected no seed with shuffle false, got ${seed} (nothing is drawn).`);
}

// The fold of a place in a row of n, of which the first n % k folds have one more.
function foldAt(place: number, n: number, k: number): number {
  const small = Math.floor(n / k);
  const large = n % k;
  if (place < large * (small + 1)) return Math.floor(place / (small + 1));
  return large + Math.floor((place - large * (small + 1)) / small);
}

function foldsFrom<Y>(set: Dataset<Y>, foldOf: Int32Array, k: number): Fold<Y>[] {
  return Array.from({ length: k }, (_, fold) => {
    const all = Array.from(foldOf.keys());
    return {
      fold,
      train: new Subset(
        set,
        all.filter((i) => foldOf[i] !== fold),
      ),
      validation: new Subset(
        set,
        all.filter((i) => foldOf[i] === fold),
      ),
    };
  });
}
