// What a training run comes to.
import type { History } from "./history.js";

/** The epoch whose weights are in the model at the end. */
export interface BestEpoch {
  /** From 1. */
  readonly epoch: number;
  /** What was looked at, such as "valLoss". */
  readonly monitor: string;
  /** Its value then. */
  readonly value: number;
}

/** How a run ended, and what it did. */
export interface FitResult {
  /** All epochs were made, somebody called `stop`, it was a dry run, the signal was aborted, or something threw. */
  readonly ended: "completed" | "stopped" | "dryRun" | "aborted" | "failed";
  /** What `stop` was told; "" otherwise. */
  readonly reason: string;
  /** Epochs that were ended in all, also before a resume. */
  readonly epochs: number;
  /** The epoch whose weights were put back; null when these are the last ones. */
  readonly best: BestEpoch | null;
  /** Epochs and batches as data. */
  readonly history: History;
}
