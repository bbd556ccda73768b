// Where batches come from: anything that can be looped over once an epoch, at once or later. What is in them is read here, and
// nothing is shuffled or changed.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import { Tensor } from "../base/tensor.js";

/** What belongs to the samples of a batch: labels, or a tensor of targets. */
export type Target = ArrayLike<number | bigint> | Tensor;

/**
 * A batch: a pair of samples and targets, as `batches` gives it, or an object with the two, under the names x and y, images and
 * labels, or inputs and targets.
 */
export type TrainBatch =
  | readonly [x: Tensor, y: Target]
  | Readonly<Record<"x", Tensor> & Record<"y", Target>>
  | Readonly<Record<"images", Tensor> & Record<"labels", Target>>
  | Readonly<Record<"inputs", Tensor> & Record<"targets", Target>>;

/**
 * Batches of an epoch: what `batches` returns, a list, any object that can be looped over (also with `for await`), each loop one
 * epoch. Where it has `length`, that is how many there are. Where it has a `position` that can be read and set, or the methods
 * `state()` and `restore(state)`, its place is stored in checkpoints.
 */
export type Loader<B = TrainBatch> = Iterable<B> | AsyncIterable<B>;

/** A {@link Loader}, or a function that makes one for each epoch. */
export type DataSource<B = TrainBatch> = Loader<B> | (() => Loader<B> | Promise<Loader<B>>);

/** Batches one after the other; whoever stops early closes it. */
export interface Feed {
  next(): unknown; // an IteratorResult or the promise of one
  close(): Promise<void>;
}

/** A checked source. */
export class Source {
  readonly #who: string;
  readonly #name: string;
  readonly #data: object;

  constructor(who: string, name: string, data: unknown) {
    const isSource = typeof data === "function" || (typeof data === "object" && data !== null && isIterable(data));
    if (!isSource || Tensor.isTensor(data)) {
      const remedy = Tensor.isTensor(data) ? "cut them into batches: " : "";
      throw new ArgumentError(
        `${who}: expected ${name} to give batches, got ${show(data)} (${remedy}batches(images, labels, { size: 64 })).`,
      );
    }
    this.#who = who;
    this.#name = name;
    this.#data = data;
  }

  /** The object itself. */
  get data(): unknown {
    return this.#data;
  }

  /** Batches in an epoch, where the source says so. */
  get length(): number | undefined {
    const length: unknown = typeof this.#data === "function" ? undefined : (this.#data as { length?: unknown }).length;
    return typeof length === "number" && Number.isSafeInteger(length) && length >= 0 ? length : undefined;
  }

  /** Starts an epoch, or what is left of one after a position was set. */
  async open(): Promise<Feed> {
    const made: unknown = typeof this.#data === "function" ? await (this.#data as () => Loader<unknown>)() : this.#data;
    if (typeof made !== "object" || made === null || !isIterable(made)) {
      throw new ArgumentError(`${this.#who}: expected ${this.#name} to return batches, got ${show(made)}.`);
    }
    const iterator = iteratorOf(made as Loader<unknown>);
    return {
      next: () => iterator.next(),
      close: async () => {
        await iterator.return?.();
      },
    };
  }

  /** Where the source stands, as plain data; undefined when it does not say. */
  get position(): unknown {
    const { position, state } = this.#data as { position?: unknown; state?: unknown };
    if (position !== undefined && typeof position !== "function") return position;
    return typeof state === "function" ? (state as () => unknown).call(this.#data) : undefined;
  }

  /** Whether it can be put somewhere. */
  get hasPosition(): boolean {
    const { position, state, restore } = this.#data as Record<string, unknown>;
    if (position !== undefined && typeof position !== "function") return true;
    return typeof state === "function" && typeof restore === "function";
  }

  /** Goes to where {@link position} was read. */
  moveTo(position: unknown): void {
    const data = this.#data as { position?: unknown; restore?: (state: unknown) => void };
    if (data.position !== undefined && typeof data.position !== "function") data.position = position;
    else data.restore?.(position);
  }

  /** Throws: an epoch had no batch. `again`: not the first one. */
  refuseEmpty(again: boolean): never {
    const remedy = again
      ? "a generator gives its batches once: give a function that makes one, () => load()"
      : "is the data set empty?";
    throw new ArgumentError(`${this.#who}: expected ${this.#name} to give at least one batch, got none (${remedy}).`);
  }

  /** Samples and targets of a batch. */
  read(batch: unknown): { readonly x: Tensor; readonly y: Target } {
    const { x, y } = partsOf(batch);
    if (!Tensor.isTensor(x)) this.#refuse(batch);
    if (typeof y !== "object" || y === null) this.#refuse(batch);
    return { x, y: y as Target };
  }

  /** The samples alone, of a batch with or without targets. */
  readInputs(batch: unknown): Tensor {
    const x = Tensor.isTensor(batch) ? batch : partsOf(batch).x;
    if (!Tensor.isTensor(x)) this.#refuse(batch);
    return x;
  }

  #refuse(batch: unknown): never {
    const remedy = Tensor.isTensor(batch)
      ? " (cut tensors and labels into batches: batches(x, labels, { size: 64 }))"
      : "";
    throw new ArgumentError(
      `${this.#who}: expected each batch of ${this.#name} as [x, y], { x, y } or { images, labels }, got ` +
        `${show(batch)}${remedy}.`,
    );
  }
}

function partsOf(batch: unknown): { readonly x?: unknown; readonly y?: unknown } {
  if (Array.isArray(batch)) return { x: batch[0] as unknown, y: batch[1] as unknown };
  if (typeof batch !== "object" || batch === null) return {};
  const { x, images, inputs, y, labels, targets } = batch as Record<string, unknown>;
  return { x: x ?? images ?? inputs, y: y ?? labels ?? targets };
}

function isIterable(value: object): boolean {
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

// What is read later comes first: a loader that prefetches may have both.
function iteratorOf(loader: Loader<unknown>): Iterator<unknown> | AsyncIterator<unknown> {
  return Symbol.asyncIterator in loader ? loader[Symbol.asyncIterator]() : loader[Symbol.iterator]();
}

/** Whether this has to be awaited; what need not be is not, which is faster. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
