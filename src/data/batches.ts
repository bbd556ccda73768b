// Batches of samples with their labels, in order or shuffled, and a position to go on from. No augmentation here.
import { flag, knownKeys, whole } from "../base/check.js";
import { ArgumentError, ShapeError } from "../base/errors.js";
import { Generator } from "../numbers/random.js";
import { formatShape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
import { Epochs } from "./epochs.js";
import { readTargets } from "./targets.js";

/** Options of {@link batches}, with PyTorch's defaults but for the size, which has none. */
export interface BatchesOptions {
  /** Samples in a batch; the last batch of an epoch has what is left. */
  readonly size: number;
  /** A new order in each epoch. Default false: the order of the data. */
  readonly shuffle?: boolean;
  /** Leaves out a last batch that is not full. Default false. */
  readonly dropLast?: boolean;
  /** Seed of the shuffling. Without it, it follows `manualSeed`; a call within an epoch counts from the next one on. */
  readonly seed?: number;
}

/** What one step of the loop gets: the samples, and their labels or target tensor. */
export type Batch<A extends FloatArray, Y> = [x: Tensor<A>, y: Y];

/** @internal What batches were made of; without `y` nobody but their maker knows the targets. */
export interface BatchesParts {
  readonly x: Tensor;
  readonly y: Tensor | ArrayLike<number | bigint> | undefined;
  readonly options: BatchesOptions;
}

/**
 * Samples and labels in batches: what {@link batches} returns. It can be looped over again and again; each loop is one
 * epoch, shuffled anew if asked for. Every batch is made of fresh tensors.
 *
 * A loop starts at `position` if that was set, else with a new epoch, also after a loop that was left by
 * `break`. One loop at a time: an older one that is continued after a newer one has begun is a StateError.
 */
export class Batches<A extends FloatArray = Float32Array, Y = Int32Array>
  extends Epochs
  implements Iterable<Batch<A, Y>>
{
  /** @internal What they were made of, for another thread. */
  readonly parts: BatchesParts;
  readonly #x: Tensor<A>;
  readonly #targetsOf: (rows: Int32Array) => Y;

  /** @internal Use {@link batches}. */
  constructor(x: Tensor<A>, targetsOf: (rows: Int32Array) => Y, options: BatchesOptions, y?: BatchesParts["y"]) {
    knownKeys("batches", options, ["size", "shuffle", "dropLast", "seed"]);
    const { size, shuffle = false, dropLast = false, seed } = options;
    if (size === undefined) {
      throw new ArgumentError(
        "batches: expected a size, got none (samples in a batch, it has no default: batches(x, labels, { size: 64 })).",
      );
    }
    const samples = x.shape[0];
    whole("batches", "size", size, 1);
    checkFull("batches", "size", size, samples, flag("batches", "dropLast", dropLast));
    if (seed !== undefined) whole("batches", "seed", seed, 0, Number.MAX_SAFE_INTEGER);
    const withSeed = seed === undefined ? {} : { seed };
    const generator = flag("batches", "shuffle", shuffle) ? new Generator("shuffle", withSeed) : null;
    const draw = generator === null ? null : (from: Generator): Int32Array => from.permutation(samples);
    super({ who: "Batches", samples, size, dropLast, generator, draw });
    this.parts = { x: x as Tensor<FloatArray> as Tensor, y, options: { size, shuffle, dropLast, ...withSeed } };
    this.#x = x;
    this.#targetsOf = targetsOf;
  }

  /** One epoch, or what is left of it after `position` was set. */
  *[Symbol.iterator](): IterableIterator<Batch<A, Y>> {
    const { order, loop, batch: first } = this.begin();
    for (let batch = first; batch < this.length; batch++) {
      const rows = order.subarray(batch * this.size, Math.min((batch + 1) * this.size, this.samples));
      const next: Batch<A, Y> = [this.#x.take(rows), this.#targetsOf(rows)];
      this.advance();
      yield next;
      this.checkLoop(loop);
    }
    this.end();
  }
}

/** @internal Throws when there is no full batch and others are dropped. */
export function checkFull(who: string, name: string, size: number, samples: number, dropLast: boolean): void {
  if (!dropLast || size <= samples) return;
  throw new ArgumentError(
    `${who}: expected ${name} of at most ${samples} with dropLast, got ${size} (not one batch is full).`,
  );
}

/**
 * Cuts `x` [N, ...] and its labels into batches of `size` samples. Labels are whole numbers, one for each sample or, as
 * in segmentation, the same number for each, in the order of the samples; a tensor [N, ...] holds any other targets, such as
 * probabilities.
 * An Int32Array and the tensors are not copied: batches made later see what is in them then.
 *
 * @example
 * const data = batches(images, labels, { size: 64, shuffle: true, seed: 1 });
 * for (const [x, y] of data) {
 *   // x: Tensor [64, 1, 28, 28], y: Int32Array of 64
 * }
 *
 * @throws ShapeError when there are no samples, or the labels do not fit their number.
 * @throws ArgumentError when labels are not whole numbers, or an option is wrong.
 */
export function batches<A extends FloatArray, B extends FloatArray>(
  x: Tensor<A>,
  targets: Tensor<B>,
  options: BatchesOptions,
): Batches<A, Tensor<B>>;
export function batches<A extends FloatArray>(
  x: Tensor<A>,
  labels: ArrayLike<number | bigint>,
  options: BatchesOptions,
): Batches<A, Int32Array>;
export function batches(
  x: Tensor,
  y: Tensor | ArrayLike<number | bigint>,
  options: BatchesOptions = {} as BatchesOptions,
): Batches<Float32Array, Tensor | Int32Array> {
  checkTensor("batches", "x", x);
  if (x.rank === 0) throw new ShapeError("batches: expected x of shape [N, ...], got a tensor of rank 0.");
  const samples = x.shape[0];
  if (samples === 0) throw new ShapeError(`batches: expected at least one sample, got x ${formatShape(x.shape)}.`);
  return new Batches<Float32Array, Tensor | Int32Array>(x, readTargets(y, samples), options, y);
}
