// What a worker thread runs: it instantiates the kernels on the shared memory, says so, and then waits for jobs for ever.
// The file imports nothing, so that it can be loaded from anywhere. Node: worker_threads; browsers, Deno, Bun: a module worker.

interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly thread: number;
  readonly seen: number;
  readonly crew: number;
}

type Post = (message: string) => void;

function start({ module, memory, control, thread, seen, crew }: Start, post: Post): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  post("ready");
  (exports.workerLoop as (...args: number[]) => void)(control, thread, seen, crew);
}

const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node?.parentPort) {
  const { parentPort } = node;
  start(node.workerData as Start, (message) => parentPort.postMessage(message));
} else {
  const scope = globalThis as unknown as { onmessage: (event: { data: Start }) => void; postMessage: Post };
  scope.onmessage = (event) => start(event.data, (message) => scope.postMessage(message));
}
