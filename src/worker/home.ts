// A worker's line to whoever started it: Node's and that of a page.

/** The line home. */
export interface Home {
  /** Sends a message; buffers of `transfer` are handed over. */
  post(message: object, transfer: ArrayBuffer[]): void;
  /** Takes messages from now on. */
  listen(heard: (message: unknown) => void): void;
}

/** The line of this thread. */
export function openHome(): Home {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
  if (node) {
    return {
      post: (message, transfer) => node.postMessage(message, transfer),
      listen: (heard) => void node.on("message", heard),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    onmessage: ((event: MessageEvent) => void) | null;
  };
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen(heard) {
      scope.onmessage = (event) => heard(event.data);
    },
  };
}
