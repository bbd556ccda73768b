// Progress for `for await`: each loop gets every epoch, and between them what is newest; who is slow misses no epoch.
import type { TrainingHandle } from "../train/handle.js";
import type { EpochRecord } from "../train/history.js";

/** Where a run is. */
export interface TrainingProgress extends Pick<
  TrainingHandle,
  "epoch" | "epochs" | "batch" | "batches" | "samples" | "runningLoss" | "steps"
> {
  /** At the end of an epoch its results; null in between. */
  readonly record: EpochRecord | null;
}

interface Reader {
  readonly queue: TrainingProgress[];
  wake: (() => void) | undefined;
}

/** What is told, for as many loops as there are. */
export class Stream {
  readonly #readers = new Set<Reader>();
  #ended: { readonly error?: unknown; readonly failed: boolean } | undefined;

  /** Says where the run is. */
  tell(progress: TrainingProgress): void {
    for (const reader of this.#readers) {
      const { queue } = reader;
      if (queue.length > 0 && queue[queue.length - 1].record === null) queue.pop();
      queue.push(progress);
      reader.wake?.();
    }
  }

  /** All loops end; with `failed` they throw. */
  end(failed: boolean, error?: unknown): void {
    this.#ended = { failed, error };
    for (const reader of this.#readers) reader.wake?.();
  }

  /** From now on. */
  open(): AsyncIterableIterator<TrainingProgress> {
    const reader: Reader = { queue: [], wake: undefined };
    this.#readers.add(reader);
    const next = async (): Promise<IteratorResult<TrainingProgress>> => {
      for (;;) {
        const value = reader.queue.shift();
        if (value !== undefined) return { done: false, value };
        if (this.#ended !== undefined) {
          this.#readers.delete(reader);
          if (this.#ended.failed) throw this.#ended.error;
          return { done: true, value: undefined };
        }
        await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    };
    const leave = (): Promise<IteratorResult<TrainingProgress>> => {
      this.#readers.delete(reader);
      return Promise.resolve({ done: true, value: undefined });
    };
    const iterator: AsyncIterableIterator<TrainingProgress> = {
      next,
      return: leave,
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }
}
