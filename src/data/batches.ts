// Batches of samples with their labels, in order or shuffled, and a position to go on from. No augmentation here.
import { flag, knownKeys, show, whole } from "../base/check.js";
import { BATCHES } from "../base/copies.js";
import { ArgumentError, ShapeError, StateError } from "../base/errors.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { Generator, type GeneratorState } from "../numbers/random.js";
import { formatShape } from "../base/shape.js";
import { checkTensor, type FloatArray, type Tensor } from "../base/tensor.js";
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

/** A place in the sequence of all batches of all epochs: plain data, made for JSON. See {@link Batches.position}. */
export interface BatchesPosition {
  /** Epochs before this one. */
  readonly epoch: number;
  /** The next batch in the epoch; {@link Batches.length} when all were given out and the loop has not ended yet. */
  readonly batch: number;
  /** Samples in a batch. Inside an epoch, a position only fits batches of the same size. */
  readonly size: number;
  /** Samples in all. Inside an epoch, a position only fits data of the same length. */
  readonly samples: number;
  /** What the order of this epoch is drawn from; null without shuffling. */
  readonly generator: GeneratorState | null;
}

interface DrawnOrder {
  readonly order: Int32Array;
  readonly after: GeneratorState | null;
}

/** What one step of the loop gets: the samples, and their labels or target tensor. */
export type Batch<A extends FloatArray, Y> = [x: Tensor<A>, y: Y];

// Each epoch draws its order from a stretch of 2^32 words of its own. So the order is a function of seed, stream and
// epoch alone, however many words a shuffle uses up; the generator's 2^53 words are enough for two million epochs.
const WORDS_PER_EPOCH = 4294967296;

/**
 * Samples and labels in batches: what {@link batches} returns. It can be looped over again and again; each loop is one
 * epoch, shuffled anew if asked for. Every batch is made of fresh tensors.
 *
 * A loop starts at {@link Batches.position} if that was set, else with a new epoch, also after a loop that was left by
 * `break`. One loop at a time: an older one that is continued after a newer one has begun is a StateError.
 */
export class Batches<A extends FloatArray = Float32Array, Y = Int32Array> implements Iterable<Batch<A, Y>> {
  /** Batches in an epoch. */
  readonly length: number;
  /** Samples in a batch; the last may have fewer. */
  readonly size: number;
  /** Samples in all. */
  readonly samples: number;

  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #x: Tensor<A>;
  readonly #targetsOf: (rows: Int32Array) => Y;
  readonly #generator: Generator | null;
  #epoch = 0;
  #batch = 0;
  #order: Int32Array | undefined; // of this epoch; undefined until it is drawn
  #drawnFrom: GeneratorState | null = null; // where the generator was before it drew the order
  #begun = false; // whether a loop over this epoch has begun
  #loops = 0; // changes when a running loop is outdated

  /** @internal Use {@link batches}. */
  constructor(x: Tensor<A>, targetsOf: (rows: Int32Array) => Y, options: BatchesOptions) {
    knownKeys("batches", options, ["size", "shuffle", "dropLast", "seed"]);
    const { size, shuffle = false, dropLast = false, seed } = options;
    if (size === undefined) {
      throw new ArgumentError(
        "batches: expected a size, got none (samples in a batch, it has no default: batches(x, labels, { size: 64 })).",
      );
    }
    this.#x = x;
    this.#targetsOf = targetsOf;
    this.samples = x.shape[0];
    this.size = whole("batches", "size", size, 1);
    this.length = flag("batches", "dropLast", dropLast)
      ? Math.floor(this.samples / size)
      : Math.ceil(this.samples / size);
    if (this.length === 0) {
      throw new ArgumentError(
        `batches: expected size of at most ${this.samples} with dropLast, got ${size} (not one batch is full).`,
      );
    }
    if (seed !== undefined) whole("batches", "seed", seed, 0, Number.MAX_SAFE_INTEGER);
    const withSeed = seed === undefined ? {} : { seed };
    this.#generator = flag("batches", "shuffle", shuffle) ? new Generator("shuffle", withSeed) : null;
  }

  /** @internal */
  get [BATCHES](): true {
    return true;
  }

