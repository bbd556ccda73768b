// Starts one worker thread: by which ways it can be done here, which is tried first, and the handshake. Which threads work,
// and how many, is in threads.ts; what a worker runs is worker.ts.
import { show } from "../../../base/check.js";
import { WORKER_BUILD, WORKER_TEXT } from "./worker.generated.js";

/** Threads that come and go together. */
export interface Crew {
  /** Whether nobody wants them any more. */
  left: boolean;
  /** Ends a thread, whether it has started or not; one function for each. */
  readonly ends: Set<() => void>;
  /** Sends a message to a thread that is ready; one function for each. */
  readonly posts: Set<(data: object) => void>;
  /** Called when a thread that was ready dies. */
  died(why: string): void;
}

/** Why a thread did not start. It stays inside: setThreads answers with one thread, and backendInfo with the reason. */
export class NoThread extends Error {}

interface Heard {
  message(data: unknown): void;
  failed(why: string): void;
}

interface Line {
  post(data: object): void;
  end(): void;
}

interface Way {
  readonly name: string;
  /** Whether a thread has started by it. */
  proven: boolean;
  /** Starts a worker. It may throw; what comes later is heard. */
  open(heard: Heard): Line;
}

// A worker that says nothing for so long is given up, and the next way tried. Time is counted in turns: a caller who computes
// for long before the messages come through uses up one of them only.
const TURN_MS = 250;
const TURNS = 20;
const TURNS_OF_THE_LAST_WAY = 60;

/**
 * Starts a thread of the crew, by the first way that works, and resolves with its name when the thread waits for jobs. `start`
 * is what worker.ts wants.
 *
 * @throws NoThread with the reason for each way, or when the crew left meanwhile
 */
export async function startThread(start: object, crew: Crew): Promise<string> {
  const reasons: string[] = [];
  const all = [...waysHere()];
  for (const way of all) {
    const patient = way.proven || way === all[all.length - 1];
    try {
      await startBy(way, start, crew, patient ? TURNS_OF_THE_LAST_WAY : TURNS);
      way.proven = true;
      waysHere().sort((a, b) => Number(b.proven) - Number(a.proven));
      return way.name;
    } catch (cause) {
      if (crew.left) throw cause;
      reasons.push(`${way.name}: ${cause instanceof Error ? cause.message : show(cause)}`);
    }
  }
  throw new NoThread(reasons.length > 0 ? reasons.join("; ") : "this runtime has no workers");
}

const UNWANTED = "it is not wanted any more";

// The handshake: the worker says its build, gets `start`, and says that it is ready. Whoever says anything else is none of ours.
function startBy(way: Way, start: object, crew: Crew, turns: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (crew.left) throw new NoThread(UNWANTED);
    let state: "silent" | "known" | "ready" | "over" = "silent";
    let line: Line | undefined;
    let clock = every(turns, () => failed("no answer in time"));
    const post = (data: object): void => line?.post(data);
    const end = (): void => {
      clock();
      crew.ends.delete(leave);
      crew.posts.delete(post);
      state = "over";
      line?.end();
    };
    const leave = (): void => failed(UNWANTED);
    const failed = (why: string): void => {
      const before = state;
      if (before === "over") return;
      end();
      if (before !== "ready") reject(new NoThread(why));
      else if (!crew.left) crew.died(why);
    };
    const message = (data: unknown): void => {
      const said = (data ?? {}) as { handgrad?: unknown; ready?: unknown; failed?: unknown };
      if (state === "silent" && said.handgrad === WORKER_BUILD) {
        state = "known";
        clock();
        clock = every(turns, () => failed("no answer in time"));
        line?.post(start);
      } else if (state === "known" && said.ready === true) {
        state = "ready";
        clock();
        crew.posts.add(post);
        resolve();
      } else if (state !== "over") {
        failed(typeof said.failed === "string" ? said.failed : `it is no thread of this build (${WORKER_BUILD})`);
      }
    };
    crew.ends.add(leave);
    try {
      line = way.open({ message, failed });
    } catch (cause) {
      failed(cause instanceof Error ? cause.message : show(cause));
    }
  });
}

