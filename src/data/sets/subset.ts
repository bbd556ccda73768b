// A part of a data set: some of its samples, in an order. Nothing is copied.
import { show } from "../../base/check.js";
import { UNCLONEABLE } from "../../base/uncloneable.js";
import { ArgumentError } from "../../base/errors.js";
import { checkDataset, type Dataset, type Sample, type SampleBatch } from "./dataset.js";

/**
 * The samples of a data set with these numbers, in this order; a number may stand more than once. Sample i of the subset is
 * sample `indices[i]` of the set.
 */
export class Subset<Y = Int32Array> implements Dataset<Y> {
  /** The set itself; of a subset of a subset, the set below both. */
  readonly dataset: Dataset<Y>;
  /** Numbers of its samples in `dataset`. */
  readonly indices: Int32Array;
  /** Samples in all. */
  readonly length: number;
  /** The class of each sample, if the set knows it. */
  readonly labels?: Int32Array;
  /** Names of the classes, if the set knows them. */
  readonly classes?: readonly string[];
  /** One sample: there only if the set has it. @internal */
  readonly get?: (index: number) => Sample | Promise<Sample>;
  /** Several samples: there only if the set has it. @internal */
  readonly take?: (rows: Int32Array) => SampleBatch<Y> | Promise<SampleBatch<Y>>;

  /** What belongs to these samples: there only if the set has it. @internal */
  readonly targets?: (rows: Int32Array) => Y;

  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;

  constructor(dataset: Dataset<Y>, indices: ArrayLike<number>) {
    const set = checkDataset<Y>("subset", dataset);
    const chosen = readIndices("subset", indices, set.length);
    const inner = partOf(set);
    this.dataset = inner === null ? set : inner.dataset;
    this.indices = inner === null ? chosen : chosen.map((i) => inner.indices[i]);
    this.length = chosen.length;
    const { labels, classes } = set;
    if (labels !== undefined) this.labels = chosen.map((i) => labels[i]);
    if (classes !== undefined) this.classes = classes;
    const { dataset: base, indices: rows } = this;
    const { targets } = base as { readonly targets?: (some: Int32Array) => Y };
    if (targets !== undefined)
      this.targets = (some) =>
        targets.call(
          base,
          some.map((i) => rows[i]),
        );
    if (base.get !== undefined) this.get = (index) => (base as Required<Dataset<Y>>).get(rows[checkIndex(index, rows)]);
    if (base.take !== undefined) {
      this.take = (some) => (base as Required<Dataset<Y>>).take(some.map((i) => rows[checkIndex(i, rows)]));
    }
  }

  /**
   * For JSON.stringify, which is refused.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError("Subset: expected plain data in JSON, got a data set (write its indices).");
  }
}

/**
 * A part of a data set, without a copy.
 *
 * @example
 * const few = subset(new TensorDataset(zeros([10, 1, 2, 2]), new Int32Array(10)), [4, 0]);
 * few.length; // 2
 *
 * @throws ArgumentError for numbers that no sample has, or none at all
 */
export function subset<Y>(dataset: Dataset<Y>, indices: ArrayLike<number>): Subset<Y> {
  return new Subset(dataset, indices);
}

/** @internal Checks numbers of samples, and copies them. */
function readIndices(who: string, indices: unknown, length: number): Int32Array {
  const isList = Array.isArray(indices) || ArrayBuffer.isView(indices);
  if (!isList || (indices as unknown as ArrayLike<unknown>).length === 0) {
    throw new ArgumentError(`${who}: expected a list of sample numbers, got ${show(indices)}.`);
  }
  const list = indices as unknown as ArrayLike<unknown>;
  return Int32Array.from({ length: list.length }, (_, i) => {
    const index = list[i];
    if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < length) return index;
    throw new ArgumentError(`${who}: expected numbers from 0 to ${length - 1}, got ${show(index)} at index ${i}.`);
  });
}

function checkIndex(index: number, rows: Int32Array): number {
  if (Number.isInteger(index) && index >= 0 && index < rows.length) return index;
  throw new ArgumentError(`Subset: expected a sample from 0 to ${rows.length - 1}, got ${show(index)}.`);
}

// Outside the class: one that names itself is renamed by the build.
function partOf<Y>(set: Dataset<Y>): Subset<Y> | null {
  return set instanceof Subset ? (set as Subset<Y>) : null;
}
