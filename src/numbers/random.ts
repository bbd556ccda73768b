// The seeded generator. It is counter-based: a draw is a pure function of (seed, kind, stream, counter), so it depends
// neither on threads, nor on the order in which layers draw, nor on what other streams draw. Normal draws are in normal.ts.
import { finite, knownKeys, oneOf, show, whole } from "../base/check.js";
import { GENERATOR } from "../base/copies.js";
import { ArgumentError, StateError } from "../base/errors.js";
import { UNCLONEABLE } from "../base/uncloneable.js";
import { philox } from "./philox.js";

// The last word of the Philox counter. Never renumber: it would change everybody's draws. Numbers that are 5 or 6 modulo 256 are
// taken by src/data/augment/sampleRandom.ts.
const KIND_NUMBER = { init: 0, dropout: 1, shuffle: 2, draw: 3, augment: 4 } as const;

/** What a stream of draws is for. Streams of different kinds have nothing in common. */
export type StreamKind = keyof typeof KIND_NUMBER;

/** Where a generator stands. With the same state, the same draws follow. */
export interface GeneratorState {
  /** The seed of the stream. */
  readonly seed: number;
  /** What the stream is for. */
  readonly kind: StreamKind;
  /** Number of the stream among those of its kind. */
  readonly stream: number;
  /** How many 32-bit words of the stream are used up. */
  readonly counter: number;
}

const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;
const BUFFER_WORDS = 64;

// The global seed (undefined until it is needed), the number of manualSeed calls, the next free stream of each kind.
let globalSeed: Seed = { value: undefined };
let epoch = 0;
let nextStream = firstStreams();

/**
 * Sets the global seed, a whole number from 0 to 2^53 - 1, and starts the numbering of streams anew: the same program
 * after the same `manualSeed` draws the same values.
 *
 * Generators that exist and follow the global seed (see {@link Generator}) start over with the new one.
 */
export function manualSeed(seed: number): void {
  globalSeed = { value: whole("manualSeed", "the seed", seed, 0, Number.MAX_SAFE_INTEGER) };
  epoch += 1;
  nextStream = firstStreams();
}

/** The global seed in force. Without {@link manualSeed} the platform's random source gives it, on first use. */
export function getSeed(): number {
  return valueOf(globalSeed);
}

/** A seed that is in force from some time on, whether its value is known by then or not. */
interface Seed {
  value: number | undefined;
}

// Not by crypto, which is no more random for this, and the slowest part of a first prediction where Node has to load it first.
function valueOf(seed: Seed): number {
  // eslint-disable-next-line no-restricted-properties -- it differs on purpose, and is told by getSeed
  return (seed.value ??= Math.floor(Math.random() * TWO_53));
}

/** What is global about randomness. */
export interface RandomState {
  /** The global seed. */
  readonly seed: number;
  /** The number of the next stream of each kind. */
  readonly nextStream: Readonly<Record<StreamKind, number>>;
}

/** @internal The global seed and the numbering of streams, for a checkpoint. */
export function randomState(): RandomState {
  return { seed: getSeed(), nextStream: { ...nextStream } };
}

/**
 * @internal Checks a state and returns the way into it. Generators that follow the global seed start over only if it is
 * another one.
 */
export function prepareRandomState(who: string, state: RandomState): () => void {
  knownKeys(who, state, ["seed", "nextStream"]);
  const seed = whole(who, "seed", state.seed, 0, Number.MAX_SAFE_INTEGER);
  const kinds = Object.keys(KIND_NUMBER) as StreamKind[];
  knownKeys(who, state.nextStream, kinds);
  const next = firstStreams();
  for (const kind of kinds) next[kind] = whole(who, `nextStream.${kind}`, state.nextStream[kind], 0, TWO_32);
  return () => {
    if (seed !== globalSeed.value) manualSeed(seed);
    nextStream = next;
  };
}

