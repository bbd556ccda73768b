// What the tests of training in a worker share: runs beside each other, by fit and by trainInWorker, and a worker in this thread for
// what a module of the user's serves.
import { MessageChannel } from "node:worker_threads";
import type { Layer } from "../../src/index.js";
import type { FitResult } from "../../src/entries/train.js";
import { serveAt, type Served } from "../../src/worker/serveTraining.js";
import { digest, timeless } from "../train/support.js";

/** All that a run leaves behind, but for what a clock says. */
export function outcome(result: FitResult, model: Layer): object {
  const { history, ...rest } = result;
  return { ...rest, epochRecords: timeless(history.epochs), batches: history.batches, weights: digest(model) };
}

/** Looks like a worker of Node, and serves in this thread: messages are copied as between threads. */
export function inThread(served: Served): () => object {
  return () => {
    const { port1, port2 } = new MessageChannel();
    serveAt(
      {
        post: (message, transfer) => port2.postMessage(message, transfer),
        listen: (heard) => void port2.on("message", heard),
      },
      served,
    );
    return {
      on: (event: string, heard: (value: unknown) => void) => (event === "message" ? port1.on("message", heard) : null),
      postMessage: (message: unknown, transfer: ArrayBuffer[]) => port1.postMessage(message, transfer),
      terminate: () => port1.close(),
      ref: () => port1.ref(),
      unref: () => port1.unref(),
    };
  };
}
