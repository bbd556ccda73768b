// The sequence of all batches of all epochs: orders, the place in it, one loop at a time. What is in a batch is not known here.
import { knownKeys, show, whole } from "../base/check.js";
import { BATCHES } from "../base/copies.js";
import { ArgumentError, StateError } from "../base/errors.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { Generator, type GeneratorState } from "../numbers/random.js";

/** A place in the sequence of all batches of all epochs: plain data, made for JSON. See {@link Epochs.position}. */
export interface BatchesPosition {
  /** Epochs before this one. */
  readonly epoch: number;
  /** The next batch in the epoch; {@link Epochs.length} when all were given out and the loop has not ended yet. */
  readonly batch: number;
  /** Samples in a batch. Inside an epoch, a position only fits batches of the same size. */
  readonly size: number;
  /** Samples in all. Inside an epoch, a position only fits data of the same length. */
  readonly samples: number;
  /** What the order of this epoch is drawn from; null where nothing is drawn. */
  readonly generator: GeneratorState | null;
}

/** How an epoch's order is drawn: `count` numbers of samples. */
export type DrawOrder = (generator: Generator) => Int32Array;

/** What a sequence of epochs is made from. */
export interface EpochsPlan {
  /** The public name, for messages. */
  readonly who: string;
  /** Samples in an epoch. */
  readonly samples: number;
  /** Samples in a batch. */
  readonly size: number;
  readonly dropLast: boolean;
  /** What orders (and augmentations) are drawn from; null where nothing is drawn. */
  readonly generator: Generator | null;
  /** Null: the order of the data. */
  readonly draw: DrawOrder | null;
}

/** An epoch that is being looped over. */
export interface RunningEpoch {
  /** Of all samples. */
  readonly order: Int32Array;
  /** What it was drawn from. */
  readonly drawnFrom: GeneratorState | null;
  /** Which loop it is; {@link Epochs.advance} knows an outdated one. */
  readonly loop: number;
  /** The next batch. */
  readonly batch: number;
}

interface DrawnOrder {
  readonly order: Int32Array;
  readonly after: GeneratorState | null;
}

/**
 * Each epoch draws its order from a stretch of 2^32 words of its own. So the order is a function of seed, stream and epoch
 * alone, however many words a shuffle uses up; the generator's 2^53 words are enough for two million epochs.
 */
export const WORDS_PER_EPOCH = 4294967296;

/** What gives batches, epoch by epoch, from a place that can be stored: what `batches` returns, and `DataLoader`. */
export abstract class Epochs {
  /** Batches in an epoch. */
  readonly length: number;
  /** Samples in a batch; the last may have fewer. */
  readonly size: number;
  /** Samples in an epoch. */
  readonly samples: number;

  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #who: string;
  readonly #name: string; // of a variable that holds it, in messages
  readonly #generator: Generator | null;
  readonly #drawOrder: DrawOrder | null;
  #epoch = 0;
  #batch = 0;
  #order: Int32Array | undefined; // of this epoch; undefined until it is drawn
  #drawnFrom: GeneratorState | null = null; // where the generator was before it drew the order
  #begun = false; // whether a loop over this epoch has begun
  #loops = 0; // changes when a running loop is outdated

  /** @internal */
  constructor({ who, samples, size, dropLast, generator, draw }: EpochsPlan) {
    this.#who = who;
    this.#name = who === "Batches" ? "batches" : "loader";
    this.#generator = generator;
    this.#drawOrder = draw;
    this.samples = samples;
    this.size = size;
    this.length = dropLast ? Math.floor(samples / size) : Math.ceil(samples / size);
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
   * @internal Goes to a position that another thread has reached with batches like these. Between two epochs nothing is drawn yet, so
   * that a later manualSeed counts for the next one.
   */
  follow(position: BatchesPosition): void {
    if (position.batch !== 0) {
      this.position = position;
      return;
    }
    if (this.#generator !== null && position.generator !== null) this.#generator.state = position.generator;
    [this.#epoch, this.#batch, this.#order, this.#begun] = [position.epoch, 0, undefined, false];
    this.#loops += 1;
  }

  /**
   * For JSON.stringify, which is refused.
   *
   * @throws ArgumentError that says what can be written instead
   */
  toJSON(): never {
    throw new ArgumentError(
      `${this.#who}: expected their position in JSON, got the data themselves (write ${this.#name}.position).`,
    );
  }

  /** @internal Starts a loop: the epoch at the position that was set, else the next one. */
  protected begin(): RunningEpoch {
    if (this.#begun) this.#toNextEpoch();
    const order = this.#order ?? this.#draw();
    this.#begun = true;
    return { order, drawnFrom: this.#drawnFrom, loop: ++this.#loops, batch: this.#batch };
  }

  /** @internal Says that the batch is given out. */
  protected advance(): void {
    this.#batch += 1;
  }

  /** @internal Throws when another loop has begun since, or the position was set. */
  protected checkLoop(loop: number): void {
    if (loop === this.#loops) return;
    throw new StateError(
      `${this.#who}: expected one loop at a time, got a newer loop or a set position during this one ` +
        `(break first, or make two ${this.#name} objects).`,
    );
  }

  /** @internal Says that the loop is through. */
  protected end(): void {
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
    const generator = new Generator("shuffle", { seed: 0 });
    if (from !== null) generator.state = from;
    const order = this.#drawOrder?.(generator) ?? Int32Array.from({ length: this.samples }, (_, i) => i);
    if (from === null) return { order, after: null };
    generator.uint32(); // so that the next epoch has the next stretch also where no order is drawn
    return { order, after: generator.state };
  }

  #take(from: GeneratorState | null, { order, after }: DrawnOrder): Int32Array {
    if (this.#generator !== null && after !== null) this.#generator.state = after;
    this.#order = order;
    this.#drawnFrom = from;
    return order;
  }

  #checkPosition(position: BatchesPosition): BatchesPosition {
    const who = `${this.#who}.position`;
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