  /**
   * Where the loop stands, to be read at any time and set before a loop. In the body of a loop it points at the next
   * batch. Once it is set, the next loop gives the remaining batches of that epoch (none, if it was read in the body of
   * the epoch's last batch), and later loops the later epochs, the same that followed where the position was read.
   *
   * Setting it while a loop runs ends that loop with a StateError; `break` first.
   *
   * @throws ArgumentError for a position inside an epoch of other data, size or shuffling.
   *
   * @example
   * for (const [x, labels] of data) {
   *   // ... one training step ...
   *   if (late()) { writeFileSync("position.json", JSON.stringify(data.position)); break; }
   * }
   * // tomorrow, with the same data and options
   * data.position = JSON.parse(readFileSync("position.json", "utf8"));
   */
  get position(): BatchesPosition {
    const generator = this.#order === undefined ? this.#nextState() : this.#drawnFrom;
    return { epoch: this.#epoch, batch: this.#batch, size: this.size, samples: this.samples, generator };
  }

  /** Checked when it is set. */
  set position(position: BatchesPosition) {
    this.preparePosition(position)();
  }

  /** @internal Checks a position and returns the way to it, which cannot fail. */
  preparePosition(position: BatchesPosition): () => void {
    const { epoch, batch, generator } = this.#checkPosition(position);
    const drawn = this.#orderFrom(generator); // now, so that a later manualSeed does not change the order of this epoch
    return () => {
      this.#take(generator, drawn);
      this.#epoch = epoch;
      this.#batch = batch;
      this.#begun = false;
      this.#loops += 1;
    };
  }

  /**
   * For JSON.stringify, which is refused.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError(
      "Batches: expected their position in JSON, got the data themselves (write batches.position).",
    );
  }

  /** One epoch, or what is left of it after {@link Batches.position} was set. */
  *[Symbol.iterator](): IterableIterator<Batch<A, Y>> {
    if (this.#begun) this.#toNextEpoch();
    const order = this.#order ?? this.#draw();
    this.#begun = true;
    const loop = ++this.#loops;
    while (this.#batch < this.length) {
      const from = this.#batch * this.size;
      const rows = order.subarray(from, Math.min(from + this.size, this.samples));
      const next: Batch<A, Y> = [this.#x.take(rows), this.#targetsOf(rows)];
      this.#batch += 1;
      yield next;
      if (loop !== this.#loops) {
        throw new StateError(
          "Batches: expected one loop at a time, got a newer loop or a set position during this one " +
            "(break first, or make two batches objects).",
        );
      }
    }
    this.#toNextEpoch();
  }

  #toNextEpoch(): void {
    this.#epoch += 1;
    this.#batch = 0;
    this.#order = undefined;
    this.#begun = false;
  }

  // Where the generator stands for an order that is not drawn yet: at the next stretch that is untouched.
  #nextState(): GeneratorState | null {
    if (this.#generator === null) return null;
    const { state } = this.#generator;
    return { ...state, counter: Math.ceil(state.counter / WORDS_PER_EPOCH) * WORDS_PER_EPOCH };
  }

  #draw(): Int32Array {
    const from = this.#nextState();
    return this.#take(from, this.#orderFrom(from));
  }

  // The order that is drawn from there, and where the generator then stands; the generator itself stays where it is.
  #orderFrom(from: GeneratorState | null): DrawnOrder {
    if (from === null) return { order: Int32Array.from({ length: this.samples }, (_, i) => i), after: null };
    const generator = new Generator("shuffle", { seed: 0 });
    generator.state = from;
    return { order: generator.permutation(this.samples), after: generator.state };
  }

  #take(from: GeneratorState | null, { order, after }: DrawnOrder): Int32Array {
    if (this.#generator !== null && after !== null) this.#generator.state = after;
    this.#order = order;
    this.#drawnFrom = from;
    return order;
  }

  #checkPosition(position: BatchesPosition): BatchesPosition {
    const who = "Batches.position";
    knownKeys(who, position, ["epoch", "batch", "size", "samples", "generator"]);
    const { size, samples, generator } = position;
    const epoch = whole(who, "epoch", position.epoch, 0);
    if (position.batch !== 0 && (size !== this.size || samples !== this.samples)) {
      throw new ArgumentError(
        `${who}: expected a position inside an epoch of ${this.samples} samples by ${this.size}, ` +
          `got one of ${show(samples)} by ${show(size)} (use the same data and size, or start at batch 0).`,
      );
    }
    const batch = whole(who, "batch", position.batch, 0, this.length);
    if (typeof generator !== "object" || (generator === null) !== (this.#generator === null)) {
      const expected = this.#generator === null ? "null, for batches without shuffle" : "a state, for shuffled batches";
      throw new ArgumentError(
        `${who}: expected generator to be ${expected}, got ${show(generator)} (use the same options).`,
      );
    }
    return { epoch, batch, size, samples, generator };
  }
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
  return new Batches<Float32Array, Tensor | Int32Array>(x, readTargets(y, samples), options);
}
