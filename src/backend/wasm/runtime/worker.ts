// What a worker thread runs: it says which build it is of, gets the kernels and the shared memory, says that it is ready, and
// then waits for jobs until there are more kernels to get. Who starts it is workers.ts. The file imports nothing: scripts/build-worker.mjs makes it a
// text that goes into the bundle (worker.generated.ts), and the file dist/handgrad-kernel-thread.js.

/** Which build of the package this is: set by scripts/build-worker.mjs. */
declare const HANDGRAD_BUILD: string;

interface Start {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly thread: number;
  readonly seen: number;
  readonly crew: number;
}

// What the first message said, and what its modules made of it. Later messages bring more modules, or other forms of all, and
// a new crew to join.
let started: Start;
let table: unknown;
let loop: (...args: number[]) => void;

function start(data: Start, post: (message: object) => void): void {
  const isFirst = started === undefined;
  started = { ...started, ...data };
  const { modules, memory, control, thread, seen, crew } = started;
  try {
    for (const module of modules) {
      const { exports } = new WebAssembly.Instance(module, { env: { memory, table } as WebAssembly.ModuleImports });
      if (exports.table === undefined) continue; // one that joined; the first one may come again, in another form
      table = exports.table;
      loop = exports.workerLoop as typeof loop;
    }
  } catch (cause) {
    post({ failed: String(cause) });
    return;
  }
  if (isFirst) post({ ready: true });
  loop(control, thread, seen, crew);
}

// Node, Bun and Deno: worker_threads. Browsers: the worker's own scope.
const port = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
if (port) {
  port.on("message", (data: Start) => start(data, (message) => port.postMessage(message)));
  port.postMessage({ handgrad: HANDGRAD_BUILD });
} else {
  const scope = globalThis as unknown as {
    onmessage: (event: { data: Start }) => void;
    onmessageerror: () => void;
    postMessage(message: object): void;
  };
  scope.onmessage = (event) => start(event.data, (message) => scope.postMessage(message));
  scope.onmessageerror = () => scope.postMessage({ failed: "it cannot be given the shared memory" });
  scope.postMessage({ handgrad: HANDGRAD_BUILD });
}
