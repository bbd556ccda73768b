// Starts the worker of a run: by which ways that can be done here, which is tried first, and the handshake. What it runs is worker.ts.
import { show } from "../base/check.js";
import { BackendError } from "../base/errors.js";
import { WORKER_BUILD } from "../backend/wasm/runtime/worker.generated.js";
import {
  textInPage,
  toNode,
  toPage,
  type Heard,
  type Line,
  fileBeside,
  waysInPage,
  type WorkerFile,
} from "../data/loader/lines.js";
import type { FromWorker } from "./messages.js";

/** What is heard of a worker that has started. */
export type RunHeard = Heard<FromWorker>;

type Open = (heard: RunHeard) => Line | Promise<Line>;

// A worker that says nothing for so long is given up. Its module may load much, and the machine may be busy.
const PATIENCE_MS = 60_000;

/** A worker that is ready for its run; `own` starts one of the caller's. The promise rejects when there is none. */
export async function hire(own: (() => unknown) | undefined, heard: RunHeard): Promise<Line> {
  if (own !== undefined) {
    try {
      return await shake((listening) => openOwn(own(), listening), heard);
    } catch (cause) {
      const why = cause instanceof NoWorker ? cause.message : String(cause);
      throw new BackendError(
        `trainInWorker: expected options.worker to start a worker that calls serveTraining of handgrad/serve, got ${why}.`,
        { cause },
      );
    }
  }
  const reasons: string[] = [];
  for (const open of waysHere()) {
    try {
      return await shake(open, heard);
    } catch (cause) {
      reasons.push(cause instanceof Error ? cause.message : show(cause));
    }
  }
  const why = reasons.length === 0 ? "a runtime without workers" : [...new Set(reasons)].join("; ");
  throw new BackendError(
    `trainInWorker: expected a worker, got ${why} (a page's policy allows one by worker-src 'self' or blob:; where there is none, fit ` +
      `of handgrad/train trains in this thread and lets the page breathe).`,
  );
}

/** A way to start a worker that does not work here. */
class NoWorker extends Error {}

// The worker says its build first: a file of another version beside a page must not train it.
async function shake(open: Open, { message, failed }: RunHeard): Promise<Line> {
  let line: Line | undefined;
  let isReady = false;
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new NoWorker(`one that said nothing for ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    const over = (why: string): void => {
      clearTimeout(timer);
      reject(new NoWorker(why));
    };
    const listening: RunHeard = {
      message(answer) {
        if (isReady) return message(answer);
        const { kind, build } = (answer ?? {}) as { readonly kind?: unknown; readonly build?: unknown };
        if (kind !== "ready") return over("one that is no training worker of handgrad");
        if (build !== WORKER_BUILD)
          return over(`one of another build (${show(build)} where this is ${show(WORKER_BUILD)})`);
        clearTimeout(timer);
        isReady = true;
        resolve();
      },
      failed: (why) => (isReady ? failed(why) : over(why)),
    };
    Promise.resolve()
      .then(() => open(listening))
      .then((opened) => (line = opened))
      .catch((cause: unknown) => over(cause instanceof Error ? cause.message : show(cause)));
  });
  try {
    await ready;
  } catch (cause) {
    line?.end();
    throw cause;
  }
  return line as unknown as Line;
}

function openOwn(worker: unknown, heard: RunHeard): Line {
  if (typeof worker === "object" && worker !== null && "postMessage" in worker) {
    if ("on" in worker) return toNode(worker, heard);
    if ("onmessage" in worker)
      return toPage(worker as Worker, heard, "is its file there, and does the page's policy allow it?");
  }
  throw new NoWorker(show(worker));
}

// The text is a chunk by itself, which is loaded only where it serves.
async function theText(): Promise<string> {
  return (await import("./worker.generated.js")).TRAINING_WORKER_TEXT;
}

function waysHere(): Open[] {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  // Of what the process was started with (modules to load first, --input-type) the worker needs nothing.
  if (node !== undefined) {
    return [async (heard) => toNode(new node.Worker(await theText(), { eval: true, execArgv: [] }), heard)];
  }
  return waysInPage(async (heard: RunHeard) => textInPage(await theText(), heard), workerFile());
}

// The same text as a file, for pages whose policy forbids blob: addresses.
function workerFile(): WorkerFile {
  try {
    const address = new URL("./handgrad-training-worker.js", import.meta.url).href;
    return fileBeside(address, import.meta.url, /\/trainInWorker\.js$/);
  } catch {
    return { exists: false };
  }
}
