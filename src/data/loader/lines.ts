// A line to a worker that somebody has started, the same for Node's and for those of a page.
import { show } from "../../base/check.js";

/** A line to a worker. */
export interface Line {
  /** Sends a message; buffers of `transfer` are handed over. */
  post(message: object, transfer?: readonly ArrayBuffer[]): void;
  /** Ends the worker. */
  end(): void;
  /** Whether the process is to wait for it. */
  hold(on: boolean): void;
}

/** What is heard from it. */
export interface Heard<Answer> {
  message(answer: Answer): void;
  /** It did not start, or it is over; at most once by each way. */
  failed(why: string): void;
}

/** What is needed of a worker of `node:worker_threads`. */
export interface NodeWorker {
  on(event: "message" | "error" | "exit" | "messageerror", heard: (value: never) => void): unknown;
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}

/** The line to a worker of Node. */
export function toNode<Answer>(given: object, { message, failed }: Heard<Answer>): Line {
  const worker = given as NodeWorker;
  let ended = false;
  worker.on("message", message as (value: never) => void);
  worker.on("messageerror", () => failed("messages that cannot be read"));
  worker.on("error", (error: unknown) => failed(error instanceof Error ? error.message : show(error)));
  worker.on("exit", (code: number) => (ended ? undefined : failed(`its end with code ${code}`)));
  return {
    post: (data, transfer = []) => worker.postMessage(data, transfer),
    end: () => {
      if (!ended) void worker.terminate();
      ended = true;
    },
    hold: (on) => (on ? worker.ref() : worker.unref()),
  };
}

/** The line to a worker of a page; `hint` is for one that does not load. */
export function toPage<Answer>(worker: Worker, { message, failed }: Heard<Answer>, hint: string): Line {
  worker.onmessage = (event: MessageEvent<Answer>) => message(event.data);
  worker.onmessageerror = () => failed("messages that cannot be read");
  worker.onerror = (event) => {
    event.preventDefault();
    failed(event.message || `one that did not load (${hint})`);
  };
  return {
    post: (data, transfer = []) => worker.postMessage(data, [...transfer]),
    end: () => worker.terminate(),
    hold: () => undefined,
  };
}

/** A worker of a page from a text. */
export function textInPage<Answer>(text: string, heard: Heard<Answer>): Line {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const line = toPage(new globalThis.Worker(address), heard, "the page's policy may forbid it: worker-src blob:");
  return { ...line, end: () => (URL.revokeObjectURL(address), line.end()) };
}

/** A file from which a page may start a worker. */
export interface WorkerFile {
  /** Undefined where a module does not know its own place. */
  readonly address?: string;
  /** Whether it is there for sure. */
  readonly exists: boolean;
}

/** The ways of a page to a worker, the likelier first: from a text, and from the same text as a file. None without workers. */
export function waysInPage<Answer, L extends Line | Promise<Line>>(
  text: (heard: Heard<Answer>) => L,
  { address, exists }: WorkerFile,
): ((heard: Heard<Answer>) => L | Line)[] {
  if (typeof globalThis.Worker !== "function") return [];
  if (address === undefined) return [text];
  const file = (heard: Heard<Answer>): Line => toPage(new globalThis.Worker(address), heard, `is ${address} there?`);
  return exists ? [file, text] : [text, file];
}

/**
 * What is known of a file at `address`, as the module at `here` has it beside itself. It is there if a bundler has put another
 * address in, or if the module still is the package's `own` file; asking for it in vain would be noise in the console.
 */
export function fileBeside(address: string, here: string, own: RegExp): WorkerFile {
  const [module] = here.split("?");
  const [plain] = address.split("?");
  const asWritten = module.slice(0, module.lastIndexOf("/") + 1) + plain.slice(plain.lastIndexOf("/") + 1);
  return { address, exists: plain !== asWritten || own.test(module) };
}
