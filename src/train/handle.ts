// What the outside sees of a run while it goes on, and what it can ask of it.
import type { Layer } from "../nn/layer.js";
import type { Optimizer } from "../optim/optimizer.js";
import type { History } from "./history.js";

/** A run while it goes on: the promise that `fit` returns has all of this, and callbacks get it. */
export interface TrainingHandle {
  /** The model. */
  readonly model: Layer;
  /** The optimizers. */
  readonly optimizers: readonly Optimizer[];
  /** What has been recorded so far; it grows. */
  readonly history: History;
  /** The epoch at work, from 1; after its end, until the next begins, still that one. */
  readonly epoch: number;
  /** How many there are to be. */
  readonly epochs: number;
  /** Batches of this epoch that are done. */
  readonly batch: number;
  /** Batches in an epoch, where the data say it. */
  readonly batches: number | undefined;
  /** Samples of this epoch that are done. */
  readonly samples: number;
  /** The running mean of the loss in this epoch. */
  readonly runningLoss: number;
  /** Steps of the optimizers in all. */
  readonly steps: number;
  /** Whether it was told to pause. */
  readonly paused: boolean;
  /** Waits after the batch at hand, until `resume`. */
  pause(): void;
  /** Goes on. */
  resume(): void;
  /** Ends training after the batch at hand (with accumulation, the step), as a success: `fit` resolves. */
  stop(reason?: string): void;
}

const CALLS = ["pause", "resume", "stop"] as const;
const VALUES = [
  ...["model", "optimizers", "history", "epoch", "epochs", "batch", "batches", "samples", "runningLoss", "steps"],
  "paused",
] as readonly (keyof TrainingHandle)[];

/** The promise of a run with the properties of its handle, live. */
export function withHandle<R>(promise: Promise<R>, handle: TrainingHandle): Promise<R> & TrainingHandle {
  for (const name of CALLS) Object.defineProperty(promise, name, { value: (reason?: string) => handle[name](reason) });
  for (const name of VALUES) Object.defineProperty(promise, name, { get: () => handle[name], enumerable: true });
  return promise as Promise<R> & TrainingHandle;
}
