// The random numbers of one sample in one epoch: a pure function of (seed, stream, epoch, sample, transform), so they depend
// neither on the batch that the sample is in, nor on who computes it, nor on other transforms.
import { whole } from "../../base/check.js";
import { StateError } from "../../base/errors.js";
import { cos } from "../../numbers/trig.js";
import { log } from "../../numbers/math.js";
import { philox } from "../../numbers/philox.js";

const TWO_32 = 4294967296;
const TWO_PI = 6.283185307179586;
const BLOCK_BITS = 20;
const MOST_BLOCKS = 1048576; // of 4 words: noise for an image of 1448 x 1448 in two directions
const MOST_SLOTS = 4096;

// The last word of Philox's counter holds the stream above these: not the numbers 0 to 4 of the Generator's kinds.
const PURPOSE = { sample: 5, batch: 6 } as const;

/** What the draws of an epoch are keyed by. */
export interface DrawKey {
  /** Seed of the loader. */
  readonly seed: number;
  /** Number of the loader's stream. */
  readonly stream: number;
  /** Number of the epoch in the stream. */
  readonly epoch: number;
}

/**
 * A stream of random draws for one sample (or, in transforms of whole batches, for one batch). A transform of your own gets one
 * as its second argument: what it draws from it is the same for any number of workers, and after a resume.
 *
 * Philox4x32-10 with the counter [transform and block, sample, epoch, stream] under the key of the seed.
 */
export class SampleRandom {
  readonly #words = new Uint32Array(4);
  #used = 4;
  #block = 0;
  #slot = 0;
  #index = 0;
  #epoch = 0;
  #last = 0;
  #seedLow = 0;
  #seedHigh = 0;

  /** @internal Moves to the start of a stream. */
  seek({ seed, stream, epoch }: DrawKey, slot: number, index: number, purpose: "sample" | "batch" = "sample"): this {
    if (slot >= MOST_SLOTS) throw new StateError(`DataLoader: expected at most ${MOST_SLOTS} transforms, got more.`);
    this.#seedLow = seed >>> 0;
    this.#seedHigh = Math.floor(seed / TWO_32);
    this.#last = (stream << 8) | PURPOSE[purpose];
    this.#slot = slot << BLOCK_BITS;
    this.#index = index;
    this.#epoch = epoch;
    this.#block = 0;
    this.#used = 4;
    return this;
  }

  /** A whole number from 0 to 2^32 - 1, all equally likely: one word. */
  uint32(): number {
    if (this.#used === 4) {
      if (this.#block === MOST_BLOCKS) {
        throw new StateError("SampleRandom: expected at most 2^22 words a sample and transform, got more.");
      }
      const block = this.#slot | this.#block++;
      philox(this.#words, block, this.#index, this.#epoch, this.#last, this.#seedLow, this.#seedHigh);
      this.#used = 0;
    }
    return this.#words[this.#used++];
  }

  /** A number in [0, 1), a multiple of 2^-32: one word. */
  uniform(): number {
    return this.uint32() / TWO_32;
  }

  /** A number in [low, high) (low, if the two are equal): one word. */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number from 0 to n - 1, all exactly equally likely; n from 1 to 2^32. */
  integer(n: number): number {
    whole("SampleRandom.integer", "n", n, 1, TWO_32);
    const rounds = TWO_32 - (TWO_32 % n);
    let word = this.uint32();
    while (word >= rounds) word = this.uint32();
    return word % n;
  }

  /** True with probability p: one word. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** A number from the normal distribution of mean 0 and standard deviation 1 (Box & Muller 1958): two words. */
  normal(): number {
    const radius = Math.sqrt(-2 * log((this.uint32() + 0.5) / TWO_32));
    return radius * cos(TWO_PI * this.uniform());
  }
}