/**
 * One stream of random draws, by Philox4x32-10. The key is the seed; block i of the stream comes from the counter
 * [i mod 2^32, i / 2^32, stream, kind] and gives the stream's words 4i to 4i + 3.
 *
 * - With `seed` it depends on nothing else; `stream` is 0 if not given.
 * - Without, it takes the global seed, and as `stream` (if not given) the next free number of its kind. Kind "init"
 *   keeps the global seed that is in force when it is made, so that weights may be filled in later. The other kinds
 *   follow: after a later `manualSeed` they start over at counter 0, with the new seed and their old stream number.
 *
 * @example
 * const generator = new Generator("draw", { seed: 1 });
 * const die = generator.integer(6) + 1;
 */
export class Generator {
  /** @internal */
  protected readonly uncloneable = UNCLONEABLE;
  readonly #kind: StreamKind;
  readonly #follows: boolean; // the global seed
  #stream: number;
  #seed = 0;
  #epoch = -1; // of #seed, if it follows
  #later: Seed | undefined; // of which it takes its value when it is needed
  readonly #words = new Uint32Array(BUFFER_WORDS);
  #start = 0; // counter of #words[0]
  #used = 0; // how many of #words are used up

  constructor(kind: StreamKind, options: { readonly seed?: number; readonly stream?: number } = {}) {
    this.#kind = oneOf("Generator", "kind", kind, Object.keys(KIND_NUMBER) as StreamKind[]);
    knownKeys("Generator", options, ["seed", "stream"]);
    const { seed, stream } = options;
    if (seed !== undefined) whole("Generator", "seed", seed, 0, Number.MAX_SAFE_INTEGER);
    if (stream !== undefined) whole("Generator", "stream", stream, 0, TWO_32 - 1);

    this.#stream = stream ?? (seed === undefined ? nextStream[kind]++ : 0);
    this.#follows = seed === undefined && kind !== "init";
    if (seed !== undefined) this.#moveTo(seed, 0);
    else if (!this.#follows) this.#later = globalSeed;
  }

  /** Reads the position, or moves there: draws then continue exactly as they did after it was read. */
  get state(): GeneratorState {
    this.#followSeed();
    return { seed: this.#seed, kind: this.#kind, stream: this.#stream, counter: this.#start + this.#used };
  }

  /** Checked when it is set. */
  set state(state: GeneratorState) {
    const who = "Generator.state";
    knownKeys(who, state, ["seed", "kind", "stream", "counter"]);
    const seed = whole(who, "seed", state.seed, 0, Number.MAX_SAFE_INTEGER);
    const stream = whole(who, "stream", state.stream, 0, TWO_32 - 1);
    const counter = whole(who, "counter", state.counter, 0, Number.MAX_SAFE_INTEGER);
    oneOf(who, "kind", state.kind, [this.#kind]);
    this.#stream = stream;
    this.#epoch = epoch;
    this.#moveTo(seed, counter);
  }

  /** @internal */
  get [GENERATOR](): true {
    return true;
  }

  /** What JSON.stringify writes: {@link Generator.state}, which takes it back: `generator.state = JSON.parse(text)`. */
  toJSON(): GeneratorState {
    return this.state;
  }

  /** @internal Checks a state as setting it would, and returns the way into it, which cannot fail. */
  prepareState(state: GeneratorState): () => void {
    another(this.#kind).state = state;
    return () => {
      this.state = state;
    };
  }

  /** A whole number from 0 to 2^32 - 1, all equally likely: one word of the stream. */
  uint32(): number {
    this.#followSeed();
    if (this.#used === BUFFER_WORDS) this.#moveTo(this.#seed, this.#start + BUFFER_WORDS);
    return this.#words[this.#used++];
  }

  /** A number in [0, 1): a multiple of 2^-32, all equally likely. Uses one word. */
  uniform(): number {
    return this.uint32() / TWO_32;
  }

  /**
   * A whole number from 0 to n - 1, all exactly equally likely; n from 1 to 2^32. It may use several words: the largest
   * 2^32 mod n words are drawn again, because they would favor the smallest numbers.
   */
  integer(n: number): number {
    whole("Generator.integer", "n", n, 1, TWO_32);
    const rounds = TWO_32 - (TWO_32 % n);
    let word = this.uint32();
    while (word >= rounds) word = this.uint32();
    return word % n;
  }

  /**
   * Fills the array from the uniform distribution on [low, high): low + (high - low) * uniform().
   *
   * In a Float32Array both ends are first rounded to float32. A draw that would then round up to `high` becomes the
   * largest number below it that the array can hold. If low = high, all elements are low. One word an element.
   */
  fillUniform(array: Float32Array | Float64Array, low: number, high: number): void {
    const who = "Generator.fillUniform";
    const round = rounding(who, array);
    const first = finite(who, "low in the array's range", round(finite(who, "low", low)));
    const end = finite(who, "high in the array's range", round(finite(who, "high", high)));
    if (low > high) throw new ArgumentError(`${who}: expected low <= high, got ${low} and ${high} (swap them).`);
    const width = finite(who, "high - low", end - first);

    this.#followSeed();
    let last = first;
    for (let step = width; round(end - step) < end; step /= 2) last = round(end - step);
    // Word for word what uniform() gives, without its calls: weights are drawn before anything of this is compiled.
    for (let i = 0; i < array.length; this.#used++) {
      if (this.#used === BUFFER_WORDS) this.#moveTo(this.#seed, this.#start + BUFFER_WORDS);
      array[i++] = Math.min(first + width * (this.#words[this.#used] / TWO_32), last);
    }
  }

  /** The numbers 0 to n - 1 in random order, all orders equally likely (Fisher & Yates 1938). At least n - 1 words. */
  permutation(n: number): Int32Array {
    whole("Generator.permutation", "n", n, 1, 2147483647);
    const order = new Int32Array(n).map((_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  #followSeed(): void {
    if (this.#later !== undefined) return this.#moveTo(valueOf(this.#later), 0);
    if (!this.#follows || this.#epoch === epoch) return;
    this.#epoch = epoch;
    this.#moveTo(getSeed(), 0);
  }

  // Computes the part of the stream that holds the word `counter`.
  #moveTo(seed: number, counter: number): void {
    if (counter > Number.MAX_SAFE_INTEGER) {
      throw new StateError("Generator: expected at most 2^53 words, got to the end of the stream (use another one).");
    }
    const start = counter - (counter % BUFFER_WORDS);
    const [blockLow, blockHigh] = lowAndHigh(start / 4);
    const [seedLow, seedHigh] = lowAndHigh(seed);
    philox(this.#words, blockLow, blockHigh, this.#stream, KIND_NUMBER[this.#kind], seedLow, seedHigh);
    this.#later = undefined;
    this.#seed = seed;
    this.#start = start;
    this.#used = counter - start;
  }
}

// Outside the class: one that names itself is renamed by the build.
function another(kind: StreamKind): Generator {
  return new Generator(kind, { seed: 0 });
}

function firstStreams(): Record<StreamKind, number> {
  return { init: 0, dropout: 0, shuffle: 0, draw: 0, augment: 0 };
}

// The two 32-bit words of a whole number below 2^53.
function lowAndHigh(value: number): readonly [number, number] {
  return [value >>> 0, Math.floor(value / TWO_32)];
}

/** @internal How the array rounds what is stored in it. Told by name, because an array may come from another realm. */
export function rounding(who: string, array: Float32Array | Float64Array): (value: number) => number {
  const name = Object.prototype.toString.call(array);
  if (name === "[object Float32Array]") return Math.fround;
  if (name === "[object Float64Array]") return (value) => value;
  throw new ArgumentError(`${who}: expected array to be a Float32Array or a Float64Array, got ${show(array)}.`);
}
