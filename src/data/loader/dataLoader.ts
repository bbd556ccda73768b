// DataLoader: batches of any data set, shuffled or sampled, augmented, made ahead or in workers, with a place to go on from.
import { flag, knownKeys, show, whole } from "../../base/check.js";
import { ArgumentError, StateError } from "../../base/errors.js";
import { Tensor } from "../../base/tensor.js";
import { Generator, type GeneratorState } from "../../numbers/random.js";
import type { BatchTransform } from "../augment/mix.js";
import { SampleRandom, type DrawKey } from "../augment/sampleRandom.js";
import { Pipeline, type SampleTransform, type Transform } from "../augment/transform.js";
import { checkFull } from "../batches.js";
import { Epochs, WORDS_PER_EPOCH, type DrawOrder, type RunningEpoch } from "../epochs.js";
import { checkDataset, type Dataset, type SampleBatch } from "../sets/dataset.js";
import type { Sampler } from "../sets/sampler.js";
import { loadBatch } from "./load.js";
import type { Crew } from "./crew.js";

/** Options of {@link DataLoader} but for `batchTransform`. Names are PyTorch's. */
export interface DataLoaderOptions {
  /** Samples in a batch; the last batch of an epoch has what is left. It has no default. */
  readonly batchSize: number;
  /** A new order in each epoch. Default false: the order of the data. */
  readonly shuffle?: boolean;
  /** Which samples an epoch has, instead of each once: see `weightedRandomSampler`. */
  readonly sampler?: Sampler;
  /** Leaves out a last batch that is not full. Default false. */
  readonly dropLast?: boolean;
  /** Seed of order and augmentation. Without it they follow `manualSeed`; a call within an epoch counts from the next one on. */
  readonly seed?: number;
  /** What is done to each sample, one transform or several in their order; a function gets one sample and its random stream. */
  readonly transform?: Transform | SampleTransform | readonly (Transform | SampleTransform)[];
  /**
   * Worker threads that make batches ahead, for `for await` loops; they start and end with the loop. Default 0: none. The batches
   * are the same, bit for bit. The data set must be a `TensorDataset`, of a `moduleDataset`, or a part of one.
   */
  readonly numWorkers?: number;
  /** How many batches are asked for ahead, for each worker; without workers, of a data set with promises. Default 2. */
  readonly prefetchFactor?: number;
  /** Ends the loop with the signal's reason, and its workers with it. */
  readonly signal?: AbortSignal;
}