/** Calls `over` after so many turns; the function that it returns stops that. */
function every(turns: number, over: () => void): () => void {
  let left = turns;
  const next = (): void => {
    if (left-- > 0) timer = setTimeout(next, TURN_MS);
    else over();
  };
  let timer = setTimeout(next, TURN_MS);
  return () => clearTimeout(timer);
}

let ways: Way[] | undefined;

// In the order in which they are tried.
function waysHere(): Way[] {
  return (ways ??= [...nodeWays(), ...browserWays()]);
}

// Of what the process was started with (modules to load first, --input-type, NODE_OPTIONS) a worker needs nothing.
function nodeWays(): Way[] {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (node === undefined) return [];
  const open = ({ message, failed }: Heard): Line => {
    const worker = new node.Worker(WORKER_TEXT, { eval: true, execArgv: [], env: {} });
    worker.on("message", message);
    worker.on("error", (error: unknown) => failed(error instanceof Error ? error.message : show(error)));
    worker.on("exit", (code) => failed(`it ended with code ${code}`));
    worker.unref();
    return { post: (data) => worker.postMessage(data), end: () => void worker.terminate() };
  };
  return [{ name: "worker_threads", proven: false, open }];
}

// The text goes everywhere, but a page's policy (worker-src) may forbid blob: addresses, and says so on the console and to who
// collects such reports. The file does not stand beside every bundle, and asking for it in vain is noise, too. So the file comes
// first where it is known to exist.
function browserWays(): Way[] {
  if (typeof globalThis.Worker !== "function") return [];
  const text: Way = {
    name: "the inlined worker (blob:)",
    proven: false,
    open(heard) {
      const address = URL.createObjectURL(new Blob([WORKER_TEXT], { type: "text/javascript" }));
      const line = openWorker(
        () => new globalThis.Worker(address),
        heard,
        "the page's policy may forbid it: worker-src blob:",
      );
      const forget = (): void => URL.revokeObjectURL(address);
      return { post: (data) => (forget(), line.post(data)), end: () => (forget(), line.end()) };
    },
  };
  const { address, exists } = fileAddress();
  if (address === undefined) return [text];
  const hint = "is it there, with the page's headers, and does the policy allow it (worker-src)?";
  const file: Way = {
    name: `the file ${address}`,
    proven: false,
    open: (heard) => openWorker(() => new globalThis.Worker(address, { type: "module" }), heard, hint),
  };
  return exists ? [file, text] : [text, file];
}

function openWorker(make: () => Worker, { message, failed }: Heard, hint: string): Line {
  const worker = make();
  worker.onmessage = (event) => message(event.data);
  worker.onmessageerror = () => failed("its messages cannot be read");
  worker.onerror = (event) => {
    event.preventDefault();
    failed(event.message || `it did not load (${hint})`);
  };
  return { post: (data) => worker.postMessage(data), end: () => worker.terminate() };
}

// Stands in for Worker in the words "new Worker(new URL(...))", at which bundlers add the file. (The true one is called
// globalThis.Worker here, so that esbuild leaves this name as it is.)
class Address {
  readonly address: string;

  constructor(url: URL, _options: object) {
    this.address = url.href;
  }
}

const FILE = "handgrad-kernel-thread.js";

// The file is there if a bundler has put another address in, or if this module still is the package's own file (handgrad/threads, or
// the training worker). Its address stays as it is written here where nothing was done (esbuild, Rollup, Vite's server), and is
// none in CommonJS.
function fileAddress(Worker = Address): { address?: string; exists: boolean } {
  try {
    const { address } = new Worker(new URL("./handgrad-kernel-thread.js", import.meta.url), { type: "module" });
    const [here] = import.meta.url.split("?");
    const asWritten = here.slice(0, here.lastIndexOf("/") + 1) + FILE;
    return {
      address,
      exists: address.split("?")[0] !== asWritten || /\/(threads|handgrad-training-worker)\.js$/.test(here),
    };
  } catch {
    return { exists: false };
  }
}
