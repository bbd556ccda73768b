// The workers of one loop over a DataLoader: started for it, given batches to make, and ended with it.
import { show } from "../../base/check.js";
import * as errors from "../../base/errors.js";
import { BackendError } from "../../base/errors.js";
import { Tensor, type FloatArray } from "../../base/tensor.js";
import type { SampleBatch } from "../sets/dataset.js";
import { textInPage, toNode, type Heard, type Line, fileBeside, waysInPage, type WorkerFile } from "./lines.js";
import type { Answer, Order, Setup } from "./messages.js";
import { LOADER_WORKER_TEXT } from "./worker.generated.js";

interface Pending {
  resolve(batch: SampleBatch<unknown>): void;
  reject(error: unknown): void;
}

interface Member {
  readonly line: Line;
  readonly pending: Map<number, Pending>;
}

/** Workers that all have the same data set. */
export class Crew {
  readonly #members: Member[] = [];
  #nextId = 0;
  #over: Error | null = null;

  /**
   * Starts the workers and gives them the data set.
   *
   * @throws BackendError when one does not start
   */
  static async start(count: number, setup: Setup): Promise<Crew> {
    const crew = new Crew();
    try {
      await Promise.all(Array.from({ length: count }, () => crew.#hire(setup)));
    } catch (error) {
      crew.close();
      throw error;
    }
    return crew;
  }

  /** Has a batch made by whoever has the least to do. `y` is null where targets stay with the caller. */
  make(order: Omit<Order, "id">): Promise<SampleBatch<unknown>> {
    if (this.#over !== null) return Promise.reject(this.#over);
    const member = this.#members.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      member.pending.set(id, { resolve, reject });
      member.line.hold(true);
      member.line.post({ id, ...order });
    });
  }

  /** Ends all workers; batches that are still asked for fail. */
  close(why: Error = new BackendError("DataLoader: expected workers, got an ended loop.")): void {
    if (this.#over !== null) return;
    this.#over = why;
    for (const { line, pending } of this.#members) {
      line.end();
      for (const { reject } of pending.values()) reject(why);
      pending.clear();
    }
  }

  // By the first way that works here.
  async #hire(setup: Setup): Promise<void> {
    const reasons: string[] = [];
    for (const open of waysHere(setup.source.kind === "module")) {
      try {
        return await this.#hireBy(open, setup);
      } catch (error) {
        if (!(error instanceof NoWorker)) throw error;
        reasons.push(error.message);
      }
    }
    throw noWorker(reasons.length === 0 ? "a runtime without workers" : reasons.join("; "));
  }

  #hireBy(open: Open, setup: Setup): Promise<void> {
    return new Promise((resolve, reject) => {
      const pending = new Map<number, Pending>();
      let isReady = false;
      const failed = (why: string): void => {
        line.end();
        if (!isReady) reject(new NoWorker(why));
        else this.close(noWorker(why));
      };
      const message = (answer: Answer): void => {
        if ("ready" in answer) {
          isReady = true;
          this.#members.push({ line, pending });
          line.hold(false);
          if (this.#over !== null) line.end(); // another one has not started
          resolve();
        } else if ("failed" in answer) {
          line.end();
          reject(noWorker(answer.failed));
        } else {
          const asked = pending.get(answer.id);
          if (asked === undefined) return; // on its way when the crew was closed
          const { resolve: done, reject: refuse } = asked;
          pending.delete(answer.id);
          if (pending.size === 0) line.hold(false);
          if ("error" in answer) refuse(revived(answer.error));
          else done([Tensor.adopt(answer.x as Float32Array, answer.shape), targetsOf(answer.y)]);
        }
      };
      let line: Line;
      try {
        line = open({ message, failed });
      } catch (cause) {
        reject(new NoWorker(cause instanceof Error ? cause.message : show(cause)));
        return;
      }
      line.post(setup);
    });
  }
}

/** A way to start a worker that does not work here. */
class NoWorker extends Error {}

function noWorker(why: string): BackendError {
  return new BackendError(
    `DataLoader: expected a worker, got ${why} (numWorkers: 0 makes the batches in the caller's thread).`,
  );
}

function targetsOf(y: Int32Array | { readonly data: FloatArray; readonly shape: readonly number[] } | null): unknown {
  return y === null || ArrayBuffer.isView(y) ? y : Tensor.adopt(y.data, y.shape);
}

// An error of the same class and message as in the worker.
function revived({ name, message }: { readonly name: string; readonly message: string }): Error {
  const all = errors as unknown as Readonly<Record<string, new (text: string) => Error>>;
  return Object.hasOwn(all, name) ? new all[name](message) : Object.assign(new Error(message), { name });
}

type Open = (heard: Heard<Answer>) => Line;

// What loads modules of TypeScript here is to load yours there, too (`inherits`); else a worker needs nothing of it.
function waysHere(inherits: boolean): Open[] {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  const { execArgv } = inherits ? {} : { execArgv: [] };
  if (node !== undefined) {
    return [
      (heard) => toNode(new node.Worker(LOADER_WORKER_TEXT, { eval: true, ...(execArgv && { execArgv }) }), heard),
    ];
  }
  return waysInPage((heard: Heard<Answer>) => textInPage(LOADER_WORKER_TEXT, heard), workerFile());
}

// The same text as a file, for pages whose policy forbids blob: addresses.
function workerFile(): WorkerFile {
  try {
    return fileBeside(new URL("./handgrad-data-worker.js", import.meta.url).href, import.meta.url, /\/crew-\w+\.js$/);
  } catch {
    return { exists: false };
  }
}