/** Options with a transform of whole batches. */
export interface BatchTransformOptions<Y> extends DataLoaderOptions {
  /** What is done to each batch, behind `transform`: `mixUp`, `cutMix` or a function of yours, or several in their order. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the targets between two steps are the steps' own
  readonly batchTransform: BatchTransform<any, Y> | readonly [...BatchTransform<any, any>[], BatchTransform<any, Y>];
}

/** @internal What a loader was made of beside its data set. */
export interface LoaderParts {
  readonly transforms: readonly (Transform | SampleTransform)[];
  readonly batchTransforms: readonly BatchTransform<unknown, unknown>[];
  readonly sampler: Sampler | undefined;
  /** What is plain data among its options. */
  readonly options: DataLoaderOptions;
}

const KEYS = [
  ...["batchSize", "shuffle", "sampler", "dropLast", "seed", "transform", "batchTransform", "numWorkers"],
  ...["prefetchFactor", "signal"],
];
const MOST_WORKERS = 64;

/**
 * Batches of a data set. Each loop is one epoch: `for (const [x, y] of loader)` where samples come at once, `for await` for those
 * that come by promises, and with workers. Like what `batches` returns it has a `position`, which checkpoints store.
 *
 * Augmentation is drawn from (seed, epoch, number of the sample) alone: the same for any number of workers, any batch size, and
 * after a resume.
 *
 * @example
 * const loader = new DataLoader(digits, {
 *   batchSize: 64,
 *   shuffle: true,
 *   transform: [randomCrop(28, { padding: 2 }), normalize(0.1307, 0.3081)],
 * });
 * for (const [x, y] of loader) {
 *   // x: Tensor [64, 1, 28, 28], y: Int32Array of 64
 * }
 *
 * @throws ArgumentError for a wrong option, or what is no data set
 */
export class DataLoader<Y = Int32Array>
  extends Epochs
  implements Iterable<SampleBatch<Y>>, AsyncIterable<SampleBatch<Y>>
{
  /** The data set. */
  readonly dataset: Dataset<unknown>;
  /** @internal What else it was made of, for another thread. */
  readonly parts: LoaderParts;
  readonly #pipeline: Pipeline;
  readonly #batchTransforms: readonly BatchTransform<unknown, unknown>[];
  readonly #workers: number;
  readonly #prefetch: number;
  readonly #signal: AbortSignal | null;
  readonly #random = new SampleRandom();

  constructor(dataset: Dataset<Y>, options: DataLoaderOptions & { readonly batchTransform?: undefined });
  constructor(dataset: Dataset<Int32Array> | Dataset<Tensor>, options: BatchTransformOptions<Y>);
  constructor(dataset: Dataset<unknown>, options: DataLoaderOptions & { readonly batchTransform?: unknown }) {
    const who = "DataLoader";
    knownKeys(who, options, KEYS);
    const set = checkDataset<unknown>(who, dataset);
    const { batchSize, shuffle = false, dropLast = false, sampler, seed, signal } = options;
    const { numWorkers = 0, prefetchFactor = 2 } = options;
    if (batchSize === undefined) {
      throw new ArgumentError(
        `${who}: expected a batchSize, got none (it has no default: new DataLoader(data, { batchSize: 64 })).`,
      );
    }
    whole(who, "batchSize", batchSize, 1);
    if (seed !== undefined) whole(who, "seed", seed, 0, Number.MAX_SAFE_INTEGER);
    if (sampler !== undefined) checkSampler(who, sampler, set.length, flag(who, "shuffle", shuffle));
    const samples = sampler?.length ?? set.length;
    checkFull(who, "batchSize", batchSize, samples, flag(who, "dropLast", dropLast));
    const pipeline = new Pipeline(who, options.transform);
    const batchTransforms = checkBatchTransforms(who, options.batchTransform);
    const draw = sampler !== undefined ? orderOf(sampler) : flag(who, "shuffle", shuffle) ? shuffled(set.length) : null;
    const isRandom = draw !== null || pipeline.transforms.length + batchTransforms.length > 0;
    const generator = isRandom ? new Generator("shuffle", seed === undefined ? {} : { seed }) : null;
    super({ who, samples, size: batchSize, dropLast, generator, draw });
    this.dataset = set;
    this.parts = {
      transforms: pipeline.transforms,
      batchTransforms,
      sampler,
      options: { batchSize, shuffle, dropLast, numWorkers, prefetchFactor, ...(seed !== undefined && { seed }) },
    };
    this.#pipeline = pipeline;
    this.#batchTransforms = batchTransforms;
    this.#workers = whole(who, "numWorkers", numWorkers, 0, MOST_WORKERS);
    this.#prefetch = whole(who, "prefetchFactor", prefetchFactor, 1, 1024);
    this.#signal = checkSignal(who, signal);
  }

  /**
   * One epoch, or what is left of it after `position` was set.
   *
   * @throws StateError when samples come by promises, or there are workers: `for await` is for them
   */
  *[Symbol.iterator](): IterableIterator<SampleBatch<Y>> {
    if (this.#workers > 0) throw needsAwait("workers");
    this.#signal?.throwIfAborted();
    const epoch = this.begin();
    for (let batch = epoch.batch; batch < this.length; batch++) {
      const loaded = loadBatch(this.dataset, this.#pipeline, this.#job(epoch, batch));
      if (!Array.isArray(loaded)) {
        void (loaded as Promise<unknown>).catch(() => undefined);
        throw needsAwait("samples that come by promises");
      }
      const next = this.#finish(loaded, epoch, batch);
      this.advance();
      yield next;
      this.checkLoop(epoch.loop);
      this.#signal?.throwIfAborted();
    }
    this.end();
  }

  /** One epoch, or what is left of it after `position` was set; batches may be made ahead. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<SampleBatch<Y>> {
    const signal = this.#signal;
    signal?.throwIfAborted();
    const crew = this.#workers > 0 ? await this.#startCrew() : null;
    const aborted = new Aborted(signal, (reason) => crew?.close(reason));
    try {
      const epoch = this.begin();
      const ahead: Promise<SampleBatch<unknown>>[] = [];
      const most = this.#prefetch * Math.max(this.#workers, 1);
      let asked = epoch.batch;
      for (let batch = epoch.batch; batch < this.length; batch++) {
        for (; asked < this.length && asked - batch < most; asked++) {
          const loaded = this.#load(crew, epoch, asked);
          const promise = Promise.resolve(loaded);
          promise.catch(() => undefined); // it is looked at when its turn comes
          ahead.push(promise);
          if (crew === null && Array.isArray(loaded)) {
            asked++;
            break; // made at once: nothing is won by more
          }
        }
        const loaded = await aborted.orAfter(ahead.shift() as Promise<SampleBatch<unknown>>);
        const next = this.#finish(loaded, epoch, batch);
        this.advance();
        yield next;
        this.checkLoop(epoch.loop);
        signal?.throwIfAborted();
      }
      this.end();
    } finally {
      aborted.forget();
      crew?.close();
    }
  }

  #job({ order, drawnFrom }: RunningEpoch, batch: number): { rows: Int32Array; key: DrawKey | null } {
    const rows = order.slice(batch * this.size, Math.min((batch + 1) * this.size, this.samples));
    return { rows, key: drawnFrom === null ? null : keyOf(drawnFrom) };
  }

  #load(crew: Crew | null, epoch: RunningEpoch, batch: number): SampleBatch<unknown> | Promise<SampleBatch<unknown>> {
    const job = this.#job(epoch, batch);
    if (crew === null) {
      try {
        return loadBatch(this.dataset, this.#pipeline, job);
      } catch (error) {
        return Promise.reject(error as Error); // in its turn, as those of promises
      }
    }
    const leading = this.#pipeline.leading.length;
    return crew.make(job).then(([x, y]): SampleBatch<unknown> => {
      const done = leading === this.#pipeline.transforms.length || job.key === null;
      const finished = done ? x : this.#pipeline.run(x, job.key as DrawKey, job.rows, leading);
      return [finished, y ?? targetsFor(this.dataset, job.rows)];
    });
  }

  #finish(loaded: SampleBatch<unknown>, { drawnFrom }: RunningEpoch, number: number): SampleBatch<Y> {
    let batch = loaded;
    this.#batchTransforms.forEach((transform, slot) => {
      const random = this.#random.seek(keyOf(drawnFrom as GeneratorState), slot, number, "batch");
      const next: unknown = transform(batch, random);
      if (!Array.isArray(next) || next.length !== 2 || !Tensor.isTensor(next[0])) {
        throw new ArgumentError(`DataLoader: expected batchTransform to return [x, y], got ${show(next)}.`);
      }
      batch = next as SampleBatch<unknown>;
    });
    return batch as SampleBatch<Y>;
  }

  async #startCrew(): Promise<Crew> {
    const [{ Crew }, { setupOf }] = await Promise.all([import("./crew.js"), import("./setup.js")]);
    return Crew.start(this.#workers, setupOf(this.dataset, this.#pipeline.leading));
  }
}

/** The promise that an abort breaks. */
class Aborted {
  readonly #signal: AbortSignal | null;
  readonly #listener: () => void;
  #reject: ((reason: unknown) => void) | null = null;

  constructor(signal: AbortSignal | null, end: (reason: Error) => void) {
    this.#signal = signal;
    this.#listener = () => {
      end(signal?.reason as Error);
      this.#reject?.(signal?.reason);
    };
    signal?.addEventListener("abort", this.#listener);
  }

  orAfter<T>(promise: Promise<T>): Promise<T> {
    if (this.#signal === null) return promise;
    return new Promise((resolve, reject) => {
      this.#signal?.throwIfAborted();
      this.#reject = reject;
      promise.then(resolve, reject);
    });
  }

  forget(): void {
    this.#signal?.removeEventListener("abort", this.#listener);
  }
}

function keyOf({ seed, stream, counter }: GeneratorState): DrawKey {
  return { seed, stream, epoch: Math.floor(counter / WORDS_PER_EPOCH) };
}

function shuffled(samples: number): DrawOrder {
  return (generator) => generator.permutation(samples);
}

function orderOf(sampler: Sampler): DrawOrder {
  return (generator) => {
    const order: unknown = sampler.order(generator);
    const wrong =
      Object.prototype.toString.call(order) !== "[object Int32Array]" ||
      (order as Int32Array).length !== sampler.length ||
      (order as Int32Array).some((row) => row < 0 || row >= sampler.samples);
    if (!wrong) return order as Int32Array;
    throw new ArgumentError(
      `DataLoader: expected the sampler to give ${sampler.length} numbers from 0 to ${sampler.samples - 1} as an Int32Array, ` +
        `got ${show(order)}.`,
    );
  };
}

function checkSampler(who: string, sampler: unknown, samples: number, shuffle: boolean): void {
  const { length, samples: wanted, order } = (sampler ?? {}) as Partial<Sampler>;
  if (typeof order !== "function") {
    throw new ArgumentError(`${who}: expected sampler as weightedRandomSampler gives one, got ${show(sampler)}.`);
  }
  if (shuffle)
    throw new ArgumentError(`${who}: expected shuffle or a sampler, got both (a sampler has its own order).`);
  whole(who, "the sampler's length", length, 1);
  if (wanted === samples) return;
  throw new ArgumentError(`${who}: expected a sampler for ${samples} samples, got one for ${show(wanted)}.`);
}

function checkBatchTransforms(who: string, given: unknown): readonly BatchTransform<unknown, unknown>[] {
  const list: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? (given as unknown[]) : [given];
  const wrong = list.find((each) => typeof each !== "function");
  if (wrong === undefined) return list as readonly BatchTransform<unknown, unknown>[];
  throw new ArgumentError(`${who}: expected batchTransform to be functions such as mixUp(), got ${show(wrong)}.`);
}

function checkSignal(who: string, signal: unknown): AbortSignal | null {
  if (signal === undefined) return null;
  if (typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted === "function") return signal as AbortSignal;
  throw new ArgumentError(
    `${who}: expected signal to be an AbortSignal, got ${show(signal)} (new AbortController().signal).`,
  );
}

function needsAwait(what: string): StateError {
  return new StateError(`DataLoader: expected for await (const [x, y] of loader) with ${what}, got a plain loop.`);
}

function targetsFor(dataset: Dataset<unknown>, rows: Int32Array): unknown {
  return (dataset as unknown as { targets(rows: Int32Array): unknown }).targets(rows);
}
