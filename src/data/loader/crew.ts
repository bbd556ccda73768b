// The workers of one loop over a DataLoader: started for it, given batches to make, and ended with it.
import { show } from "../../base/check.js";
import * as errors from "../../base/errors.js";
import { BackendError } from "../../base/errors.js";
import { Tensor, type FloatArray } from "../../base/tensor.js";
import type { SampleBatch } from "../sets/dataset.js";
import type { Answer, Order, Setup } from "./messages.js";
import { LOADER_WORKER_TEXT } from "./worker.generated.js";

interface Line {
  post(message: object): void;
  end(): void;
  /** Whether the process is to wait for it. */
  hold(on: boolean): void;
}

interface Heard {
  message(answer: Answer): void;
  failed(why: string): void;
}

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

  #hire(setup: Setup): Promise<void> {
    return new Promise((resolve, reject) => {
      const pending = new Map<number, Pending>();
      const failed = (why: string): void => {
        const remedy = "numWorkers: 0 makes the batches in the caller's thread";
        const error = new BackendError(`DataLoader: expected a worker, got ${why} (${remedy}).`);
        reject(error);
        this.close(error);
      };
      const message = (answer: Answer): void => {
        if ("ready" in answer) {
          line.hold(false);
          resolve();
        } else if ("failed" in answer) {
          failed(answer.failed);
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
      const line = openLine({ message, failed }, setup.source.kind === "module");
      this.#members.push({ line, pending });
      line.post(setup);
    });
  }
}

function targetsOf(y: Int32Array | { readonly data: FloatArray; readonly shape: readonly number[] } | null): unknown {
  return y === null || ArrayBuffer.isView(y) ? y : Tensor.adopt(y.data, y.shape);
}

// An error of the same class and message as in the worker.
function revived({ name, message }: { readonly name: string; readonly message: string }): Error {
  const all = errors as unknown as Readonly<Record<string, new (text: string) => Error>>;
  return Object.hasOwn(all, name) ? new all[name](message) : Object.assign(new Error(message), { name });
}

function openLine({ message, failed }: Heard, inherits: boolean): Line {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node !== undefined) {
    // What loads modules of TypeScript here is to load yours there, too; else a worker needs nothing of it.
    const worker = new node.Worker(LOADER_WORKER_TEXT, { eval: true, ...(inherits ? {} : { execArgv: [] }) });
    let ended = false;
    worker.on("message", message);
    worker.on("error", (error: unknown) => failed(error instanceof Error ? error.message : show(error)));
    worker.on("exit", (code) => (ended ? undefined : failed(`its end with code ${code}`)));
    return {
      post: (data) => worker.postMessage(data),
      end: () => {
        ended = true;
        void worker.terminate();
      },
      hold: (on) => (on ? worker.ref() : worker.unref()),
    };
  }
  if (typeof globalThis.Worker !== "function") throw new BackendError("DataLoader: expected workers, got none here.");
  const address = URL.createObjectURL(new Blob([LOADER_WORKER_TEXT], { type: "text/javascript" }));
  const worker = new globalThis.Worker(address);
  worker.onmessage = (event: MessageEvent<Answer>) => {
    URL.revokeObjectURL(address);
    message(event.data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    URL.revokeObjectURL(address);
    failed(event.message || "one that did not load (the page's policy may forbid it: worker-src blob:)");
  };
  return { post: (data) => worker.postMessage(data), end: () => worker.terminate(), hold: () => undefined };
}
